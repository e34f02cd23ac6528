"""The list of news as CSV (RFC 4180), row by row, in constant memory.

With a byte-order mark, without which Excel takes UTF-8 for the code page of its machine and shows
"Jundiaí" as "JundiaÃ­". Without the texts: Excel cuts a cell at 32,767 characters.
"""

import csv
from collections.abc import Iterator

from pages.markup import xml_text

from .fields import NEWS_FIELDS, Answer
from .resources import NEWS, Selection

#: Articles read at a time.
BATCH_SIZE = 500
COLUMNS = tuple(field for field in NEWS_FIELDS if field.cell)
#: A cell that begins so is a formula to a spreadsheet, which may run commands with it.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe_cell(text: str) -> str:
    """``text`` as words, never as a formula (OWASP, CSV Injection)."""
    text = xml_text(text)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


class _Line:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def rows(selection: Selection, language: str, separator: str) -> Iterator[str]:
    writer = csv.writer(_Line(), delimiter=separator)
    yield "\ufeff" + writer.writerow([field.name for field in COLUMNS])
    articles = selection.things.for_cards()
    cursor = None
    while batch := list(NEWS.order.after(articles, cursor)[:BATCH_SIZE]):
        answer = Answer(batch, language)
        for article in batch:
            values = (field.cell(field.value(article, answer)) for field in COLUMNS)
            yield writer.writerow([safe_cell(value) for value in values])
        cursor = NEWS.order.cursor(batch[-1])
