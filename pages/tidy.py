"""Takes out of texts what came with them from Word, Google Docs or a web page, and nobody wrote.

What can be mended without asking is mended here, when a page is saved. What cannot is told to the
editor by ``pages.guards``.
"""

import re

NBSP = "\u00a0"
#: Soft hyphens, zero-width spaces, byte-order marks and marks of direction. Joiners stay: letters
#: of some scripts and some emoji need them.
_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u2060\ufeff]")
#: A non-breaking space is kept beside a number ("5 km", "art. 3"), where it is meant.
_LOOSE_NBSP = re.compile(f"(?<![0-9]){NBSP}(?![0-9])")
_SPACES = re.compile(f"[ \t{NBSP}]{{2,}}")
_TAGS = re.compile(r"(<[^>]*>)")
_BLOCK = r"p|li|h[2-6]|blockquote"
#: What may stand in a paragraph that says nothing.
_NOTHING = r"(?:\s|<br\s*/?>|</?(?:b|i|em|strong)>)*"
_EMPTY_BLOCK = re.compile(rf"<({_BLOCK})\b[^>]*>{_NOTHING}</\1>")
_EMPTY_LIST = re.compile(r"<(ul|ol)\b[^>]*>\s*</\1>")
_EMPTY_EMPHASIS = re.compile(r"<(b|i|em|strong)>(\s*)</\1>")
_START = re.compile(rf"(<(?:{_BLOCK})\b[^>]*>)(?:\s|<br\s*/?>)+")
_END = re.compile(rf"(?:\s|<br\s*/?>)+(</(?:{_BLOCK})>)")


def _tidy_spaces(text: str) -> str:
    text = _INVISIBLE.sub("", text.replace("&nbsp;", NBSP))
    return _SPACES.sub(" ", _LOOSE_NBSP.sub(" ", text))


def tidy_line(text: str) -> str:
    """``text`` with single spaces, and without characters that nobody sees."""
    return _tidy_spaces(text).strip()


def tidy_lines(text: str) -> str:
    """A text of several lines, each of them tidied; the lines stay."""
    return "\n".join(tidy_line(line) for line in text.splitlines()).strip()


def tidy_rich_text(source: str) -> str:
    """A stored rich text without empty paragraphs, repeated spaces or invisible characters.

    Tags and their attributes are left as they are.
    """
    pieces = _TAGS.split(source)
    pieces[::2] = [_tidy_spaces(text) for text in pieces[::2]]
    tidied = "".join(pieces)
    while True:
        before = tidied
        for pattern, replacement in (
            (_EMPTY_EMPHASIS, r"\2"),
            (_EMPTY_BLOCK, ""),
            (_EMPTY_LIST, ""),
            (_START, r"\1"),
            (_END, r"\1"),
        ):
            tidied = pattern.sub(replacement, tidied)
        if tidied == before:
            return tidied
