from django.core.management.base import BaseCommand
from wagtail.images import get_image_model

from pages.renditions import Wanted, pages_with_pictures, published

#: Pages that are looked at together.
CHUNK = 100


class Command(BaseCommand):
    help = (
        "Makes the versions of images that published pages ask for and that are not there: those "
        "of before they were made at publication, or of a restored site. Can be repeated."
    )

    def handle(self, *args, verbosity, **options):
        made = failed = 0
        pages = sorted(int(pk) for pk in pages_with_pictures())
        for start in range(0, len(pages), CHUNK):
            some, none = Wanted(published(pages[start : start + CHUNK])).make()
            made, failed = made + some, failed + none
        self._note_sizes()
        if verbosity > 0:
            self.stdout.write(f"{made} renditions were made; {failed} images cannot be read.")

    @staticmethod
    def _note_sizes() -> None:
        """Of those from before their size was noted, which feeds tell."""
        unknown = get_image_model().get_rendition_model().objects.filter(file_size=None)
        for rendition in unknown.iterator(chunk_size=500):
            if rendition.size:
                unknown.filter(pk=rendition.pk).update(file_size=rendition.size)
