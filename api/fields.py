"""What the open data say of each thing: one table, from which answers, their description for
machines (OpenAPI) and their description for people are all made.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urljoin

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from goals.models import GoalPage
from news.models import ArticlePage
from pages.languages import html_language
from pages.markup import plain_text
from pages.models import SiteIdentity
from pages.standalone import StandaloneTexts

#: JSON Schema of each kind of value, and its name for people.
KINDS: dict[str, tuple[dict, Any]] = {
    "text": ({"type": "string"}, _("texto")),
    "html": ({"type": "string", "contentMediaType": "text/html"}, _("HTML")),
    "id": ({"type": "string", "format": "uuid"}, _("identificador (UUID)")),
    "address": ({"type": "string", "format": "uri"}, _("endereço completo")),
    "moment": ({"type": "string", "format": "date-time"}, _("data e hora, com fuso (ISO 8601)")),
    "day": ({"type": "string", "format": "date"}, _("data (ISO 8601)")),
    "number": ({"type": "integer", "minimum": 0}, _("número inteiro")),
    "language": ({"type": "string", "enum": ["pt-BR", "en", "es"]}, _("língua (BCP 47)")),
}


class Answer:
    """Things of one language with all that is said of them, found together."""

    def __init__(self, items: Sequence[Page], language_code: str):
        self.items = items
        self.language_code = language_code
        self.language = html_language(language_code)
        self._html: dict[int, str] = {}

    @cached_property
    def texts(self) -> StandaloneTexts:
        identity = SiteIdentity.objects.for_language(self.language_code).first()
        texts = StandaloneTexts(self.items, self.language_code, identity)
        for item in self.items:
            texts.references.want_translations(item)
        texts.prepare_pictures()
        return texts

    def html(self, item: Page) -> str:
        if item.pk not in self._html:
            self._html[item.pk] = self.texts.body_html(item)
        return self._html[item.pk]

    def translations(self, item: Page) -> list[dict]:
        """Where else ``item`` is published."""
        return [
            {"lingua": html_language(page.locale.language_code), "url": page.full_url}
            for page in self.texts.references.translations(item)
            if page.locale.language_code != self.language_code
        ]

    @cached_property
    def goals(self) -> dict[int, list[dict]]:
        """The goals that each article serves, in their order."""
        served = (
            GoalPage.objects.published()
            .in_language(self.language_code)
            .filter(articles__in=[item.pk for item in self.items])
        )
        found = defaultdict(list)
        for goal in served.annotate(article_id=F("articles")).in_order().for_cards():
            goal_id = str(goal.translation_key)
            found[goal.article_id].append(
                {"id": goal_id, "titulo": goal.title, "url": goal.full_url}
            )
        return found


@dataclass(frozen=True)
class Field:
    name: str
    kind: str
    description: Any
    value: Callable[[Any, Answer], Any] | None = None
    #: May be null: the thing may have none.
    is_nullable: bool = False
    #: Fields of the object, or of each object of the list.
    parts: tuple["Field", ...] = ()
    is_list: bool = False
    #: How the value is written in a cell; without it, the field is not in spreadsheets.
    cell: Callable[[Any], str] | None = None

    @property
    def kind_name(self):
        if self.parts:
            return _("lista de objetos") if self.is_list else _("objeto")
        return KINDS[self.kind][1]

    @property
    def schema(self) -> dict:
        if self.parts:
            schema = object_schema(self.parts)
            if self.is_list:
                schema = {"type": "array", "items": schema}
        else:
            schema = dict(KINDS[self.kind][0])
        if self.is_nullable:
            schema["type"] = [schema["type"], "null"]
        return {**schema, "description": str(self.description)}

    @property
    def rows(self) -> list[tuple[str, "Field"]]:
        """The field and its parts, each with its whole name, as a table lists them."""
        mark = "[]" if self.is_list else ""
        return [
            (self.name, self),
            *((f"{self.name}{mark}.{part.name}", part) for part in self.parts),
        ]


def object_schema(fields: Sequence[Field]) -> dict:
    return {
        "type": "object",
        "properties": {field.name: field.schema for field in fields},
        "required": [field.name for field in fields],
        "additionalProperties": False,
    }


def described(item: Page, fields: Sequence[Field], answer: Answer) -> dict:
    return {field.name: field.value(item, answer) for field in fields if field.value}


# Values ---------------------------------------------------------------------------------------


def iso_moment(moment: datetime | None) -> str | None:
    return timezone.localtime(moment).isoformat(timespec="seconds") if moment else None


def _image(item: Page, image) -> dict | None:
    """The picture as it was sent, for whoever reuses it to cut as they need."""
    if not image:
        return None
    return {
        "url": urljoin(item.full_url, image.file.url),
        "descricao": image.default_alt_text,
        "credito": image.credit,
        "largura": image.width,
        "altura": image.height,
    }


def _category(article: ArticlePage, answer: Answer) -> dict | None:
    category = article.category
    return {"nome": category.name, "slug": category.slug} if category else None


def _text(item: Page, answer: Answer) -> str:
    return plain_text(answer.html(item))


def _file(video, answer: Answer) -> dict | None:
    player = video.player
    if not player or player.kind != "file":
        return None
    source = player.sources[0]
    return {"url": urljoin(video.full_url, source.url), "tipo": source.type}


def _captions(video, answer: Answer) -> list[dict]:
    player = video.player
    if not player or player.kind != "file":
        return []
    return [
        {"lingua": track.language, "url": urljoin(video.full_url, track.url)}
        for track in player.captions
    ]


def _watch_url(video, answer: Answer) -> str | None:
    player = video.player
    return player.watch_url if player and player.kind == "external" else None


# The table ------------------------------------------------------------------------------------

ID = Field(
    "id",
    "id",
    _("Não muda nunca, e é o mesmo em todas as línguas."),
    lambda item, answer: str(item.translation_key),
    cell=str,
)
TITLE = Field("titulo", "text", _("O título."), lambda item, answer: item.title, cell=str)
ADDRESS = Field(
    "url",
    "address",
    _("A página no site. Pode mudar; o endereço antigo costuma levar ao novo."),
    lambda item, answer: item.full_url,
    cell=str,
)
SUMMARY = Field(
    "resumo",
    "text",
    _("Uma ou duas frases; pode estar vazio."),
    lambda item, answer: item.summary,
    cell=str,
)
TEXT = Field("texto", "text", _("O texto inteiro, sem marcação, um parágrafo por linha."), _text)
HTML = Field(
    "html",
    "html",
    _("O mesmo texto em HTML, com endereços completos e sem scripts."),
    lambda item, answer: answer.html(item),
)
CHANGED = Field(
    "atualizado_em",
    "moment",
    _("Quando foi publicado ou alterado pela última vez."),
    lambda item, answer: iso_moment(item.last_published_at),
    is_nullable=True,
    cell=lambda value: value or "",
)
LANGUAGE = Field(
    "lingua", "language", _("A língua do texto."), lambda item, answer: answer.language, cell=str
)
TRANSLATIONS = Field(
    "traducoes",
    "",
    _("As outras línguas em que está publicado."),
    lambda item, answer: answer.translations(item),
    parts=(
        Field("lingua", "language", _("A língua da tradução.")),
        Field("url", "address", _("A página da tradução no site.")),
    ),
    is_list=True,
)


def _image_field(name: str) -> Field:
    return Field(
        "imagem",
        "",
        _("A imagem principal; nulo quando não há."),
        lambda item, answer: _image(item, getattr(item, name)),
        is_nullable=True,
        parts=(
            Field("url", "address", _("O arquivo original.")),
            Field("descricao", "text", _("O que a imagem mostra; vazio se ela é decorativa.")),
            Field("credito", "text", _("Quem a fez; pode estar vazio.")),
            Field("largura", "number", _("Em pontos.")),
            Field("altura", "number", _("Em pontos.")),
        ),
    )


NEWS_FIELDS = (
    ID,
    TITLE,
    ADDRESS,
    SUMMARY,
    TEXT,
    HTML,
    Field(
        "publicado_em",
        "moment",
        _("A data da notícia, que põe a lista em ordem."),
        lambda article, answer: iso_moment(article.date),
        cell=str,
    ),
    CHANGED,
    Field(
        "assunto",
        "",
        _("O assunto; nulo quando não há."),
        _category,
        is_nullable=True,
        parts=(
            Field("nome", "text", _("Como aparece no site.")),
            Field("slug", "text", _("Como se pede no filtro.")),
        ),
        cell=lambda value: value["nome"] if value else "",
    ),
    Field(
        "metas",
        "",
        _("As metas da Assessoria a que a notícia serve."),
        lambda article, answer: answer.goals.get(article.pk, []),
        parts=(
            Field("id", "id", _("O id da meta.")),
            Field("titulo", "text", _("O título da meta.")),
            Field("url", "address", _("A página da meta no site.")),
        ),
        is_list=True,
        cell=lambda value: "; ".join(goal["titulo"] for goal in value),
    ),
    _image_field("cover"),
    Field(
        "creditos",
        "text",
        _("Quem escreveu ou de onde vem o texto; pode estar vazio."),
        lambda article, answer: article.credits,
    ),
    Field(
        "correcoes",
        "html",
        _("O que foi corrigido depois da publicação; pode estar vazio."),
        lambda article, answer: answer.texts.rich_text_html(article, "corrections"),
    ),
    LANGUAGE,
    TRANSLATIONS,
)

GOAL_FIELDS = (
    ID,
    TITLE,
    ADDRESS,
    Field(
        "enunciado",
        "text",
        _("A meta como a Assessoria a escreveu, palavra por palavra."),
        lambda goal, answer: goal.statement,
    ),
    SUMMARY,
    TEXT,
    HTML,
    CHANGED,
    LANGUAGE,
    TRANSLATIONS,
)

VIDEO_FIELDS = (
    ID,
    TITLE,
    ADDRESS,
    SUMMARY,
    TEXT,
    HTML,
    Field(
        "data",
        "day",
        _("Dia em que o vídeo foi publicado ou gravado."),
        lambda video, answer: video.date.isoformat() if video.date else None,
        is_nullable=True,
    ),
    CHANGED,
    Field(
        "duracao",
        "number",
        _("Em segundos; nulo quando não se sabe."),
        lambda video, answer: video.duration,
        is_nullable=True,
    ),
    Field(
        "arquivo",
        "",
        _("O vídeo guardado neste site; nulo se está noutro serviço."),
        _file,
        is_nullable=True,
        parts=(
            Field("url", "address", _("O arquivo.")),
            Field("tipo", "text", _("O tipo do arquivo, como video/mp4.")),
        ),
    ),
    Field(
        "legendas",
        "",
        _("Arquivos de legendas (WebVTT)."),
        _captions,
        parts=(
            Field("lingua", "language", _("A língua das legendas.")),
            Field("url", "address", _("O arquivo.")),
        ),
        is_list=True,
    ),
    Field(
        "endereco_externo",
        "address",
        _("Onde se assiste ao vídeo noutro serviço; nulo se está guardado aqui."),
        _watch_url,
        is_nullable=True,
    ),
    Field(
        "transcricao",
        "html",
        _("O que se fala e se vê, por escrito; pode estar vazio."),
        lambda video, answer: answer.texts.rich_text_html(video, "transcript"),
    ),
    _image_field("poster"),
    LANGUAGE,
    TRANSLATIONS,
)
