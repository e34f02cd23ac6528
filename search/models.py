from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, PageChooserPanel
from wagtail.models import TranslatableMixin

from pages.targets import require_one_target
from pages.visibility import published_q

from . import words


class SearchEntry(models.Model):
    """What a page says, as the search shows it. One for each page open to all.

    How its words are found is kept beside it, in the table ``search_index`` that each database
    has of its own kind: ``search/postgresql.py`` and ``search/sqlite.py``.
    """

    page = models.OneToOneField(
        "wagtailcore.Page",
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="+",
        editable=False,
    )
    language = models.CharField(max_length=12, editable=False)
    #: Label of the page's model, for example ``"pages.videopage"``.
    kind = models.CharField(max_length=100, editable=False)
    #: The date of the page, by which newer ones come first.
    moment = models.DateTimeField(editable=False)
    #: Year of ``moment`` where the office is.
    year = models.SmallIntegerField(editable=False)
    title = models.TextField(editable=False)
    summary = models.TextField(editable=False)
    text = models.TextField(editable=False)
    #: Words of ``SitePage.search_marks``, joined by spaces.
    marks = models.TextField(default="", editable=False)

    class Meta:
        verbose_name = _("página na busca")
        verbose_name_plural = _("páginas na busca")
        indexes = [
            models.Index(fields=["language", "year"], name="search_entry_year"),
            models.Index(fields=["language", "kind"], name="search_entry_kind"),
        ]

    def __str__(self):
        return self.title


class Word(models.Model):
    """A word of the pages' texts: the vocabulary that mistakes of typing are corrected by."""

    language = models.CharField(max_length=12, editable=False)
    #: The word without case and accents. The empty word stands for the pages themselves.
    folded = models.CharField(max_length=40, editable=False)
    #: The word as the texts write it.
    written = models.CharField(max_length=80, editable=False)
    stem = models.CharField(max_length=40, editable=False)
    #: How many pages have it, and how many in their title.
    pages = models.IntegerField(default=0, editable=False)
    titles = models.IntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("palavra")
        verbose_name_plural = _("palavras")
        constraints = [
            models.UniqueConstraint(fields=["language", "folded"], name="one_word_per_language")
        ]
        indexes = [models.Index(fields=["language", "stem"], name="search_word_stem")]

    def __str__(self):
        return self.written


class Misspelling(models.Model):
    """A way in which a word may be mistyped: see ``search.words.misspellings``."""

    word = models.ForeignKey(
        Word, on_delete=models.CASCADE, related_name="misspellings", editable=False
    )
    form = models.CharField(max_length=40, editable=False)

    class Meta:
        indexes = [models.Index(fields=["form"], name="search_misspelling_form")]
        verbose_name = _("erro de digitação")
        verbose_name_plural = _("erros de digitação")

    def __str__(self):
        return self.form


class PromotedResultQuerySet(models.QuerySet):
    def shown_in(self, language_code: str):
        """Those of a language in their order, without those whose page is not public."""
        return (
            self.filter(locale__language_code=language_code)
            .filter(Q(page__isnull=True) | published_q("page__"))
            .select_related("page")
        )


class PromotedResult(TranslatableMixin, models.Model):
    """What an editor wants shown first to those who search for certain words."""

    words = models.TextField(
        _("palavras"),
        max_length=500,
        help_text=_(
            "O que as pessoas escrevem na busca, uma expressão em cada linha. Maiúsculas, acentos "
            "e plurais não importam. O destaque aparece quando a busca tem todas as palavras de "
            "uma das linhas."
        ),
    )
    page = models.ForeignKey(
        "wagtailcore.Page",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("página do site"),
    )
    url = models.URLField(
        _("outro endereço"),
        max_length=500,
        blank=True,
        help_text=_("Endereço completo, fora das páginas do site. Exemplo: https://www.gov.br/."),
    )
    title = models.CharField(
        _("título"),
        max_length=160,
        blank=True,
        help_text=_("O texto do link. Se ficar vazio, usa-se o título da página."),
    )
    description = models.TextField(
        _("descrição"),
        max_length=300,
        blank=True,
        help_text=_("Uma frase que diz o que se encontra lá. Aparece abaixo do título."),
    )
    sort_order = models.PositiveSmallIntegerField(
        _("ordem"), default=0, help_text=_("Se houver vários, da menor para a maior.")
    )

    objects = PromotedResultQuerySet.as_manager()

    panels = [
        FieldPanel("words"),
        MultiFieldPanel(
            [PageChooserPanel("page"), FieldPanel("url")],
            heading=_("Para onde leva"),
            help_text=_("Escolha uma página do site ou escreva um endereço, não os dois."),
        ),
        FieldPanel("title"),
        FieldPanel("description"),
        FieldPanel("sort_order"),
    ]

    class Meta(TranslatableMixin.Meta):
        verbose_name = _("destaque da busca")
        verbose_name_plural = _("destaques da busca")
        ordering = ["sort_order", "pk"]

    def __str__(self):
        return self.title or (self.page.title if self.page else self.url)

    def clean(self):
        super().clean()
        require_one_target(self.page_id, self.url)
        if self.url and not self.url.startswith(("https://", "http://")):
            raise ValidationError({"url": _("Comece o endereço por https://.")})
        if self.url and not self.title:
            raise ValidationError({"title": _("Diga o texto do link.")})

    def wanted(self, language: str) -> list[list[list[set[str]]]]:
        """The stems that bring this result: of each line, of each word, of each way to write it."""
        return [
            [
                [{words.stem(word, language) for word in choice} for choice in term.choices]
                for term in words.terms_of(line, language)
            ]
            for line in self.words.splitlines()
        ]
