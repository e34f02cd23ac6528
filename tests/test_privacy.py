"""The privacy page says what the site does, and the site does what it says.

Each sentence of the page has here the test that holds it (Lei 13.709/2018, arts. 6, VI, and 9).
What only a browser can show is in tests/browser/test_visit.py and tests/browser/test_contact.py.
"""

import io
import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup
from django.conf import settings as django_settings
from django.core.cache import caches
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Locale, Page, Revision

from contact.forms import ContactForm
from contact.models import ContactMessage, ContactPage, DataOfficer, PrivacyPage
from contact.models.page import LIMIT_SECONDS
from desk.roles import ROLES
from jundiai_global.content import privacy
from jundiai_global.content.conversion import become
from pages.models import Menu, MenuItem, StandardPage, VideoPage
from tests.builders import ContactMessageFactory, PersonFactory, StandardPageFactory

# What no database decides.
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

#: Ways to tell one device from another, or to tell somebody of a visit, by which a script would
#: have to go (https://www.w3.org/TR/fingerprinting-guidance/).
TELLTALES = re.compile(
    r"toDataURL|getImageData|AudioContext|WebGL|getContext|RTCPeer|enumerateDevices|getBattery"
    r"|navigator\.(?!clipboard)|screen\.|sendBeacon|fetch\(|XMLHttpRequest|WebSocket|EventSource"
    r"|document\.cookie|indexedDB|sessionStorage|new Image\b|serviceWorker|devicePixelRatio"
)


def parsed(response):
    return BeautifulSoup(response.content, "html.parser")


#: What visitors got, asked for once: no test changes it.
_answers: dict = {}
OTHER_ADDRESSES = (
    "/busca/",
    "/busca/?q=amostra",
    "/dados-abertos/",
    "/nada/",
    "/contato/enviada/",
    "/noticias/amostra-galeria-de-imagens-mapa-e-documentos/",
    "/noticias/amostra-um-video-no-meio-do-texto/",
)


def public_answers() -> dict:
    """A page of every type that visitors may see, the videos, the other addresses, an error."""
    if not _answers:
        pages = Page.objects.live().filter(depth__gt=1).order_by("content_type", "path")
        urls = {page.content_type_id: page.url for page in pages}.values()
        videos = [page.url for page in VideoPage.objects.live()]
        _answers.update({url: Client().get(url) for url in (*urls, *videos, *OTHER_ADDRESSES)})
    assert len(_answers) > 15
    return _answers


def scripts() -> dict[str, str]:
    """The scripts that visitors get, without their comments, by name."""
    sources = {
        source
        for answer in public_answers().values()
        for tag in parsed(answer).select("script[src]")
        for source in (tag["src"], *tag.get("data-later", "").split())
    }
    texts = {}
    for source in sources:
        path = django_settings.BASE_DIR / source.removeprefix("/").partition("?")[0]
        texts[path.name] = re.sub(
            r"/\*.*?\*/|(?m:^\s*//[^\n]*$)", "", path.read_text("utf-8"), flags=re.S
        )
    assert {"start.js", "gallery.js", "player.js", "prefetch.js"} <= set(texts)
    return texts


# What each sentence is held by ------------------------------------------------------------------


def no_cookie(client):
    for url, answer in public_answers().items():
        assert answer.cookies == {}, url


def nothing_is_stored_unasked(client):
    """Only what stands below a press of a button, or a choice, writes to the browser."""
    for name, text in scripts().items():
        writes = [match.start() for match in re.finditer(r"localStorage(\.setItem|\[)", text)]
        asked = re.search(r"addEventListener\(\"(click|change)\"", text)
        assert not writes or (asked and asked.start() < writes[0]), name


def nothing_of_others(client):
    policy = django_settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    here = {"'self'", "'none'", django_settings.SPECULATION_RULES}
    assert {source for sources in policy.values() for source in sources} <= here
    kinds = ("stylesheet", "icon", "preload", "manifest", "apple-touch-icon")
    others = "iframe, object, embed, link[rel~=preconnect], link[rel~=dns-prefetch]"
    for url, answer in public_answers().items():
        page = parsed(answer)
        sets = [part for tag in page.select("[srcset]") for part in tag["srcset"].split(",")]
        loaded = [
            *(tag["src"] for tag in page.select("[src]")),
            *(tag["href"] for kind in kinds for tag in page.select(f"link[rel~={kind}]")),
            *(part.split()[0] for part in sets),
        ]
        hosts = {urlsplit(each).netloc for each in loaded}
        assert loaded, url
        assert hosts <= {"", "localhost"}, url
        assert not page.select(others), url


def no_trackers(client):
    for name, text in scripts().items():
        assert TELLTALES.findall(text) == [], name
    for url, answer in public_answers().items():
        assert not parsed(answer).select("a[ping]"), url


def only_choices_are_stored(client):
    storing = {name for name, text in scripts().items() if "localStorage" in text}
    assert "start.js" in storing
    for name in storing:
        assert re.search(r"click|change", scripts()[name]), name


def stored_choices_are_sent_to_nobody(client):
    no_trackers(client)


def _player_links() -> list:
    links = [
        link for a in public_answers().values() for link in parsed(a).select("a[data-embed-url]")
    ]
    assert links
    return links


def a_video_waits_to_be_asked_for(client):
    assert _player_links()
    for url, answer in public_answers().items():
        assert not parsed(answer).select("iframe"), url


def the_video_service_is_named(client):
    for link in _player_links():
        assert re.search("YouTube|Vimeo", link.find_parent("main").get_text())


def the_form_asks_for_no_more(client):
    page = parsed(client.get("/contato/"))
    fields = {tag["name"] for tag in page.select(".letter [name]")}
    assert fields == {"name", "email", "subject", "text", "consent", "homepage", "token"}
    required = {name for name, field in ContactForm.base_fields.items() if field.required}
    assert required == {"email", "subject", "text", "consent"}


def data_are_for_the_answer_only(client):
    """Nothing but the delivery and the people of the office reads messages."""
    form = parsed(client.get("/contato/")).select_one(".letter__consent").get_text()
    assert "só para ler a sua mensagem e responder" in form
    readers = set()
    for folder in ("api", "desk", "goals", "news", "pages", "search"):
        for path in (django_settings.BASE_DIR / folder).rglob("*.py"):
            if "ContactMessage" in path.read_text("utf-8"):
                readers.add(path)
    assert readers == set()


def consent_is_kept(client):
    fields = {field.name for field in ContactMessage._meta.get_fields()}
    assert {"consent_version", "consented_at"} <= fields


def messages_are_kept_and_mailed(client):
    assert ContactPage._meta.get_field("recipients").verbose_name
    assert ContactMessageFactory().pk


def only_who_answers_reads(client):
    message = ContactMessageFactory()
    address = reverse("contact_messages:read", args=[message.pk])
    readers = {role.name for role in ROLES if "contact.view_contactmessage" in role.models}
    assert readers == {"Edição", "Administração"}
    assert client.get(address).status_code == 302
    client.force_login(PersonFactory(role="Redação"))
    assert client.get(address).status_code == 302


def addresses_are_not_kept(client):
    assert LIMIT_SECONDS == 10 * 60
    fields = {field.name for field in ContactMessage._meta.get_fields()}
    assert not {name for name in fields if "ip" in name.split("_") or "address" in name}
    form = {"name": "", "email": "a@example.org", "subject": "a", "text": "a", "consent": "on"}
    page = ContactPage.objects.get()
    token = parsed(client.get("/contato/")).select_one("[name=token]")["value"]
    with pytest.MonkeyPatch.context() as patch:
        later = timezone.now().timestamp() + 60
        patch.setattr("django.core.signing.time.time", lambda: later)
        answer = client.post(page.action, {**form, "token": token}, REMOTE_ADDR="198.51.100.23")
    assert answer.status_code == 303
    kept = f"{caches['limits']._cache!r} {ContactMessage.objects.values().get()!r}"
    assert "contact|" in kept
    assert "198.51.100" not in kept


def only_editors_get_cookies(client):
    no_cookie(client)
    client.force_login(PersonFactory(role="Redação"))
    assert client.cookies


def the_law_is_named(client):
    assert "art. 18" in parsed(client.get("/privacidade/")).get_text()


def copies_and_erasure_are_there(client):
    ContactMessageFactory(email="a@example.org")
    client.force_login(PersonFactory(role="Administração"))
    address = reverse("contact_messages:person")
    copy = b"".join(client.post(address, {"email": "a@example.org", "action": "csv"}))
    assert b"a@example.org" in copy
    client.post(address, {"email": "a@example.org", "action": "erase"})
    assert not ContactMessage.objects.exists()


#: The beginning of each sentence, and what holds it.
CLAIMS = {
    "Este site não põe cookies": no_cookie,
    "Não guarda nada no seu navegador": nothing_is_stored_unasked,
    "Não carrega nada de outros sites": nothing_of_others,
    "Não usa rastreadores": no_trackers,
    "Só as escolhas de leitura": only_choices_are_stored,
    "Ficam no seu navegador": stored_choices_are_sent_to_nobody,
    "Um vídeo do YouTube ou do Vimeo": a_video_waits_to_be_asked_for,
    "A partir daí valem as regras": the_video_service_is_named,
    "O formulário da página de contato": the_form_asks_for_no_more,
    "Usamos esses dados só": data_are_for_the_answer_only,
    "Guardamos também com que texto": consent_is_kept,
    "A mensagem fica guardada": messages_are_kept_and_mailed,
    "No site, só quem responde": only_who_answers_reads,
    "Para barrar programas": addresses_are_not_kept,
    "Só quem entra na área de edição": only_editors_get_cookies,
    "A Lei Geral de Proteção": the_law_is_named,
    "Peça pela página de contato": copies_and_erasure_are_there,
}
SENTENCES = [sentence for _title, sentences in privacy.SECTIONS for sentence in sentences]


def test_every_sentence_of_the_page_is_held_by_a_test():
    held = [sentence for sentence in SENTENCES if sentence.startswith(tuple(CLAIMS))]
    assert held == SENTENCES
    assert len(SENTENCES) == len(CLAIMS)


@pytest.mark.parametrize("beginning", CLAIMS)
def test_what_the_page_says_is_so(client, beginning):
    assert any(sentence.startswith(beginning) for sentence in SENTENCES)
    CLAIMS[beginning](client)


def test_the_page_shows_every_sentence_and_leads_to_the_form(client):
    page = parsed(client.get("/privacidade/"))
    text = " ".join(page.main.get_text(" ").split()).replace(
        "página de contato ,", "página de contato,"
    )
    assert [sentence for sentence in SENTENCES if sentence not in text] == []
    assert page.select_one("main .prose a[href='/contato/']")


# What comes from the settings ----------------------------------------------------------------


def test_periods_are_those_of_the_settings(client, settings):
    settings.CONTACT_MESSAGES_KEPT_DAYS, settings.LOGS_KEPT_DAYS = 77, 13
    kept = [
        dd.get_text(" ", strip=True)
        for dd in parsed(client.get("/privacidade/")).select(".kept dd")
    ]
    assert kept[0].startswith("77 dias.")
    assert kept[1].startswith("13 dias.")


def test_what_is_kept_for_so_long_is_deleted_then(settings):
    settings.CONTACT_MESSAGES_KEPT_DAYS = 77
    message = ContactMessageFactory(keep_until=timezone.now() - timedelta(minutes=1))
    call_command("delete_old_messages", stdout=io.StringIO())
    assert not ContactMessage.objects.filter(pk=message.pk).exists()


def test_the_officer_is_shown_only_when_the_office_says_who_it_is(client):
    """Lei 13.709/2018, art. 41, § 1."""
    assert "Encarregado" not in parsed(client.get("/privacidade/")).main.get_text()
    officer = DataOfficer.load()
    officer.name = "Maria da Silva"
    officer.save()
    assert "Maria da Silva" not in parsed(client.get("/privacidade/")).main.get_text()
    officer.email = "dados@example.org"
    officer.save()
    shown = parsed(client.get("/privacidade/")).main
    assert "Maria da Silva" in shown.get_text()
    assert shown.select_one("a[href='mailto:dados@example.org']")


def test_reading_the_page_writes_nothing(client):
    client.get("/privacidade/")
    assert not DataOfficer.objects.exists()


@pytest.mark.parametrize(("role", "may_mend"), [("Redação", False), ("Administração", True)])
def test_the_editor_of_the_page_is_told_that_the_officer_is_missing(client, role, may_mend):
    page = PrivacyPage.objects.get()
    client.force_login(PersonFactory(role=role))
    address = reverse("wagtailadmin_pages:edit", args=[page.pk])
    form = client.get(address).content.decode()
    assert "ainda não diz quem é o encarregado" in form
    assert (reverse("wagtailsettings:edit", args=["contact", "dataofficer"]) in form) is may_mend
    DataOfficer.objects.create(name="Maria", phone="(11) 0000-0000")
    assert "ainda não diz quem é o encarregado" not in client.get(address).content.decode()


def test_every_page_leads_to_the_privacy_page_from_its_footer():
    for url, answer in public_answers().items():
        assert parsed(answer).select_one(".foot a[href='/privacidade/']"), url


# Sites that are there already ------------------------------------------------------------------


@pytest.fixture
def as_before(home):
    """The site as it was when contact and privacy were ordinary pages."""
    for page in (ContactPage.objects.get(), PrivacyPage.objects.get()):
        slug = page.slug
        MenuItem.objects.filter(page=page, menu__location=Menu.Location.FOOTER).delete()
        items = list(MenuItem.objects.filter(page=page))
        title = page.title
        Page.objects.get(pk=page.pk).delete()
        plain = StandardPageFactory(
            parent=home, title=title, slug=slug, body=[("paragraph", "<p>Texto de antes.</p>")]
        )
        plain.save_revision().publish()
        for item in items:
            item.pk, item.page = None, plain
            item.save()
        home.refresh_from_db()


def load():
    out = io.StringIO()
    call_command("load_initial_content", stdout=out)
    return out.getvalue()


def test_a_site_that_is_there_already_gets_both_pages(client, as_before):
    keys = dict(StandardPage.objects.values_list("slug", "pk"))
    assert "it got: Contato, Privacidade, a link in the footer" in load()
    contact, page = ContactPage.objects.get(), PrivacyPage.objects.get()
    assert (contact.pk, page.pk) == (keys["contato"], keys["privacidade"])
    assert "Texto de antes." in client.get("/contato/").content.decode()
    assert parsed(client.get("/contato/")).select_one(".letter form")
    assert SENTENCES[0] in parsed(client.get("/privacidade/")).get_text()
    assert parsed(client.get("/")).select_one(".foot a[href='/privacidade/']")
    revisions = Revision.objects.count()
    assert "nothing was changed" in load()
    assert Revision.objects.count() == revisions


def test_what_an_editor_wrote_stays(client, as_before):
    page = StandardPage.objects.get(slug="privacidade")
    page.body = [("paragraph", "<p>O nosso texto.</p>")]
    page.save_revision(user=PersonFactory(role="Edição")).publish()
    load()
    shown = parsed(client.get("/privacidade/")).main.get_text()
    assert "O nosso texto." in shown
    assert SENTENCES[0] not in shown
    assert "por quanto tempo" in shown


def test_a_page_that_was_deleted_comes_back(client):
    Page.objects.get(pk=PrivacyPage.objects.get().pk).delete()
    load()
    assert SENTENCES[0] in parsed(client.get("/privacidade/")).get_text()
    assert parsed(client.get("/")).select_one(".foot a[href='/privacidade/']")


def test_a_page_keeps_drafts_history_and_translations_when_it_changes_its_type(
    admin_client, as_before, home
):
    page = StandardPage.objects.get(slug="privacidade")
    page.title = "Rascunho de privacidade"
    page.save_revision(user=PersonFactory(role="Edição"))
    english = Locale.objects.get(language_code="en")
    home.copy_for_translation(english).save_revision().publish()
    copy = page.copy_for_translation(english)
    load()
    converted = Page.objects.get(pk=page.pk).specific
    assert type(converted) is PrivacyPage
    assert converted.get_latest_revision_as_object().title == "Rascunho de privacidade"
    assert type(Page.objects.get(pk=copy.pk).specific) is PrivacyPage
    form = admin_client.get(reverse("wagtailadmin_pages:edit", args=[page.pk]))
    assert "Rascunho de privacidade" in form.content.decode()
    assert admin_client.get(f"/admin/pages/{page.pk}/history/").status_code == 200


def test_a_converted_page_is_found_by_its_new_kind(client, home):
    plain = StandardPageFactory(parent=home, title="Zebra listrada", slug="zebra")
    assert become(plain, PrivacyPage).content_type.model == "privacypage"
    found = parsed(client.get("/busca/?q=zebra&tipo=pagina-de-privacidade")).main.get_text()
    assert "Zebra listrada" in found
