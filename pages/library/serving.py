import logging

from django.conf import settings
from django.http import Http404, HttpResponseRedirect
from django.utils.cache import patch_cache_control
from wagtail.documents import get_document_model
from wagtail.documents.views.serve import serve

from ..refusals import UNREACHABLE, refuse
from .storage import UnreachableStorageError

logger = logging.getLogger(__name__)


def serve_document(request, document_id, filename):
    """A document, by its name or by one that it had before it was replaced by another type.

    Only names that it had lead to it: ids can be counted, and names not meant to be known cannot.
    Whoever kept a copy must ask whether it is still the last. The file is to be saved, and runs
    nothing where a browser opens it all the same.
    """
    try:
        response = serve(request, document_id, filename)
    except FileNotFoundError as error:
        raise Http404("The document's file is missing.") from error
    except UnreachableStorageError as error:
        logger.error("The document %s cannot be read: %s", document_id, error)
        response = refuse(request, 503, UNREACHABLE)
        response.headers["Retry-After"] = "60"
        return response
    except Http404:
        document = get_document_model().objects.filter(pk=document_id).first()
        if document and filename in document.former_names:
            return HttpResponseRedirect(document.url)
        raise
    if response.has_header("Content-Disposition") or response.status_code == 304:
        response.headers["Content-Security-Policy"] = settings.DOCUMENT_CONTENT_SECURITY_POLICY
    patch_cache_control(response, no_cache=True)
    return response
