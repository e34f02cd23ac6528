from django.db.models.signals import post_save, pre_save
from django.dispatch import receiver
from wagtail.images import get_image_model
from wagtail.models import UploadedFile

from ..models import SitePage
from ..renditions import make_for_page_soon
from .uploads import clean_upload


@receiver(pre_save, sender=UploadedFile)
def clean_what_waits_for_its_description(instance, raw=False, **kwargs):
    """Pictures sent many at a time are stored before they are described, where anyone can ask."""
    kind = instance.for_content_type
    if not raw and kind and kind.model_class() is get_image_model():
        clean_upload(instance.file)


@receiver(post_save)
def make_versions_of_images(instance, raw=False, update_fields=None, **kwargs):
    """Whoever publishes a page saves all of it, live: editors, the schedule, programs."""
    if isinstance(instance, SitePage) and instance.live and not raw and update_fields is None:
        make_for_page_soon(instance.pk)
