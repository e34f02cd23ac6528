"""Proof that a form was shown by this site a while ago, without a cookie.

A signed token in the form takes the place of Django's CSRF cookie, which visitors must not get, and
tells programs from people: it is not to be had without asking for the page, is good for one message
only, not at once, and not for ever.
"""

import secrets
from dataclasses import dataclass

from django.core.signing import BadSignature, SignatureExpired, TimestampSigner

#: Seconds that a person needs at least to write a message, also with what the browser fills in.
SHORTEST = 3
#: Seconds for which a form may stay open: a day, for those who write slowly or are called away.
LONGEST = 24 * 60 * 60

_signer = TimestampSigner(salt="contact.form")


class TokenError(ValueError):
    """The form was not shown by this site for this page, or too long ago."""


@dataclass(frozen=True)
class Token:
    #: Different in every form that is shown.
    nonce: str
    #: Whether less time has passed than a person needs.
    is_too_young: bool


def make_token(page_pk: int) -> str:
    return _signer.sign(f"{page_pk}.{secrets.token_urlsafe(16)}")


def read_token(text: str, page_pk: int) -> Token:
    """What ``text`` says. Raises ``TokenError``."""
    try:
        page, _dot, nonce = _signer.unsign(text, max_age=LONGEST).partition(".")
    except BadSignature as error:
        raise TokenError(str(error)) from error
    if page != str(page_pk) or not nonce:
        raise TokenError("It belongs to another page.")
    try:
        _signer.unsign(text, max_age=SHORTEST)
    except SignatureExpired:
        return Token(nonce, is_too_young=False)
    return Token(nonce, is_too_young=True)
