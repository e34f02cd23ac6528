"""Those who gave the right password and have yet to give the second factor.

They are not signed in: for all of the site they are visitors, but for the pages on which they go
on.
"""

import time
from dataclasses import dataclass

from django.contrib.auth.models import User

KEY = "sign_in_pending"
#: Seconds until the password must be given again.
LASTS = 10 * 60


@dataclass(frozen=True)
class Pending:
    user: User
    #: Where to go once signed in.
    next_url: str
    #: Of Django, by which the password was found right.
    backend: str


def begin(request, user: User, next_url: str) -> None:
    # Another key, so that nobody else knows it (session fixation); nothing of it is another's.
    request.session.flush()
    request.session[KEY] = {
        "user": user.pk,
        "password": user.get_session_auth_hash(),
        "next": next_url,
        "backend": user.backend,
        "since": time.time(),
    }
    request.session.set_expiry(0)


def of(request) -> Pending | None:
    """Who is half signed in; None once it took too long, or password or account have changed."""
    kept = request.session.get(KEY)
    if not kept or time.time() - kept["since"] > LASTS:
        return None
    user = User.objects.filter(pk=kept["user"], is_active=True).first()
    if user is None or user.get_session_auth_hash() != kept["password"]:
        return None
    return Pending(user, kept["next"], kept["backend"])
