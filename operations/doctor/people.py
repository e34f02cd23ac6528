"""Who may do everything."""

from collections.abc import Iterator

from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils.translation import gettext

from sign_in.factors import Factors

from .findings import Finding, fault, warning, well


def superusers() -> Iterator[Finding]:
    """Whether there are administrators, all with a second factor."""
    found = list(get_user_model().objects.filter(is_superuser=True, is_active=True))
    if not found:
        yield fault(
            gettext("Ninguém administra o site."), gettext("Rode: manage.py createsuperuser")
        )
        return
    if bare := [user.get_username() for user in found if not Factors(user)]:
        names = {"names": ", ".join(bare)}
        yield warning(
            gettext("Só a senha protege a conta de quem administra: %(names)s.") % names,
            gettext(
                "Quem entra cadastra o segundo fator na hora; peça que entrem, ou desative as "
                "contas que ninguém usa."
            )
            if settings.REQUIRE_SECOND_FACTOR
            else gettext("Ligue REQUIRE_SECOND_FACTOR e peça que entrem."),
        )
    else:
        yield well(gettext("Quem administra o site tem segundo fator."))
