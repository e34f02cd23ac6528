"""Addresses of videos kept by YouTube and Vimeo, read without asking those services anything."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

_YOUTUBE_HOSTS = {
    "youtube.com",
    "www.youtube.com",
    "m.youtube.com",
    "youtube-nocookie.com",
    "www.youtube-nocookie.com",
}
_VIMEO_HOSTS = {"vimeo.com", "www.vimeo.com", "player.vimeo.com"}
_YOUTUBE_PLAYER, _VIMEO_PLAYER = "https://www.youtube-nocookie.com", "https://player.vimeo.com"
#: Where players come from, as the Content-Security-Policy names them.
PLAYERS = (_YOUTUBE_PLAYER, _VIMEO_PLAYER)
_YOUTUBE_ID = re.compile(r"^[A-Za-z0-9_-]{11}$")
_VIMEO_PATH = re.compile(r"^/(?:video/|channels/[\w-]+/)?(\d{3,15})(?:/([0-9a-f]{6,20}))?/?$")


@dataclass(frozen=True)
class ExternalVideo:
    """A video at a service that the visitor may choose to open."""

    provider: str
    watch_url: str
    #: The service's privacy-enhanced player: no cookie before the video plays.
    embed_url: str

    kind = "external"

    @property
    def origin(self) -> str:
        """Origin of the player, as the Content-Security-Policy names it."""
        parts = urlsplit(self.embed_url)
        return f"{parts.scheme}://{parts.netloc}"


def _youtube(parts) -> ExternalVideo | None:
    host = (parts.hostname or "").lower()
    video_id = ""
    if host == "youtu.be":
        video_id = parts.path.strip("/")
    elif host in _YOUTUBE_HOSTS:
        if parts.path.rstrip("/") == "/watch":
            video_id = parse_qs(parts.query).get("v", [""])[0]
        else:
            match = re.match(r"^/(?:embed|shorts|live|v)/([^/]+)/?$", parts.path)
            video_id = match[1] if match else ""
    if not _YOUTUBE_ID.match(video_id):
        return None
    return ExternalVideo(
        "YouTube",
        f"https://www.youtube.com/watch?v={video_id}",
        f"{_YOUTUBE_PLAYER}/embed/{video_id}?autoplay=1&rel=0",
    )


def _vimeo(parts) -> ExternalVideo | None:
    if (parts.hostname or "").lower() not in _VIMEO_HOSTS:
        return None
    match = _VIMEO_PATH.match(parts.path)
    if not match:
        return None
    video_id = match[1]
    # Unlisted videos carry a key, in the path or in the query.
    key = match[2] or parse_qs(parts.query).get("h", [""])[0]
    if not re.fullmatch(r"[0-9a-f]*", key):
        return None
    return ExternalVideo(
        "Vimeo",
        f"https://vimeo.com/{video_id}" + (f"/{key}" if key else ""),
        f"{_VIMEO_PLAYER}/video/{video_id}?dnt=1&autoplay=1" + (f"&h={key}" if key else ""),
    )


def parse_external_video(url: str) -> ExternalVideo | None:
    """The video at ``url``, or None when it is no YouTube or Vimeo address of one video."""
    try:
        parts = urlsplit(url.strip())
        if parts.scheme not in ("http", "https"):
            return None
        return _youtube(parts) or _vimeo(parts)
    except ValueError:
        return None


def validate_external_video(url: str) -> None:
    if parse_external_video(url) is None:
        raise ValidationError(
            _(
                "Este endereço não é de um vídeo do YouTube ou do Vimeo. Abra o vídeo no "
                "navegador e copie o endereço da barra, por exemplo "
                "https://www.youtube.com/watch?v=…"
            )
        )
