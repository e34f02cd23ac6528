"""Words marked in a title, and the piece of a text that has most of them."""

import re
from collections.abc import Iterator

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from . import words

#: Letters of an excerpt, roughly.
LENGTH = 240
#: Letters before the first word found.
BEFORE = 60
#: Letters of a text in which words are looked for.
LOOKED_AT = 30_000
#: Places considered.
MAX_PLACES = 60


class Marker:
    """Marks the words of a question wherever they stand, in whatever form."""

    def __init__(self, terms, language_code: str):
        self.language = words.short(language_code)
        self.stems = frozenset().union(*(term.stems(self.language) for term in terms))
        # A word and its stem begin alike; only words that begin so are stemmed.
        starts = sorted({re.escape(stem[:3]) for stem in self.stems})
        self.likely = re.compile(rf"(?<![^\W_])(?:{'|'.join(starts)})[^\W_]*") if starts else None

    def places(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Where words of the question begin and end, and which ones they are."""
        if self.likely is None:
            return
        for match in self.likely.finditer(words.fold(text)):
            stem = words.stem(match[0], self.language)
            if stem in self.stems:
                yield match.start(), match.end(), stem

    def mark(self, text: str) -> SafeString:
        pieces, done = [], 0
        for start, end, _stem in self.places(text):
            pieces.append(conditional_escape(text[done:start]))
            pieces.append(format_html("<mark>{}</mark>", text[start:end]))
            done = end
        pieces.append(conditional_escape(text[done:]))
        return mark_safe("".join(pieces))  # every piece is escaped above

    def excerpt(self, summary: str, text: str) -> SafeString:
        """The summary, or the piece of the text that says more about the question."""
        in_summary = {stem for *_, stem in self.places(summary)}
        if summary and (in_summary == self.stems or not text):
            return self.mark(shortened(summary, 0))
        start, found = self._best_window(text[:LOOKED_AT])
        if summary and len(found) <= len(in_summary):
            return self.mark(shortened(summary, 0))
        return self.mark(shortened(text, start))

    def _best_window(self, text: str) -> tuple[int, set[str]]:
        places = [place for place, _ in zip(self.places(text), range(MAX_PLACES), strict=False)]
        best, found = 0, set()
        for number, (start, _end, _stem) in enumerate(places):
            near = {stem for _start, end, stem in places[number:] if end <= start + LENGTH - BEFORE}
            if len(near) > len(found):
                best, found = max(0, start - BEFORE), near
        return best, found


def shortened(text: str, start: int) -> str:
    """``LENGTH`` letters of a text from about ``start``, in whole words."""
    if start:
        space = text.find(" ", start, start + BEFORE)
        start = space + 1 if space >= 0 else start
    end = len(text)
    if end - start > LENGTH:
        space = text.rfind(" ", start + LENGTH // 2, start + LENGTH)
        end = space if space >= 0 else start + LENGTH
    return f"{'… ' if start else ''}{text[start:end]}{' …' if end < len(text) else ''}"
