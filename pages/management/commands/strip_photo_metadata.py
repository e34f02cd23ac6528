from django.core.files.base import ContentFile
from django.core.management.base import BaseCommand
from django.db import transaction
from wagtail.images import get_image_model
from wagtail.models import UploadedFile

from pages.library.addresses import put_in_place
from pages.library.photo_metadata import without_private_metadata
from pages.library.uploads import hash_of
from pages.renditions import make_for_image_soon


class Command(BaseCommand):
    help = (
        "Takes location, owner, device and other private metadata out of the pictures stored "
        "before this was done at upload. The pictures themselves are not encoded again. Can be "
        "repeated: what is clean is left alone."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--dry-run", action="store_true", help="Only say which pictures would be changed."
        )

    def handle(self, *args, dry_run, **options):
        changed = missing = 0
        images = get_image_model().objects.order_by("pk")
        waiting = UploadedFile.objects.filter(
            for_content_type__app_label=images.model._meta.app_label,
            for_content_type__model=images.model._meta.model_name,
        ).order_by("pk")
        for stored in (images, waiting):
            for thing in stored.iterator(chunk_size=200):
                try:
                    with thing.file.open("rb") as content:
                        data = content.read()
                except OSError:
                    missing += 1
                    self.stderr.write(f"missing: {thing.file.name}")
                    continue
                kept = without_private_metadata(data)
                if kept is data:
                    continue
                changed += 1
                self.stdout.write(thing.file.name)
                if not dry_run:
                    self._replace(thing, kept)
        verb = "would be" if dry_run else "were"
        self.stdout.write(
            self.style.SUCCESS(f"{changed} pictures {verb} cleaned; {missing} files are missing.")
        )

    @staticmethod
    @transaction.atomic
    def _replace(thing, data: bytes) -> None:
        storage, name = thing.file.storage, thing.file.name
        fresh = storage.save(name, ContentFile(data))
        if isinstance(thing, get_image_model()):
            # The versions were made with the metadata of the original.
            thing.renditions.all().delete()
            type(thing).objects.filter(pk=thing.pk).update(
                file_size=len(data), file_hash=hash_of(data)
            )
        transaction.on_commit(lambda: put_in_place(storage, fresh, name))
        if isinstance(thing, get_image_model()):
            make_for_image_soon(thing)
