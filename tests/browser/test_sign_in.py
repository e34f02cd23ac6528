"""Signing in with a second factor, and what happens when the session ends, in a real browser."""

import time

import pyotp
import pytest
from playwright.sync_api import Locator, Page, expect

from .conftest import Server
from .hand import ENGLISH, violations_in

PASSWORD = "uma-senha-de-teste"
#: People of whom no other test knows: what they enrol is asked of them from then on.
PEOPLE = """
from django.contrib.auth.models import Group, User

for name, role in (("codigos", "Edição"), ("chaves", "Administração"), ("perdido", "Edição")):
    user = User.objects.create_user(name, f"{name}@example.org", "uma-senha-de-teste")
    user.groups.add(Group.objects.get(name=role))
"""


@pytest.fixture(scope="module")
def strict_site(server, tmp_path_factory):
    """The site as in production: those who publish need a second factor.

    By the name `localhost`, for browsers keep no passkeys for numbers.
    """
    server.manage("shell", "--command", PEOPLE)
    strict = Server(
        tmp_path_factory.mktemp("strict"),
        DATABASE_URL=server.environment["DATABASE_URL"],
        STATIC_ROOT=server.environment["STATIC_ROOT"],
        MEDIA_ROOT=server.environment["MEDIA_ROOT"],
        PRIVATE_ROOT=server.environment["PRIVATE_ROOT"],
        REQUIRE_SECOND_FACTOR="True",
    )
    with strict.running():
        yield strict.address.replace("127.0.0.1", "localhost")


def looks_right(page: Page, heading: str, within: str | None = None):
    """The page of that heading is there, without violation of WCAG 2.2 AA and English."""
    expect(page.get_by_role("heading", level=1, name=heading)).to_be_visible()
    looks_right_within(page, within)


def looks_right_within(page: Page, within: str | None):
    page.wait_for_load_state("load")
    assert violations_in(page, within) == ""
    text = page.locator(within or "body").inner_text()
    assert [line for line in text.splitlines() if ENGLISH.search(line)] == []


def reach(page: Page, target: Locator):
    """Go to ``target`` by the Tab key, as those do who use no mouse (WCAG 2.1.1)."""
    for _press in range(60):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"the keyboard does not get to {target}")


def press(page: Page, target: Locator):
    reach(page, target)
    page.keyboard.press("Enter")


def give_password(page: Page, name: str):
    reach(page, page.get_by_label("Usuário"))
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")


def test_an_editor_enrols_an_app_at_the_first_sign_in_and_enters_by_its_codes(visit, strict_site):
    page = visit(f"{strict_site}/admin/password_reset/")
    looks_right(page, "Redefina sua senha")
    page.goto(f"{strict_site}/admin/")
    looks_right(page, "Jundiaí Global: entrada dos editores")
    give_password(page, "codigos")

    looks_right(page, "Falta um passo: o segundo fator")
    press(page, page.get_by_role("link", name="Cadastrar aplicativo de códigos"))
    looks_right(page, "Cadastrar aplicativo de códigos")
    secret = page.locator(".sign-in__secret").inner_text().replace(" ", "")
    field = page.get_by_label("Código de 6 números que o aplicativo mostra")
    reach(page, field)
    page.keyboard.type("000000")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("O código não confere")
    looks_right(page, "Cadastrar aplicativo de códigos")
    reach(page, field)
    page.keyboard.press("Control+a")
    page.keyboard.type(pyotp.TOTP(secret).now())
    page.keyboard.press("Enter")

    looks_right(page, "Guarde os códigos de recuperação")
    codes = page.locator(".sign-in__codes code").all_inner_texts()
    with page.expect_download() as kept:
        press(page, page.get_by_role("link", name="Baixar os códigos"))
    assert kept.value.path().read_text().splitlines()[1:] == codes
    press(page, page.get_by_role("link", name="Guardei os códigos"))
    page.wait_for_url("**/admin/")

    page.context.clear_cookies()
    page.goto(f"{strict_site}/admin/")
    give_password(page, "codigos")
    looks_right(page, "Mostre que é você")
    # The code of now was taken already; the next is taken half a minute early.
    reach(page, page.get_by_label("Código de 6 números do aplicativo"))
    page.keyboard.type(pyotp.TOTP(secret).at(time.time() + 30))
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/")

    page.context.clear_cookies()
    page.goto(f"{strict_site}/admin/")
    give_password(page, "codigos")
    press(page, page.get_by_role("link", name="Use um código de recuperação"))
    looks_right(page, "Entrar com um código de recuperação")
    reach(page, page.get_by_label("Código de recuperação"))
    page.keyboard.type(codes[0])
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/seguranca/")
    expect(page.locator("main")).to_contain_text("Restam 9 códigos")
    looks_right(page, "Segundo fator", "main")


def test_an_administrator_enters_by_a_passkey_and_helps_who_lost_the_phone(visit, strict_site):
    page = visit(f"{strict_site}/admin/")
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    give_password(page, "chaves")
    press(page, page.get_by_role("link", name="Cadastrar chave de acesso"))
    looks_right(page, "Cadastrar chave de acesso")
    reach(page, page.get_by_label("Nome da chave"))
    page.keyboard.type("computador")
    page.keyboard.press("Enter")
    press(page, page.get_by_role("link", name="Guardei os códigos"))
    page.wait_for_url("**/admin/")

    page.context.clear_cookies()
    page.goto(f"{strict_site}/admin/")
    give_password(page, "chaves")
    looks_right(page, "Mostre que é você")
    press(page, page.get_by_role("button", name="Usar chave de acesso"))
    page.wait_for_url("**/admin/")

    page.goto(f"{strict_site}/admin/seguranca/")
    expect(page.locator("main")).to_contain_text("computador")
    looks_right(page, "Segundo fator", "main")
    # The same device again, from the inside: it says itself that it is there.
    page.get_by_role("link", name="Cadastrar chave de acesso").click()
    page.get_by_label("Nome da chave").fill("de novo")
    page.get_by_role("button", name="Cadastrar", exact=True).click()
    expect(page.get_by_text("Este dispositivo já está cadastrado.")).to_be_visible()
    looks_right(page, "Cadastrar chave de acesso", "main")
    for path, heading in [
        ("aplicativo", "Cadastrar aplicativo de códigos"),
        ("codigos", "Gerar códigos novos"),
        ("senha", "Confirme a senha"),
    ]:
        page.goto(f"{strict_site}/admin/seguranca/{path}/")
        looks_right(page, heading, "main")

    page.goto(f"{strict_site}/admin/users/?q=perdido")
    page.get_by_role("button", name="Mais opções para").click()
    page.get_by_role("link", name="Redefinir segundo fator").click()
    looks_right(page, "Redefinir o segundo fator de perdido", "main")
    expect(page.locator("main")).to_contain_text("não tem segundo fator cadastrado")


# When the session ends -----------------------------------------------------------------------


def title_of(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Título*", exact=True).first


@pytest.fixture
def writer(visit) -> Page:
    """An editor who has written something, and not saved it."""
    page = visit("/admin/")
    page.clock.install()
    page.get_by_label("Usuário").fill("revisora")
    page.get_by_label("Senha").fill(PASSWORD)
    page.get_by_role("button", name="Entrar").click()
    page.wait_for_url("**/admin/")
    page.goto("/contato/")
    bar = page.locator("wagtail-userbar")
    links = bar.evaluate("bar => [...bar.shadowRoot.querySelectorAll('a')].map(a => a.href)")
    page.goto(next(link for link in links if link.endswith("/edit/")))
    title_of(page).fill("Contato, escrito com cuidado")
    return page


def test_a_session_that_ended_keeps_the_text_until_its_author_is_back(writer):
    writer.context.clear_cookies(name="session")
    writer.get_by_role("button", name="Salvar rascunho").click()
    dialog = writer.get_by_role("dialog", name="Sua sessão terminou, e nada se perdeu")
    expect(dialog).to_be_visible()
    looks_right_within(writer, ".session-dialog")
    with writer.context.expect_page() as opened:
        dialog.get_by_role("link", name="Entrar em outra aba").click()
    other = opened.value
    other.get_by_label("Usuário").fill("revisora")
    other.get_by_label("Senha").fill(PASSWORD)
    other.get_by_role("button", name="Entrar").click()
    other.wait_for_url("**/admin/")
    other.close()
    dialog.get_by_role("button", name="Já entrei").click()
    expect(dialog).to_be_hidden()
    with writer.expect_navigation():
        writer.get_by_role("button", name="Salvar rascunho").click()
    expect(title_of(writer)).to_have_value("Contato, escrito com cuidado")
    title_of(writer).fill("Contato")
    with writer.expect_navigation():
        writer.get_by_role("button", name="Salvar rascunho").click()


def test_an_editor_is_warned_before_the_session_ends_and_stays_by_one_press(writer):
    asked = []

    def answer(route):
        asked.append(route.request.method)
        left = 3600 if route.request.method == "POST" else 200
        route.fulfill(json={"signed_in": True, "left": left, "can_stay": True, "csrf": "x" * 64})

    writer.route("**/entrar/sessao/", answer)
    writer.clock.fast_forward(31_000)
    dialog = writer.get_by_role("dialog", name="Sua sessão termina em poucos minutos")
    expect(dialog).to_be_visible()
    looks_right_within(writer, ".session-dialog")
    writer.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(title_of(writer)).to_have_value("Contato, escrito com cuidado")
    assert asked == ["GET", "POST"]


def test_a_connection_lost_while_saving_keeps_the_text(writer):
    writer.route("**/entrar/sessao/", lambda route: route.abort())
    writer.get_by_role("button", name="Salvar rascunho").click()
    dialog = writer.get_by_role("dialog", name="O site não respondeu, e nada se perdeu")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Fechar").click()
    expect(title_of(writer)).to_have_value("Contato, escrito com cuidado")
