"""The sizes in which the site draws its images.

One table serves both the ``{% picture %}`` tag and the querysets that prefetch renditions, so
that what is fetched is what is drawn.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Prefetch, prefetch_related_objects
from wagtail.images import get_image_model

#: Formats offered, best first; the last is for browsers that know none of the others.
FORMATS = (("avif", "image/avif"), ("webp", "image/webp"))


@dataclass(frozen=True)
class Preset:
    """How an image is cut for one place of the layout.

    ``operations`` are Wagtail resize operations, narrowest first; ``sizes`` is the HTML
    attribute that tells the width of the place (CSS lengths).
    """

    operations: tuple[str, ...]
    sizes: str

    @property
    def specs(self) -> tuple[str, ...]:
        return (
            *(
                f"{operation}|format-{extension}"
                for extension, _ in FORMATS
                for operation in self.operations
            ),
            self.fallback_spec,
        )

    @property
    def fallback_spec(self) -> str:
        return f"{self.operations[len(self.operations) // 2]}|format-jpeg"


PRESETS = {
    "lead": Preset(
        ("fill-360x240", "fill-720x480", "fill-1080x720"),
        "(min-width: 75rem) 36rem, (min-width: 48rem) 55vw, calc(100vw - 2rem)",
    ),
    "card": Preset(
        ("fill-360x240", "fill-540x360", "fill-720x480"),
        "(min-width: 75rem) 23rem, (min-width: 40rem) 45vw, calc(100vw - 2rem)",
    ),
    "thumb": Preset(("fill-120x120", "fill-240x240"), "7.5rem"),
    "cover": Preset(
        ("fill-420x200", "fill-840x400", "fill-1260x600", "fill-1680x800"),
        "(min-width: 75rem) 70rem, calc(100vw - 2rem)",
    ),
    "hero": Preset(
        ("fill-480x270", "fill-960x540", "fill-1440x810"),
        "(min-width: 60rem) 50vw, calc(100vw - 2rem)",
    ),
    "prose": Preset(
        ("width-360", "width-720", "width-1080"),
        "(min-width: 48rem) 42rem, calc(100vw - 2rem)",
    ),
    "gallery": Preset(
        ("width-240", "width-480", "width-960"),
        "(min-width: 60rem) 20rem, (min-width: 30rem) 45vw, calc(100vw - 2rem)",
    ),
    "poster": Preset(
        ("fill-480x270", "fill-960x540", "fill-1280x720"),
        "(min-width: 75rem) 55rem, calc(100vw - 2rem)",
    ),
}

#: The size social networks ask for (https://ogp.me/, 1.91:1).
SHARING_SPEC = "fill-1200x630|format-jpeg"


def specs_for(*names: str) -> list[str]:
    return sorted({spec for name in names for spec in PRESETS[name].specs})


def renditions_prefetch(*names: str, lookup: str = "") -> Prefetch:
    """Prefetch of the renditions of the presets ``names``; ``lookup`` leads to the image."""
    return Prefetch(
        f"{lookup}__renditions" if lookup else "renditions",
        queryset=get_image_model()
        .get_rendition_model()
        .objects.filter(filter_spec__in=specs_for(*names)),
        to_attr="prefetched_renditions",
    )


def prefetch_renditions(images: Iterable, *names: str) -> None:
    """Fetch the renditions of many images at once, for images that no queryset brought."""
    images = [image for image in images if image]
    if images:
        prefetch_related_objects(images, renditions_prefetch(*names))
