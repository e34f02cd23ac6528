"""Which links the site has, and whether those of its own lead somewhere."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.contrib.redirects.models import Redirect
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Collection, CollectionViewRestriction, Page, PageViewRestriction

from desk.links import check
from desk.links.collect import Collector, collect_all, store
from desk.links.external import Outcome
from desk.links.internal import SiteItself, check_chosen, check_written
from desk.models import Link, LinkPlace, LinkUse, Problem
from news.models import ArticlePage
from pages.models import InstitutionalPage, Legislation, Menu, MenuItem, SiteIdentity
from search.models import PromotedResult
from tests.builders import ArticleFactory, StandardPageFactory, VideoPageFactory, full_body

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def target(home):
    return StandardPageFactory(parent=home, title="Destino", slug="destino")


def page_with(home, *blocks, **more):
    return StandardPageFactory(parent=home, title="Página", slug="com-links", body=blocks, **more)


def paragraph(html):
    return ("paragraph", f"<p>{html}</p>")


def addresses(page) -> list[tuple]:
    return [(link.kind, link.address or link.target) for link in Collector().links_of(page)]


def links_of(page) -> dict[str, Link]:
    """The links stored of a page, by their texts."""
    uses = LinkUse.objects.filter(place__page=page).select_related("link")
    return {use.text: use.link for use in uses}


def checked(page) -> dict[str, str]:
    """The problems of the links of a page, by their texts, after all was checked within."""
    collect_all(everything=True)
    check_chosen(Link.objects.all())
    check_written(Link.objects.filter(kind=Link.Kind.PATH), SiteItself())
    return {text: link.problem for text, link in links_of(page).items()}


# Which there are -----------------------------------------------------------------------------


def test_the_links_of_a_text_are_found_with_their_texts(home, target):
    document = get_document_model().objects.first()
    page = page_with(
        home,
        paragraph(
            f'<a linktype="page" id="{target.pk}">Um <b>destino</b></a> '
            f'<a linktype="document" id="{document.pk}">A lei</a> '
            '<a href="https://www.example.org/x?a=1&amp;b=2#parte">Outro site</a>'
        ),
    )
    found = {
        link.text: (link.kind, link.address or link.target) for link in Collector().links_of(page)
    }
    assert found == {
        "Um destino": ("page", target.pk),
        "A lei": ("document", document.pk),
        "Outro site": ("external", "https://www.example.org/x?a=1&b=2"),
    }


def test_every_block_that_leads_somewhere_is_looked_into(home):
    page = page_with(home, *full_body())
    kinds = {kind for kind, _target in addresses(page)}
    assert kinds == {"page", "document", "image", "external"}
    found = [address for _kind, address in addresses(page)]
    assert any("openstreetmap" in str(address) for address in found), "the map"
    assert "https://example.org/" in found, "the call to action"


def test_mail_and_telephone_are_no_links_to_check(home):
    page = page_with(
        home,
        paragraph('<a href="mailto:a@example.org">a</a><a href="tel:+5511">b</a><a href="#">c</a>'),
    )
    assert addresses(page) == []


def test_an_address_of_this_site_is_known_however_it_is_written(home, settings):
    settings.SITE_URL = "https://global.example.org"
    page = page_with(
        home,
        paragraph(
            '<a href="/noticias/">a</a><a href="http://localhost/noticias/">b</a>'
            '<a href="https://GLOBAL.example.org/noticias/">c</a><a href="../noticias/">d</a>'
        ),
    )
    assert addresses(page) == [("path", "/noticias/")] * 4


def test_what_is_no_address_is_kept_to_be_told(home):
    page = page_with(home, paragraph('<a href="http://[::1">a</a><a href="ftp://x.org/">b</a>'))
    assert addresses(page) == [("external", "http://[::1"), ("external", "ftp://x.org/")]


def test_fields_and_what_belongs_to_a_page_are_looked_into(home, video_index):
    video = VideoPageFactory(parent=video_index, external_url="https://youtu.be/dQw4w9WgXcQ")
    assert addresses(video) == [("external", "https://www.youtube.com/watch?v=dQw4w9WgXcQ")]
    assert ("page", home.about_page_id) in addresses(home)
    office = InstitutionalPage.objects.get(locale=home.locale)
    office.legislation.add(Legislation(title="Uma lei", url="https://www.example.org/lei"))
    assert ("external", "https://www.example.org/lei") in addresses(office)


def test_menus_identity_and_promoted_results_have_links_too(target):
    menu = Menu.objects.get(location="main", locale__language_code="pt-br")
    menu.items.add(MenuItem(page=target, label="Destino"))
    menu.items.add(MenuItem(url="https://www.example.org/", label="Fora"))
    menu.save()
    identity = SiteIdentity.objects.get(locale=menu.locale)
    identity.social_links = [("profile", {"label": "Rede", "url": "https://rede.example.org/"})]
    identity.save()
    PromotedResult.objects.create(
        locale=menu.locale, words="sister", url="https://www.example.org/a", title="Destaque"
    )
    collect_all()
    stored = {
        (use.place.content_type.model, use.text)
        for use in LinkUse.objects.filter(place__page=None).select_related("place__content_type")
    }
    assert {
        ("menu", "Destino"),
        ("menu", "Fora"),
        ("siteidentity", "Rede"),
        ("promotedresult", "Destaque"),
    } <= stored


def test_the_same_address_is_one_link_however_many_have_it(home, news_index):
    text = paragraph('<a href="https://www.example.org/">Fora</a>')
    store([page_with(home, text, text)])
    store([ArticleFactory(parent=news_index, body=[text])])
    link = Link.objects.get(address="https://www.example.org/")
    assert link.uses.count() == 2


def test_collecting_costs_the_same_for_many_links_as_for_few(home):
    def cost(count):
        text = "".join(
            f'<a href="https://www.example.org/{number}">{number}</a>' for number in range(count)
        )
        page = StandardPageFactory(
            parent=home, title="P", slug=f"links-{count}", body=[paragraph(text)]
        )
        with CaptureQueriesContext(connection) as captured:
            store([page])
        assert LinkUse.objects.filter(place__page=page).count() == count
        return len(captured)

    assert cost(100) == cost(3)


# When it is known ----------------------------------------------------------------------------


def test_publishing_a_page_mends_what_is_known_of_its_links(home):
    page = page_with(home, paragraph('<a href="/nao-existe/">Velho</a>'))
    checked(page)
    page.body = [paragraph('<a href="https://www.example.org/">Novo</a>')]
    page.save_revision()
    assert list(links_of(page)) == ["Velho"], "a draft changes nothing"
    page.save_revision().publish()
    assert list(links_of(page)) == ["Novo"]


def test_a_page_that_is_withdrawn_or_deleted_has_no_links(home):
    page = page_with(home, paragraph('<a href="/noticias/">Notícias</a>'))
    page.save_revision().publish()
    page.unpublish()
    assert links_of(page) == {}
    page.save_revision().publish()
    page.delete()
    assert not LinkPlace.objects.filter(page_id=page.pk).exists()


def test_a_page_scheduled_for_later_has_no_links_yet(home):
    page = page_with(home, paragraph('<a href="/noticias/">Notícias</a>'), live=False)
    page.go_live_at = timezone.now() + timedelta(days=1)
    page.save_revision().publish()
    assert links_of(page) == {}


def test_links_to_a_page_break_when_it_is_withdrawn_and_mend_when_it_is_back(home, target):
    page = page_with(home, paragraph(f'<a linktype="page" id="{target.pk}">Destino</a>'))
    page.save_revision().publish()
    assert links_of(page)["Destino"].state == Link.State.GOOD
    target.unpublish()
    assert links_of(page)["Destino"].problem == Problem.UNPUBLISHED
    target.save_revision().publish()
    assert links_of(page)["Destino"].state == Link.State.GOOD
    target.delete()
    assert links_of(page)["Destino"].problem == Problem.DELETED_PAGE


def test_what_programs_did_past_the_signals_is_found_by_the_run(home):
    page = page_with(home, paragraph('<a href="/noticias/">Notícias</a>'))
    assert collect_all() > 0
    assert list(links_of(page)) == ["Notícias"]
    assert collect_all() == 0, "nothing changed since"
    Page.objects.filter(pk=page.pk).update(live=False)
    collect_all()
    assert links_of(page) == {}


def test_links_that_nothing_has_any_more_are_forgotten(home):
    page = page_with(home, paragraph('<a href="https://www.example.org/">Fora</a>'))
    collect_all()
    page.delete()
    collect_all()
    assert not Link.objects.filter(address="https://www.example.org/").exists()


# Whether they lead somewhere -----------------------------------------------------------------


def test_links_to_pages_documents_and_images_are_judged_exactly(home, target):
    hidden = StandardPageFactory(parent=home, title="Oculta", slug="oculta", live=False)
    private = StandardPageFactory(parent=home, title="Reservada", slug="reservada")
    PageViewRestriction.objects.create(page=private, restriction_type="login")
    document = get_document_model().objects.first()
    closed = Collection.get_first_root_node().add_child(name="Fechada")
    CollectionViewRestriction.objects.create(collection=closed, restriction_type="login")
    secret = get_document_model().objects.create(
        title="Segredo", file=document.file.name, collection=closed
    )
    page = page_with(
        home,
        paragraph(
            f'<a linktype="page" id="{target.pk}">boa</a>'
            f'<a linktype="page" id="{hidden.pk}">oculta</a>'
            f'<a linktype="page" id="{private.pk}">reservada</a>'
            '<a linktype="page" id="999999">apagada</a>'
            f'<a linktype="document" id="{document.pk}">documento</a>'
            f'<a linktype="document" id="{secret.pk}">fechado</a>'
            '<a linktype="document" id="999999">sem documento</a>'
        ),
    )
    assert checked(page) == {
        "boa": "",
        "oculta": Problem.UNPUBLISHED,
        "reservada": Problem.PRIVATE,
        "apagada": Problem.DELETED_PAGE,
        "documento": "",
        "fechado": Problem.PRIVATE,
        "sem documento": Problem.DELETED_DOCUMENT,
    }


def test_an_image_that_was_deleted_from_under_a_text_is_told(home):
    image = get_image_model().objects.create(
        title="Foto", description="Uma foto", file="x.png", width=1, height=1
    )
    page = page_with(home, ("image", {"image": image, "caption": "", "credit": ""}))
    assert set(checked(page).values()) == {""}
    get_image_model().objects.filter(pk=image.pk).delete()
    assert set(checked(page).values()) == {Problem.DELETED_IMAGE}


def test_addresses_of_this_site_are_judged_by_what_it_answers(home, news_index):
    ArticleFactory(parent=news_index, date=NOW)
    private = StandardPageFactory(parent=home, title="Reservada", slug="reservada")
    PageViewRestriction.objects.create(page=private, restriction_type="login")
    secret = StandardPageFactory(parent=home, title="Secreta", slug="secreta")
    PageViewRestriction.objects.create(page=secret, restriction_type="password", password="x")
    Redirect.add_redirect("/antigo", "/noticias/")
    Redirect.add_redirect("/para-fora", "https://www.example.org/")
    Redirect.add_redirect("/para-nada", "/nao-existe/")
    document = get_document_model().objects.first()
    page = page_with(
        home,
        paragraph(
            "".join(
                f'<a href="{address}">{address}</a>'
                for address in (
                    "/",
                    "/noticias/",
                    "/noticias",
                    f"/noticias/{NOW.year}/",
                    "/noticias/rss/",
                    "/busca/?q=acordo",
                    "/api/v1/noticias/",
                    "/antigo/",
                    "/para-fora/",
                    "/static/css/site.css",
                    document.url,
                    f"/media/{document.file.name}",
                    "/nao-existe/",
                    "/noticias/2999/99/",
                    "/para-nada/",
                    "/media/nao-existe.pdf",
                    "/static/nao-existe.css",
                    "/reservada/",
                    "/secreta/",
                )
            )
        ),
    )
    found = checked(page)
    assert {text: problem for text, problem in found.items() if problem} == {
        "/nao-existe/": Problem.NO_SUCH_PATH,
        "/noticias/2999/99/": Problem.NO_SUCH_PATH,
        "/para-nada/": Problem.NO_SUCH_PATH,
        # Where documents are kept is nobody's business: only their own addresses lead to them.
        f"/media/{document.file.name}": Problem.NO_SUCH_PATH,
        "/media/nao-existe.pdf": Problem.NO_SUCH_PATH,
        "/static/nao-existe.css": Problem.NO_SUCH_PATH,
        "/reservada/": Problem.PRIVATE,
        "/secreta/": Problem.PRIVATE,
    }


def test_parts_of_pages_are_looked_for_in_what_is_drawn(home):
    page = page_with(
        home,
        ("heading", {"text": "O que fazemos", "level": "2"}),
        paragraph(
            '<a href="#o-que-fazemos">aqui</a><a href="#conteudo">moldura</a>'
            '<a href="#sumiu">sumiu</a><a href="#top">alto</a>'
            '<a href="/com-links/#o-que-fazemos">inteiro</a><a href="/com-links/#sumiu">fora</a>'
            '<a href="/#:~:text=metas">palavras</a>'
        ),
    )
    found = checked(page)
    assert {text for text, problem in found.items() if problem} == {"sumiu", "fora"}
    assert found["sumiu"] == Problem.NO_SUCH_PART


def test_asking_the_site_leaves_the_language_of_the_program_as_it_was(home):
    from django.utils import translation

    SiteItself().answer("/en/")
    assert translation.get_language() == "pt-br"


# What is remembered ---------------------------------------------------------------------------


def day(number):
    return NOW + timedelta(days=number)


def test_a_page_that_does_not_exist_is_broken_at_once():
    link = Link()
    link.found(Problem.GONE, 404, day(0))
    assert link.state == Link.State.BROKEN
    assert link.failing_since == timezone.localdate(day(0))
    assert "(404)" in link.explanation


def test_what_may_pass_is_broken_only_when_it_fails_on_two_days():
    link = Link()
    link.found(Problem.TIMEOUT, None, day(0))
    assert link.state == Link.State.SUSPECT
    link.found(Problem.SERVER_ERROR, 503, day(0))
    assert link.state == Link.State.SUSPECT, "twice on the same day says no more than once"
    link.found(Problem.TIMEOUT, None, day(1))
    assert link.state == Link.State.BROKEN
    assert link.failing_since == timezone.localdate(day(0))


def test_what_works_again_is_forgiven():
    link = Link()
    link.found(Problem.TIMEOUT, None, day(0))
    link.found("", None, day(1))
    link.found(Problem.TIMEOUT, None, day(2))
    assert link.state == Link.State.SUSPECT
    assert link.failing_since == timezone.localdate(day(2))


def test_a_site_that_does_not_let_programs_in_is_not_called_broken():
    link = Link()
    link.found(Problem.REFUSED, 403, day(0))
    link.found(Problem.REFUSED, 403, day(1))
    assert link.state == Link.State.REFUSED


# The run ---------------------------------------------------------------------------------------


class Asker:
    """In the place of other sites."""

    def __init__(self, **problems):
        self.problems = problems
        self.asked = []

    def ask(self, address):
        self.asked.append(address)
        host = address.split("/")[2].split(".")[0]
        return Outcome(self.problems.get(host, ""))


def external():
    return Link.objects.external().filter(address__contains=".fora.example/")


@pytest.fixture
def outside(home, monkeypatch):
    """Ten links to other sites, and nobody who asks for them but this."""
    asker = Asker(ruim=Problem.GONE, lento=Problem.TIMEOUT)
    monkeypatch.setattr(check, "Asker", lambda: asker)
    hosts = ["bom", "ruim", "lento", *(f"site{number}" for number in range(7))]
    text = "".join(f'<a href="https://{host}.fora.example/">{host}</a>' for host in hosts)
    page_with(home, paragraph(text))
    collect_all()
    # The first content has links of its own.
    others = Link.objects.external().exclude(pk__in=external())
    others.update(checked_at=timezone.now(), state=Link.State.GOOD)
    return asker


def run(*options) -> str:
    out = StringIO()
    call_command("check_links", *options, stdout=out)
    return out.getvalue()


def test_a_run_asks_for_everything_once_and_says_what_it_found(outside):
    said = run()
    assert sorted(outside.asked) == sorted(set(outside.asked))
    assert external().get(address="https://ruim.fora.example/").state == Link.State.BROKEN
    assert external().get(address="https://lento.fora.example/").state == Link.State.SUSPECT
    assert external().filter(state=Link.State.GOOD).count() == 8
    assert f"{Link.objects.filter(state=Link.State.BROKEN).count()} links are broken" in said


def test_what_was_asked_lately_is_not_asked_again(outside):
    run()
    outside.asked.clear()
    run("--days", "7")
    assert outside.asked == []
    external().update(checked_at=timezone.now() - timedelta(days=8))
    run("--days", "7")
    assert len(outside.asked) == 10


def test_what_failed_yesterday_is_asked_again_today(outside):
    run()
    outside.asked.clear()
    slow = external().filter(address="https://lento.fora.example/")
    slow.update(
        checked_at=timezone.now() - timedelta(days=1),
        failing_since=timezone.localdate() - timedelta(days=1),
    )
    run()
    assert outside.asked == ["https://lento.fora.example/"]
    assert slow.get().state == Link.State.BROKEN


def test_a_run_that_is_cut_goes_on_where_it_was(outside):
    run("--limit", "4")
    assert len(outside.asked) == 4
    assert "the next run goes on" in run("--budget", "0")
    assert len(outside.asked) == 4
    run("--limit", "4")
    run()
    wanted = {link.address for link in external()}
    assert len(wanted) == 10
    assert set(outside.asked) == wanted
    assert len(outside.asked) == len(set(outside.asked))


def test_nothing_is_asked_of_others_when_only_the_site_is_to_be_checked(outside):
    run("--internal-only")
    assert outside.asked == []
    assert external().filter(state=Link.State.WAITING).count() == 10


def test_senseless_options_are_refused():
    with pytest.raises(CommandError):
        run("--budget", "-1")


def test_samples_written_in_bulk_can_be_removed_when_their_links_are_known(news_index):
    call_command("make_articles", 30, verbosity=0, stdout=StringIO())
    collect_all()
    assert LinkUse.objects.filter(place__page__in=ArticlePage.objects.values("pk")).exists()
    call_command("remove_demo", stdout=StringIO())
    connection.check_constraints()
    assert not ArticlePage.objects.filter(slug__startswith="amostra-").exists()
