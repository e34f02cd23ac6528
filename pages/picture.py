"""The sizes in which the site draws its images.

``PRESETS`` says how an image is cut for a place, ``ROLES`` in which places it appears. These two
serve the ``{% picture %}`` tag, the querysets that prefetch renditions and ``pages.renditions``,
which makes them: what is drawn is what is fetched and made.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from wagtail.images import get_image_model
from wagtail.images.models import Filter

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
        "(min-width: 80rem) 75rem, calc(100vw - 2rem)",
    ),
    "hero": Preset(
        ("fill-480x270", "fill-960x540", "fill-1440x810"),
        "(min-width: 60rem) 50vw, calc(100vw - 2rem)",
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


def specs_for(name: str) -> tuple[str, ...]:
    """The filter specs of a role or preset; a name that is neither is a spec already."""
    if name in ROLES:
        return tuple(dict.fromkeys(spec for part in ROLES[name] for spec in specs_for(part)))
    return PRESETS[name].specs if name in PRESETS else (name,)


def prefetch_renditions(pictures: Iterable[Shown]) -> None:
    """Find the renditions of many images at once, each in what it is shown in.

    The cache is asked first, for what a rendition is never changes; what it lacks comes in one
    query. Wagtail by itself would ask for each image apart. Renditions not yet made are made when
    the picture is drawn.
    """
    pictures = [(image, name) for image, name in pictures if image]
    if not pictures:
        return
    images = [image for image, _name in pictures]
    model = get_image_model().get_rendition_model()
    filters = {name: [Filter(spec) for spec in specs_for(name)] for _image, name in pictures}
    keys = {
        model.construct_cache_key(image, chosen.get_cache_key(image), chosen.spec)
        for image, name in pictures
        for chosen in filters[name]
    }
    found = list(model.cache_backend.get_many(keys).values())
    from_cache = len(found) == len(keys)
    if not from_cache:
        specs = {chosen.spec for each in filters.values() for chosen in each}
        stored = model.objects.filter(image__in={image.pk for image in images})
        found = list(stored.filter(filter_spec__in=specs))
    by_image = defaultdict(list)
    for rendition in found:
        by_image[rendition.image_id].append(rendition)
    for image in images:
        at_hand = getattr(image, "prefetched_renditions", [])
        image.prefetched_renditions = [*at_hand, *by_image[image.pk]]
        for rendition in image.prefetched_renditions:
            rendition.image = image
    if not from_cache:
        model.cache_backend.set_many({each.get_cache_key(): each for each in found})
