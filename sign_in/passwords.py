"""What passwords must be: NIST SP 800-63B-4, 3.1.1.2.

Long, and not one that many use or that names the site or its person. Nothing is asked of letters,
digits and signs, and none expires.
"""

import re
import unicodedata

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from .models import AuthenticatorApp, Passkey

#: Of a password that is all there is to give, and of one with a second factor beside it.
ALONE, WITH_SECOND_FACTOR = 15, 8
#: A password with fewer different characters than these repeats itself.
FEWEST_DIFFERENT = 5
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "0123456789", "qwertyuiop", "asdfghjkl", "zxcvbnm")


def fold(text: str) -> str:
    """Without case, accents and all but letters and digits."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in plain if letter.isalnum())


class LengthValidator:
    """Fifteen characters, or eight where a second factor is asked for as well.

    Who has no second factor, and a shorter password from a time when there was one, is led to enrol
    another: see ``sign_in.views.SignInView``.
    """

    def validate(self, password: str, user=None) -> None:
        least = self._least(user)
        if len(password) < least:
            raise ValidationError(
                gettext(
                    "A senha é curta: precisa de pelo menos %(least)d caracteres. Uma frase que só "
                    "você diria é fácil de lembrar."
                )
                % {"least": least},
                code="password_too_short",
            )

    @staticmethod
    def _least(user) -> int:
        if user is None or user.pk is None:
            return ALONE
        has_second = (
            AuthenticatorApp.objects.filter(user=user).exists()
            or Passkey.objects.filter(user=user).exists()
        )
        return WITH_SECOND_FACTOR if has_second else ALONE

    def get_help_text(self) -> str:
        return gettext(
            "Pelo menos %(alone)d caracteres, ou %(second)d para quem já entra com segundo fator. "
            "Uma frase com espaços serve, e não é preciso misturar números e sinais."
        ) % {"alone": ALONE, "second": WITH_SECOND_FACTOR}


class BlocklistValidator:
    """No password that many use, that names the site, or that goes along the keyboard."""

    def __init__(self):
        self.common = CommonPasswordValidator().passwords

    def validate(self, password: str, user=None) -> None:
        folded = fold(password)
        letters = re.sub(r"\d", "", folded)
        cores = {folded, self._repeated(folded)} | ({letters} if len(letters) > 3 else set())
        if (
            password.casefold().strip() in self.common
            or cores & self.common
            or len(set(password.casefold())) < FEWEST_DIFFERENT
            or self._is_along_the_keyboard(folded)
        ):
            raise ValidationError(
                gettext("Esta senha é das primeiras que alguém tentaria. Escolha outra."),
                code="password_too_common",
            )
        if letters and not self._without_names(letters):
            raise ValidationError(
                gettext("A senha é só o nome do site ou do lugar. Escolha outra."),
                code="password_names_site",
            )

    @staticmethod
    def _repeated(text: str) -> str:
        """What ``text`` repeats, as "senha" in "senhasenhasenha"; else ``text``."""
        match = re.fullmatch(r"(.+?)\1+", text)
        return match[1] if match else text

    @staticmethod
    def _is_along_the_keyboard(text: str) -> bool:
        """Whether all of it is pieces of the alphabet and of the rows of keys, either way."""
        pieces = 0
        while text:
            length = next(
                (
                    size
                    for size in range(len(text), 2, -1)
                    if any(text[:size] in row or text[:size] in row[::-1] for row in _ROWS)
                ),
                0,
            )
            if not length:
                return False
            text, pieces = text[length:], pieces + 1
        return pieces > 0

    @staticmethod
    def _without_names(letters: str) -> str:
        """What is left of the password without names that anybody would try here."""
        for name in settings.PASSWORD_CONTEXT_WORDS:
            letters = letters.replace(fold(name), "")
        return letters

    def get_help_text(self) -> str:
        return gettext("Não pode ser uma senha comum, nem só o nome do site ou da cidade.")
