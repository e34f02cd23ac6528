"""What is checked of a page before visitors see it."""

import json
from io import StringIO
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.images import get_image_model
from wagtail.models import Page, Workflow
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from jundiai_global.demo import pictures
from news.models import ArticlePage
from pages import guards
from pages.guards.published import published_findings
from pages.models import HomePage, StandardPage, VideoFile, VideoPage
from tests.builders import ArticleFactory, VideoPageFactory, full_body

pytestmark = pytest.mark.django_db
SUMMARY = "A comitiva conheceu a cidade e assinou um protocolo."


def make_image(**changes):
    values = {
        "title": "Foto",
        "description": "Duas pessoas apertam as mãos",
        "credit": "Foto de Ana",
        "shows_people": False,
    }
    name = f"foto-{len(changes)}.jpg"
    file = pictures.sample_file("Foto", name, (60, 40))
    return get_image_model().objects.create(file=file, **{**values, **changes})


def article(**changes) -> ArticlePage:
    values = {"title": "Comitiva visita Jundiaí", "slug": "comitiva", "summary": SUMMARY}
    return ArticlePage(date=timezone.now(), **{**values, **changes})


def codes(page, **known) -> dict[str, bool]:
    """What is found, and whether it holds the page back."""
    return {finding.code: finding.is_error for finding in guards.find(page, **known)}


def text(html: str) -> ArticlePage:
    return article(body=[("paragraph", html)])


def test_a_careful_page_passes():
    page = article(
        body=[
            ("paragraph", "<p>Texto com <b>destaque</b>, na ACI, às 14h.</p>"),
            ("heading", {"text": "O protocolo", "level": "2"}),
            ("paragraph", "<p>– Bom dia, disse.</p><p>– Bom dia.</p><ul><li>um</li></ul>"),
            ("heading", {"text": "Os próximos passos", "level": "3"}),
            ("paragraph", '<p>Leia o <a href="https://x.org/">edital de 2026</a>.</p>'),
        ]
    )
    assert codes(page) == {}


# What each guard finds ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("COMITIVA VISITA JUNDIAÍ", {"title-capitals"}),
        ("INTERNACIONAL", {"title-capitals"}),
        ("ACI", set()),
        ("COP30", set()),
        ("Comitiva visita Jundiaí.", {"title-period"}),
        ("Acordo com a Embraer S.A.", set()),
        ("Encontro com a Acme Ltda.", set()),
        ("E agora?", set()),
        ("Continua...", set()),
        ("Oi", {"title-short"}),
        ("  – ", {"title-short"}),
        ("Mapa", set()),
    ],
)
def test_a_title_is_clear(title, found):
    assert set(codes(article(title=title))) == found


def test_a_title_is_not_that_of_a_published_page_beside_it(news_index, home):
    ArticleFactory(parent=news_index, title="Rascunho", live=False)
    there = ArticleFactory(parent=news_index, title="Já existe", summary=SUMMARY)
    assert codes(article(title="Já  existe "), parent=news_index) == {"title-twin": True}
    assert codes(article(title="Rascunho"), parent=news_index) == {}
    assert codes(article(title="Já existe"), parent=home) == {}
    assert codes(there) == {}


@pytest.mark.parametrize(
    ("summary", "found"),
    [
        ("", {"summary-missing": True}),
        ("   ", {"summary-missing": True}),
        ("Curto.", {"summary-short": False}),
        ("a" * 201, {"summary-long": False}),
        ("a" * 200, {}),
        ("a" * 30, {}),
        ("Comitiva visita Jundiaí", {"summary-repeats-title": False}),
    ],
)
def test_a_summary_is_there_and_of_a_useful_length(summary, found):
    assert codes(article(summary=summary)) == found


def test_a_goal_needs_no_summary_for_it_has_its_statement():
    goal = Page.objects.filter(content_type__model="goalpage").first().specific
    goal.summary = ""
    assert "summary-missing" not in codes(goal)


def heads(*levels: str) -> ArticlePage:
    body = []
    for number, level in enumerate(levels):
        body.append(("heading", {"text": f"Parte {number}", "level": level}))
        body.append(("paragraph", "<p>Texto.</p>"))
    return article(body=body)


def test_a_lesser_heading_comes_after_a_heading():
    assert codes(heads("2", "3", "3", "2", "3")) == {}
    assert codes(heads("3", "2")) == {"heading-order": True}


def test_headings_say_something_and_have_text_below():
    empty = article(body=[("heading", {"text": "  ", "level": "2"}), ("paragraph", "<p>a</p>")])
    assert codes(empty) == {"heading-empty": True}
    last = article(body=[("heading", {"text": "Fim", "level": "2"})])
    assert codes(last) == {"heading-of-nothing": False}
    two = [("heading", {"text": "Um", "level": "2"}), ("heading", {"text": "Dois", "level": "2"})]
    assert codes(article(body=[*two, ("paragraph", "<p>a</p>")])) == {"heading-of-nothing": False}
    two[1][1]["level"] = "3"
    assert codes(article(body=[*two, ("paragraph", "<p>a</p>")])) == {}
    loud = article(
        body=[("heading", {"text": "O PROTOCOLO", "level": "2"}), ("paragraph", "<p>a</p>")]
    )
    assert codes(loud) == {"heading-capitals": False}


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("Clique aqui", "link-vague"),
        ("aqui.", "link-vague"),
        ("<b>SAIBA MAIS…</b>", "link-vague"),
        ("mais informações", "link-vague"),
        ("Leia mais »", "link-vague"),
        ("click here", "link-vague"),
        ("haga clic aquí", "link-vague"),
        ("https://jundiai.sp.gov.br/edital", "link-address"),
        ("www.jundiai.sp.gov.br", "link-address"),
        ("jundiai.sp.gov.br/edital-2026", "link-address"),
        ("", "link-empty"),
        ("Saiba mais sobre as cidades-irmãs", None),
        ("contato@jundiai.sp.gov.br", None),
        ("磐田市", None),
    ],
)
def test_a_link_says_where_it_goes(words, found):
    page = text(f'<p>Veja <a href="https://example.org/">{words}</a>.</p>')
    assert codes(page) == ({found: True} if found else {})


def test_links_are_looked_at_wherever_an_editor_writes_them(home):
    vague = '<p><a href="https://example.org/">aqui</a></p>'
    table = {
        "columns": [{"type": "rich_text", "heading": "Coluna"}],
        "rows": [{"values": [vague]}],
        "caption": "Tabela",
    }
    for body in (
        [("fact_box", {"title": "Quadro", "text": vague})],
        [("accordion", {"items": [{"title": "Pergunta", "text": vague}]})],
        [
            (
                "call_to_action",
                {"title": "", "text": "", "label": "Saiba mais", "external_url": "https://x.org/"},
            )
        ],
        json.dumps([{"type": "table", "value": {"table": table}}]),
    ):
        assert codes(article(body=body)) == {"link-vague": True}, body
    assert codes(article(corrections=vague)) == {"link-vague": True}
    home.about_link_label = "Saiba mais"
    assert codes(home) == {"link-vague": True}


def used(image, alt="Duas pessoas", decorative=False, credit="") -> ArticlePage:
    value = {"image": image.pk, "alt_text": alt, "decorative": decorative}
    body = [{"type": "image", "value": {"image": value, "caption": "", "credit": credit}}]
    return article(body=json.dumps(body))


@pytest.mark.parametrize(
    ("alt", "decorative", "found"),
    [
        ("Duas pessoas apertam as mãos", False, {}),
        ("", True, {}),
        ("", False, {"image-undescribed": True}),
        ("  ", False, {"image-undescribed": True}),
        ("DSC_0032.JPG", False, {"image-description-empty-words": True}),
        ("IMG-20260301", False, {"image-description-empty-words": True}),
        ("Foto", False, {"image-description-empty-words": True}),
        ("Foto de duas pessoas", False, {"image-description-redundant": False}),
        ("Fotógrafo na praça", False, {}),
    ],
)
def test_each_use_of_an_image_is_described_or_declared_decorative(alt, decorative, found):
    assert codes(used(make_image(), alt, decorative)) == found


def test_the_images_of_fields_and_galleries_are_described_too():
    bare = make_image(description="", is_decorative=False)
    assert codes(article(cover=bare)) == {"image-undescribed": True}
    assert codes(article(social_image=bare)) == {"image-undescribed": True}
    value = {"image": {"image": bare.pk, "alt_text": "", "decorative": False}, "caption": ""}
    items = [{"type": "item", "id": str(uuid4()), "value": value} for _number in range(2)]
    gallery = json.dumps([{"type": "gallery", "value": {"title": "", "items": items}}])
    found = guards.find(article(body=gallery))
    assert [finding.place.path for finding in found] == [
        (0, "items", 0, "image", "alt_text"),
        (0, "items", 1, "image", "alt_text"),
    ]


def test_an_image_has_a_credit_in_the_library_or_where_it_is_used():
    uncredited = make_image(credit="")
    assert codes(used(uncredited)) == {"image-uncredited": True}
    assert codes(used(uncredited, credit="Foto de Rui")) == {}
    assert codes(used(uncredited, alt="", decorative=True)) == {}
    assert codes(article(cover=uncredited)) == {"image-uncredited": True}


def test_people_who_can_be_recognised_have_authorised_the_use_of_their_image():
    assert codes(used(make_image(shows_people=True))) == {"image-unauthorised": True}
    authorised = make_image(
        shows_people=True, is_use_authorised=True, authorisation_record="Processo 1/2026"
    )
    assert codes(used(authorised)) == {}
    assert codes(article(cover=make_image(shows_people=None))) == {"image-people-unknown": False}


def video(**changes) -> VideoPage:
    values = {"title": "A serra", "slug": "a-serra", "summary": SUMMARY}
    page = VideoPage(date=timezone.localdate(), **{**values, **changes})
    page.locale = HomePage.objects.first().locale
    return page


def test_a_video_has_captions_or_a_transcript(video_index):
    with_captions = VideoFile.objects.get()
    without = VideoFile.objects.create(title="Sem legendas", file=with_captions.file)
    said = "<p>Tudo o que se fala.</p>"
    external = "https://vimeo.com/76979871"
    assert codes(video()) == {"video-missing": True}
    assert codes(video(video_file=without)) == {"video-without-alternative": True}
    assert codes(video(video_file=without, transcript="<p></p>")) == {
        "video-without-alternative": True
    }
    assert codes(video(video_file=without, transcript=said)) == {"video-without-captions": False}
    assert codes(video(video_file=with_captions)) == {"video-without-transcript": False}
    assert codes(video(video_file=with_captions, transcript=said)) == {}
    assert codes(video(external_url=external)) == {"video-without-transcript": True}
    assert codes(video(external_url=external, transcript=said)) == {}


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<p>- um</p><p>- dois</p>", {"text-fake-list": True}),
        ("<p>Traga:<br/>• um<br/>• dois</p>", {"text-fake-list": True}),
        ("<p>1. um</p><p>2. dois</p>", {"text-fake-list": True}),
        ("<p>- um só</p><p>Outro.</p>", {}),
        ("<p>— Bom dia.</p><p>— Bom dia.</p>", {}),
        ("<p>2026 foi bom.</p><p>2027 será melhor.</p>", {}),
        ("<p><b>Como participar</b></p><p>Assim.</p>", {"text-fake-heading": True}),
        ("<p><b>Como</b> <b>participar</b></p><p>Assim.</p>", {"text-fake-heading": True}),
        ("<p><b>Inscrições até 10 de maio.</b></p>", {}),
        ("<p><b>Atenção</b> ao prazo</p>", {}),
        ("<p>ESTE PARÁGRAFO ESTÁ TODO EM MAIÚSCULAS</p>", {"text-capitals": False}),
        ("<p>ONU, OEA, BID e FMI</p>", {}),
    ],
)
def test_formatting_that_only_looks_like_structure_is_told(html, found):
    assert codes(text(html)) == found


def test_a_speaker_in_bold_is_no_heading_in_a_transcript():
    page = video(external_url="https://vimeo.com/76979871", transcript="<p><b>Maria</b></p>")
    assert codes(page) == {}


def test_every_block_can_be_looked_at():
    guards.find(article(body=full_body()))


def test_every_finding_says_in_portuguese_how_to_mend_it():
    wrong = article(
        title="OI OI",
        summary="",
        cover=make_image(description="", credit="", shows_people=True),
        body=[("heading", {"text": "", "level": "3"}), ("paragraph", "<p>- um</p><p>- dois</p>")],
    )
    for finding in guards.find(wrong):
        assert len(finding.message) > 20, finding
        assert "%(" not in finding.message, finding


# The form -------------------------------------------------------------------------------------


@pytest.fixture
def editor(admin_client):
    return admin_client


def form(**changes) -> dict:
    data = {
        "title": "Comitiva visita Jundiaí",
        "slug": "comitiva",
        "summary": SUMMARY,
        "date": "2026-11-20 10:00",
        "body": streamfield([("paragraph", rich_text("<p>Texto da notícia.</p>"))]),
        "comments-TOTAL_FORMS": 0,
        "comments-INITIAL_FORMS": 0,
    }
    return nested_form_data({**data, **changes})


WRONG = {
    "title": "COMITIVA VISITA JUNDIAÍ.",
    "summary": "",
    "body": streamfield(
        [
            ("heading", {"text": "Menor", "level": "3"}),
            ("paragraph", rich_text('<p><a href="https://x.org/">clique aqui</a></p>')),
        ]
    ),
}


def add_address(news_index) -> str:
    return f"/admin/pages/add/news/articlepage/{news_index.pk}/"


def stored() -> ArticlePage | None:
    return ArticlePage.objects.filter(slug="comitiva").first()


def test_a_draft_is_saved_with_everything_wrong(editor, news_index):
    answer = editor.post(add_address(news_index), form(**WRONG))
    assert answer.status_code == 302
    page = stored()
    assert not page.live
    # And once more, as an existing page.
    answer = editor.post(
        f"/admin/pages/{page.pk}/edit/", form(**{**WRONG, "title": "OUTRO TÍTULO"})
    )
    assert answer.status_code == 302
    assert stored().get_latest_revision_as_object().title == "OUTRO TÍTULO"


@pytest.mark.parametrize(
    "action",
    [
        {"action-publish": "1"},
        {"action-submit": "1"},
        {"action-publish": "1", "go_live_at": "2050-01-01 10:00"},
    ],
)
def test_nobody_publishes_schedules_or_submits_what_must_be_mended(editor, news_index, action):
    answer = editor.post(add_address(news_index), form(**WRONG, **action))
    assert answer.status_code == 200
    assert stored() is None
    shown = answer.content.decode()
    assert "todo em maiúsculas" in shown
    assert "Escreva o resumo" in shown
    assert "clique aqui" in shown, "the text is kept"


def block_errors(answer) -> dict:
    """What the editor shows at the blocks of the body."""
    error = answer.context["form"].errors.as_data()["body"][0]
    return error.as_json_data()["blockErrors"]


def test_errors_are_shown_at_the_blocks_concerned(editor, news_index):
    image = make_image(credit="")
    value = {"image": image.pk, "alt_text": "", "decorative": ""}
    picture = {"image": value, "caption": rich_text("<p>Legenda</p>"), "credit": ""}
    body = streamfield(
        [
            ("heading", {"text": "Menor", "level": "3"}),
            ("paragraph", rich_text('<p><a href="https://x.org/">aqui</a></p>')),
            ("image", picture),
        ]
    )
    answer = editor.post(add_address(news_index), form(body=body, **{"action-publish": "1"}))
    errors = block_errors(answer)
    assert "Intertítulo" in errors[0]["blockErrors"]["level"]["messages"][0]
    assert "não diz aonde leva" in errors[1]["messages"][0]
    image_errors = errors[2]["blockErrors"]["image"]["blockErrors"]
    assert "Descreva" in image_errors["alt_text"]["messages"][0]
    assert "crédito" in image_errors["image"]["messages"][0]


def test_a_published_page_with_old_faults_is_still_edited(editor, news_index):
    page = ArticleFactory(parent=news_index, title="TÍTULO ANTIGO DE OUTRO TEMPO", slug="comitiva")
    address = f"/admin/pages/{page.pk}/edit/"
    assert editor.get(address).status_code == 200
    kept = form(title=page.title, summary="Um resumo")
    assert editor.post(address, kept).status_code == 302
    page.refresh_from_db()
    assert page.live
    assert page.has_unpublished_changes
    mended = form(title="Título novo", **{"action-publish": "1"})
    assert editor.post(address, mended).status_code == 302
    page.refresh_from_db()
    assert page.title == "Título novo"


def test_pasted_noise_is_cleaned_when_a_draft_is_saved(editor, news_index):
    body = streamfield(
        [
            ("heading", {"text": "Um \u00a0 título", "level": "2"}),
            ("paragraph", rich_text("<p>Um\u00a0texto</p><p></p><p>Outro</p>")),
        ]
    )
    changes = {"title": "Título  com\u200b espaços", "summary": "Um\u00a0resumo", "body": body}
    editor.post(add_address(news_index), form(**changes))
    page = stored()
    assert page.title == "Título com espaços"
    assert page.summary == "Um resumo"
    assert page.body[0].value["text"] == "Um título"
    paragraphs = BeautifulSoup(page.body[1].value.source, "html.parser").find_all("p")
    assert [paragraph.get_text() for paragraph in paragraphs] == ["Um texto", "Outro"]


def told(answer) -> str:
    """The messages on the page that an editor sees next."""
    return answer.content.decode()


def test_advice_is_told_after_publishing_and_holds_nothing_back(editor, news_index):
    answer = editor.post(
        add_address(news_index), form(summary="Curto.", **{"action-publish": "1"}), follow=True
    )
    assert stored().live
    assert "Ainda pode melhorar" in told(answer)
    assert "O resumo tem 6 letras" in told(answer)


# Ways around the form -------------------------------------------------------------------------


@pytest.fixture
def faulty(news_index):
    """A draft that may not be published as it is."""
    page = ArticleFactory(parent=news_index, title="TÍTULO QUE GRITA", slug="comitiva", live=False)
    page.save_revision()
    return page


@pytest.fixture
def careful(news_index):
    page = ArticleFactory(parent=news_index, title="Título calmo", summary=SUMMARY, live=False)
    page.save_revision()
    return page


def bulk(pages) -> str:
    return "/admin/bulk/wagtailcore/page/publish/?next=/admin/&" + "&".join(
        f"id={page.pk}" for page in pages
    )


def is_live(page) -> bool:
    return Page.objects.get(pk=page.pk).live


def test_many_pages_are_published_at_once_only_if_none_is_held_back(editor, faulty, careful):
    answer = editor.post(bulk([faulty, careful]), follow=True)
    assert "Nada foi publicado" in told(answer)
    assert f"/admin/pages/{faulty.pk}/edit/" in told(answer)
    assert not is_live(faulty)
    assert not is_live(careful)
    editor.post(bulk([careful]))
    assert is_live(careful)


def test_drafts_below_a_page_published_in_bulk_are_looked_at(editor, faulty, news_index):
    editor.post(bulk([news_index]), {"include_descendants": "on"})
    assert not is_live(faulty)
    assert is_live(news_index)


def in_review(page, user):
    workflow = page.get_workflow() or Workflow.objects.get()
    workflow.start(page, user)
    return page.current_workflow_task_state


def review_address(page, state, action) -> str:
    return f"/admin/pages/workflow/action/{page.pk}/{action}/{state.pk}/"


def test_a_page_is_approved_only_when_nothing_holds_it_back(editor, admin_user, faulty, careful):
    state = in_review(faulty, admin_user)
    answer = editor.post(review_address(faulty, state, "approve"), follow=True)
    assert "Nada foi publicado" in told(answer)
    assert not is_live(faulty)
    state.refresh_from_db()
    assert state.status == "in_progress"
    state = in_review(careful, admin_user)
    while state:
        editor.post(review_address(careful, state, "approve"))
        state = type(careful).objects.get(pk=careful.pk).current_workflow_task_state
    assert is_live(careful)


def test_a_modal_window_sends_the_reviewer_to_what_must_be_mended(editor, admin_user, faulty):
    state = in_review(faulty, admin_user)
    answer = editor.post(
        review_address(faulty, state, "approve"), headers={"x-requested-with": "XMLHttpRequest"}
    )
    assert answer.json()["redirect"] == f"/admin/pages/{faulty.pk}/edit/"


def test_a_faulty_page_can_be_sent_back(editor, admin_user, faulty):
    state = in_review(faulty, admin_user)
    editor.post(review_address(faulty, state, "reject"), {"comment": "Corrija o título."})
    state.refresh_from_db()
    assert state.status == "rejected"


def test_a_faulty_page_can_be_sent_back_from_its_form(editor, admin_user, faulty):
    state = in_review(faulty, admin_user)
    review = {
        "action-workflow-action": "1",
        "workflow-action-name": "reject",
        "workflow-action-extra-data": json.dumps({"comment": "Corrija."}),
    }
    answer = editor.post(f"/admin/pages/{faulty.pk}/edit/", form(**WRONG, **review))
    assert answer.status_code == 302
    state.refresh_from_db()
    assert state.status == "rejected"


def test_a_faulty_page_is_not_approved_from_its_form(editor, admin_user, faulty):
    in_review(faulty, admin_user)
    review = {"action-workflow-action": "1", "workflow-action-name": "approve"}
    answer = editor.post(f"/admin/pages/{faulty.pk}/edit/", form(**WRONG, **review))
    assert answer.status_code == 200
    assert not is_live(faulty)


def test_reviews_are_for_those_who_may_enter_the_admin(client, admin_user, faulty):
    state = in_review(faulty, admin_user)
    answer = client.post(review_address(faulty, state, "approve"))
    assert answer.status_code == 302
    assert answer.url.startswith("/admin/login/")


def test_a_faulty_page_is_not_copied_and_published_at_once(editor, news_index):
    page = ArticleFactory(parent=news_index, title="TÍTULO QUE GRITA", slug="comitiva")
    data = {"new_title": "Cópia", "new_slug": "copia", "new_parent_page": news_index.pk}
    address = f"/admin/pages/{page.pk}/copy/"
    answer = editor.post(address, {**data, "publish_copies": "on"}, follow=True)
    assert "Nada foi publicado" in told(answer)
    assert not ArticlePage.objects.filter(slug="copia").exists()
    editor.post(address, data)
    assert not ArticlePage.objects.get(slug="copia").live


def test_programs_publish_what_they_make(faulty):
    faulty.get_latest_revision().publish()
    assert is_live(faulty)


# The report -----------------------------------------------------------------------------------


def test_the_first_content_and_the_samples_have_no_faults():
    found = [
        (page.title, finding.message)
        for page, findings in published_findings()
        for finding in findings
        if finding.is_error
    ]
    assert found == []


def report(*options) -> tuple[str, int]:
    out = StringIO()
    status = 0
    try:
        call_command("check_content", *options, stdout=out, no_color=True)
    except SystemExit as end:
        status = end.code
    return out.getvalue(), status


def test_the_report_lists_faults_with_addresses_and_ends_with_a_status(news_index):
    _text, status = report()
    assert status == 0
    page = ArticleFactory(parent=news_index, title="TÍTULO QUE GRITA", summary="Curto.")
    ArticleFactory(parent=news_index, title="RASCUNHO QUE GRITA", live=False)
    text, status = report()
    assert status == 1
    assert f"TÍTULO QUE GRITA\n  http://localhost/admin/pages/{page.pk}/edit/\n" in text
    assert "corrigir: O título está todo em maiúsculas" in text
    assert "melhorar: O resumo tem 6 letras" in text
    assert "RASCUNHO" not in text
    assert "melhorar" not in report("--errors-only")[0].replace("corrigir ou melhorar", "")


def test_the_report_finds_pages_of_the_same_title(news_index):
    first = ArticleFactory(parent=news_index, title="O mesmo", summary=SUMMARY)
    second = ArticleFactory(parent=news_index, title="O mesmo", summary=SUMMARY)
    found = {page.pk: findings for page, findings in published_findings()}
    for page in (first, second):
        assert [finding.code for finding in found[page.pk]] == ["title-twin"]


def test_the_report_costs_the_same_for_any_number_of_pages(news_index):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            list(published_findings(Page.objects.child_of(news_index)))
        return len(captured)

    body = full_body()
    for _number in range(3):
        ArticleFactory(parent=news_index, body=body, cover=make_image())
    few = queries()
    for _number in range(9):
        ArticleFactory(parent=news_index, body=body, cover=make_image())
    assert queries() == few


# Wagtail's content checker --------------------------------------------------------------------


def configuration(page_html: str) -> dict:
    script = BeautifulSoup(page_html, "html.parser").find(id="checker-axe-configuration")
    return json.loads(script.string)


def test_the_content_checker_speaks_portuguese_and_has_rules_of_the_site(editor):
    found = configuration(editor.get("/").content.decode())
    rules = found["options"]["runOnly"]
    assert "video-without-captions" in rules
    assert set(rules) <= set(found["messages"]), "every rule has words of its own"
    assert found["messages"]["image-alt"]["error_name"] == "Imagem sem descrição"
    custom = {rule["id"]: rule for rule in found["spec"]["rules"]}
    checks = {check["id"] for check in found["spec"]["checks"]}
    assert set(custom["video-without-captions"]["any"]) <= checks
    assert "Empty" not in json.dumps(found["messages"])


def test_the_preview_is_checked_too(editor, news_index):
    page = StandardPage.objects.get(slug="contato")
    shown = editor.get(f"/admin/pages/{page.pk}/view_draft/").content.decode()
    assert "table-without-caption" in configuration(shown)["options"]["runOnly"]


def test_a_video_page_made_by_a_program_is_reported(video_index):
    page = VideoPageFactory(parent=video_index, summary=SUMMARY)
    found = dict(published_findings(Page.objects.filter(pk=page.pk)))
    assert [finding.code for findings in found.values() for finding in findings] == [
        "video-missing"
    ]
