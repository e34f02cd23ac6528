"""What is wrong with an answer."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from .requests import INJECTED, TAG

#: Longest time an answer may take, in seconds.
SLOWEST = 2
#: What browsers read as markup.
_MARKUP_TYPES = ("text/html", "application/xhtml", "xml", "image/svg")


def faults(status: int, headers: Mapping[str, str], body: bytes, seconds: float) -> list[str]:
    """Nothing for a good answer. The names in ``headers`` are in small letters."""
    found = []
    if status >= 500:
        found.append(f"answered {status}")
    kind = headers.get("content-type", "text/html")
    if any(each in kind for each in _MARKUP_TYPES) and f"<{TAG}".encode() in body.lower():
        found.append("brings markup back")
    if INJECTED.lower() in headers:
        found.append("lets a header in")
    target = headers.get("location", "").replace("\\", "/").strip()
    if "evil.example" in urlsplit(f"http:{target}" if target.startswith("//") else target).netloc:
        found.append("leads elsewhere")
    if seconds > SLOWEST:
        found.append(f"took {seconds:.1f} s")
    return found
