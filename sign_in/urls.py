"""Addresses of signing in. They stand before Wagtail's own, and need nobody signed in."""

from django.urls import path
from django.views.decorators.cache import never_cache
from wagtail.admin.urls import display_custom_404
from wagtail.utils.urlpatterns import decorate_urlpatterns

from . import views

urlpatterns = [
    path("login/", views.SignInView.as_view()),
    path("entrar/codigo/", views.CodeView.as_view(), name="sign_in_code"),
    path("entrar/recuperacao/", views.RecoveryView.as_view(), name="sign_in_recovery"),
    path("entrar/cadastro/", views.EnrolView.as_view(), name="sign_in_enrol"),
    path("entrar/cadastro/aplicativo/", views.FirstAppView.as_view(), name="sign_in_first_app"),
    path("entrar/cadastro/chave/", views.FirstPasskeyView.as_view(), name="sign_in_first_passkey"),
    path("entrar/sessao/", views.SessionView.as_view(), name="sign_in_session"),
    path(
        "password_reset/confirm/<uidb64>/<token>/",
        views.PasswordResetConfirmView.as_view(),
    ),
]
for decorate in (display_custom_404, never_cache):
    urlpatterns = decorate_urlpatterns(urlpatterns, decorate)
