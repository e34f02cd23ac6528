"""The sizes in which the site draws its images.

``PRESETS`` says how an image is cut for a place, ``ROLES`` in which places it appears. These two
serve the ``{% picture %}`` tag, the querysets that prefetch renditions and ``pages.renditions``,
which makes them: what is drawn is what is fetched and made.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

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
    """The versions of an image among which a browser chooses, and the one for those that do not.

    Where its file cannot be read, those that were made before; ``url`` is empty if none was.
    """

    is_complete: bool
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
        """``image`` cut for this place, as far as it can be had; what is not there yet is made."""
        found = image.versions(*self.specs)
        sources = []
        for extension, media_type in FORMATS:
            by_width = {
                rendition.width: rendition.url
                for operation in self.operations
                if (rendition := found.get(f"{operation}|format-{extension}"))
            }
            if by_width:
                srcset = ", ".join(f"{url} {width}w" for width, url in sorted(by_width.items()))
                sources.append(PictureSource(media_type, srcset))
        fallback = found.get(self.fallback_spec) or next(iter(found.values()), None)
        return Versions(
            is_complete=len(found) == len(set(self.specs)),
            sources=tuple(sources),
            url=fallback.url if fallback else "",
            width=fallback.width if fallback else 0,
            height=fallback.height if fallback else 0,
        )


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

#: The one version for those who read a body elsewhere: feeds, open data.
STANDALONE_SPEC = "width-720|format-jpeg"

#: The presets and specs in which an image is shown, by what it is to the page that has it: on that
#: page, in lists, on other pages, in feeds and open data, and where it is shared.
ROLES = {
    "shared": (SHARING_SPEC,),
    "article_cover": ("cover", "card", "lead", "thumb", SHARING_SPEC),
    "opening": ("hero", SHARING_SPEC),
    "video_poster": ("poster", "card", SHARING_SPEC, STANDALONE_SPEC),
    "illustration": ("prose", STANDALONE_SPEC),
    "gallery_item": ("gallery", FULL_SPEC, STANDALONE_SPEC),
}

#: An image, or None, and the name of a role, preset or spec in which it is shown.
Shown = tuple[Any, str]


@cache
def filter_of(spec: str) -> Filter:
    """The filter that ``spec`` says; to read one costs more than to use it."""
    return Filter(spec)


@cache
def specs_for(name: str) -> tuple[str, ...]:
    """The filter specs of a role or preset; a name that is neither is a spec already."""
    if name in ROLES:
        return tuple(dict.fromkeys(spec for part in ROLES[name] for spec in specs_for(part)))
    return PRESETS[name].specs if name in PRESETS else (name,)


def prefetch_renditions(pictures: Iterable[Shown]) -> None:
    """Find the renditions of many images at once, each in what it is shown in.

    Wagtail by itself would ask for each image apart. Renditions not yet made are made when the
    picture is drawn.
    """
    images, specs = {}, defaultdict(dict)
    for image, name in pictures:
        if image:
            images[id(image)] = image
            specs[image.pk].update(dict.fromkeys(specs_for(name)))
    wanted = {pk: (pk, tuple(names)) for pk, names in specs.items()}
    found = kept_each(
        "renditions", wanted.values(), lambda missing: _stored(missing, images.values())
    )
    for image in images.values():
        # The list itself: what is made for one page is found by the next.
        others = getattr(image, "prefetched_renditions", None)
        of_image = found[wanted[image.pk]]
        image.prefetched_renditions = of_image if others is None else [*others, *of_image]


def _stored(wanted: list[tuple], images: Iterable) -> dict[tuple, list]:
    """The renditions that were made: ``wanted`` has keys of ``images`` with specs."""
    if not wanted:
        return {}
    by_pk = {image.pk: image for image in images}
    made = defaultdict(list)
    for rendition in (
        get_image_model()
        .get_rendition_model()
        .objects.filter(
            image__in=[pk for pk, _specs in wanted],
            filter_spec__in={spec for _pk, specs in wanted for spec in specs},
        )
    ):
        rendition.image = by_pk[rendition.image_id]
        made[rendition.image_id].append(rendition)
    return {
        (pk, specs): [each for each in made[pk] if each.filter_spec in specs]
        for pk, specs in wanted
    }
