"""The key that archives are encrypted with."""

from dataclasses import dataclass

import pyrage
from django.utils.translation import gettext
from pyrage import x25519

from . import BackupError


@dataclass(frozen=True)
class Key:
    """An age key. With the public half alone archives can be made, and not read."""

    recipient: x25519.Recipient
    identity: x25519.Identity | None = None

    @classmethod
    def read(cls, written: str) -> "Key | None":
        """The key that is ``written``; None for nothing. Raises ``BackupError`` for no key."""
        written = written.strip()
        if not written:
            return None
        try:
            if written.startswith("age1"):
                return cls(x25519.Recipient.from_str(written))
            identity = x25519.Identity.from_str(written)
        except (pyrage.IdentityError, pyrage.RecipientError) as error:
            raise BackupError(
                gettext(
                    "A chave da cópia de segurança está errada: ela começa com AGE-SECRET-KEY-1 "
                    "ou, se for a pública, com age1."
                )
            ) from error
        return cls(identity.to_public(), identity)

    @classmethod
    def read_file(cls, path: str) -> "Key | None":
        """The key in a file as ``age-keygen`` writes it: its comments begin with ``#``."""
        try:
            with open(path, encoding="utf-8") as file:
                lines = [line for line in file if line.strip() and not line.startswith("#")]
        except (OSError, UnicodeDecodeError) as error:
            raise BackupError(
                gettext("O arquivo da chave, %(path)s, não pode ser lido: %(error)s")
                % {"path": path, "error": error}
            ) from error
        return cls.read(lines[0] if lines else "x")


def new_pair() -> tuple[str, str]:
    """A new private key and its public half."""
    identity = x25519.Identity.generate()
    return str(identity), str(identity.to_public())
