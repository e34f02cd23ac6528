"""The measure of plain language that editors see beside a text."""

import pytest
from django.urls import reverse

from desk.readability import MAX_LENGTH
from pages.readability import Readability, syllables
from tests.builders import PersonFactory

#: Words as dictionaries divide them.
DIVIDED = (
    "ca-sa pai meu pa-ís sa-í-da sa-ú-de ba-ú ra-i-nha ru-im ca-ir ju-iz ju-í-zes ru-í-na "
    "co-o-pe-ra-ção in-ter-na-ci-o-nal as-ses-so-ri-a his-tó-ria á-gua que-ro guer-ra quan-do "
    "lin-gui-ça pin-guim mãe pão põe le-ões ir-mãs mu-ni-cí-pio Jun-di-a-í pa-í-ses di-a ri-o "
    "viu sul eu-ro-peu po-e-si-a co-e-lho co-or-de-nar sa-iu cui-da-do mui-to i-dei-a fei-o "
    "prai-a en-sai-o mai-or às e hí-fen cons-ti-tu-in-te tri-un-fo sa-in-do ca-in-do a-in-da "
    "au-la trou-xe oi-to á-rea tê-nue sé-rie ci-ên-cia U-ru-guai i-guais sa-guão en-xa-guei "
    "re-la-ções a-ções mer-ca-do-ri-as cul-tu-ral ex-te-ri-or ve-í-cu-lo e-go-ís-ta "
    "cons-tru-ir con-tri-bu-ir ins-ti-tu-í-do ins-ti-tu-i-ção con-tri-bu-i-ção con-tí-nuo "
    "be-ne-fi-ci-á-ria má-goa ra-iz Ra-ul "
)
EASY = "O gato bebe leite. A menina lê um livro. O sol nasce cedo. " * 4
HARD = (
    "A institucionalização da internacionalização municipal consubstancia-se mediante "
    "instrumentos convencionais multilaterais, cuja operacionalização pressupõe a interveniência "
    "coordenada das administrações envolvidas, consideradas as especificidades orçamentárias. "
)


@pytest.mark.parametrize("divided", DIVIDED.split())
def test_syllables_are_those_of_the_dictionary(divided):
    assert syllables(divided.replace("-", "")) == divided.count("-") + 1


def test_the_index_is_that_of_martins_and_others():
    """Martins et al. 1996: 248.835 − 1.015 · words/sentences − 84.6 · syllables/words."""
    text = Readability("O gato bebe leite. " * 10)
    assert (len(text.words), len(text.sentences)) == (40, 10)
    assert text.score == pytest.approx(248.835 - 1.015 * 4 - 84.6 * 7 / 4)


def test_an_easy_text_is_told_from_a_hard_one():
    """Lei 14.129/2021, art. 3, VII: plain language."""
    easy, hard = Readability(EASY), Readability(HARD)
    assert easy.score > 75 > 25 > hard.score
    assert easy.band.startswith("muito fácil")
    assert hard.band.startswith("muito difícil")


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Uma frase. Outra frase! Mais uma? Sim…", 4),
        ("A Lei n. 8763, art. 5, foi lida pelo Dr. Silva.", 1),
        ("Custou R$ 1.500,00 em 3.2.2026.", 1),
        ("Um título sem ponto\nUma frase.", 2),
        ("“Venha.” E ela veio.", 2),
        ("...", 0),
    ],
)
def test_sentences_end_where_readers_pause(text, sentences):
    assert len(Readability(text).sentences) == sentences


def test_long_sentences_are_pointed_out_the_longest_first():
    long, longer = "palavra " * 26 + "fim.", "palavra " * 40 + "fim."
    found = list(Readability(f"Curta. {long} {longer.capitalize()}").long_sentences())
    assert [count for count, _sentence in found] == [41, 28]


def test_a_few_words_are_not_measured():
    assert not Readability("Poucas palavras.").is_measurable


# In the editor ----------------------------------------------------------------------------------

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def writer(client):
    client.force_login(PersonFactory(role="Redação"))
    return client


def ask(client, text, language="pt-BR"):
    return client.post(reverse("desk_readability"), {"text": text, "language": language})


def test_an_editor_is_told_how_easy_the_text_is_and_what_to_cut(writer):
    """Lei 14.129/2021, art. 3, VII: plain language."""
    told = ask(writer, EASY).json()
    assert told["level"].startswith("muito fácil")
    assert told["advice"] == []
    told = ask(writer, HARD + "palavra " * 40).json()
    assert "muito difícil" in told["level"]
    assert "palavra" in " ".join(told["advice"])


@pytest.mark.parametrize(
    ("text", "language"), [("Pouco.", "pt-BR"), ("", "pt-BR"), (EASY, "en"), (EASY, "")]
)
def test_what_cannot_be_measured_has_no_level(writer, text, language):
    assert ask(writer, text, language).json() == {"level": "", "advice": []}


def test_a_text_of_any_length_is_answered(writer):
    assert ask(writer, "ã" * (MAX_LENGTH + 10)).status_code == 200
    assert ask(writer, "\x00" * 50).status_code == 200


def test_it_is_asked_by_post_and_by_editors_only(client, writer):
    assert writer.get(reverse("desk_readability")).status_code == 405
    client.logout()
    assert ask(client, EASY).status_code == 302


def test_the_measure_stands_among_the_checks_of_a_page_that_is_edited(writer, home):
    page = writer.get(reverse("wagtailadmin_pages:edit", args=[home.pk])).content.decode()
    assert "data-readability" in page
    assert "js/admin/readability.js" in page
    assert "data-content-readability-score" not in page
