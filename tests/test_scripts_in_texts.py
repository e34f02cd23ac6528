"""What editors write, or somebody posts in their name, brings no script onto a page (CWE-79)."""

import json

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from django.urls import reverse
from wagtail.test.utils.form_data import nested_form_data, streamfield

from news.models import ArticlePage
from pages.blocks import BodyBlock
from pages.external_video import parse_external_video
from pages.models import VideoPage
from tests.builders import ArticleFactory, VideoPageFactory

# What no database decides.
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
MARKUP = '<script>alert(1)</script><img src=x onerror=alert(1)><svg onload="alert(1)"></svg>'
LINKS = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java\tscript:alert(1)",
    "\x01javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
]


def dangers(html: str) -> list[str]:
    """Whatever in ``html`` would run."""
    page = BeautifulSoup(html, "html.parser")
    found = [
        str(tag)
        for tag in page.find_all(["script", "iframe", "object", "embed", "style", "svg", "base"])
        if tag.get("type") != "application/ld+json" and not tag.get("src", "").startswith("/static")
        and not (tag.name == "svg" and not set(map(str.lower, tag.attrs)) & {"onload"})
    ]  # fmt: skip
    for tag in page.find_all(True):
        for name, value in tag.attrs.items():
            text = "".join(str(value).split()).lower()
            if name.lower().startswith("on") or name == "srcdoc":
                found.append(str(tag))
            if name.lower() in ("href", "src", "action", "formaction") and text.lstrip(
                "".join(map(chr, range(33)))
            ).startswith(("javascript:", "data:", "vbscript:")):
                found.append(str(tag))
    return found


def contentstate(text: str, url: str = "", entity: str = "LINK", block: str = "unstyled") -> str:
    """What the editor's widget posts, with whatever somebody put in its place."""
    ranges = [{"offset": 0, "length": len(text), "key": 0}] if url else []
    entities = {"0": {"type": entity, "mutability": "MUTABLE", "data": {"url": url, "src": url}}}
    return json.dumps(
        {
            "blocks": [
                {
                    "key": "a", "text": text, "type": block, "depth": 0,
                    "inlineStyleRanges": [], "entityRanges": ranges,
                }
            ],
            "entityMap": entities if url else {},
        }
    )  # fmt: skip


def post_article(client, article, paragraph: str):
    """Save an article as the admin's form does, with ``paragraph`` as the widget's value."""
    data = nested_form_data(
        {
            "title": article.title,
            "slug": article.slug,
            "summary": article.summary,
            "date": "2026-03-01 10:00",
            "body": streamfield([("paragraph", paragraph)]),
        }
    )
    for formset in ("comments", "attachments", "goals"):
        data |= {
            f"{formset}-TOTAL_FORMS": "0", f"{formset}-INITIAL_FORMS": "0",
            f"{formset}-MIN_NUM_FORMS": "0", f"{formset}-MAX_NUM_FORMS": "1000",
        }  # fmt: skip
    return client.post(reverse("wagtailadmin_pages:edit", args=[article.pk]), data)


def drawn(client, article) -> str:
    """The page with the last draft in it, as visitors would see it published."""
    article = ArticlePage.objects.get(pk=article.pk)
    draft = article.get_latest_revision_as_object()
    draft.save_revision().publish()
    return client.get(article.url).content.decode()


@pytest.fixture
def article(news_index):
    return ArticleFactory(parent=news_index, body=[])


@pytest.mark.parametrize("link", LINKS)
def test_a_link_with_a_script_does_not_reach_the_page(admin_client, client, article, link):
    """OWASP XSS Prevention: only addresses of the web, mail and telephone."""
    response = post_article(admin_client, article, contentstate("Veja o edital de 2026", link))
    assert response.status_code in (200, 302)
    html = drawn(client, article)
    assert dangers(html) == []


@pytest.mark.parametrize(
    "posted",
    [
        contentstate(MARKUP),
        contentstate(MARKUP, block="atomic"),
        contentstate(MARKUP, block="<script>"),
        contentstate("x", "https://evil.example/x.js", "EMBED"),
        contentstate("x", "https://evil.example/x.svg", "IMAGE"),
        contentstate("x", '"><script>alert(1)</script>'),
    ],
)
def test_markup_that_is_posted_as_a_text_stays_a_text(admin_client, client, article, posted):
    """OWASP XSS Prevention: what is stored is made of what the editor may use, and no more."""
    response = post_article(admin_client, article, posted)
    assert response.status_code in (200, 302)
    assert dangers(drawn(client, article)) == []


@pytest.mark.parametrize(
    "posted", ["", "{", "[]", '"x"', '{"blocks": 1}', '{"blocks": [{}]}', MARKUP, "\x00"]
)
def test_a_text_that_no_editor_would_post_is_no_error_of_the_site(admin_client, article, posted):
    """Bad input gets an answer, never a 500."""
    response = post_article(admin_client, article, posted)
    assert response.status_code == 400
    assert "Pedido inválido" in response.content.decode()
    assert not article.revisions.exists()


def test_plain_fields_are_drawn_as_written(client, news_index):
    """OWASP XSS Prevention: escaped wherever they appear."""
    words = f"Zanzibar {MARKUP}"
    article = ArticleFactory(parent=news_index, title=words, summary=words)
    for address in (article.url, "/noticias/", "/busca/?q=zanzibar", "/", "/mapa-do-site/"):
        assert dangers(client.get(address).content.decode()) == [], address


@pytest.mark.parametrize("link", [*LINKS, "https://evil.example/", "https://www.youtube.com/x"])
def test_an_embed_is_a_video_of_a_known_service_or_nothing(client, video_index, link):
    """No page frames what an editor's address says; it is read, and a known address is made."""
    assert parse_external_video(link) is None
    with pytest.raises(ValidationError):
        VideoPage(title="Vídeo", slug="video-x", external_url=link, date="2026-01-01").full_clean(
            exclude=["path", "depth", "url_path", "locale"]
        )
    page = VideoPageFactory(parent=video_index)
    VideoPage.objects.filter(pk=page.pk).update(external_url=link)
    html = client.get(page.url).content.decode()
    assert dangers(html) == []
    assert "evil.example" not in html


@pytest.mark.parametrize("link", LINKS)
def test_a_blocks_address_is_one_of_the_web(link):
    """Every block that takes an address refuses what would run."""
    found = 0
    for block in _blocks(BodyBlock()):
        if type(block).__name__ == "URLBlock":
            found += 1
            with pytest.raises(ValidationError):
                block.clean(link)
    assert found


def _blocks(block):
    yield block
    children = getattr(block, "child_blocks", {})
    for child in children.values():
        yield from _blocks(child)
    if hasattr(block, "child_block"):
        yield from _blocks(block.child_block)
