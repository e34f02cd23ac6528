"""Who must prove who they are twice, and what they may do it with.

Required of those who could harm the site with a guessed password: whoever publishes pages or looks
after people, by whichever group, and superusers. Others may have it too.
"""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log
from wagtail.models import GroupPagePermission

from .models import AuthenticatorApp, Passkey, RecoveryCode

APP_ADDED, KEY_ADDED = "sign_in.add_app", "sign_in.add_passkey"
FACTOR_REMOVED, FACTORS_RESET = "sign_in.remove_factor", "sign_in.reset_factors"
CODES_RENEWED = "sign_in.renew_codes"

#: What the history says of each, as a thing that can be done and as one that was done.
LOG_ACTIONS = {
    APP_ADDED: (
        _("Cadastrar aplicativo de códigos"),
        _("Aplicativo de códigos cadastrado para entrar"),
    ),
    KEY_ADDED: (_("Cadastrar chave de acesso"), _("Chave de acesso cadastrada para entrar")),
    FACTOR_REMOVED: (_("Remover segundo fator"), _("Segundo fator removido")),
    FACTORS_RESET: (
        _("Redefinir segundo fator"),
        _("Segundo fator redefinido pela administração"),
    ),
    CODES_RENEWED: (
        _("Gerar códigos de recuperação"),
        _("Códigos de recuperação gerados de novo"),
    ),
}


def are_required(user) -> bool:
    """Whether ``user`` may not enter the admin by the password alone."""
    if not settings.REQUIRE_SECOND_FACTOR or not user.is_authenticated:
        return False
    if user.is_superuser or user.has_perm("auth.change_user"):
        return True
    return GroupPagePermission.objects.filter(
        group__user=user, permission__codename="publish_page"
    ).exists()


@dataclass
class Factors:
    """What ``user`` has besides the password."""

    user: User

    def __post_init__(self):
        self.app = AuthenticatorApp.objects.filter(user=self.user).first()
        self.passkeys = list(Passkey.objects.filter(user=self.user))

    def __bool__(self):
        return bool(self.app or self.passkeys)

    @property
    def count(self) -> int:
        return len(self.passkeys) + (self.app is not None)

    @property
    def may_lose_one(self) -> bool:
        """Whether one may be taken away: not the last of somebody who needs it."""
        return self.count > 1 or not are_required(self.user)

    @property
    def codes_left(self) -> int:
        return RecoveryCode.objects.unused().filter(user=self.user).count()


def remove(factor: AuthenticatorApp | Passkey, by) -> None:
    """Take one away, and the recovery codes with the last."""
    user = factor.user
    factor.delete()
    if not Factors(user):
        RecoveryCode.objects.filter(user=user).delete()
    log(user, FACTOR_REMOVED, user=by, data={"factor": str(factor)})


def reset(user, by) -> None:
    """Take all away: ``user`` has lost phone and keys, and enrols new ones at the next sign-in."""
    for model in (AuthenticatorApp, Passkey, RecoveryCode):
        model.objects.filter(user=user).delete()
    log(user, FACTORS_RESET, user=by)
