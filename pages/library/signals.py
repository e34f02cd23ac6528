from django.db.models.signals import pre_save
from django.dispatch import receiver
from wagtail.images import get_image_model
from wagtail.models import UploadedFile

from .uploads import clean_upload


@receiver(pre_save, sender=UploadedFile)
def clean_what_waits_for_its_description(instance, raw=False, **kwargs):
    """Pictures sent many at a time are stored before they are described, where anyone can ask."""
    kind = instance.for_content_type
    if not raw and kind and kind.model_class() is get_image_model():
        clean_upload(instance.file)
