"""What is published as open data: news, goals, videos, each found at a constant cost."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import DateField, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from goals.models import GoalPage
from news.models import ArticlePage, NewsCategory, NewsIndexPage
from news.models.news_index import NewsFilter
from pages.models import VideoPage
from pages.publicity import PublicityMixin

from . import parameters
from .fields import GOAL_FIELDS, NEWS_FIELDS, VIDEO_FIELDS, Field
from .parameters import Parameter, ParameterError

# Places in a list -----------------------------------------------------------------------------


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError
    return moment.astimezone(UTC)


def _tree_path(text: str) -> str:
    if not re.fullmatch("[0-9A-Z]{1,255}", text):
        raise ValueError
    return text


@dataclass(frozen=True)
class Order:
    """How things follow one another: by a field and, where that is the same, by their ids.

    A list is continued after a thing, not after a number of things: that costs the same anywhere.
    """

    key: str
    is_descending: bool
    read: Callable[[str], Any]

    def sorted(self, things: QuerySet) -> QuerySet:
        sign = "-" if self.is_descending else ""
        return things.order_by(f"{sign}{self.key}", f"{sign}pk")

    def cursor(self, thing) -> str:
        """The place of ``thing``, as an address carries it."""
        key = getattr(thing, self.key)
        text = key if isinstance(key, str) else key.isoformat()
        return urlsafe_b64encode(f"{text}|{thing.pk}".encode()).decode().rstrip("=")

    def after(self, things: QuerySet, cursor: str | None) -> QuerySet:
        """Those of ``things`` that follow the place ``cursor``."""
        if cursor is None:
            return self.sorted(things)
        try:
            padded = cursor + "=" * (-len(cursor) % 4)
            text, _bar, pk_text = urlsafe_b64decode(padded.encode("ascii")).decode().rpartition("|")
            key = self.read(text)
            if not re.fullmatch("[0-9]{1,18}", pk_text):
                raise ValueError
        except (ValueError, OverflowError) as error:
            raise ParameterError(
                gettext("O parâmetro “depois” não é deste site. Siga o endereço em “proxima”.")
            ) from error
        beyond = "lt" if self.is_descending else "gt"
        # The first condition is implied by the second: it is the one that an index answers.
        return self.sorted(
            things.filter(
                Q(**{f"{self.key}__{beyond}": key}) | Q(**{f"pk__{beyond}": int(pk_text)}),
                **{f"{self.key}__{beyond}e": key},
            )
        )


# Resources ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Selection:
    """What was asked for: how many things, and they, in no order yet."""

    total: int
    things: QuerySet


@dataclass(frozen=True)
class Resource:
    #: The end of its address.
    name: str
    #: Of one thing, as programs call it.
    schema_name: str
    title: Any
    description: Any
    fields: tuple[Field, ...]
    filters: tuple[Parameter, ...]
    order: Order
    #: Finds what was asked for, by the values of the filters and the language.
    select: Callable[[dict[str, Any]], Selection]
    #: The published things of a language, with all that is said of them.
    published: Callable[[str], QuerySet]

    @property
    def model(self) -> type[Page]:
        return self.published("").model

    @property
    def is_withheld_at_elections(self) -> bool:
        """Whether its things may be institutional publicity."""
        return issubclass(self.model, PublicityMixin)

    def has_open(self, language: str, key) -> bool:
        """Whether a thing is there for all, be it that an election withholds it now."""
        things = self.model.objects.open_to_all()
        return things.in_language(language).filter(translation_key=key).exists()

    @property
    def list_parameters(self) -> tuple[Parameter, ...]:
        return (*self.filters, parameters.LANGUAGE, parameters.LIMIT, parameters.AFTER)

    @property
    def rows(self) -> list[tuple[str, Field]]:
        return [row for field in self.fields for row in field.rows]


def _find(things: QuerySet, slug: str | None, message: str):
    """The thing of ``things``, a handful, with the address ``slug``."""
    if slug is None:
        return None
    found = next((thing for thing in things if thing.slug == slug), None)
    if found is None:
        raise ParameterError(message)
    return found


def select_news(asked: dict[str, Any]) -> Selection:
    language = asked["lingua"]
    if asked["mes"] and not asked["ano"]:
        raise ParameterError(gettext("O parâmetro “mes” pede o “ano”."))
    categories = NewsCategory.objects.filter(locale__language_code=language)
    goals = GoalPage.objects.published().in_language(language).for_cards()
    chosen = NewsFilter(
        year=asked["ano"],
        month=asked["mes"],
        category=_find(categories, asked["assunto"], gettext("Não há assunto com esse endereço.")),
        goal=_find(goals, asked["meta"], gettext("Não há meta com esse endereço.")),
    )
    index = NewsIndexPage.objects.published().in_language(language).first()
    listing = index.listing(chosen).whole() if index else None
    if not listing:
        return Selection(0, ArticlePage.objects.none())
    newest, oldest = listing.months[0].first_day, listing.months[-1].first_day
    return Selection(len(listing), listing.articles.between_months(oldest, newest))


def published_news(language: str) -> QuerySet:
    return ArticlePage.objects.published().in_language(language).whole()


def published_goals(language: str) -> QuerySet:
    return GoalPage.objects.published().in_language(language).select_related("locale")


def published_videos(language: str) -> QuerySet:
    videos = VideoPage.objects.published().in_language(language).for_player()
    undated = Value(date.min, output_field=DateField())
    return videos.annotate(day=Coalesce("date", undated))


def _select_all(published: Callable[[str], QuerySet]) -> Callable[[dict[str, Any]], Selection]:
    def select(asked: dict[str, Any]) -> Selection:
        things = published(asked["lingua"])
        return Selection(things.count(), things)

    return select


NEWS = Resource(
    "noticias",
    "Noticia",
    _("Notícias"),
    _("As notícias publicadas, da mais nova à mais antiga, com o texto inteiro."),
    NEWS_FIELDS,
    (parameters.YEAR, parameters.MONTH, parameters.CATEGORY, parameters.GOAL),
    Order("date", True, _moment),
    select_news,
    published_news,
)
GOALS = Resource(
    "metas",
    "Meta",
    _("Metas"),
    _("As metas da Assessoria, na ordem em que ela as pôs."),
    GOAL_FIELDS,
    (),
    Order("path", False, _tree_path),
    _select_all(published_goals),
    published_goals,
)
VIDEOS = Resource(
    "videos",
    "Video",
    _("Vídeos"),
    _("Os vídeos, do mais novo ao mais antigo, com transcrição e legendas quando há."),
    VIDEO_FIELDS,
    (),
    Order("day", True, date.fromisoformat),
    _select_all(published_videos),
    published_videos,
)
RESOURCES = {resource.name: resource for resource in (NEWS, GOALS, VIDEOS)}
CSV_PARAMETERS = (*NEWS.filters, parameters.LANGUAGE, parameters.SEPARATOR)
