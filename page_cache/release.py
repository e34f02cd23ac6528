"""Which source draws the pages: what another release drew is not shown as this one's."""

import json
from functools import cache
from hashlib import blake2b

from django.conf import settings

#: Folders of no source, at the top of the project.
LEFT_OUT = {".git", ".venv", "docs", "tests", "var", "node_modules"}
SUFFIXES = {".html", ".json", ".mo", ".py", ".txt"}
#: Settings that pages do not show, and that differ between processes of one site.
UNSEEN = (
    *("BACKUP", "CACHES", "DATABASE", "EMAIL", "HEALTH", "LOGGING", "METRICS", "NGINX"),
    *("PAGE_CACHE", "PRIVATE_ROOT", "SECRET_KEY", "WAGTAILFRONTENDCACHE"),
)


@cache
def release() -> tuple[str, float]:
    """A name of the source and its settings, the same on all machines, and when it last changed.

    The moment is in seconds since 1970, by the dates of the files.
    """
    name, changed = blake2b(digest_size=8), 0.0
    for top in sorted(settings.BASE_DIR.iterdir()):
        if top.name in LEFT_OUT or top.name.startswith("."):
            continue
        for file in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if file.suffix in SUFFIXES and file.is_file():
                name.update(str(file.relative_to(settings.BASE_DIR)).encode())
                name.update(file.read_bytes())
                changed = max(changed, file.stat().st_mtime)
    # The names of static files have their hashes; the list of them is there once collected.
    manifest = settings.BASE_DIR.joinpath(settings.STATIC_ROOT, "staticfiles.json")
    if manifest.is_file():
        name.update(manifest.read_bytes())
        changed = max(changed, manifest.stat().st_mtime)
    shown = {
        key: getattr(settings, key)
        for key in dir(settings)
        if key.isupper() and not key.startswith(UNSEEN)
    }
    name.update(json.dumps(shown, sort_keys=True, default=_kind).encode())
    return name.hexdigest(), changed


def _kind(value: object) -> str:
    return type(value).__qualname__
