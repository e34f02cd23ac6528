"""Bodies as HTML that stands alone, for those who read them elsewhere: feeds, open data.

No ids, classes or scripts; whole addresses; one version of each picture; videos as links. The
bodies of many pages cost the queries of one, because they are read as if they were one.
"""

import re
from collections.abc import Iterable, Sequence
from urllib.parse import urljoin

from django.template.loader import render_to_string
from django.utils.functional import cached_property
from django.utils.html import escape
from wagtail.blocks import StreamValue
from wagtail.models import Page

from .blocks import prepare
from .markup import xml_text
from .picture import STANDALONE_SPEC, Shown, prefetch_renditions
from .references import References, attributes

_TAG = re.compile(r"<([a-z][a-z0-9]*)(\s[^>]*)>")
_BLANK_LINES = re.compile(r"\s*\n\s*")
_KEPT = {"alt", "height", "href", "lang", "scope", "src", "width"}


class StandaloneTexts:
    """What ``pages`` of one language say, and all that they refer to, found together."""

    def __init__(self, pages: Sequence[Page], language_code: str, identity=None):
        self.pages = pages
        self.language_code = language_code
        self.identity = identity

    @cached_property
    def _all(self) -> tuple[StreamValue | None, dict[int, slice]]:
        """The bodies as one, and where in it is that of each page."""
        raw: list = []
        places = {}
        stream_block = None
        for page in self.pages:
            body = getattr(page, "body", None)
            if body is not None:
                start = len(raw)
                raw.extend(body.raw_data)
                places[page.pk] = slice(start, len(raw))
                stream_block = body.stream_block
        return (StreamValue(stream_block, raw, is_lazy=True) if stream_block else None), places

    @cached_property
    def references(self) -> References:
        """All that the texts show or lead to."""
        return References.of(self.pages, self.language_code)

    @cached_property
    def images(self) -> list:
        """The pictures in the bodies."""
        body, _places = self._all
        return [image for image, _role in prepare(body, self.references) if image]

    def prepare_pictures(self, others: Iterable[Shown] = ()) -> None:
        """Find the versions of all pictures, and of ``others``, in one query."""
        prefetch_renditions([*((image, STANDALONE_SPEC) for image in self.images), *others])

    def body_html(self, page: Page) -> str:
        """The body of ``page``."""
        body, places = self._all
        if body is None or page.pk not in places:
            return ""
        _ = self.images  # the blocks become values, with what is at hand
        shown = [
            render_to_string(
                f"standalone/{part.block_type}.html",
                {"value": part.value, "identity": self.identity},
            ).strip()
            for part in list(body)[places[page.pk]]
        ]
        return self._finished(page, "\n".join(filter(None, shown)))

    def rich_text_html(self, page: Page, field_name: str) -> str:
        """A rich text field of ``page``."""
        return self._finished(page, getattr(page, field_name))

    def _finished(self, page: Page, html: str) -> str:
        """``html`` with its links written out and nothing in its tags that serves this site."""
        base = page.full_url or ""

        def rewritten(tag: re.Match) -> str:
            found = attributes(tag[2])
            if kind := found.get("linktype"):
                found = {"href": self.references.address(kind, found.get("id", ""))}
            kept = {name: value for name, value in found.items() if name in _KEPT}
            for name in ("href", "src"):
                if name in kept:
                    kept[name] = urljoin(base, kept[name]) if kept[name] else ""
            if not kept.get("href", "#"):
                del kept["href"]
            written = "".join(f' {name}="{escape(value)}"' for name, value in kept.items())
            return f"<{tag[1]}{written}>"

        return xml_text(_BLANK_LINES.sub("\n", _TAG.sub(rewritten, html)))
