from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from wagtail.models import Page, PageLogEntry, ReferenceIndex, Revision, WorkflowState

from pages.models import StandardPage


@transaction.atomic
def become(page: StandardPage, model: type[StandardPage]) -> StandardPage:
    """Make of an ordinary page one of the type ``model``, which adds to ordinary pages.

    It stays in its place, with its text, address, links to it, drafts and history.
    """
    kind = ContentType.objects.get_for_model(model)
    # Only the row that the type adds.
    model(standardpage_ptr_id=page.pk).save_base(raw=True, force_insert=True)
    Page.objects.filter(pk=page.pk).update(content_type=kind)
    PageLogEntry.objects.filter(page=page.pk).update(content_type=kind)
    whole = ContentType.objects.get_for_model(Page)
    for rows in (Revision.objects, WorkflowState.objects, ReferenceIndex.objects):
        rows.filter(base_content_type=whole, object_id=str(page.pk)).update(content_type=kind)
    converted = model.objects.get(pk=page.pk)
    # What follows pages by signals learns of the type: the indexes of the search and of references.
    converted.save(clean=False)
    return converted
