"""No address of the site can be made to lead visitors elsewhere (CWE-601)."""

from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client
from wagtail.contrib.redirects.models import Redirect
from wagtail.documents import get_document_model
from wagtail.models import Collection, CollectionViewRestriction, PageViewRestriction

from tests.builders import PersonFactory

# What no database decides.
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
#: What browsers take for another host, or for a script.
TARGETS = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "https:evil.example/",
    "http:///evil.example/",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "/\t/evil.example/",
    "https://testserver@evil.example/",
    "https://testserver.evil.example/",
    " //evil.example/",
    "\x00//evil.example/",
]


def leads_away(response) -> bool:
    if response.status_code not in (301, 302, 303, 307, 308):
        return False
    target = urlsplit(urljoin("http://testserver/", response.headers["Location"]))
    there = response.headers["Location"].replace("\\", "/").strip()
    if there.startswith("//"):
        return urlsplit("http:" + there).netloc != "testserver"
    return target.scheme not in ("http", "https") or target.netloc != "testserver"


@pytest.mark.parametrize("target", TARGETS)
def test_signing_in_and_out_leads_nowhere_else(target):
    """The parameter ``next`` of the admin and of private pages."""
    person = PersonFactory(role="Edição")
    person.set_password("uma senha bem comprida")
    person.save()
    given = {"username": person.username, "password": "uma senha bem comprida", "next": target}
    for address in ("/admin/login/", "/_util/login/"):
        client = Client()
        assert not leads_away(client.post(address, given))
        assert not leads_away(client.get(address, {"next": target}))
    client = Client()
    client.force_login(person)
    for address in ("/admin/logout/", "/admin/login/"):
        assert not leads_away(client.post(address, {"next": target}))


@pytest.mark.parametrize("target", TARGETS)
def test_a_password_for_a_page_or_a_document_leads_nowhere_else(client, news_index, target):
    """The hidden field ``return_url`` of the form."""
    article = news_index.get_children().live().first()
    page = PageViewRestriction.objects.create(
        page=article, restriction_type="password", password="segredo"
    )
    collection = CollectionViewRestriction.objects.create(
        collection=Collection.get_first_root_node(), restriction_type="password", password="segredo"
    )
    for address in (
        f"/_util/authenticate_with_password/{page.pk}/{article.pk}/",
        f"/documentos/authenticate_with_password/{collection.pk}/",
    ):
        response = client.post(address, {"password": "segredo", "return_url": target})
        assert response.status_code in (200, 302)
        assert not leads_away(response), response.headers


@pytest.mark.parametrize(
    "address",
    [
        "//evil.example/noticias",
        "///evil.example",
        "/%5Cevil.example/noticias",
        "//evil.example/%2e%2e/noticias",
        "/%09/evil.example/noticias",
        "/noticias?ano=2026&assunto=//evil.example",
        "/noticias/?q=&x=//evil.example/",
        "/noticias/?ano=2026&mes=&url=https://evil.example/",
        "/en//evil.example",
        "/documentos/1///evil.example",
        "/favicon.ico?url=//evil.example",
    ],
)
def test_an_address_that_is_put_right_stays_on_the_site(client, address):
    """Slashes at the end, the filters' form, languages and former addresses."""
    response = client.get(address)
    assert response.status_code < 500
    assert not leads_away(response), response.headers


def test_a_redirect_follows_what_the_editor_wrote_and_nothing_of_the_visitors(client):
    """Redirects to other sites are the editors' choice; no part of an address changes them."""
    Redirect.objects.create(old_path="/antigo", redirect_link="/noticias/")
    Redirect.objects.create(old_path="/parceiro", redirect_link="https://example.org/")
    for query in ("", "?next=//evil.example", "?url=https://evil.example/"):
        assert urlsplit(client.get(f"/antigo/{query}").headers["Location"]).netloc == ""
        assert client.get(f"/parceiro/{query}").headers["Location"] == "https://example.org/"
    assert not leads_away(client.get("//evil.example/antigo"))


def test_a_documents_former_name_leads_to_the_document(client):
    """Only names that it had; what stands after them is no address."""
    document = get_document_model()(title="Edital", former_names=["antigo.pdf"])
    document.file.save("edital.pdf", __import__("io").BytesIO(b"%PDF-1.7\n"))
    found = client.get(f"/documentos/{document.pk}/antigo.pdf?next=//evil.example")
    assert found.headers["Location"] == document.url
    assert client.get(f"/documentos/{document.pk}///evil.example").status_code == 404
