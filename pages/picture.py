"""The sizes in which the site draws its images.

One table serves both the ``{% picture %}`` tag and the querysets that prefetch renditions, so
that what is fetched is what is drawn.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from wagtail.images import get_image_model
from wagtail.images.models import Filter

from .kept import kept_each

#: Formats offered, best first; the last is for browsers that know none of the others.
FORMATS = (("avif", "image/avif"), ("webp", "image/webp"))


@dataclass(frozen=True)
class PictureSource:
    type: str
    srcset: str


@dataclass(frozen=True)
class Versions:
    """The versions of an image among which a browser chooses, and the one for those that do not."""

    sources: tuple[PictureSource, ...]
    url: str
    width: int
    height: int


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
        return f"{self._middle}|format-jpeg"

    @property
    def poster_spec(self) -> str:
        """For ``poster``, which takes one address: WebP, that every browser of today draws."""
        return f"{self._middle}|format-webp"

    @property
    def _middle(self) -> str:
        return self.operations[len(self.operations) // 2]

    def versions_of(self, image) -> "Versions":
        """``image`` cut for this place; what was not made yet is made."""
        renditions = image.get_renditions(*map(filter_of, self.specs))
        sources = []
        for extension, media_type in FORMATS:
            by_width = {
                rendition.width: rendition.url
                for operation in self.operations
                if (rendition := renditions[f"{operation}|format-{extension}"])
            }
            srcset = ", ".join(f"{url} {width}w" for width, url in sorted(by_width.items()))
            sources.append(PictureSource(media_type, srcset))
        fallback = renditions[self.fallback_spec]
        return Versions(tuple(sources), fallback.url, fallback.width, fallback.height)


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
        ("fill-672x320", "fill-840x400", "fill-1260x600", "fill-1680x800"),
        "(min-width: 80rem) 75rem, calc(100vw - 2rem)",
    ),
    "hero": Preset(
        ("fill-480x270", "fill-672x378", "fill-928x522", "fill-1440x810"),
        "(min-width: 83rem) 36.75rem, (min-width: 56rem) calc(50vw - 4rem), calc(100vw - 2.25rem)",
    ),
    "prose": Preset(
        ("width-360", "width-720", "width-1080"),
        "(min-width: 52rem) 47.5rem, calc(100vw - 2rem)",
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

#: A picture by itself, as large as a screen shows it.
FULL_SPEC = "max-1600x1600|format-jpeg"


def specs_for(*names: str) -> list[str]:
    """The filter specs of presets; a name that is no preset is a spec already."""
    return sorted(
        {spec for name in names for spec in (PRESETS[name].specs if name in PRESETS else (name,))}
    )


@cache
def filter_of(spec: str) -> Filter:
    """The filter that ``spec`` says; to read one costs more than to use it."""
    return Filter(spec)


def prefetch_renditions(images: Iterable, *names: str) -> None:
    """Find the renditions of many images at once, in the presets or filter specs ``names``.

    Wagtail by itself would ask for each image apart. Renditions not yet made are made when the
    picture is drawn.
    """
    images = [image for image in images if image]
    if not images:
        return
    specs = tuple(specs_for(*names))
    by_key = {(image.pk, specs): image for image in images}
    found = kept_each(
        "renditions", by_key, lambda missing: _stored([by_key[key] for key in missing], specs)
    )
    for image in images:
        # The list itself: what is made for one page is found by the next.
        others = getattr(image, "prefetched_renditions", None)
        of_image = found[image.pk, specs]
        image.prefetched_renditions = of_image if others is None else [*others, *of_image]


def _stored(images: list, specs: tuple[str, ...]) -> dict[tuple, list]:
    """The renditions of ``images`` that were made in ``specs``, with one query."""
    by_pk = {image.pk: image for image in images}
    stored = get_image_model().get_rendition_model().objects
    found: dict[tuple, list] = {(pk, specs): [] for pk in by_pk}
    for rendition in stored.filter(image__in=by_pk, filter_spec__in=specs):
        rendition.image = by_pk[rendition.image_id]
        found[rendition.image_id, specs].append(rendition)
    return found
