"""Whom to tell of a weakness of the site: security.txt (RFC 9116)."""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

#: For how long the file may be relied upon: less than a year (RFC 9116, 2.5.5).
VALID_DAYS = 180


def _expires() -> str:
    """Some months from today, at midnight: the same all day long (RFC 3339)."""
    today = timezone.now().astimezone(UTC).date()
    midnight = datetime.combine(today, datetime.min.time()) + timedelta(days=VALID_DAYS)
    return f"{midnight.isoformat()}Z"


@require_safe
def security_txt(request):
    """The file, as the settings say; 404 where the office names no contact."""
    if not settings.SECURITY_CONTACTS:
        raise Http404
    languages = [code.split("-")[0] for code, _name in settings.LANGUAGES]
    lines = [
        *(f"Contact: {contact}" for contact in settings.SECURITY_CONTACTS),
        f"Expires: {_expires()}",
        f"Preferred-Languages: {', '.join(languages)}",
        f"Canonical: {settings.SITE_URL}/.well-known/security.txt",
    ]
    if settings.SECURITY_POLICY_URL:
        lines.append(f"Policy: {settings.SECURITY_POLICY_URL}")
    # The lines end as on the wire (RFC 9116, 2.2), and the type is plain text in UTF-8 (3).
    return HttpResponse(
        "".join(f"{line}\n" for line in lines), content_type="text/plain; charset=utf-8"
    )
