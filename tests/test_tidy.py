import pytest

from pages.tidy import tidy_line, tidy_lines, tidy_rich_text

NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("  Uma  frase\u200b com\u00ad espaços ", "Uma frase com espaços"),
        (f"Prefeitura{NBSP}de{NBSP}{NBSP}Jundiaí", "Prefeitura de Jundiaí"),
        (f"a 5{NBSP}km, art.{NBSP}3", f"a 5{NBSP}km, art.{NBSP}3"),
        ("👩\u200d🔬", "👩\u200d🔬"),
    ],
)
def test_a_line_loses_what_nobody_wrote(pasted, kept):
    assert tidy_line(pasted) == kept
    assert tidy_line(kept) == kept


def test_a_text_of_several_lines_keeps_its_lines():
    assert tidy_lines(" Rua  Um\r\nJundiaí \n\n") == "Rua Um\nJundiaí"


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ('<p data-block-key="a">Um  texto&nbsp;só.</p>', '<p data-block-key="a">Um texto só.</p>'),
        ("<p>Um</p><p></p><p><br/></p><p>&nbsp;</p><p><b> </b></p>", "<p>Um</p>"),
        ("<p><br/> Um <br/></p>", "<p>Um</p>"),
        ("<ul><li>um</li><li> </li></ul><ol><li></li></ol>", "<ul><li>um</li></ul>"),
        ("<p>Um <b>dois</b> três</p>", "<p>Um <b>dois</b> três</p>"),
        ("<p>Um<br/>dois</p>", "<p>Um<br/>dois</p>"),
        ('<p><a href="/a  b">dois  termos</a></p>', '<p><a href="/a  b">dois termos</a></p>'),
        ("<p></p>", ""),
        ("", ""),
    ],
)
def test_a_rich_text_loses_empty_paragraphs_and_repeated_spaces_only(pasted, kept):
    assert tidy_rich_text(pasted) == kept
    assert tidy_rich_text(kept) == kept
