"""Which section of the manual each help text of the admin's forms points to: one table.

The models and blocks write their help texts and know nothing of the manual. Here their classes are
named with the section that explains them. Fields of forms get it from ``ExplainedBoundField``,
panels from their templates, and blocks, which a script draws, from the adapters that describe
them to it.
"""

from collections.abc import Iterable, Iterator
from functools import cache

from django.apps import apps
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.models import Group, User
from django.forms import BoundField, Media
from django.forms.renderers import DjangoTemplates
from django.utils.functional import cached_property
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from wagtail.admin.forms.pages import CopyForm, MoveForm, ParentChooserForm
from wagtail.admin.telepath import register
from wagtail.blocks import Block, FieldBlock, ListBlock, StreamBlock, StructBlock
from wagtail.blocks.field_block import FieldBlockAdapter
from wagtail.blocks.list_block import ListBlockAdapter
from wagtail.blocks.stream_block import StreamBlockAdapter
from wagtail.blocks.struct_block import StructBlockAdapter
from wagtail.contrib.redirects.forms import ConfirmImportManagementForm, ImportForm
from wagtail.contrib.redirects.models import Redirect
from wagtail.contrib.simple_translation.forms import SubmitTranslationForm
from wagtail.contrib.typed_table_block.blocks import TypedTableBlock, TypedTableBlockAdapter
from wagtail.fields import StreamField
from wagtail.images.blocks import ImageBlock, ImageBlockAdapter
from wagtail.models import (
    BaseViewRestriction,
    Collection,
    Locale,
    Page,
    Site,
    Task,
    Workflow,
)
from wagtail.users.models import UserProfile

from contact.admin_views import PersonForm
from contact.models import ContactPage, DataOfficer, PrivacyPage
from goals.models import GoalIndexPage, GoalPage
from news.models import ArticlePage, NewsCategory, NewsIndexPage, PinnedArticle
from pages import blocks
from pages.models import (
    ElectionPeriod,
    HomePage,
    Menu,
    MenuItem,
    SiteDocument,
    SiteIdentity,
    SiteImage,
    SiteNotice,
    SitePage,
    VideoCaption,
    VideoFile,
    VideoIndexPage,
    VideoPage,
)
from pages.models.identity import SocialLinkBlock
from pages.models.institutional import InstitutionalPage, Legislation
from pages.publicity import PublicityMixin
from search.models import PromotedResult
from sign_in.forms import NewPasskeyForm

from .elections.views import JustificationForm
from .manual import SECTIONS, Section
from .models import PageReview


class Explained:
    """The section that explains a class, and those that explain single fields of it, by slug."""

    def __init__(self, section: str = "", **fields: str):
        self.section = section
        self.fields = fields


#: By models, forms and blocks. What is not here is explained as the classes it inherits from are,
#: and a block without an entry as the block that holds it.
EXPLAINED: dict[type, Explained] = {
    # Pages
    Page: Explained("paginas", go_live_at="agendar", expire_at="agendar"),
    SitePage: Explained(
        body="texto",
        slug="enderecos",
        seo_title="paginas",
        search_description="paginas",
        social_image="paginas",
    ),
    HomePage: Explained("inicial"),
    InstitutionalPage: Explained("institucional"),
    Legislation: Explained("institucional"),
    GoalIndexPage: Explained("metas"),
    GoalPage: Explained("metas"),
    NewsIndexPage: Explained("listas"),
    PinnedArticle: Explained("listas"),
    ArticlePage: Explained("noticia", corrections="agendar"),
    VideoIndexPage: Explained("videos"),
    VideoPage: Explained("videos"),
    ContactPage: Explained("mensagens"),
    PrivacyPage: Explained("mensagens"),
    PublicityMixin: Explained(is_publicity="eleitoral"),
    PageReview: Explained("painel"),
    BaseViewRestriction: Explained("paginas"),
    CopyForm: Explained("paginas", new_slug="enderecos"),
    MoveForm: Explained("paginas"),
    ParentChooserForm: Explained("paginas"),
    # What pages are made of
    blocks.BodyBlock: Explained("texto"),
    blocks.PictureBlock: Explained("imagens"),
    blocks.LibraryImageBlock: Explained("imagens"),
    SocialLinkBlock: Explained("menus"),
    # The library
    SiteImage: Explained("imagens", collection="biblioteca", tags="biblioteca"),
    SiteDocument: Explained("biblioteca"),
    VideoFile: Explained("videos"),
    VideoCaption: Explained("videos"),
    Collection: Explained("biblioteca"),
    # The site
    Menu: Explained("menus"),
    MenuItem: Explained("menus"),
    SiteIdentity: Explained("menus"),
    SiteNotice: Explained("avisos"),
    ElectionPeriod: Explained("eleitoral"),
    JustificationForm: Explained("eleitoral"),
    NewsCategory: Explained("listas"),
    PromotedResult: Explained("busca"),
    Redirect: Explained("enderecos"),
    ImportForm: Explained("enderecos"),
    ConfirmImportManagementForm: Explained("enderecos"),
    Locale: Explained("linguas"),
    SubmitTranslationForm: Explained("linguas"),
    Site: Explained("enderecos"),
    # People
    PersonForm: Explained("mensagens"),
    DataOfficer: Explained("mensagens"),
    NewPasskeyForm: Explained("entrar"),
    User: Explained("pessoas"),
    Group: Explained("pessoas"),
    UserProfile: Explained(
        "entrar",
        submitted_notifications="revisao",
        approved_notifications="revisao",
        rejected_notifications="revisao",
        updated_comments_notifications="revisao",
    ),
    SetPasswordForm: Explained("entrar"),
    Workflow: Explained("revisao"),
    Task: Explained("revisao"),
}

_BY_SLUG = {section.slug: section for section in SECTIONS}


def section_of(classes: Iterable[type], *fields: str) -> Section | None:
    """The section that explains the first of ``fields`` named for a class; else the first class's.

    None where the table has nothing for any of ``classes``.
    """
    found = [EXPLAINED[each] for each in classes if each in EXPLAINED]
    named = (each.fields[field] for field in fields for each in found if field in each.fields)
    of_class = (each.section for each in found if each.section)
    slug = next(named, None) or next(of_class, None)
    return _BY_SLUG[slug] if slug else None


# Fields of forms ---------------------------------------------------------------------------


class HelpText(SafeString):
    """A help text that knows the section of the manual that says more."""

    section: Section | None = None

    @classmethod
    def of(cls, text, section: Section | None) -> "HelpText":
        explained = cls(conditional_escape(text))
        explained.section = section
        return explained


class ExplainedBoundField(BoundField):
    """A field of a form whose help text knows its section."""

    def __init__(self, form, field, name):
        super().__init__(form, field, name)
        model = getattr(getattr(form, "_meta", None), "model", None)
        self.section = section_of((*type(form).__mro__, *(model.__mro__ if model else ())), name)
        if self.help_text and self.section:
            self.help_text = HelpText.of(self.help_text, self.section)


class FormRenderer(DjangoTemplates):
    """Draws forms as Django does, with fields that know where the manual speaks of them."""

    bound_field_class = ExplainedBoundField


# Panels ------------------------------------------------------------------------------------


def _fields_of(panel) -> Iterator[str]:
    """The names of the fields that a panel shows."""
    if name := getattr(panel, "relation_name", "") or getattr(panel, "field_name", ""):
        yield name
    for child in getattr(panel, "children", ()):
        yield from _fields_of(child)


def section_of_panel(bound_panel) -> Section | None:
    """The section for a group of fields: that of the first named in the table, or the model's."""
    panel = bound_panel.panel
    return section_of(panel.model.__mro__, *_fields_of(panel))


# Blocks ------------------------------------------------------------------------------------


def _children_of(block: Block) -> Iterable[Block]:
    if hasattr(block, "child_block"):
        return [block.child_block]
    return getattr(block, "child_blocks", {}).values()


def _sections_within(block: Block, outer: Section | None) -> Iterator[tuple[str, Section | None]]:
    section = section_of(type(block).__mro__) or outer
    yield block.definition_prefix, section
    for child in _children_of(block):
        yield from _sections_within(child, section)


@cache
def _sections_of_blocks() -> dict[str, Section | None]:
    """The sections of the blocks of all models, by what Wagtail calls each definition."""
    return {
        name: section
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, StreamField)
        for name, section in _sections_within(field.stream_block, None)
    }


class ExplainedBlockMixin:
    """An adapter that tells the script which draws a block where the manual speaks of it."""

    def js_args(self, block: Block) -> list:
        *arguments, meta = super().js_args(block)
        section = _sections_of_blocks().get(block.definition_prefix)
        if section and meta.get("helpText"):
            meta["helpText"] = with_link(meta["helpText"], section)
        # A table of cells has a title, which is no block.
        strings = meta.get("strings", {})
        if section and "CAPTION_HELP_TEXT" in strings:
            strings["CAPTION_HELP_TEXT"] = with_link(strings["CAPTION_HELP_TEXT"], section)
        return [*arguments, meta]


def with_link(text, section: Section) -> str:
    """A help text as HTML, with the way to the manual. A plain string: it is sent as JSON."""
    return str.__str__(format_html("{} {}", text, section.link))


class ExplainedFieldBlockAdapter(ExplainedBlockMixin, FieldBlockAdapter):
    """Drawn by a script of ours, which takes the link out of the field's description."""

    js_constructor = "desk.blocks.FieldBlock"

    @cached_property
    def media(self):
        return super().media + Media(js=["js/manual.js"])


register(ExplainedFieldBlockAdapter(), FieldBlock)
for adapter, block_class in (
    (StructBlockAdapter, StructBlock),
    (StreamBlockAdapter, StreamBlock),
    (ListBlockAdapter, ListBlock),
    (ImageBlockAdapter, ImageBlock),
    (TypedTableBlockAdapter, TypedTableBlock),
):
    register(type(adapter.__name__, (ExplainedBlockMixin, adapter), {})(), block_class)
