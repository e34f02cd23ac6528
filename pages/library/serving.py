from django.http import Http404, HttpResponseRedirect
from django.utils.cache import patch_cache_control
from wagtail.documents import get_document_model
from wagtail.documents.views.serve import serve


def serve_document(request, document_id, filename):
    """A document, by its name or by one that it had before it was replaced by another type.

    Only names that it had lead to it: ids can be counted, and names not meant to be known cannot.
    Whoever kept a copy must ask whether it is still the last.
    """
    try:
        response = serve(request, document_id, filename)
    except Http404:
        document = get_document_model().objects.filter(pk=document_id).first()
        if document and filename in document.former_names:
            return HttpResponseRedirect(document.url)
        raise
    patch_cache_control(response, no_cache=True)
    return response
