"""What people prove who they are with, besides their password, and how often somebody failed to."""

import base64
import secrets
from datetime import timedelta

import pyotp
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _


def _cipher() -> MultiFernet:
    """Encrypts with a key of its own, made of ``SECRET_KEY``; reads what older keys encrypted."""

    def key(secret: str) -> Fernet:
        derived = HKDF(SHA256(), 32, salt=None, info=b"sign_in.secret").derive(secret.encode())
        return Fernet(base64.urlsafe_b64encode(derived))

    return MultiFernet(
        [key(each) for each in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    )


def digest(purpose: str, text: str) -> str:
    """A keyed hash of ``text``: recognised again, and of no use to who reads the database."""
    return salted_hmac(f"sign_in.{purpose}", text, algorithm="sha256").hexdigest()


class AuthenticatorApp(models.Model):
    """An app that shows a code every thirty seconds (RFC 6238)."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="authenticator_app"
    )
    #: Encrypted: who reads a backup cannot make codes.
    secret = models.TextField()
    #: The step of the last code that was taken. No code is taken twice (RFC 6238, 5.2).
    last_step = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    #: Steps before and after the present one whose codes are taken: for clocks that are not exact,
    #: and codes typed slowly (RFC 6238, 5.2 and 6).
    DRIFT = 1

    class Meta:
        verbose_name = _("aplicativo de códigos")

    def __str__(self):
        return str(self._meta.verbose_name)

    @staticmethod
    def new_secret() -> str:
        return pyotp.random_base32()

    @staticmethod
    def address(secret: str, user) -> str:
        """What the app reads from the picture: the secret, for whom and for which site."""
        return pyotp.TOTP(secret).provisioning_uri(
            account_name=user.get_username(), issuer_name=settings.WAGTAIL_SITE_NAME
        )

    @classmethod
    def step_of(cls, secret: str, code: str, after: int = 0) -> int | None:
        """The step whose code this is, of those that are taken now and come after ``after``."""
        totp = pyotp.TOTP(secret)
        now = totp.timecode(timezone.localtime())
        for step in range(now - cls.DRIFT, now + cls.DRIFT + 1):
            if step > after and secrets.compare_digest(totp.generate_otp(step), code):
                return step
        return None

    @classmethod
    def enrol(cls, user, secret: str, step: int) -> "AuthenticatorApp":
        """Keeps the app that showed the code of ``step``, in the place of another."""
        app, _is_new = cls.objects.update_or_create(
            user=user,
            defaults={
                "secret": _cipher().encrypt(secret.encode()).decode(),
                "last_step": step,
                "created_at": timezone.now(),
            },
        )
        return app

    def take(self, code: str) -> bool:
        """Whether ``code`` is right; it is worth nothing afterwards."""
        try:
            secret = _cipher().decrypt(self.secret).decode()
        except InvalidToken:  # SECRET_KEY was changed without keeping the old one
            return False
        step = self.step_of(secret, code, after=self.last_step)
        if step is None:
            return False
        # Of two requests with the same code, one changes the row.
        rows = type(self).objects.filter(pk=self.pk, last_step__lt=step)
        return bool(rows.update(last_step=step))


class Passkey(models.Model):
    """A key kept by a phone, a computer or a token, which never leaves it (WebAuthn)."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="passkeys"
    )
    name = models.CharField(_("nome"), max_length=60)
    #: Id and public key, as the library gives them, in base64.
    credential = models.TextField()
    #: How often the key was used, as it says itself; 0 for those that do not count.
    sign_count = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["created_at"]
        verbose_name = _("chave de acesso")

    def __str__(self):
        return self.name


class RecoveryCodeQuerySet(models.QuerySet):
    def unused(self):
        return self.filter(used_at=None)

    def renew(self, user) -> list[str]:
        """New codes for ``user``, in the place of those there were. They are told only now."""
        codes = [RecoveryCode.new() for _number in range(RecoveryCode.COUNT)]
        with transaction.atomic():
            self.filter(user=user).delete()
            self.bulk_create(
                RecoveryCode(user=user, digest=RecoveryCode.digest_of(code)) for code in codes
            )
        return codes

    def take(self, user, code: str) -> bool:
        """Whether ``code`` is right and was not used; it is used now."""
        rows = self.unused().filter(user=user, digest=RecoveryCode.digest_of(code))
        return bool(rows.update(used_at=timezone.now()))


class RecoveryCode(models.Model):
    """A code for the day on which phone and key are lost. Each is taken once.

    Codes have 80 random bits and are kept as keyed hashes (NIST SP 800-63B-4, 3.1.2.2).
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recovery_codes"
    )
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    objects = RecoveryCodeQuerySet.as_manager()

    COUNT = 10

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "digest"], name="sign_in_recovery_code_once")
        ]
        verbose_name = _("código de recuperação")

    def __str__(self):
        return str(self._meta.verbose_name)

    @staticmethod
    def new() -> str:
        text = base64.b32encode(secrets.token_bytes(10)).decode()
        return "-".join(text[start : start + 4] for start in range(0, len(text), 4))

    @staticmethod
    def digest_of(code: str) -> str:
        # 0, 1 and 8 are no letters of base32: whoever reads them from paper means O, I and B.
        plain = "".join(code.upper().split()).replace("-", "")
        return digest("recovery", plain.translate(str.maketrans("018", "OIB")))


class KnownPlace(models.Model):
    """A browser or a network from which a person signed in. Others are worth a notice."""

    BROWSER, NETWORK = "browser", "network"
    #: How long a place is remembered after the last time.
    KEPT_FOR = timedelta(days=365)

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="known_places"
    )
    kind = models.CharField(
        max_length=10, choices=[(BROWSER, _("navegador")), (NETWORK, _("rede"))]
    )
    #: Of the browser's cookie, or of the network. Neither is kept.
    digest = models.CharField(max_length=64)
    last_seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind", "digest"], name="sign_in_known_place_once"
            )
        ]
        verbose_name = _("lugar conhecido")
        verbose_name_plural = _("lugares conhecidos")

    def __str__(self):
        return self.get_kind_display()


class FailedAttempts(models.Model):
    """How often in a row somebody failed, for one account or from one address.

    What is counted is a keyed hash: the table has neither names nor addresses.
    """

    key = models.CharField(max_length=64, unique=True)
    count = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("tentativas sem sucesso")
        verbose_name_plural = _("tentativas sem sucesso")

    def __str__(self):
        return str(self.count)
