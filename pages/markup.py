"""Text that is safe in XML, and HTML as plain text."""

import re
from html import unescape

#: Characters that XML 1.0 does not allow (https://www.w3.org/TR/xml/#charsets).
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: Tags after which a line ends.
_LINE_ENDS = re.compile(
    r"<br\b[^>]*>|</(?:p|h[1-6]|li|dt|dd|tr|caption|figcaption|blockquote|address)>", re.I
)
_TAG = re.compile(r"<[^>]*>")


def xml_text(text: str) -> str:
    """``text`` without the control characters that would make a document invalid."""
    return _NOT_XML.sub("", text)


def plain_text(html: str) -> str:
    """The words of ``html``, each paragraph, item or row on a line of its own."""
    one_line = " ".join(html.split())
    lines = unescape(_TAG.sub("", _LINE_ENDS.sub("\n", one_line))).split("\n")
    return "\n".join(filter(None, (" ".join(line.split()) for line in lines)))
