"""The pages on which one enters the admin, and looks after what one enters with.

Password first; then the second factor, where there is one, or its enrolment, where one is required.
Only then is anybody signed in.
"""

import segno
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext
from django.views import View
from django.views.decorators.debug import sensitive_post_parameters
from wagtail.admin import messages
from wagtail.admin.views import account
from wagtail.log_actions import log

from . import factors, forms, notices, passkeys, passwords, pending, sessions, throttling
from .factors import Factors
from .models import AuthenticatorApp, Passkey, RecoveryCode
from .networks import may_see_the_admin

OUTSIDE, INSIDE = "sign_in/outside.html", "sign_in/inside.html"
#: In the session: the secret that an app is being given.
NEW_SECRET = "new_app_secret"  # noqa: S105


def enter(request, response: HttpResponse, user: User, *, second_factor: bool) -> HttpResponse:
    """Sign ``user`` in, with ``response`` as the answer."""
    counts = forms.password_counts(request, user.get_username())
    counts[0].clear()
    throttling.forget_old()
    login(request, user)
    request.session.pop(pending.KEY, None)
    request.session[sessions.SECOND_FACTOR] = second_factor
    notices.greet(request, response, user)
    return response


def _next_url(request, given: str) -> str:
    """``given``, if it is an address of this site; else the admin's first page."""
    is_ours = url_has_allowed_host_and_scheme(
        given, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return given if is_ours else reverse("wagtailadmin_home")


# Signing in ----------------------------------------------------------------------------------


class SignInView(account.LoginView):
    """Name and password."""

    def form_valid(self, form):
        user, next_url = form.get_user(), self.get_success_url()
        if Factors(user):
            pending.begin(self.request, user, next_url)
            return redirect("sign_in_code")
        if self._must_enrol(user, form.cleaned_data["password"]):
            pending.begin(self.request, user, next_url)
            return redirect("sign_in_enrol")
        if settings.REQUIRE_SECOND_FACTOR and user.has_perm("wagtailadmin.access_admin"):
            self._offer()
        return enter(self.request, HttpResponseRedirect(next_url), user, second_factor=False)

    @staticmethod
    def _must_enrol(user: User, password: str) -> bool:
        """A password that is all there is to give is long (NIST SP 800-63B-4, 3.1.1.2)."""
        return factors.are_required(user) or (
            settings.REQUIRE_SECOND_FACTOR and len(password) < passwords.ALONE
        )

    def _offer(self) -> None:
        messages.info(
            self.request,
            gettext("Sua conta ainda entra só com a senha. Um segundo fator a protege melhor."),
            buttons=[
                messages.button(reverse("sign_in_security"), gettext("Cadastrar segundo fator"))
            ],
        )


class HalfSignedInMixin:
    """A page for those who gave the right password, and are not signed in yet."""

    layout = OUTSIDE
    #: Whether the page is for those who have a second factor, or for those who have none.
    with_factors = True

    def dispatch(self, request, *args, **kwargs):
        self.pending = pending.of(request)
        if self.pending is None:
            messages.warning(request, gettext("Comece por seu usuário e sua senha."))
            return redirect("wagtailadmin_login")
        self.user = self.pending.user
        self.factors = Factors(self.user)
        # Who only knows a password must not add a factor to those there are.
        if bool(self.factors) is not self.with_factors:
            return redirect("sign_in_code" if self.factors else "sign_in_enrol")
        return super().dispatch(request, *args, **kwargs)

    def enter(self, response: HttpResponse) -> HttpResponse:
        self.user.backend = self.pending.backend
        return enter(self.request, response, self.user, second_factor=True)


@method_decorator(sensitive_post_parameters(), name="dispatch")
class CodeView(HalfSignedInMixin, View):
    """The second factor: a passkey, or the code of an app."""

    def get(self, request):
        return self._show(self._form())

    def post(self, request):
        if "answer" in request.POST:
            try:
                passkeys.complete_use(request, self.factors.passkeys, request.POST["answer"])
            except passkeys.PasskeyRefusedError:
                messages.error(request, gettext("A chave não foi aceita. Tente de novo."))
                return self._show(self._form())
            return self.enter(HttpResponseRedirect(self.pending.next_url))
        form = self._form(request.POST)
        if form is None or not form.is_valid():
            return self._show(form)
        return self.enter(HttpResponseRedirect(self.pending.next_url))

    def _form(self, data=None):
        app = self.factors.app
        return app and forms.AppCodeForm(data, request=self.request, user=self.user, app=app)

    def _show(self, form):
        keys = self.factors.passkeys
        options = passkeys.begin_use(self.request, keys) if keys else None
        return render(self.request, "sign_in/code.html", {"form": form, "options": options})


@method_decorator(sensitive_post_parameters(), name="dispatch")
class RecoveryView(HalfSignedInMixin, View):
    """A recovery code in the place of the second factor."""

    def get(self, request):
        return self._show(forms.RecoveryForm(request=request, user=self.user))

    def post(self, request):
        form = forms.RecoveryForm(request.POST, request=request, user=self.user)
        if not form.is_valid():
            return self._show(form)
        response = self.enter(redirect("sign_in_security"))
        left = self.factors.codes_left
        told = ngettext(
            "Você entrou com um código de recuperação. Resta %(left)d.",
            "Você entrou com um código de recuperação. Restam %(left)d.",
            left,
        ) % {"left": left}
        advice = gettext("Se perdeu o celular ou a chave, cadastre outro e remova o perdido.")
        messages.warning(request, f"{told} {advice}")
        notices.tell(self.user, gettext("código de recuperação usado"), told, request)
        return response

    def _show(self, form):
        return render(self.request, "sign_in/recovery.html", {"form": form})


# Enrolling a factor --------------------------------------------------------------------------


class FirstFactorMixin(HalfSignedInMixin):
    """The first factor of somebody who is about to sign in."""

    with_factors = False
    back = "sign_in_enrol"

    def enrolled(self, action: str, name: str) -> HttpResponse:
        return _enrolled(self, action, name, self.pending.next_url, self.enter)


class AnotherFactorMixin:
    """A factor of somebody who is signed in, and proved so not long ago."""

    layout = INSIDE
    back = "sign_in_security"

    def dispatch(self, request, *args, **kwargs):
        if not sessions.was_proved_lately(request.session):
            return redirect_to_login(request.get_full_path(), reverse("sign_in_confirm"))
        self.user = request.user
        self.factors = Factors(self.user)
        return super().dispatch(request, *args, **kwargs)

    def enrolled(self, action: str, name: str) -> HttpResponse:
        def stay(response: HttpResponse) -> HttpResponse:
            self.request.session[sessions.SECOND_FACTOR] = True
            return response

        return _enrolled(self, action, name, reverse(self.back), stay)


def _enrolled(view, action: str, name: str, next_url: str, answer) -> HttpResponse:
    """A factor was added: write it down, tell its owner, and give the codes for a bad day."""
    request, user = view.request, view.user
    log(user, action, user=user)
    told = gettext("Agora a sua conta também entra com: %(name)s.") % {"name": name}
    notices.tell(user, gettext("segundo fator cadastrado"), told, request)
    if view.factors.codes_left:
        messages.success(request, told)
        return answer(HttpResponseRedirect(next_url))
    return answer(_show_codes(view, next_url))


def _show_codes(view, next_url: str) -> HttpResponse:
    codes = RecoveryCode.objects.renew(view.user)
    context = {
        "layout": view.layout,
        "codes": codes,
        "next_url": next_url,
        "file": "\n".join([settings.WAGTAIL_SITE_NAME, *codes, ""]),
    }
    return render(view.request, "sign_in/codes.html", context)


class EnrolView(FirstFactorMixin, View):
    """Choose what to enrol."""

    def get(self, request):
        return render(request, "sign_in/enrol.html", {"layout": self.layout})


@method_decorator(sensitive_post_parameters(), name="dispatch")
class AppView(View):
    """Enrol an app that shows codes."""

    def get(self, request):
        request.session[NEW_SECRET] = AuthenticatorApp.new_secret()
        return self._show(forms.NewAppForm(secret=self._secret))

    def post(self, request):
        if not self._secret:
            return self.get(request)
        form = forms.NewAppForm(request.POST, secret=self._secret)
        if not form.is_valid():
            return self._show(form)
        app = AuthenticatorApp.enrol(self.user, self._secret, form.cleaned_data["code"])
        del request.session[NEW_SECRET]
        return self.enrolled(factors.APP_ADDED, str(app))

    @property
    def _secret(self) -> str:
        return self.request.session.get(NEW_SECRET, "")

    def _picture(self) -> SafeString:
        code = segno.make(AuthenticatorApp.address(self._secret, self.user), micro=False)
        # Of paths and numbers alone: nothing of it is typed by anybody.
        return mark_safe(code.svg_inline(scale=5, dark="#000", light="#fff"))

    def _show(self, form):
        secret = self._secret
        context = {
            "layout": self.layout,
            "back_url": reverse(self.back),
            "form": form,
            "picture": self._picture(),
            "secret": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
            "is_replacing": self.factors.app is not None,
        }
        return render(self.request, "sign_in/app.html", context)


class PasskeyView(View):
    """Enrol a passkey."""

    def get(self, request):
        return self._show(forms.NewPasskeyForm())

    def post(self, request):
        form = forms.NewPasskeyForm(request.POST)
        if form.is_valid():
            name, answer = form.cleaned_data["name"], form.cleaned_data["answer"]
            try:
                passkey = passkeys.complete_enrolment(request, self.user, answer, name)
            except passkeys.PasskeyRefusedError:
                form.add_error(None, gettext("A chave não foi aceita. Tente de novo."))
            else:
                return self.enrolled(factors.KEY_ADDED, passkey.name)
        return self._show(form)

    def _show(self, form):
        context = {
            "layout": self.layout,
            "back_url": reverse(self.back),
            "form": form,
            "options": passkeys.begin_enrolment(self.request, self.user, self.factors.passkeys),
        }
        return render(self.request, "sign_in/passkey.html", context)


class FirstAppView(FirstFactorMixin, AppView):
    pass


class FirstPasskeyView(FirstFactorMixin, PasskeyView):
    pass


class AnotherAppView(AnotherFactorMixin, AppView):
    pass


class AnotherPasskeyView(AnotherFactorMixin, PasskeyView):
    pass


# Looking after one's own ---------------------------------------------------------------------


class SecurityView(View):
    """What one enters with."""

    def get(self, request):
        own = Factors(request.user)
        context = {
            "factors": own,
            "codes_left": own.codes_left if own else 0,
            "are_required": factors.are_required(request.user),
        }
        return render(request, "sign_in/security.html", context)


@method_decorator(sensitive_post_parameters(), name="dispatch")
class ConfirmView(View):
    """The password again, before one changes what one enters with."""

    def get(self, request):
        return self._show(forms.PasswordAgainForm(request=request))

    def post(self, request):
        form = forms.PasswordAgainForm(request.POST, request=request)
        if not form.is_valid():
            return self._show(form)
        sessions.note_proof(request.session)
        return redirect(self._next)

    @property
    def _next(self) -> str:
        given = self.request.POST.get("next", self.request.GET.get("next", ""))
        return _next_url(self.request, given)

    def _show(self, form):
        return render(self.request, "sign_in/confirm.html", {"form": form, "next": self._next})


class RemoveView(AnotherFactorMixin, View):
    """Take one factor away."""

    @cached_property
    def factor(self) -> AuthenticatorApp | Passkey | None:
        asked = self.request.POST.get("fator", self.request.GET.get("fator", ""))
        if asked == "aplicativo":
            return self.factors.app
        return next((each for each in self.factors.passkeys if str(each.pk) == asked), None)

    def get(self, request):
        if refusal := self._refusal():
            return refusal
        context = {"factor": self.factor, "asked": request.GET["fator"]}
        return render(request, "sign_in/remove.html", context)

    def post(self, request):
        if refusal := self._refusal():
            return refusal
        name = str(self.factor)
        factors.remove(self.factor, by=request.user)
        told = gettext("A sua conta não entra mais com: %(name)s.") % {"name": name}
        notices.tell(request.user, gettext("segundo fator removido"), told, request)
        messages.success(request, told)
        return redirect(self.back)

    def _refusal(self) -> HttpResponse | None:
        if self.factor is None:
            return redirect(self.back)
        if not self.factors.may_lose_one:
            messages.error(
                self.request,
                gettext("Sua conta precisa de um segundo fator. Cadastre outro antes."),
            )
            return redirect(self.back)
        return None


class CodesView(AnotherFactorMixin, View):
    """New recovery codes, in the place of the old."""

    def get(self, request):
        if not self.factors:
            return redirect(self.back)
        return render(request, "sign_in/renew_codes.html")

    def post(self, request):
        if not self.factors:
            return redirect(self.back)
        log(self.user, factors.CODES_RENEWED, user=self.user)
        told = gettext("Os códigos de recuperação da sua conta foram trocados por novos.")
        notices.tell(self.user, gettext("códigos de recuperação novos"), told, request)
        return _show_codes(self, reverse(self.back))


# Helping others ------------------------------------------------------------------------------


class ResetView(AnotherFactorMixin, View):
    """An administrator takes away the factors of somebody who has lost them."""

    def dispatch(self, request, *args, pk, **kwargs):
        self.person = get_object_or_404(User, pk=pk)
        if not may_reset(request.user, self.person):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request):
        context = {"person": self.person, "has_factors": bool(Factors(self.person))}
        return render(request, "sign_in/reset.html", context)

    def post(self, request):
        factors.reset(self.person, by=request.user)
        sessions.end_all_of(self.person)
        told = gettext(
            "A administração do site apagou o segundo fator da sua conta. Na próxima entrada, "
            "você cadastra outro."
        )
        notices.tell(self.person, gettext("segundo fator redefinido"), told)
        messages.success(
            request,
            gettext("O segundo fator de %(name)s foi apagado, e as sessões abertas terminaram.")
            % {"name": self.person.get_full_name() or self.person.get_username()},
        )
        return redirect("wagtailusers_users:edit", self.person.pk)


def may_reset(user: User, person: User) -> bool:
    """Administrators, and of superusers only superusers; of oneself nobody, for there is a page."""
    return (
        user.has_perm("auth.change_user")
        and user.pk != person.pk
        and (user.is_superuser or not person.is_superuser)
    )


# Passwords that were forgotten ---------------------------------------------------------------


class PasswordResetConfirmView(account.PasswordResetConfirmView):
    """A new password by a link from an e-mail. It signs nobody in, and asks no less afterwards."""

    def form_valid(self, form):
        response = super().form_valid(form)
        forms.forget_failures(self.request, self.user)
        sessions.end_all_of(self.user)
        told = gettext("A senha da sua conta foi trocada por um link enviado ao seu e-mail.")
        notices.tell(self.user, gettext("senha trocada"), told, self.request)
        return response


# The session ---------------------------------------------------------------------------------


class SessionView(View):
    """How long the session lasts yet; asking by POST counts as work and prolongs it."""

    def get(self, request):
        is_signed_in = request.user.is_authenticated
        idle, whole = sessions.seconds_left(request.session) if is_signed_in else (0, 0)
        return JsonResponse(
            {
                "signed_in": is_signed_in,
                "left": int(min(idle, whole)),
                "can_stay": whole > idle,
                "csrf": get_token(request),
            }
        )

    def post(self, request):
        if request.user.is_authenticated:
            sessions.note_work(request.session)
        return self.get(request)


def frontend_login(request):
    """Wagtail's own page for pages that only some may read would sign in by password alone.

    Who may not reach the admin does not learn where it is.
    """
    if not may_see_the_admin(request):
        raise Http404
    return redirect_to_login(request.GET.get("next", "/"), reverse("wagtailadmin_login"))
