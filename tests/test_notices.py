"""Notices above every page, from one time to another."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.core.cache import caches
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import Locale, PageViewRestriction

from pages.models import SiteNotice, StandardPage

pytestmark = pytest.mark.django_db


def put_up(text="Fechado na sexta.", hours=-1, until=1, language="pt-br", **fields) -> SiteNotice:
    now = timezone.now()
    return SiteNotice.objects.create(
        locale=Locale.objects.get(language_code=language),
        text=text,
        start=now + timedelta(hours=hours),
        end=now + timedelta(hours=until),
        **fields,
    )


def bars(client, address="/"):
    return BeautifulSoup(client.get(address).content, "html.parser").select(".noticebar")


def texts(client, address="/") -> list[str]:
    return [" ".join(bar.p.get_text().split()) for bar in bars(client, address)]


@pytest.mark.parametrize("address", ["/", "/noticias/", "/contato/", "/busca/", "/dados-abertos/"])
def test_a_notice_stands_above_every_page(client, address):
    put_up()
    assert texts(client, address) == ["Informação: Fechado na sexta."]


def test_a_notice_stands_above_the_page_that_says_there_is_none(client):
    put_up()
    page = BeautifulSoup(client.get("/nao-existe/").content, "html.parser")
    assert page.select_one(".noticebar")


def test_it_comes_and_goes_at_the_second(client, monkeypatch):
    notice = put_up(hours=1, until=2)
    second = timedelta(seconds=1)
    for moment, is_there in (
        (notice.start - second, False),
        (notice.start, True),
        (notice.end - second, True),
        (notice.end, False),
    ):
        monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
        assert bool(bars(client)) is is_there


def test_each_language_has_its_own(client, home):
    english = home.copy_for_translation(Locale.objects.get(language_code="en"))
    english.save_revision().publish()
    put_up("Closed on Friday.", language="en")
    assert texts(client, "/") == []
    assert texts(client, "/en/") == ["Information: Closed on Friday."]


def test_the_level_is_told_by_a_word_and_an_icon_and_the_most_urgent_comes_first(client):
    put_up("Um.", level="information")
    put_up("Dois.", level="urgent")
    put_up("Três.", level="warning")
    assert texts(client) == ["Urgente: Dois.", "Atenção: Três.", "Informação: Um."]
    shown = bars(client)
    assert all(
        bar["aria-labelledby"] == bar.p["id"] and bar.svg["aria-hidden"] == "true" for bar in shown
    )
    assert [bar.p.get("role") for bar in shown] == ["alert", None, None]
    assert len({str(bar.svg) for bar in shown}) == 3


def test_it_leads_to_a_page_or_to_another_address(client):
    contact = StandardPage.objects.get(slug="contato")
    put_up("Um.", page=contact)
    put_up("Dois.", page=contact, link_label="Fale conosco")
    put_up("Três.", url="https://example.org/?a=1&b=2", link_label="Fora")
    links = {bar.a.get_text(): bar.a["href"] for bar in bars(client)}
    assert links == {
        contact.title: "/contato/",
        "Fale conosco": "/contato/",
        "Fora": "https://example.org/?a=1&b=2",
    }


@pytest.mark.parametrize("how", ["draft", "private", "gone"])
def test_it_leads_nowhere_when_visitors_may_not_see_the_page(client, how):
    page = StandardPage.objects.get(slug="contato")
    put_up(page=page, link_label="Ver")
    if how == "draft":
        page.unpublish()
    elif how == "private":
        PageViewRestriction.objects.create(page=page, restriction_type="login")
    else:
        page.delete()
    (bar,) = bars(client)
    assert not bar.a
    assert "Fechado na sexta." in bar.get_text()


def test_what_an_editor_writes_is_text_and_not_markup(client):
    put_up("<script>alert(1)</script> & mais", url="/busca/", link_label="<b>Ir</b>")
    (bar,) = bars(client)
    assert not bar.select("script, b")
    assert "<script>alert(1)</script> & mais" in bar.p.get_text()


def test_notices_cost_no_query(client):
    def count(address) -> int:
        client.get(address)
        for cache in caches.all():
            cache.clear()
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        return len(captured)

    addresses = ("/", "/noticias/", "/contato/", "/busca/?q=amostra", "/nao-existe/")
    without = [count(address) for address in addresses]
    for number in range(5):
        put_up(f"Aviso {number}", page=StandardPage.objects.get(slug="contato"))
    assert [count(address) for address in addresses] == without


def test_a_notice_that_says_something_else_comes_back_to_those_who_put_it_away(client):
    notice = put_up()
    before = bars(client)[0]["data-notice"]
    assert bars(client)[0]["data-notice"] == before
    notice.text = "Fechado na segunda."
    notice.save()
    assert bars(client)[0]["data-notice"] != before


def test_without_a_notice_its_script_is_not_asked_for(client):
    assert "noticebar" not in client.get("/").content.decode()
    put_up()
    page = client.get("/").content.decode()
    assert "js/noticebar.js" in page
    button = bars(client)[0].button
    assert button.has_attr("hidden"), "nothing to press where scripts do not run"
    assert " ".join(button.get_text().split()) == "Dispensar este aviso"


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"url": "//example.org", "link_label": "x"}, "url"),
        ({"url": "javascript:alert(1)", "link_label": "x"}, "url"),
        ({"url": "https://example.org"}, "link_label"),
        ({"hours": 2, "until": 1}, "end"),
    ],
)
def test_what_is_amiss_is_told_at_the_field(fields, at):
    now = timezone.now()
    hours, until = fields.pop("hours", 0), fields.pop("until", 1)
    notice = SiteNotice(
        locale=Locale.get_default(),
        text="Um aviso",
        start=now + timedelta(hours=hours),
        end=now + timedelta(hours=until),
        **fields,
    )
    with pytest.raises(ValidationError) as refused:
        notice.full_clean()
    assert set(refused.value.message_dict) == {at}


def test_notices_are_kept_in_the_admin_with_their_state_and_a_preview(admin_client):
    notice = put_up()
    put_up(hours=1, until=2)
    put_up(hours=-2, until=-1)
    listed = admin_client.get("/admin/snippets/pages/sitenotice/").content.decode()
    for state in ("No ar agora", "Agendado", "Encerrado"):
        assert state in listed
    form = admin_client.get(f"/admin/snippets/pages/sitenotice/edit/{notice.pk}/")
    assert f"/sitenotice/preview/{notice.pk}/" in form.content.decode()
    address = f"/admin/snippets/pages/sitenotice/preview/{notice.pk}/"
    data = {
        "text": "Texto ainda não salvo",
        "level": "urgent",
        "start": "2026-01-01 10:00",
        "end": "2026-01-02 10:00",
    }
    assert admin_client.post(address, data).json()["is_valid"]
    shown = BeautifulSoup(admin_client.get(address).content, "html.parser")
    assert "Urgente: Texto ainda não salvo" in " ".join(
        shown.select_one(".noticebar").get_text().split()
    )
