import hashlib
from datetime import datetime

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page


class Problem(models.TextChoices):
    """What is wrong with a link, as its editor reads it."""

    # Of this site.
    DELETED_PAGE = "deleted_page", _("A página do site a que o link leva foi apagada.")
    UNPUBLISHED = "unpublished", _("A página do site a que o link leva não está publicada.")
    PRIVATE = "private", _("O link leva a algo que só pessoas autorizadas podem ver.")
    DELETED_DOCUMENT = "deleted_document", _("O documento foi apagado da biblioteca.")
    DELETED_IMAGE = "deleted_image", _("A imagem foi apagada da biblioteca.")
    NO_SUCH_PATH = "no_such_path", _("Não há nada neste endereço do site.")
    NO_SUCH_PART = "no_such_part", _("A página existe, mas não tem a parte que o link aponta.")
    OWN_ERROR = "own_error", _("O site responde com erro neste endereço.")
    # Of others.
    GONE = "gone", _("O outro site diz que esta página não existe.")
    CLIENT_ERROR = "client_error", _("O outro site não aceita este endereço.")
    SERVER_ERROR = "server_error", _("O outro site responde com erro.")
    TIMEOUT = "timeout", _("O outro site demora demais a responder.")
    UNREACHABLE = "unreachable", _("Não foi possível conectar ao outro site.")
    UNKNOWN_HOST = "unknown_host", _("Não existe site com este nome.")
    INSECURE = "insecure", _("O certificado de segurança do outro site não é válido.")
    ENDLESS = "endless", _("O outro site redireciona sem parar.")
    NOT_PUBLIC = "not_public", _("O endereço é de uma rede interna: os visitantes não o alcançam.")
    MALFORMED = "malformed", _("O endereço está malformado.")
    SCHEME = "scheme", _("Navegadores não abrem este tipo de endereço.")
    # Not known.
    REFUSED = "refused", _("O outro site não deixa checar. Abra o link para conferir.")


#: What may pass by itself: a link is broken only when it fails so on two days.
PASSING = frozenset(
    {
        Problem.CLIENT_ERROR,
        Problem.SERVER_ERROR,
        Problem.TIMEOUT,
        Problem.UNREACHABLE,
        Problem.UNKNOWN_HOST,
        Problem.INSECURE,
        Problem.ENDLESS,
        Problem.OWN_ERROR,
    }
)


class LinkQuerySet(models.QuerySet):
    def external(self):
        return self.filter(kind=Link.Kind.EXTERNAL)

    def due(self, before: datetime):
        """Those to be asked now: never asked, asked ``before`` that moment, or under suspicion.

        What failed today is asked again from tomorrow on.
        """
        today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        return self.filter(
            Q(checked_at__isnull=True)
            | Q(checked_at__lt=before)
            | Q(state=Link.State.SUSPECT, checked_at__lt=today)
        ).order_by(models.F("checked_at").asc(nulls_first=True), "pk")


class Link(models.Model):
    """Something that pages lead to, once, however many lead there."""

    class Kind(models.TextChoices):
        EXTERNAL = "external", _("Outro site")
        PAGE = "page", _("Página do site")
        DOCUMENT = "document", _("Documento")
        IMAGE = "image", _("Imagem")
        #: An address of this site that was written out, or a part of a page.
        PATH = "path", _("Endereço neste site")

    class State(models.TextChoices):
        WAITING = "waiting", _("Ainda não checado")
        GOOD = "good", _("Funciona")
        SUSPECT = "suspect", _("Falhou uma vez")
        REFUSED = "refused", _("Não deixa checar")
        BROKEN = "broken", _("Quebrado")

    kind = models.CharField(_("leva a"), max_length=10, choices=Kind.choices, editable=False)
    #: The whole address, a path on this site, or ``#part`` of the page ``target``.
    address = models.TextField(_("endereço"), blank=True, editable=False)
    #: Key of the page, document or image.
    target = models.BigIntegerField(null=True, editable=False)
    #: Tells links apart: addresses may be longer than what an index holds.
    digest = models.CharField(max_length=64, unique=True, editable=False)
    state = models.CharField(
        _("situação"),
        max_length=10,
        choices=State.choices,
        default=State.WAITING,
        editable=False,
    )
    problem = models.CharField(
        _("problema"), max_length=20, choices=Problem.choices, blank=True, editable=False
    )
    #: The other site's answer (RFC 9110, 15), when there was one.
    status = models.PositiveSmallIntegerField(_("resposta"), null=True, editable=False)
    failing_since = models.DateField(_("desde"), null=True, editable=False)
    checked_at = models.DateTimeField(_("checado em"), null=True, editable=False)

    objects = LinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("destino de link")
        verbose_name_plural = _("destinos de links")
        indexes = [
            models.Index(fields=["kind", "checked_at"], name="desk_link_due"),
            models.Index(
                fields=["state"],
                condition=Q(state__in=["suspect", "refused", "broken"]),
                name="desk_link_state",
            ),
        ]

    def __str__(self):
        return self.address or f"{self.kind} {self.target}"

    @staticmethod
    def digest_of(kind: str, address: str, target: int | None) -> str:
        return hashlib.sha256(f"{kind}\n{target or ''}\n{address}".encode()).hexdigest()

    def found(self, problem: str, status: int | None, moment: datetime) -> None:
        """Take note of what a check found; no ``problem`` means that the link leads somewhere.

        What may pass by itself makes a link suspect, and broken when it fails again on another
        day. What was broken stays so while it fails.
        """
        day = timezone.localdate(moment)
        before = self.failing_since
        was_broken = self.state == self.State.BROKEN
        self.checked_at = moment
        self.problem = problem
        self.status = status
        if not problem:
            self.state, self.failing_since = self.State.GOOD, None
        elif problem == Problem.REFUSED:
            self.state, self.failing_since = self.State.REFUSED, None
        else:
            self.failing_since = before or day
            is_sure = problem not in PASSING or was_broken or (before and before < day)
            self.state = self.State.BROKEN if is_sure else self.State.SUSPECT

    @property
    def explanation(self) -> str:
        """What is wrong, with the number that a webmaster would ask for."""
        text = str(self.get_problem_display())
        return f"{text.removesuffix('.')} ({self.status})." if text and self.status else text

    #: What a check changes.
    CHECKED_FIELDS = ("state", "problem", "status", "failing_since", "checked_at")


class LinkPlace(models.Model):
    """A page, or a menu or another thing shown on pages, whose links are known."""

    page = models.OneToOneField(
        Page,
        on_delete=models.CASCADE,
        null=True,
        related_name="link_place",
        editable=False,
        verbose_name=_("página"),
    )
    #: What it is when it is no page.
    content_type = models.ForeignKey(
        ContentType, on_delete=models.CASCADE, null=True, related_name="+", editable=False
    )
    object_id = models.BigIntegerField(null=True, editable=False)
    #: How such a thing names itself.
    title = models.CharField(_("título"), max_length=255, blank=True, editable=False)
    collected_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("lugar de links")
        verbose_name_plural = _("lugares de links")
        constraints = [
            models.UniqueConstraint(
                fields=["content_type", "object_id"], name="desk_one_place_per_thing"
            ),
            models.CheckConstraint(
                condition=Q(page__isnull=False) | Q(content_type__isnull=False, object_id__gte=0),
                name="desk_place_is_something",
            ),
        ]

    def __str__(self):
        return self.page.title if self.page else self.title


class LinkUseQuerySet(models.QuerySet):
    def in_state(self, state: str):
        return self.filter(link__state=state)

    def listed(self):
        """With all that a list shows of each, those that fail longest first."""
        return self.select_related("link", "place__page", "place__content_type").order_by(
            "link__failing_since", "link_id", "pk"
        )


class LinkUse(models.Model):
    """A link as it stands in one place."""

    place = models.ForeignKey(
        LinkPlace, on_delete=models.CASCADE, related_name="uses", editable=False
    )
    link = models.ForeignKey(Link, on_delete=models.CASCADE, related_name="uses", editable=False)
    text = models.CharField(_("texto do link"), max_length=250, blank=True, editable=False)

    objects = LinkUseQuerySet.as_manager()

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")

    def __str__(self):
        return self.text or str(self.link)
