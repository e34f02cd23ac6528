"""Uploaded files fetched by their own address, where Django itself serves them.

The city's proxy does it in production; ``docs/security.md`` shows how, with the same rules.
"""

import re
from pathlib import PurePosixPath

from django.conf import settings
from django.views.static import serve

#: What pages show, and browsers may open. All else is to be saved, never opened.
SHOWN = {".avif", ".gif", ".jpg", ".jpeg", ".mp4", ".png", ".vtt", ".webm", ".webp"}
#: Names with a part of the content's hash lead to the same for ever (RFC 8246).
_LASTING = re.compile(r"\.[0-9a-f]{8}\.[a-z0-9]+$")


def cache_control(name: str) -> str:
    """How long a file may be kept by who fetched it, as ``deploy/nginx`` says too."""
    if _LASTING.search(name):
        return "public, max-age=31536000, immutable"
    return "public, max-age=0, must-revalidate"


def serve_media(request, path, document_root=None):
    """Django's view for files, which run nothing where they are opened by themselves."""
    response = serve(request, path, document_root=document_root)
    response.headers["Content-Security-Policy"] = settings.FILE_CONTENT_SECURITY_POLICY
    name = PurePosixPath(path).name
    if PurePosixPath(name).suffix.lower() not in SHOWN:
        response.headers["Content-Disposition"] = "attachment"
    return response
