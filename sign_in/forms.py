"""What one types to enter. Each says the same whatever was wrong, and takes as long."""

import unicodedata

from django import forms
from django.contrib.auth.models import User
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.auth import PasswordResetForm as WagtailPasswordResetForm

from pages.forms import LoginForm
from pages.limits import client_network

from . import notices
from .models import AuthenticatorApp, RecoveryCode
from .throttling import ACCOUNT, ADDRESS, MESSAGES, Count, charge


def _same(name: str) -> str:
    """One spelling for all that mean the same name."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def _address_counts(request, purpose: str) -> list[Count]:
    network = client_network(request)
    return [Count.of(ADDRESS, purpose, network)] if network else []


def _password_count(username: str, place: str = "elsewhere") -> Count:
    return Count.of(ACCOUNT, "password", place, _same(username))


def password_counts(request, username: str) -> list[Count]:
    """What a try at a password is counted for: first the account, then the address."""
    known = notices.is_known_browser(request, username)
    own = (
        _password_count(username, notices.browser_token(request))
        if known
        else _password_count(username)
    )
    return [own, *_address_counts(request, "password")]


def forget_failures(request, user) -> None:
    """The owner of the account has shown who they are, by their e-mail: all is well again."""
    password_counts(request, user.get_username())[0].clear()
    _password_count(user.get_username()).clear()


def code_counts(request, user) -> list[Count]:
    """What a try at a code of the second factor is counted for."""
    return [Count.of(ACCOUNT, "code", user.pk), *_address_counts(request, "code")]


class SignInForm(LoginForm):
    """Name and password. Tries that come too fast are told what wrong ones are told.

    They do the same work, too: the password is looked at, and its answer dropped.
    """

    error_messages = {
        **LoginForm.error_messages,
        "invalid_login": _(
            "Usuário ou senha não conferem, ou houve tentativas demais. Confira os dois; se "
            "estiverem certos, espere alguns minutos e tente de novo."
        ),
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # Passwords may be filled in by managers (NIST SP 800-63B-4, 3.1.1.2; WCAG 1.3.5, 3.3.8).
        self.fields["username"].widget.attrs["autocomplete"] = "username"
        self.fields["password"].widget.attrs["autocomplete"] = "current-password"
        del self.fields["remember"]

    def clean(self):
        counts = password_counts(self.request, self.cleaned_data.get("username", ""))
        may_try = charge(counts)
        cleaned = super().clean()
        if not may_try:
            self.user_cache = None
            raise self.get_invalid_login_error()
        for count in counts:
            count.refund()
        return cleaned


class CodeForm(forms.Form):
    """A code that proves who one is, for ``user``."""

    code = forms.CharField(max_length=40)

    error_messages = {
        "wrong": _(
            "O código não confere, já foi usado, ou houve tentativas demais. Confira; se estiver "
            "certo, espere alguns minutos e tente com um novo."
        )
    }

    def __init__(self, *args, request, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.request, self.user = request, user
        self.fields["code"].widget.attrs |= {"autofocus": "", "spellcheck": "false"}

    def is_right(self, code: str) -> bool:
        raise NotImplementedError

    def clean_code(self) -> str:
        code = "".join(self.cleaned_data["code"].split())
        counts = code_counts(self.request, self.user)
        if not charge(counts) or not self.is_right(code):
            raise forms.ValidationError(self.error_messages["wrong"], code="wrong")
        for count in counts:
            count.refund()
        counts[0].clear()
        return code


class AppCodeForm(CodeForm):
    """The code that the app shows now."""

    def __init__(self, *args, app: AuthenticatorApp, **kwargs):
        super().__init__(*args, **kwargs)
        self.app = app
        self.fields["code"].label = _("Código de 6 números do aplicativo")
        self.fields["code"].widget.attrs |= {
            "inputmode": "numeric",
            "autocomplete": "one-time-code",
        }

    def is_right(self, code):
        return self.app.take(code)


class RecoveryForm(CodeForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Código de recuperação")
        self.fields["code"].widget.attrs |= {
            "autocomplete": "off",
            "autocapitalize": "characters",
        }

    def is_right(self, code):
        return RecoveryCode.objects.take(self.user, code)


class NewAppForm(forms.Form):
    """The first code of an app that has just read its secret: it has it right."""

    code = forms.CharField(
        label=_("Código de 6 números que o aplicativo mostra"),
        max_length=40,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "off", "spellcheck": "false"}
        ),
    )

    def __init__(self, *args, secret: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.secret = secret

    def clean_code(self) -> int:
        """The step of the code."""
        step = AuthenticatorApp.step_of(self.secret, "".join(self.cleaned_data["code"].split()))
        if step is None:
            raise forms.ValidationError(
                _(
                    "O código não confere. Digite o que o aplicativo mostra agora, e veja se o "
                    "relógio do celular está certo."
                ),
                code="wrong",
            )
        return step


class NewPasskeyForm(forms.Form):
    """What the browser answers when it has made a key."""

    name = forms.CharField(
        label=_("Nome da chave"),
        help_text=_("Para reconhecê-la depois: “celular”, “computador da sala”."),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    answer = forms.CharField(widget=forms.HiddenInput, required=False)


class PasswordAgainForm(forms.Form):
    """The password of who is signed in, before something grave."""

    password = forms.CharField(
        label=_("Senha"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": ""}),
    )

    def __init__(self, *args, request, **kwargs):
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_password(self) -> str:
        password, user = self.cleaned_data["password"], self.request.user
        counts = password_counts(self.request, user.get_username())
        may_try = charge(counts)
        if not user.check_password(password) or not may_try:
            raise forms.ValidationError(
                _("A senha não confere, ou houve tentativas demais."), code="wrong"
            )
        for count in counts:
            count.refund()
        return password


class PasswordResetForm(WagtailPasswordResetForm):
    """Writes to whoever has the address; does as much, and says the same, when nobody has.

    For nobody a message is made and thrown away. Messages leave after the answer, for the mail
    server's time would tell.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["email"].widget.attrs |= {"autocomplete": "email", "autofocus": ""}

    def save(self, *args, request=None, **kwargs):
        counts = [
            Count.of(MESSAGES, "reset", _same(self.cleaned_data["email"])),
            *_address_counts(request, "reset"),
        ]
        self.may_write = charge(counts)
        super().save(*args, request=request, **kwargs)

    def get_users(self, email):
        found = list(super().get_users(email))
        nobody = User(pk=0, email=email)
        nobody.set_unusable_password()
        return found or [nobody]

    def send_mail(
        self,
        subject_template_name,
        email_template_name,
        context,
        from_email,
        to_email,
        html_email_template_name=None,
    ):
        subject = "".join(render_to_string(subject_template_name, context).splitlines())
        body = render_to_string(email_template_name, context)
        message = EmailMultiAlternatives(subject, body, from_email, [to_email])
        if context["user"].pk and self.may_write:
            notices.post.submit(notices.deliver, message)
