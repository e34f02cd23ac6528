"""What the site's frame and every template may ask for."""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urljoin

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_language_info
from wagtail.models import Page

from pages import in_force
from pages.blocks import prepare
from pages.dates import long_date
from pages.drawing import Drawing
from pages.kept import kept
from pages.languages import html_language
from pages.models import Menu, MenuItem, SiteIdentity
from pages.models.election import last_day, usual_notice
from pages.models.menus import MenuLink
from pages.models.notice import NoticeBar, election_bar
from pages.models.notice import notice_bars as bars_in_force
from pages.picture import FULL_SPEC, PRESETS, SHARING_SPEC, STANDALONE_SPEC
from pages.references import References
from pages.structured_data import breadcrumb_list, organization, script, website
from pages.vlibras import VLibras, speaks

register = template.Library()


@dataclass(frozen=True)
class Link:
    title: str
    url: str | None


@dataclass(frozen=True)
class LanguageLink:
    #: As in the ``lang`` attribute (BCP 47), for example ``pt-BR``.
    code: str
    name: str
    url: str
    is_current: bool


def remember(context, key: str, make: Callable[[], Any]):
    """The value of ``make()``, asked for once in each request."""
    request = context.get("request")
    if request is None:
        return make()
    if not hasattr(request, "remembered"):
        request.remembered = {}
    if key not in request.remembered:
        request.remembered[key] = make()
    return request.remembered[key]


def current_page(context) -> Page | None:
    page = context.get("page")
    return page if isinstance(page, Page) else None


def active_language(context) -> str:
    page = current_page(context)
    return getattr(page, "language_code", None) or get_language()


@register.simple_tag(takes_context=True)
def document_language(context) -> str:
    """The value of the document's ``lang`` attribute (WCAG 2.2, 3.1.1)."""
    return html_language(active_language(context))


@register.simple_tag(takes_context=True)
def language_of(context, thing) -> str:
    """A ``lang`` attribute for words of another language than the document's.

    ``thing``, which may be None, has a ``language_code`` (WCAG 2.2, 3.1.2 Language of Parts).
    """
    if thing is None or thing.language_code == active_language(context):
        return ""
    return format_html(' lang="{}"', html_language(thing.language_code))


@register.simple_tag(takes_context=True)
def home_url(context) -> str:
    """Address of the home in the language of the page: the root and its prefix."""
    language = active_language(context)
    return "/" if language == settings.LANGUAGE_CODE else f"/{language}/"


# The frame ------------------------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def site_identity(context) -> SiteIdentity | None:
    language = active_language(context)
    return remember(
        context,
        f"identity_{language}",
        lambda: kept(
            ("identity", language), lambda: SiteIdentity.objects.for_language(language).first()
        ),
    )


@register.simple_tag(takes_context=True)
def vlibras(context) -> VLibras:
    """The translator into Libras, as this page offers it or has it."""
    request = context.get("request")
    identity = site_identity(context)
    is_offered = bool(
        request and identity and identity.offers_vlibras and speaks(active_language(context))
    )
    translator = VLibras(request, is_offered)
    if translator.is_on:
        request.has_vlibras = True
    return translator


@register.simple_tag(takes_context=True)
def fetches_beforehand(context) -> bool:
    """Whether pages may be fetched before a link to them is followed (``static/js/prefetch.js``).

    Who has a session may be an editor, and sees drafts.
    """
    request = context.get("request")
    return request is not None and settings.SESSION_COOKIE_NAME not in request.COOKIES


def _menu_items(context) -> list[MenuItem]:
    language = active_language(context)
    return remember(
        context,
        f"menus_{language}",
        lambda: kept(("menus", language), lambda: list(MenuItem.objects.shown_in(language))),
    )


def page_in_menus(context, model: type[Page]) -> Page | None:
    """A public page of the type ``model`` that some menu leads to: it is loaded already.

    Only the fields that every page has are at hand; the others would cost a query each. It is
    the caller's own: the menus' one is shared.
    """
    return next(
        (
            copy(item.page).specific_deferred
            for item in _menu_items(context)
            if item.page and item.page.specific_class is model
        ),
        None,
    )


@register.simple_tag(takes_context=True)
def menu(context, location: str) -> list[MenuLink]:
    """The links of the menu at ``location``: ``"main"`` or ``"utility"``."""
    request, page = context.get("request"), current_page(context)
    return [
        item.link(request, page) for item in _menu_items(context) if item.menu.location == location
    ]


@register.simple_tag(takes_context=True)
def notice_bars(context) -> list[NoticeBar]:
    """The notices above the page; in the preview of one, that one."""
    if "notice_bars" in context:
        return context["notice_bars"]
    now = in_force.current()
    bars = bars_in_force(now, active_language(context), context.get("request"))
    if now.election:
        bars.append(election_bar(now.election, _last_day(now.election)))
    return bars


@register.simple_tag
def election_rehearsal() -> bool:
    """Whether an editor is being shown the site as in an election period."""
    return in_force.is_rehearsal()


@dataclass(frozen=True)
class ElectionNotice:
    text: str
    #: In words; empty when it is not known.
    last_day: str


@register.simple_tag(takes_context=True)
def election_notice(context) -> ElectionNotice | None:
    """Why news and videos are not there, while an election withholds them."""
    election = in_force.current_election()
    if election is None:
        return None
    is_main = active_language(context) == settings.LANGUAGE_CODE
    return ElectionNotice((is_main and election.notice) or usual_notice(), _last_day(election))


def _last_day(election) -> str:
    return long_date(last_day(election.end)) if election.end else ""


@dataclass(frozen=True)
class FooterColumn:
    title: str
    links: tuple[MenuLink, ...]


@register.simple_tag(takes_context=True)
def footer(context) -> SafeString:
    """The footer of every page: the same on all but those that it leads to."""
    columns, language = _footer_columns(context), active_language(context)
    identity = site_identity(context)
    shown = {"columns": columns, "identity": identity, "page": current_page(context)}
    return kept(
        ("footer", language, get_language(), columns),
        lambda: render_to_string("components/footer.html", shown),
    )


def _footer_columns(context) -> tuple[FooterColumn, ...]:
    request, page = context.get("request"), current_page(context)
    links: dict[Menu, list[MenuLink]] = {}
    for item in _menu_items(context):
        if item.menu.location == item.menu.Location.FOOTER:
            links.setdefault(item.menu, []).append(item.link(request, page))
    return tuple(FooterColumn(menu.title, tuple(shown)) for menu, shown in links.items())


@register.simple_tag(takes_context=True)
def breadcrumbs(context, page) -> list[Link]:
    """The way from the home to ``page``, itself last and without address."""
    trail = [step for step in getattr(page, "trail", []) if step.live or step.pk == page.pk]
    if len(trail) < 2:
        return []
    request = context.get("request")
    address = page.get_url(request) or ""
    links = [
        *(Link(step.title, step.get_url(request)) for step in trail[:-1]),
        *(Link(title, address + path) for title, path in [(page.title, ""), *page.part_trail]),
    ]
    return [*links[:-1], Link(links[-1].title, None)]


@register.simple_tag(takes_context=True)
def language_links(context, page=None) -> list[LanguageLink]:
    """The languages in which ``page`` is published; empty when there is only one."""
    if not isinstance(page, Page) or not page.pk:
        return []
    translations = page.published_translations
    if len(translations) < 2:
        return []
    request = context.get("request")
    return [
        LanguageLink(
            html_language(translation.locale.language_code),
            get_language_info(translation.locale.language_code)["name_local"].capitalize(),
            translation.get_url(request),
            translation.pk == page.pk,
        )
        for translation in translations
    ]


# Metadata -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SharingImage:
    url: str
    width: int
    height: int
    alt: str


@dataclass(frozen=True)
class Alternate:
    code: str
    url: str


@dataclass(frozen=True)
class PageMetadata:
    title: str
    description: str
    canonical: str
    image: SharingImage
    type: str
    alternates: list[Alternate]
    #: As OpenGraph writes it: ``pt_BR``.
    locale: str
    published: Any
    modified: Any
    is_noindex: bool


def _sharing_image(page, canonical: str) -> SharingImage:
    image = page.sharing_image
    if image and (rendition := image.version(SHARING_SPEC)):
        return SharingImage(
            urljoin(canonical, rendition.url),
            rendition.width,
            rendition.height,
            image.default_alt_text,
        )
    return SharingImage(urljoin(canonical, static("img/social.png")), 1200, 630, "")


def _canonical(page, request) -> str:
    address = (page.full_url or "") + page.part_path
    query = getattr(request, "GET", {})
    kept = {name: query[name] for name in page.canonical_parameters if query.get(name)}
    return f"{address}?{urlencode(kept)}" if kept else address


def _alternates(page) -> list[Alternate]:
    translations = page.published_translations
    if len(translations) < 2:
        return []
    return [
        Alternate(html_language(translation.locale.language_code), translation.full_url)
        for translation in translations
    ]


def _usual_description(page, identity) -> str:
    """What stands for a page without a summary: whose it is."""
    return f"{page.title} – {identity.office or identity.name}" if identity else ""


@register.simple_tag(takes_context=True)
def page_metadata(context, page) -> PageMetadata:
    """What the head of the document says of ``page``."""
    identity = site_identity(context)
    canonical = _canonical(page, context.get("request"))
    language = html_language(page.language_code)
    title = page.part_title or page.seo_title or page.title
    if identity and identity.name != title:
        title = f"{title} – {identity.name}"
    elif identity and identity.office:
        title = f"{title} – {identity.office}"
    return PageMetadata(
        title=title,
        description=page.meta_description or _usual_description(page, identity),
        canonical=canonical,
        image=_sharing_image(page, canonical),
        type=page.open_graph_type,
        alternates=_alternates(page) if page.pk and not page.part_path else [],
        locale=language.replace("-", "_"),
        published=getattr(page, "date", None) or page.first_published_at,
        modified=page.last_published_at,
        is_noindex=page.is_noindex,
    )


@register.simple_tag(takes_context=True)
def structured_data(context, page):
    """The JSON-LD of ``page``: the office, the site, the way to the page, and the page itself."""
    identity = site_identity(context)
    address = page.full_url
    if not identity or not address:
        return ""
    root_url = urljoin(address, "/").rstrip("/")
    things = [
        organization(identity, root_url),
        website(identity, root_url, html_language(page.language_code)),
        *page.structured_data(root_url),
    ]
    trail = [step for step in page.trail if step.live]
    if len(trail) > 1:
        things.append(breadcrumb_list(trail))
    return script(things)


register.filter("long_date", long_date)


@dataclass(frozen=True)
class ShareLinks:
    """Ways to pass a page on: plain links, to which this site tells nothing."""

    url: str
    whatsapp: str
    email: str


@register.simple_tag
def share_links(page) -> ShareLinks:
    url = page.full_url or ""
    words = quote(f"{page.title}\n{url}")
    # RFC 6068 wants the line break of a mail's body as CR LF.
    body = quote(f"{page.summary}\r\n\r\n{url}".strip())
    return ShareLinks(
        url,
        f"https://wa.me/?text={words}",
        f"mailto:?subject={quote(page.title)}&body={body}",
    )


# Content --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ContentsEntry:
    text: str
    anchor: str
    level: int


@register.simple_tag(takes_context=True)
def rich_text(context, value) -> SafeString:
    """A rich text, a field's or a block's, with its links written out.

    What they lead to was found with all that the page refers to, where a page is drawn.
    """
    source = getattr(value, "source", value) or ""
    references = context.get("references")
    if references is None:
        references = References(active_language(context))
        references.want_source(source)
    return references.html(source, context.get("request"))


@register.simple_tag
def table_of_contents(body) -> list[ContentsEntry]:
    """The headings of ``body``; empty when there are fewer than two."""
    if body:
        prepare(body)
    entries = [
        ContentsEntry(part.value["text"], part.value.anchor, int(part.value["level"]))
        for part in body or ()
        if part.block_type == "heading"
    ]
    return entries if len(entries) > 1 else []


@register.filter
def has_block(body, name: str) -> bool:
    """Whether ``body`` has a block of that name, without reading any block's value."""
    return any(block["type"] == name for block in body.raw_data) if body else False


def alternative_text(image, alt: str | None = None) -> str:
    """What stands for ``image`` here: ``alt`` or, without it, its words in this use or its own."""
    if getattr(image, "decorative", False):
        return ""
    if alt is None:
        alt = getattr(image, "contextual_alt_text", None)
    return image.default_alt_text if alt is None else alt


def versions(context, image, *specs: str) -> dict:
    """Versions of ``image``. Where one of them cannot be had, the page is not kept for long."""
    found = image.versions(*specs)
    _note(context, len(found) == len(set(specs)))
    return found


def _note(context, is_complete: bool) -> None:
    request = context.get("request")
    if request is not None and not is_complete:
        request.lacks_pictures = True


@register.simple_tag(takes_context=True)
def picture(
    context, image, preset: str, alt: str | None = None, loading: str = "lazy", **attributes
) -> SafeString:
    """``image`` in the sizes and formats of a preset, with dimensions, for the browser to choose.

    ``alt`` overrides the image's own alternative text; ``class`` goes to the ``img``. Of an image
    whose file is missing there are the versions that were made before, or else its words.
    """
    if not image:
        return SafeString("")
    words = alternative_text(image, alt)
    is_eager, css_class = loading == "eager", attributes.get("class", "")

    def draw() -> tuple[bool, SafeString]:
        chosen = PRESETS[preset]
        found = chosen.versions_of(image)
        shown = {
            "versions": found,
            "sizes": chosen.sizes,
            "alt": words,
            "is_eager": is_eager,
            "css_class": css_class,
        }
        return found.is_complete, render_to_string("components/picture.html", shown)

    is_complete, element = kept(
        ("picture", image.pk, preset, words, is_eager, css_class),
        draw,
        lasts=lambda drawn: drawn[0],
    )
    _note(context, is_complete)
    return element


@register.simple_tag
def standalone_picture(image, alt: str | None = None) -> SafeString:
    """``image`` in one version, for those who see it away from the site."""
    words = alternative_text(image, alt)
    rendition = image.version(STANDALONE_SPEC)
    if rendition is None:
        return format_html("<p>{}</p>", words) if words else SafeString("")
    return format_html(
        '<img src="{}" width="{}" height="{}" alt="{}">',
        rendition.url,
        rendition.width,
        rendition.height,
        words,
    )


@register.simple_tag(takes_context=True)
def full_size(context, image) -> str:
    """Address of ``image`` by itself, as large as a screen shows it; empty when it is missing."""
    rendition = versions(context, image, FULL_SPEC).get(FULL_SPEC)
    return rendition.url if rendition else ""


@register.simple_tag
def drawing(seed: str) -> SafeString:
    """A decorative drawing, always the same for the same text."""
    return kept(
        ("drawing", str(seed)),
        lambda: render_to_string(
            "components/drawing.html", {"drawing": Drawing.from_seed(str(seed))}
        ),
    )


@register.simple_tag(takes_context=True)
def poster_url(context, video) -> str:
    """Address of a video's poster for the ``poster`` attribute, which takes one picture only."""
    if not video.poster:
        return ""
    spec = PRESETS["poster"].poster_spec
    rendition = versions(context, video.poster, spec).get(spec)
    return rendition.url if rendition else ""


@register.simple_tag(takes_context=True)
def video_player(context, video) -> str:
    """Let this page, and no other, play ``video`` if the visitor asks for it."""
    request = context.get("request")
    if request is None or not video.player:
        return ""
    if video.player.kind == "external":
        request.frame_origins = {*getattr(request, "frame_origins", ()), video.player.origin}
    else:
        request.plays_video = True
    return ""
