"""The two ceremonies of WebAuthn (https://www.w3.org/TR/webauthn-3/): enrol a key, and use it."""

import base64
import json
import struct

from django.conf import settings
from django.utils import timezone
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from .models import Passkey, digest

ENROL, USE = "passkey_enrol", "passkey_use"
#: What the library raises for answers that are wrong, or no answers at all.
_MALFORMED = (ValueError, LookupError, TypeError, AttributeError, AssertionError, struct.error)


class PasskeyRefusedError(Exception):
    """The answer of the browser is not what was asked for."""


def _server(request) -> Fido2Server:
    """For the host that was asked, which `ALLOWED_HOSTS` has let through, and its origin alone."""
    host = request.get_host()
    origin = f"{request.scheme}://{host}"
    return Fido2Server(
        PublicKeyCredentialRpEntity(id=host.rsplit(":", 1)[0], name=settings.WAGTAIL_SITE_NAME),
        verify_origin=lambda given: given == origin,
    )


def _credential(passkey: Passkey) -> AttestedCredentialData:
    return AttestedCredentialData(base64.b64decode(passkey.credential))


def _answer(text: str) -> dict:
    try:
        answer = json.loads(text)
    except ValueError as error:
        raise PasskeyRefusedError from error
    if not isinstance(answer, dict):
        raise PasskeyRefusedError
    return answer


def begin_enrolment(request, user, passkeys: list[Passkey]) -> dict:
    """What the browser is asked, to make a new key for ``user``."""
    options, request.session[ENROL] = _server(request).register_begin(
        PublicKeyCredentialUserEntity(
            # Says nothing of the person to who finds the key.
            id=bytes.fromhex(digest("passkey", str(user.pk))),
            name=user.get_username(),
            display_name=user.get_full_name() or user.get_username(),
        ),
        [_credential(passkey) for passkey in passkeys],
        resident_key_requirement=ResidentKeyRequirement.PREFERRED,
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return dict(options.public_key)


def complete_enrolment(request, user, answer: str, name: str) -> Passkey:
    """Keep the key that the browser made. Raises PasskeyRefusedError."""
    state = request.session.pop(ENROL, None)
    if state is None:
        raise PasskeyRefusedError
    try:
        data = _server(request).register_complete(state, _answer(answer))
    except _MALFORMED as error:
        raise PasskeyRefusedError from error
    return Passkey.objects.create(
        user=user,
        name=name,
        credential=base64.b64encode(bytes(data.credential_data)).decode(),
        sign_count=data.counter,
    )


def begin_use(request, passkeys: list[Passkey]) -> dict:
    """What the browser is asked, to prove that it has one of ``passkeys``."""
    options, request.session[USE] = _server(request).authenticate_begin(
        [_credential(passkey) for passkey in passkeys],
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return dict(options.public_key)


def complete_use(request, passkeys: list[Passkey], answer: str) -> Passkey:
    """The key that was used. Raises PasskeyRefusedError.

    A key whose count does not grow may have been copied (WebAuthn, 6.1.1).
    """
    state = request.session.pop(USE, None)
    if state is None:
        raise PasskeyRefusedError
    credentials = [_credential(passkey) for passkey in passkeys]
    given = _answer(answer)
    try:
        used = _server(request).authenticate_complete(state, credentials, given)
        count = AuthenticationResponse.from_dict(given).response.authenticator_data.counter
    except _MALFORMED as error:
        raise PasskeyRefusedError from error
    passkey = passkeys[credentials.index(used)]
    if (count or passkey.sign_count) and count <= passkey.sign_count:
        raise PasskeyRefusedError
    passkey.sign_count, passkey.last_used_at = count, timezone.now()
    passkey.save(update_fields=["sign_count", "last_used_at"])
    return passkey
