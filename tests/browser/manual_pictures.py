"""Takes the pictures of the editors' manual from a running admin: ``make manual-pictures``."""

import io

import pytest
from django.conf import settings
from PIL import Image
from playwright.sync_api import Page, expect

from .test_editing import editor, open_for_editing  # noqa: F401

FOLDER = settings.BASE_DIR / "static" / "manual"
#: Colours of a picture: enough for screens of forms, in a fraction of the bytes.
COLOURS = 96


@pytest.fixture
def take(editor):  # noqa: F811
    """Keeps what the editor sees as the picture of that name."""

    def take(name: str):
        editor.wait_for_load_state("networkidle")
        taken = Image.open(io.BytesIO(editor.screenshot(animations="disabled")))
        FOLDER.mkdir(exist_ok=True)
        taken.convert("RGB").quantize(COLOURS).save(FOLDER / f"{name}.png", optimize=True)

    editor.set_viewport_size({"width": 1200, "height": 760})
    return take


def edit(page: Page, address: str, title: str):
    open_for_editing(page, address)
    expect(page.get_by_role("textbox", name="Título*", exact=True).first).to_have_value(title)


def test_the_pictures(editor, take):  # noqa: F811
    editor.goto("/admin/")
    take("entrar")
    edit(
        editor,
        "/noticias/amostra-como-se-escreve-uma-manchete/",
        "Amostra: como se escreve uma manchete",
    )
    take("noticia")
    editor.get_by_role("button", name="Mais ações").click()
    take("publicar")
    editor.keyboard.press("Escape")
    editor.get_by_role("button", name="Inserir um bloco").first.click()
    take("blocos")
    editor.goto("/admin/images/add/")
    take("imagem")
    edit(editor, "/", "Jundiaí Global")
    take("inicial")
    editor.goto("/noticias/amostra-retirar-as-amostras/")
    open_for_editing(editor, "/noticias/amostra-retirar-as-amostras/")
    editor.goto(editor.url.replace("/edit/", "/delete/"))
    editor.get_by_role("button", name="Pôr na lixeira").click()
    editor.goto("/admin/lixeira/")
    take("lixeira")
