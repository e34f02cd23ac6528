"""The site's first content: the source text, the four goals, the ordinary pages, the menus.

Where a fact about the office is not known (telephone, address, e-mail), its field is left empty
and the pages do without it.
"""

from html import escape
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse
from wagtail.models import Locale, Page, Site

from contact.models import ContactPage, PrivacyPage
from goals.models import GoalIndexPage, GoalPage
from news.models import NewsIndexPage
from pages.library.collections import make_collections
from pages.models import (
    AccessibilityPage,
    HomePage,
    InstitutionalPage,
    Legislation,
    Menu,
    MenuItem,
    SiteIdentity,
    SiteMapPage,
    StandardPage,
    VideoIndexPage,
)

from . import accessibility, privacy, source
from .conversion import become

LAW = "Lei Municipal n° 8763, de 03 de março de 2017"
CITY_URL = "https://jundiai.sp.gov.br/"

#: Short title and slug of each goal, in the order of the source text.
GOALS = (
    ("Aproximar Jundiaí de entidades internacionais", "entidades-internacionais"),
    ("Abrir oportunidades de mercado", "oportunidades-de-mercado"),
    ("Firmar acordos e cidades-irmãs", "acordos-e-cidades-irmas"),
    ("Convergir as ações do Município", "acoes-do-municipio"),
)


def paragraph(text: str) -> tuple[str, str]:
    return ("paragraph", f"<p>{escape(text, quote=False)}</p>")


def heading(text: str, level: str = "2") -> tuple[str, dict]:
    return ("heading", {"text": text, "level": level})


def rich(html: str) -> tuple[str, str]:
    return ("paragraph", html)


def page_link(page: Page, text: str) -> str:
    return f'<a linktype="page" id="{page.pk}">{text}</a>'


def add(parent: Page, page: Page) -> Page:
    """Put ``page`` under ``parent`` and publish it, so that its history begins here."""
    parent.add_child(instance=page)
    page.save_revision().publish()
    page.refresh_from_db()
    return page


def privacy_body(contact: Page) -> list[tuple]:
    """The first text of the privacy page, which leads to ``contact`` where it names it."""
    body = []
    for title, sentences in privacy.SECTIONS:
        text = escape(" ".join(sentences), quote=False)
        link = page_link(contact, privacy.CONTACT)
        body += [heading(title), rich(f"<p>{text.replace(privacy.CONTACT, link)}</p>")]
    return body


class InitialContent:
    """Builds the whole site once. See ``load_initial_content`` for when."""

    def __init__(self):
        self.text = source.read()
        self.locale = self._locales()

    def _locales(self) -> Locale:
        for code, _name in settings.WAGTAIL_CONTENT_LANGUAGES:
            Locale.objects.get_or_create(language_code=code)
        return Locale.objects.get(language_code=settings.LANGUAGE_CODE)

    def build(self) -> HomePage:
        make_collections()
        self.home = self._home()
        self._site()
        self.institutional = self._institutional()
        self.goals = self._goals()
        self.news = add(
            self.home,
            NewsIndexPage(
                title=self.text.news_heading,
                slug="noticias",
                summary="O que a Assessoria de Cooperação Internacional faz, decide e recebe.",
                show_in_menus=True,
            ),
        )
        self.videos = add(
            self.home,
            VideoIndexPage(
                title="Vídeos",
                slug="videos",
                summary="Os vídeos da Assessoria, com legendas e transcrição.",
                show_in_menus=True,
            ),
        )
        self.contact = self._contact()
        self.accessibility = self._accessibility()
        self.privacy = self._privacy()
        self.site_map = add(
            self.home,
            SiteMapPage(
                title="Mapa do site",
                slug="mapa-do-site",
                summary="Todas as páginas, menos as notícias, que têm lista própria.",
            ),
        )
        self._link_home()
        self._identity()
        self._menus()
        return self.home

    def complete(self) -> list[str]:
        """Give a site that has its content what the first content got later; says what was added.

        Ordinary pages that stood for these become what they stood for. Their text stays, unless
        nobody has ever changed it.
        """
        self.home = HomePage.objects.get(locale=self.locale)
        added = []
        for attribute, slug, model, make in (
            ("contact", "contato", ContactPage, self._contact),
            ("privacy", "privacidade", PrivacyPage, self._privacy),
        ):
            page = model.objects.descendant_of(self.home).first()
            if page is None:
                page = self._converted(slug, model) or make()
                added.append(page.title)
            setattr(self, attribute, page)
        if self._put_into_footer(self.privacy):
            added.append("a link in the footer")
        return added

    def _converted(self, slug: str, model) -> StandardPage | None:
        """The ordinary page with that address and its translations, made pages of ``model``."""
        ordinary = ContentType.objects.get_for_model(StandardPage)
        found = StandardPage.objects.child_of(self.home).filter(slug=slug, content_type=ordinary)
        page = found.first()
        if page is None:
            return None
        for translation in StandardPage.objects.filter(
            translation_key=page.translation_key, content_type=ordinary
        ).exclude(pk=page.pk):
            become(translation, model)
        is_untouched = not page.revisions.exclude(user=None).exists()
        page = become(page, model)
        if is_untouched and model is PrivacyPage:
            page.summary, page.body = privacy.SUMMARY, privacy_body(self.contact)
            page.save_revision().publish()
        return page

    def _put_into_footer(self, page: Page) -> bool:
        """Have the footer lead to ``page``; False where it does already."""
        columns = Menu.objects.filter(locale=self.locale, location=Menu.Location.FOOTER)
        items = MenuItem.objects.filter(menu__in=columns)
        if items.filter(page=page).exists():
            return False
        column = columns.order_by("sort_order", "pk").last()
        if column is None:
            self._menu("Transparência", Menu.Location.FOOTER, 2, [(page, "")])
        else:
            order = items.filter(menu=column).count()
            MenuItem.objects.create(menu=column, sort_order=order, page=page)
        return True

    def _home(self) -> HomePage:
        root = Page.get_first_root_node()
        return add(
            root,
            HomePage(
                title=self.text.title,
                slug="inicio",
                locale=self.locale,
                summary=(
                    "O site da Assessoria de Cooperação Internacional do Município de Jundiaí: "
                    "quem somos, metas, notícias e vídeos."
                ),
                kicker=self.text.office,
                hero_text=(
                    "<p>A Assessoria surgiu com o intuito de promover a aproximação de Jundiaí "
                    "com as mais diversas entidades internacionais.</p>"
                ),
                about_heading="A Assessoria",
                about_text=paragraph(self.text.paragraphs[2])[1],
                about_link_label="Ler o texto institucional completo",
                goals_heading=self.text.goals_heading,
                news_heading=self.text.news_heading,
                news_link_label=self.text.all_news_label,
                video_heading=self.text.video_heading,
            ),
        )

    def _link_home(self):
        self.home.about_page = self.institutional
        self.home.save_revision().publish()

    def _site(self):
        """Give the site our home; take away the page that Wagtail came with, if untouched."""
        address = urlsplit(settings.SITE_URL)
        port = address.port or (443 if address.scheme == "https" else 80)
        welcome = Page.objects.filter(depth=2).exclude(pk=self.home.pk).first()
        site = Site.objects.filter(is_default_site=True).first() or Site(is_default_site=True)
        site.hostname, site.port = address.hostname, port
        site.site_name, site.root_page = settings.WAGTAIL_SITE_NAME, self.home
        site.save()
        is_untouched = (
            welcome
            and welcome.specific_class is Page
            and welcome.is_leaf()
            and not welcome.revisions.exists()
        )
        if is_untouched:
            welcome.delete()
            self.home.refresh_from_db()

    def _institutional(self) -> InstitutionalPage:
        return add(
            self.home,
            InstitutionalPage(
                title=self.text.office,
                slug="a-assessoria",
                summary=(
                    "Criada em 2001 como Diretoria de Cooperação Internacional e reestruturada "
                    f"pela {LAW}."
                ),
                body=[paragraph(text) for text in self.text.paragraphs],
                legislation=[Legislation(title=LAW)],
                show_in_menus=True,
            ),
        )

    def _goals(self) -> GoalIndexPage:
        index = add(
            self.home,
            GoalIndexPage(title=self.text.goals_heading, slug="metas", show_in_menus=True),
        )
        for (title, slug), statement in zip(GOALS, self.text.goals, strict=True):
            add(index, GoalPage(title=title, slug=slug, statement=statement))
        return index

    def _contact(self) -> ContactPage:
        return add(
            self.home,
            ContactPage(
                title="Contato",
                slug="contato",
                summary=(
                    "Para consulados, câmaras de comércio, embaixadas, cidades, empresas, "
                    "universidades, imprensa e moradores."
                ),
                show_in_menus=True,
                body=[
                    ("contact", None),
                    heading("O que dizer na mensagem"),
                    rich(
                        "<ul><li>quem você é e que instituição representa;</li>"
                        "<li>o que propõe ou procura em Jundiaí;</li>"
                        "<li>datas, se houver;</li>"
                        "<li>em que língua prefere a resposta.</li></ul>"
                    ),
                    heading("Outros assuntos do Município"),
                    rich(
                        "<p>A Assessoria trata de cooperação internacional. Para os demais "
                        "serviços, para pedir informações públicas ou falar com a ouvidoria, "
                        f'procure o <a href="{CITY_URL}">portal da Prefeitura de Jundiaí</a>.</p>'
                    ),
                ],
            ),
        )

    def _accessibility(self) -> AccessibilityPage:
        return add(self.home, AccessibilityPage(**accessibility.fields(self.contact)))

    def _privacy(self) -> PrivacyPage:
        return add(
            self.home,
            PrivacyPage(
                title="Privacidade",
                slug="privacidade",
                summary=privacy.SUMMARY,
                body=privacy_body(self.contact),
            ),
        )

    def _identity(self):
        SiteIdentity.objects.create(
            locale=self.locale,
            name=self.text.title,
            office=self.text.office,
            affiliation=(
                "Núcleo de Assessoria Especial da Unidade de Gestão da Casa Civil. "
                "Município de Jundiaí, São Paulo, Brasil."
            ),
            coordinates="23°11′S 46°53′O",
        )

    def _menus(self):
        goals, news = (self.goals, "Metas"), (self.news, "")
        videos, contact = (self.videos, ""), (self.contact, "")
        office = (self.institutional, "A Assessoria")
        self._menu("Menu principal", Menu.Location.MAIN, 0, [
            (self.home, "Início"), office, goals, news, videos, contact,
        ])  # fmt: skip
        self._menu("Barra de acesso", Menu.Location.UTILITY, 0, [
            (self.accessibility, ""), (self.site_map, ""),
        ])  # fmt: skip
        self._menu("O site", Menu.Location.FOOTER, 1, [office, goals, news, videos, contact])
        self._menu("Transparência", Menu.Location.FOOTER, 2, [
            (CITY_URL, "Prefeitura de Jundiaí"), (reverse("open_data"), "Dados abertos"),
            (self.privacy, ""), (self.site_map, ""),
        ])  # fmt: skip
        self._menu("Acompanhe", Menu.Location.FOOTER, 3, [
            (f"{self.news.url}rss/", "Notícias por RSS"),
            (self.contact, "Fale com a Assessoria"),
            (self.accessibility, ""),
        ])  # fmt: skip

    def _menu(self, title, location, sort_order, links):
        menu = Menu.objects.create(
            locale=self.locale, title=title, location=location, sort_order=sort_order
        )
        for order, (target, label) in enumerate(links):
            place = {"page": target} if isinstance(target, Page) else {"url": target}
            MenuItem.objects.create(menu=menu, sort_order=order, label=label, **place)
