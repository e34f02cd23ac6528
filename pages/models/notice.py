import zlib
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, F, Func, JSONField, OuterRef, Q
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, PageChooserPanel
from wagtail.models import Page, PreviewableMixin, TranslatableMixin

from ..publicity import publicity_models
from ..timespan import TimeSpanMixin, TimeSpanQuerySet
from ..visibility import open_q


class Level(models.TextChoices):
    """How much a notice matters, the least first. The label stands on the notice."""

    INFORMATION = "information", pgettext_lazy("nível de aviso", "Informação")
    WARNING = "warning", pgettext_lazy("nível de aviso", "Atenção")
    URGENT = "urgent", pgettext_lazy("nível de aviso", "Urgente")


class _AsArray(Func):
    """The rows of a query as one JSON array.

    To Django it is a function like any other, so that it does not group the rows.
    """

    function = "JSON_GROUP_ARRAY"
    output_field = JSONField()

    def as_postgresql(self, compiler, connection, **extra):
        return self.as_sql(compiler, connection, function="JSONB_AGG", **extra)


class SiteNoticeQuerySet(TimeSpanQuerySet):
    def as_one_value(self):
        """The notices of all languages as one value, for a query that asks something else.

        A link to a page that visitors may not see is left out; whether an election withholds it
        is told beside it, for that is only known afterwards.
        """
        is_publicity = Q(pk__in=[])
        for model in publicity_models():
            withheld = model._base_manager.filter(pk=OuterRef("page_id"), is_publicity=True)
            is_publicity |= Q(Exists(withheld))
        return (
            self.order_by()
            .annotate(is_link_open=open_q("page__"), is_link_publicity=is_publicity)
            .values(
                all=_AsArray(
                    JSONObject(
                        pk="pk",
                        language="locale__language_code",
                        level="level",
                        text="text",
                        label="link_label",
                        url="url",
                        page="page_id",
                        path="page__url_path",
                        title="page__title",
                        is_open="is_link_open",
                        is_publicity="is_link_publicity",
                    )
                )
            )
        )


class SiteNotice(TimeSpanMixin, PreviewableMixin, TranslatableMixin, models.Model):
    """A notice above every page of one language, from one time to another."""

    text = models.CharField(
        _("texto"),
        max_length=300,
        help_text=_("Uma ou duas frases: o que acontece, até quando, o que a pessoa deve fazer."),
    )
    level = models.CharField(
        _("importância"),
        max_length=12,
        choices=Level.choices,
        default=Level.INFORMATION,
        help_text=_(
            "“Urgente” é lido em voz alta na hora por leitores de tela: só para o que não pode "
            "esperar."
        ),
    )
    page = models.ForeignKey(
        Page,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("página do site"),
    )
    url = models.CharField(
        _("outro endereço"),
        max_length=500,
        blank=True,
        help_text=_("Endereço completo (https://…) ou caminho neste site (/busca/)."),
    )
    link_label = models.CharField(
        _("texto do link"),
        max_length=80,
        blank=True,
        help_text=_("Se ficar vazio, usa-se o título da página."),
    )
    start = models.DateTimeField(
        _("início"), default=timezone.now, help_text=_("Quando o aviso aparece.")
    )
    end = models.DateTimeField(_("fim"), help_text=_("Quando o aviso some, sozinho."))

    objects = SiteNoticeQuerySet.as_manager()

    panels = [
        FieldPanel("text"),
        FieldPanel("level"),
        FieldRowPanel([FieldPanel("start"), FieldPanel("end")]),
        MultiFieldPanel(
            [PageChooserPanel("page"), FieldPanel("url"), FieldPanel("link_label")],
            heading=_("Link"),
            help_text=_("Se houver: uma página do site ou um endereço, não os dois."),
        ),
    ]

    class Meta(TranslatableMixin.Meta):
        verbose_name = _("aviso")
        verbose_name_plural = _("avisos")
        ordering = ["-start", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="notice_ends_after_start")
        ]

    def __str__(self):
        return self.text

    def clean(self):
        super().clean()
        if self.page_id and self.url:
            raise ValidationError(
                {"url": _("Escolha uma página do site ou escreva um endereço, não os dois.")}
            )
        is_path = self.url.startswith("/") and not self.url.startswith("//")
        if self.url and not (is_path or self.url.startswith(("https://", "http://"))):
            raise ValidationError(
                {"url": _("Comece o endereço por https:// ou, neste site, por uma barra.")}
            )
        if self.url and not self.link_label:
            raise ValidationError({"link_label": _("Diga o texto do link.")})

    def get_preview_template(self, request, mode_name):
        return "pages/notice_preview.html"

    def get_preview_context(self, request, mode_name):
        url = self.url or (self.page.get_url(request) if self.page else "") or ""
        label = self.link_label or (self.page.title if self.page else "")
        bar = NoticeBar.of("", self.level or Level.INFORMATION, self.text, url, label)
        return {**super().get_preview_context(request, mode_name), "notice_bars": [bar]}


@dataclass(frozen=True)
class NoticeBar:
    """A notice as a page shows it."""

    #: Changes with what is said, so that a notice put away comes back when it says something else.
    key: str
    level: str
    #: What tells the level apart without its colour.
    word: str
    text: str
    url: str = ""
    label: str = ""

    @classmethod
    def of(cls, name: str, level: str, text: str, url: str = "", label: str = "") -> "NoticeBar":
        said = zlib.crc32(f"{level} {text} {url}".encode())
        return cls(f"{name}-{said:x}", level, str(Level(level).label), text, url, label)

    @property
    def is_urgent(self) -> bool:
        return self.level == Level.URGENT


def notice_bars(in_force, language_code: str, request=None) -> list[NoticeBar]:
    """The notices of a language that are in force, those that matter most first."""
    ranks = Level.values
    shown = sorted(
        (each for each in in_force.notices if each["language"] == language_code),
        key=lambda each: (ranks.index(each["level"]), each["pk"]),
        reverse=True,
    )
    return [
        NoticeBar.of(str(each["pk"]), each["level"], each["text"], *_link(each, in_force, request))
        for each in shown
    ]


def _link(notice: dict, in_force, request) -> tuple[str, str]:
    if notice["url"]:
        return notice["url"], notice["label"]
    is_withheld = in_force.election and notice["is_publicity"]
    if not notice["page"] or not notice["is_open"] or is_withheld:
        return "", ""
    page = Page(pk=notice["page"], url_path=notice["path"], title=notice["title"])
    return page.get_url(request) or "", notice["label"] or notice["title"]


def election_bar(election, last_day: str) -> NoticeBar:
    """What every page says while an election withholds the news and the videos."""
    if last_day:
        text = gettext(
            "Por causa das eleições, as notícias e os vídeos deste site estão fora do ar até "
            "%(day)s, como manda a lei."
        ) % {"day": last_day}
    else:
        text = gettext(
            "Por causa das eleições, as notícias e os vídeos deste site estão fora do ar, "
            "como manda a lei."
        )
    return NoticeBar.of(f"eleicao{election.pk or ''}", Level.INFORMATION, text)
