from django.templatetags.static import static
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.widgets.button import Button

from . import views
from .factors import LOG_ACTIONS


@hooks.register("register_admin_urls")
def urls():
    return [
        path("seguranca/", views.SecurityView.as_view(), name="sign_in_security"),
        path("seguranca/senha/", views.ConfirmView.as_view(), name="sign_in_confirm"),
        path("seguranca/aplicativo/", views.AnotherAppView.as_view(), name="sign_in_app"),
        path("seguranca/chave/", views.AnotherPasskeyView.as_view(), name="sign_in_passkey"),
        path("seguranca/remover/", views.RemoveView.as_view(), name="sign_in_remove"),
        path("seguranca/codigos/", views.CodesView.as_view(), name="sign_in_codes"),
        path("seguranca/pessoas/<int:pk>/", views.ResetView.as_view(), name="sign_in_reset"),
    ]


@hooks.register("register_account_menu_item")
def ones_own(request):
    return {
        "url": reverse("sign_in_security"),
        "label": gettext("Segundo fator"),
        "help_text": gettext("O que pede a sua conta além da senha, e os códigos de recuperação."),
    }


@hooks.register("register_user_listing_buttons")
def of_others(user, request_user):
    if views.may_reset(request_user, user):
        yield Button(
            _("Redefinir segundo fator"),
            reverse("sign_in_reset", args=[user.pk]),
            icon_name="lock-open",
            priority=20,
        )


@hooks.register("register_log_actions")
def log_actions(actions):
    for action, (label, message) in LOG_ACTIONS.items():
        actions.register_action(action, label, message)


@hooks.register("insert_global_admin_js")
def guard_what_is_written():
    """What `session.js` says when a session ends."""
    return format_html(
        '<script src="{}" data-session-url="{}" data-sign-in-url="{}" data-ending="{}" '
        'data-ending-for-good="{}" data-ended="{}" data-offline="{}" data-stay="{}" '
        'data-enter="{}" data-back="{}" data-close="{}" defer></script>',
        static("js/admin/session.js"),
        reverse("sign_in_session"),
        reverse("wagtailadmin_login"),
        gettext("Sua sessão termina em poucos minutos, porque nada foi salvo nem aberto."),
        gettext("Sua sessão termina em poucos minutos. Salve o que está fazendo e entre de novo."),
        gettext(
            "Sua sessão terminou, e nada se perdeu: o que você escreveu continua nesta tela. Entre "
            "de novo em outra aba, volte aqui e salve."
        ),
        gettext(
            "O site não respondeu, e nada se perdeu: o que você escreveu continua nesta tela. Veja "
            "a sua conexão e salve de novo."
        ),
        gettext("Continuar"),
        gettext("Entrar em outra aba"),
        gettext("Já entrei"),
        gettext("Fechar"),
    )
