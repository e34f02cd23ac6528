"""Who enters the admin, and how they prove who they are."""

import hashlib
import json
import re
import time
from datetime import timedelta

import pyotp
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings as site_settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import Group, Permission, User
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.views import LoginView
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLResolver
from django.utils import timezone
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_encode
from wagtail.models import GroupPagePermission, ModelLogEntry, Page

from sign_in import notices, throttling
from sign_in.checks import second_factor_is_required
from sign_in.models import (
    AuthenticatorApp,
    FailedAttempts,
    KnownPlace,
    Passkey,
    RecoveryCode,
)
from tests.builders import PersonFactory
from tests.test_settings import GOOD, run

pytestmark = pytest.mark.django_db

PASSWORD = "cavalo bateria grampo correto"
LOGIN, HOME = "/admin/login/", "/admin/"
CODE, RECOVERY, ENROL = (
    "/admin/entrar/codigo/",
    "/admin/entrar/recuperacao/",
    "/admin/entrar/cadastro/",
)
SECURITY = "/admin/seguranca/"
SAID = "Usuário ou senha não conferem, ou houve tentativas demais."
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture(autouse=True)
def _required(settings):
    """As in production."""
    settings.REQUIRE_SECOND_FACTOR = True


@pytest.fixture(autouse=True)
def _posted():
    """No message of another test arrives late."""
    yield
    letters()


def letters():
    """What was sent, once all of it was."""
    notices.post.submit(lambda: None).result()
    return mail.outbox


def someone(role=None, password=PASSWORD, **fields):
    person = PersonFactory(role=role, **fields)
    person.set_password(password)
    person.save()
    return person


def give_app(person) -> pyotp.TOTP:
    """An app whose codes ``person`` enters with."""
    secret = AuthenticatorApp.new_secret()
    AuthenticatorApp.enrol(person, secret, 0)
    return pyotp.TOTP(secret)


def sign_in(client, person, password=PASSWORD, **options):
    return client.post(LOGIN, {"username": person.username, "password": password}, **options)


def is_signed_in(client) -> bool:
    return SESSION_KEY in client.session


def sign_out(client):
    """The same browser, without its session."""
    client.cookies.pop(site_settings.SESSION_COOKIE_NAME, None)


def text_of(answer) -> str:
    return " ".join(answer.content.decode().split())


def let_pass(minutes: float):
    """All failures were so long ago."""
    for row in FailedAttempts.objects.all():
        row.last_at -= timedelta(minutes=minutes)
        row.save()


def fail(client, person, times: int, **options):
    for number in range(times):
        assert not is_signed_in(client)
        sign_in(client, person, password=f"errada {number}", **options)


# The password --------------------------------------------------------------------------------


def test_who_needs_no_second_factor_enters_by_a_long_password(client):
    answer = sign_in(client, someone("Redação"))
    assert (answer.status_code, answer.url) == (302, HOME)
    assert is_signed_in(client)


def test_after_the_sign_in_one_goes_on_where_one_was_and_nowhere_else(client):
    """No open redirect (OWASP, "Unvalidated Redirects")."""
    person = someone("Redação")
    form = {"username": person.username, "password": PASSWORD}
    assert client.post(LOGIN, {**form, "next": "/admin/reports/"}).url == "/admin/reports/"
    sign_out(client)
    assert client.post(LOGIN, {**form, "next": "https://example.com/"}).url == HOME


def test_an_account_is_throttled_even_for_the_right_password(client):
    """NIST SP 800-63B-4, 3.2.2: failures in a row are limited, with growing waits."""
    person = someone("Redação")
    fail(client, person, throttling.ACCOUNT.free)
    assert SAID in text_of(sign_in(client, person))
    assert not is_signed_in(client)
    let_pass(1)
    assert sign_in(client, person).status_code == 302


def test_waits_grow_to_an_hour_and_end_at_a_hundred_failures():
    """NIST SP 800-63B-4, 3.2.2: no more than a hundred failures in a row."""
    limit, now = throttling.ACCOUNT, timezone.now()
    waits = [limit.open_again(count, now) - now for count in range(1, 100)]
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (timedelta(0), timedelta(hours=1))
    assert limit.open_again(100, now) is None


def test_a_success_forgets_the_failures_before_it(client):
    person = someone("Redação")
    fail(client, person, throttling.ACCOUNT.free - 1)
    sign_in(client, person)
    sign_out(client)
    fail(client, person, throttling.ACCOUNT.free - 1)
    assert sign_in(client, person).status_code == 302


def test_an_address_is_throttled_whatever_the_accounts(client):
    """OWASP ASVS 5.0, 6.3.1: one password tried at many accounts."""
    for number in range(throttling.ADDRESS.free):
        client.post(LOGIN, {"username": f"pessoa-x{number}", "password": "errada"})
    person = someone("Redação")
    assert SAID in text_of(sign_in(client, person))
    assert sign_in(Client(REMOTE_ADDR="198.51.100.7"), person).status_code == 302


def test_who_is_refused_by_address_does_not_use_up_the_tries_of_the_account(client):
    for number in range(throttling.ADDRESS.free):
        client.post(LOGIN, {"username": f"pessoa-x{number}", "password": "errada"})
    person = someone("Redação")
    fail(client, person, 2 * throttling.ACCOUNT.free)
    assert sign_in(Client(REMOTE_ADDR="198.51.100.7"), person).status_code == 302


def test_strangers_do_not_shut_an_editor_out_of_the_editors_own_browser(client):
    """OWASP, "Device Cookies": a browser that is known has a count of its own."""
    person = someone("Redação")
    sign_in(client, person)
    sign_out(client)
    fail(Client(REMOTE_ADDR="203.0.113.9"), person, 3 * throttling.ACCOUNT.free)
    assert sign_in(Client(REMOTE_ADDR="198.51.100.7"), person).status_code == 200
    assert sign_in(client, person).status_code == 302


def test_tries_are_counted_before_they_are_judged():
    """Many at once are many."""
    count = throttling.Count.of(throttling.ACCOUNT, "password", "alguém")
    assert [count.charge() for _number in range(7)] == [True] * 5 + [False] * 2


def test_failures_are_kept_without_names_and_addresses(client):
    """LGPD, art. 6, III: no more than is needed."""
    person = someone("Redação", username="nome-visivel")
    fail(client, person, 1)
    kept = str(list(FailedAttempts.objects.values()))
    assert FailedAttempts.objects.count() == 2
    assert "nome-visivel" not in kept
    assert "127.0.0.1" not in kept


def comparable(answer) -> str:
    """The page without what differs each time, or was typed."""
    text = re.sub(r'(csrfmiddlewaretoken" value|CSRF_TOKEN"):? ?="?[^">]+', "", text_of(answer))
    text = re.sub(r'"CSRF_TOKEN": "[^"]+"', "", text)
    return re.sub(r'name="username" value="[^"]*"', "", text)


def test_nobody_learns_which_accounts_there_are(client, monkeypatch):
    """OWASP ASVS 5.0, 6.3.8: unknown, wrong, inactive and throttled: one answer, one work."""
    known, inactive = someone("Edição"), someone("Edição", is_active=False)
    throttled = someone("Edição")
    fail(Client(REMOTE_ADDR="203.0.113.9"), throttled, throttling.ACCOUNT.free)
    hashed = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher, "encode", lambda *args: hashed.append(args) or encode(*args)
    )
    answers, work = set(), []
    for name, password in [
        ("ninguém", PASSWORD),
        (known.username, "errada"),
        (inactive.username, PASSWORD),
        (throttled.username, "errada"),
        (throttled.username, PASSWORD),
    ]:
        hashed.clear()
        answer = client.post(LOGIN, {"username": name, "password": password})
        assert answer.status_code == 200
        answers.add(comparable(answer))
        work.append(len(hashed))
        assert SAID in text_of(answer)
    assert len(answers) == 1
    assert work == [1] * 5


def test_password_managers_may_fill_in_the_form(client):
    """NIST SP 800-63B-4, 3.1.1.2; WCAG 1.3.5 and 3.3.8."""
    page = text_of(client.get(LOGIN))
    assert 'autocomplete="username"' in page
    assert 'autocomplete="current-password"' in page


def test_there_is_one_way_in():
    """Wagtail's and Django's other pages would ask for the password alone."""

    def views(resolver):
        for pattern in resolver.url_patterns:
            if isinstance(pattern, URLResolver):
                yield from views(pattern)
            else:
                yield getattr(pattern.callback, "view_class", None), pattern

    reached = set()
    for kind, pattern in views(get_resolver()):
        if kind and issubclass(kind, LoginView):
            reached.add((kind.__module__, str(pattern.pattern)))
    shadowed = {
        ("wagtail.admin.views.account", "login/"),
        ("django.contrib.auth.views", "_util/login/"),
    }
    assert reached == {("sign_in.views", "login/"), *shadowed}
    for address in ("/_util/login/", "/en/_util/login/"):
        answer = Client().get(address, {"next": "/contato/"})
        assert (answer.status_code, answer.url) == (302, f"{LOGIN}?next=/contato/")
        assert Client().post(address, {"username": "a", "password": "b"}).status_code == 302


def test_nobody_registers_themselves(client):
    page = text_of(client.get(LOGIN)).lower()
    assert "criar conta" not in page
    for path in ("accounts/signup/", "admin/signup/", "admin/register/", "admin/cadastro/"):
        assert client.get(f"/{path}").status_code in (302, 404)
        assert not is_signed_in(client)


# What passwords must be ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "password",
    [
        "quatorze letra",  # fourteen
        "senhasenhasenhasenha",
        "password12345678",
        "123456789012345678",
        "qwertyuiopasdfghjkl",
        "abcdefghijklmnop",
        "aaaaaaaaaaaaaaaaaaaa",
        "abababababababababab",
        "JundiaiGlobal2026!!",
        "Prefeitura Jundiaí 2026",
    ],
)
def test_short_common_and_obvious_passwords_are_refused_with_a_reason(password):
    """NIST SP 800-63B-4, 3.1.1.2: fifteen characters alone, and a blocklist."""
    with pytest.raises(ValidationError) as refusal:
        validate_password(password, User(username="alguem"))
    assert refusal.value.messages


@pytest.mark.parametrize(
    "password",
    [
        "cavalo bateria grampo",
        "ãéîõü ação coração",
        "839205718364920571",
        "!#$%&()*+,-./:;<=>?",
        "x" * 5 + "um texto longo " * 12,
    ],
)
def test_any_characters_make_a_password_and_it_may_be_long(client, password):
    """NIST SP 800-63B-4, 3.1.1.2: no rules of composition; spaces, Unicode, 64 and more."""
    person = someone("Redação", password=password)
    validate_password(password, person)
    assert sign_in(client, person, password=password).status_code == 302


def test_with_a_second_factor_eight_characters_are_enough():
    """NIST SP 800-63B-4, 3.1.1.2."""
    person = someone("Edição")
    with pytest.raises(ValidationError):
        validate_password("girafa-7", person)
    give_app(person)
    validate_password("girafa-7", person)
    with pytest.raises(ValidationError):
        validate_password("girafa7", person)


def test_a_password_of_ones_own_name_is_refused():
    with pytest.raises(ValidationError):
        validate_password("mariadasilvasauro", User(username="mariadasilvasauro"))


def test_a_short_password_without_a_second_factor_leads_to_enrolling_one(client):
    """NIST SP 800-63B-4, 3.1.1.2: passwords from before the rule, and after a factor was reset."""
    person = someone("Redação", password="girafa-7")
    assert sign_in(client, person, password="girafa-7").url == ENROL
    assert not is_signed_in(client)


def test_the_rules_are_told_in_portuguese_where_a_password_is_chosen(admin_client, settings):
    settings.REQUIRE_SECOND_FACTOR = False
    page = text_of(admin_client.get("/admin/users/new/"))
    assert "Pelo menos 15 caracteres" in page
    assert "não é preciso misturar números e sinais" in page


# The second factor ---------------------------------------------------------------------------


def superuser():
    return User.objects.create_superuser("primeira", "primeira@example.org", PASSWORD)


def publisher_by_another_group():
    group = Group.objects.create(name="Convidados que publicam")
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    GroupPagePermission.objects.create(
        group=group,
        page=Page.objects.get(depth=2, locale__language_code="pt-br"),
        permission=Permission.objects.get(codename="publish_page"),
    )
    person = someone()
    person.groups.add(group)
    return person


@pytest.mark.parametrize(
    "make",
    [
        lambda: someone("Edição"),
        lambda: someone("Administração"),
        superuser,
        publisher_by_another_group,
    ],
    ids=["Edição", "Administração", "superuser", "another group"],
)
def test_who_publishes_or_looks_after_people_must_enrol_a_second_factor(client, make):
    person = make()
    assert sign_in(client, person).url == ENROL
    assert not is_signed_in(client)
    assert client.get(HOME).status_code == 302
    assert client.get(ENROL).status_code == 200


def test_who_only_writes_is_offered_a_second_factor(client):
    sign_in(client, someone("Redação"))
    page = text_of(client.get(HOME))
    assert "Um segundo fator a protege melhor." in page
    assert reverse("sign_in_security") in page


def test_nothing_is_required_where_the_setting_says_so(client, settings):
    settings.REQUIRE_SECOND_FACTOR = False
    assert sign_in(client, superuser()).url == HOME


def test_the_setting_is_on_in_production_and_warned_of_when_off(settings):
    assert second_factor_is_required(None) == []
    settings.REQUIRE_SECOND_FACTOR = False
    assert [warning.id for warning in second_factor_is_required(None)] == ["sign_in.W001"]
    off = run(
        ["check", "--deploy", "--fail-level", "WARNING"], **GOOD, REQUIRE_SECOND_FACTOR="False"
    )
    assert off.returncode != 0
    assert "sign_in.W001" in off.stderr


def test_the_first_administrator_enrols_an_app_and_enters(client):
    person = superuser()
    sign_in(client, person)
    page = text_of(client.get(f"{ENROL}aplicativo/"))
    secret = re.search(r'sign-in__secret">([^<]+)<', page)[1].replace(" ", "")
    assert "<svg" in page
    wrong = client.post(f"{ENROL}aplicativo/", {"code": "000000"})
    assert "O código não confere" in text_of(wrong)
    assert secret in text_of(wrong).replace(" ", ""), "the same, for the app has it already"
    assert not is_signed_in(client)
    answer = client.post(f"{ENROL}aplicativo/", {"code": pyotp.TOTP(secret).now()})
    codes = re.findall(r"<code>([A-Z2-7-]+)</code>", text_of(answer))
    assert len(set(codes)) == RecoveryCode.COUNT
    assert is_signed_in(client)
    assert client.get(HOME).status_code == 200
    assert AuthenticatorApp.objects.get(user=person).secret != secret
    assert ModelLogEntry.objects.filter(action="sign_in.add_app", user=person).exists()
    assert "segundo fator cadastrado" in letters()[0].subject


def test_the_password_alone_signs_nobody_in_who_has_a_second_factor(client):
    person = someone("Redação")
    give_app(person)
    assert sign_in(client, person).url == CODE
    assert not is_signed_in(client)
    assert client.get(HOME).url.startswith(LOGIN)
    page = client.get("/")
    assert "wagtail-userbar" not in text_of(page)


def test_the_code_of_the_app_signs_in_and_is_worth_nothing_afterwards(client):
    """RFC 6238, 5.2: a code is taken once."""
    person = someone("Edição")
    app = give_app(person)
    sign_in(client, person)
    code = app.now()
    assert client.post(CODE, {"code": f"{code[:3]} {code[3:]}"}).url == HOME
    assert is_signed_in(client)
    thief = Client()
    sign_in(thief, person)
    assert "já foi usado" in text_of(thief.post(CODE, {"code": code}))
    assert not is_signed_in(thief)


@pytest.mark.parametrize(("seconds", "taken"), [(-30, True), (30, True), (-90, False), (90, False)])
def test_clocks_may_differ_by_half_a_minute(seconds, taken):
    """RFC 6238, 5.2 and 6."""
    person = someone("Edição")
    app = give_app(person)
    assert AuthenticatorApp.objects.get(user=person).take(app.at(time.time() + seconds)) is taken


def test_codes_are_throttled_for_the_account(client):
    """NIST SP 800-63B-4, 3.2.2."""
    person = someone("Edição")
    app = give_app(person)
    sign_in(client, person)
    for _number in range(throttling.ACCOUNT.free):
        client.post(CODE, {"code": "000000"})
    assert "tentativas demais" in text_of(client.post(CODE, {"code": app.now()}))
    assert not is_signed_in(client)
    let_pass(1)
    assert client.post(CODE, {"code": app.now()}).status_code == 302


def test_after_ten_minutes_or_a_new_password_one_begins_again(client):
    person = someone("Edição")
    app = give_app(person)
    sign_in(client, person)
    session = client.session
    session["sign_in_pending"] = {**session["sign_in_pending"], "since": time.time() - 601}
    session.save()
    assert client.post(CODE, {"code": app.now()}).url == LOGIN
    sign_in(client, person)
    person.set_password("outra senha bem comprida")
    person.save()
    assert client.post(CODE, {"code": app.now()}).url == LOGIN
    assert not is_signed_in(client)


def test_who_only_knows_the_password_cannot_add_a_factor(client):
    person = someone("Edição")
    give_app(person)
    sign_in(client, person)
    for path in ("", "aplicativo/", "chave/"):
        assert client.get(f"{ENROL}{path}").url == CODE
        assert client.post(f"{ENROL}{path}", {"code": "000000"}).url == CODE
    assert client.get(SECURITY).status_code == 302


def test_a_recovery_code_signs_in_once_and_its_owner_is_told(client):
    """NIST SP 800-63B-4, 3.1.2.2: a look-up secret is taken once."""
    person = someone("Edição")
    give_app(person)
    code, *_others = RecoveryCode.objects.renew(person)
    sign_in(client, person)
    answer = client.post(RECOVERY, {"code": code.lower().replace("-", " ")})
    assert answer.url == SECURITY
    assert "Restam 9" in text_of(client.get(SECURITY))
    assert any("código de recuperação usado" in letter.subject for letter in letters())
    thief = Client()
    sign_in(thief, person)
    assert "já foi usado" in text_of(thief.post(RECOVERY, {"code": code}))
    assert code.replace("-", "") not in str(list(RecoveryCode.objects.values()))


def test_a_session_from_before_the_role_asked_for_a_second_factor_ends(client):
    person = someone("Redação")
    sign_in(client, person)
    assert client.get(HOME).status_code == 200
    person.groups.add(Group.objects.get(name="Edição"))
    answer = client.get(HOME, follow=True)
    assert answer.redirect_chain[0][0].startswith(LOGIN)
    assert "Sua conta agora pede um segundo fator." in text_of(answer)


# Passkeys ------------------------------------------------------------------------------------


class Authenticator:
    """A passkey in software, as a phone has one, for one site."""

    def __init__(self, host="testserver", origin="http://testserver"):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = hashlib.sha256(str(id(self)).encode()).digest()
        self.host, self.origin, self.count = host, origin, 0

    def _data(self, attested=b""):
        self.count += 1
        flags = 0x45 if attested else 0x05  # present and verified, and a new key
        return (
            hashlib.sha256(self.host.encode()).digest()
            + bytes([flags])
            + self.count.to_bytes(4, "big")
            + attested
        )

    def _client(self, kind, options):
        return json.dumps(
            {"type": kind, "challenge": options["challenge"], "origin": self.origin}
        ).encode()

    def _answer(self, **response):
        return json.dumps(
            {
                "id": websafe_encode(self.id),
                "rawId": websafe_encode(self.id),
                "type": "public-key",
                "clientExtensionResults": {},
                "response": {name: websafe_encode(value) for name, value in response.items()},
            }
        )

    def create(self, options) -> str:
        public = cbor.encode(dict(ES256.from_cryptography_key(self.key.public_key())))
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + public
        attestation = cbor.encode({"fmt": "none", "attStmt": {}, "authData": self._data(attested)})
        return self._answer(
            clientDataJSON=self._client("webauthn.create", options), attestationObject=attestation
        )

    def get(self, options) -> str:
        data, said = self._data(), self._client("webauthn.get", options)
        signed = data + hashlib.sha256(said).digest()
        signature = self.key.sign(signed, ec.ECDSA(hashes.SHA256()))
        return self._answer(clientDataJSON=said, authenticatorData=data, signature=signature)


def options_of(answer) -> dict:
    text = re.search(r'id="passkey-options"[^>]*>(.*?)</script>', answer.content.decode())[1]
    return json.loads(text)


def enrol_passkey(client, authenticator, address=f"{ENROL}chave/", name="celular"):
    asked = options_of(client.get(address))
    return client.post(address, {"name": name, "answer": authenticator.create(asked)})


def test_a_passkey_is_enrolled_at_the_first_sign_in_and_signs_in_afterwards(client):
    person, phone = someone("Edição"), Authenticator()
    sign_in(client, person)
    assert "Guarde os códigos" in text_of(enrol_passkey(client, phone))
    assert is_signed_in(client)
    sign_out(client)
    assert sign_in(client, person).url == CODE
    answer = phone.get(options_of(client.get(CODE)))
    assert client.post(CODE, {"answer": answer}).url == HOME
    assert is_signed_in(client)
    assert Passkey.objects.get().last_used_at
    # The same answer again answers another question.
    sign_out(client)
    sign_in(client, person)
    client.get(CODE)
    assert "A chave não foi aceita" in text_of(client.post(CODE, {"answer": answer}))
    assert not is_signed_in(client)


def test_a_passkey_of_another_site_is_refused(client):
    """WebAuthn, 7.1 and 7.2: the origin is checked, which keeps phishing sites out."""
    sign_in(client, someone("Edição"))
    for other in (Authenticator(origin="https://testserver.example"), Authenticator(host="outro")):
        assert "A chave não foi aceita" in text_of(enrol_passkey(client, other))
    assert not Passkey.objects.exists()


def test_a_passkey_whose_count_does_not_grow_is_refused(client):
    """WebAuthn, 6.1.1: it may be a copy."""
    person, phone = someone("Edição"), Authenticator()
    sign_in(client, person)
    enrol_passkey(client, phone)
    sign_out(client)
    phone.count = 0
    sign_in(client, person)
    answer = phone.get(options_of(client.get(CODE)))
    assert "A chave não foi aceita" in text_of(client.post(CODE, {"answer": answer}))


def test_a_passkey_of_somebody_else_is_refused(client):
    mine, theirs = Authenticator(), Authenticator()
    other = someone("Edição")
    sign_in(client, other)
    enrol_passkey(client, theirs)
    sign_out(client)
    person = someone("Edição")
    sign_in(client, person)
    enrol_passkey(client, mine)
    sign_out(client)
    sign_in(client, person)
    answer = theirs.get(options_of(client.get(CODE)))
    assert "A chave não foi aceita" in text_of(client.post(CODE, {"answer": answer}))


@pytest.mark.parametrize("answer", ["", "{", "[]", "7", '{"id": 1}', '{"response": {}}', "null"])
def test_nonsense_in_the_place_of_a_passkey_gets_a_clear_answer(client, answer):
    person = someone("Edição")
    sign_in(client, person)
    client.get(f"{ENROL}chave/")
    shown = client.post(f"{ENROL}chave/", {"name": "x", "answer": answer})
    assert "A chave não foi aceita" in text_of(shown)
    enrol_passkey(client, Authenticator())
    sign_out(client)
    sign_in(client, person)
    client.get(CODE)
    assert "A chave não foi aceita" in text_of(client.post(CODE, {"answer": answer}))


# Looking after one's own ---------------------------------------------------------------------


@pytest.fixture
def editor(client):
    """Somebody of Edição who entered with the code of an app."""
    person = someone("Edição")
    app = give_app(person)
    RecoveryCode.objects.renew(person)
    sign_in(client, person)
    client.post(CODE, {"code": app.now()})
    return person


def test_an_editor_adds_a_passkey_and_then_removes_the_app(client, editor):
    assert enrol_passkey(client, Authenticator(), f"{SECURITY}chave/", "computador").url == SECURITY
    assert "computador" in text_of(client.get(SECURITY))
    assert "aplicativo de códigos" in text_of(client.get(f"{SECURITY}remover/?fator=aplicativo"))
    client.post(f"{SECURITY}remover/", {"fator": "aplicativo"})
    assert not AuthenticatorApp.objects.filter(user=editor).exists()
    assert ModelLogEntry.objects.filter(action="sign_in.remove_factor", user=editor).exists()
    assert "segundo fator removido" in letters()[-1].subject


def test_the_last_factor_of_who_needs_one_is_not_removed(client, editor):
    client.post(f"{SECURITY}remover/", {"fator": "aplicativo"})
    assert AuthenticatorApp.objects.filter(user=editor).exists()
    assert "Cadastre outro antes" in text_of(client.get(SECURITY))


def test_the_last_factor_of_who_needs_none_goes_with_its_recovery_codes(client):
    person = someone("Redação")
    app = give_app(person)
    RecoveryCode.objects.renew(person)
    sign_in(client, person)
    client.post(CODE, {"code": app.now()})
    client.post(f"{SECURITY}remover/", {"fator": "aplicativo"})
    assert not AuthenticatorApp.objects.exists()
    assert not RecoveryCode.objects.exists()


def test_nobody_removes_the_passkey_of_another(client, editor):
    other = Passkey.objects.create(user=someone("Edição"), name="alheia", credential="")
    client.post(f"{SECURITY}remover/", {"fator": other.pk})
    client.post(f"{SECURITY}remover/", {"fator": "x" * 300})
    assert Passkey.objects.filter(pk=other.pk).exists()


def test_new_recovery_codes_take_the_place_of_the_old(client, editor):
    old = set(RecoveryCode.objects.values_list("digest", flat=True))
    assert "Guarde os códigos" in text_of(client.post(f"{SECURITY}codigos/"))
    new = set(RecoveryCode.objects.filter(user=editor).values_list("digest", flat=True))
    assert len(new) == RecoveryCode.COUNT
    assert not new & old


def test_after_a_quarter_of_an_hour_changes_ask_for_the_password_again(client, editor):
    session = client.session
    session["proved_at"] = time.time() - 16 * 60
    session.save()
    for path in ("aplicativo/", "chave/", "remover/", "codigos/"):
        answer = client.get(f"{SECURITY}{path}")
        assert answer.url.startswith(f"{SECURITY}senha/?next="), path
        assert client.post(f"{SECURITY}{path}").url.startswith(f"{SECURITY}senha/")
    wrong = client.post(f"{SECURITY}senha/", {"password": "errada"})
    assert "A senha não confere" in text_of(wrong)
    form = {"password": PASSWORD, "next": f"{SECURITY}codigos/"}
    assert client.post(f"{SECURITY}senha/", form).url == f"{SECURITY}codigos/"
    assert client.get(f"{SECURITY}codigos/").status_code == 200
    away = client.post(f"{SECURITY}senha/", {"password": PASSWORD, "next": "https://example.com/"})
    assert away.url == HOME


def test_the_account_leads_to_the_second_factor(client, editor):
    assert SECURITY in text_of(client.get("/admin/account/"))


# Helping others ------------------------------------------------------------------------------


def test_an_administrator_helps_who_lost_the_phone(client):
    """Recorded in the history, told by e-mail, and every session ended."""
    person = someone("Edição")
    app = give_app(person)
    RecoveryCode.objects.renew(person)
    lost = Client()
    sign_in(lost, person)
    lost.post(CODE, {"code": app.now()})
    assert lost.get(HOME).status_code == 200
    chief = someone("Administração")
    app_of_chief = give_app(chief)
    sign_in(client, chief)
    client.post(CODE, {"code": app_of_chief.now()})
    letters().clear()
    address = reverse("sign_in_reset", args=[person.pk])
    assert address in text_of(client.get("/admin/users/"))
    assert "de viva voz" in text_of(client.get(address))
    client.post(address)
    assert not AuthenticatorApp.objects.filter(user=person).exists()
    assert not RecoveryCode.objects.filter(user=person).exists()
    assert lost.get(HOME).status_code == 302
    (entry,) = ModelLogEntry.objects.filter(action="sign_in.reset_factors")
    assert (entry.user, entry.object_id) == (chief, str(person.pk))
    assert "Segundo fator redefinido" in text_of(client.get("/admin/reports/site-history/"))
    assert [letter.to for letter in letters()] == [[person.email]]
    assert sign_in(Client(), person).url == ENROL


def test_administrators_reset_neither_superusers_nor_themselves_and_editors_nobody(
    client, settings
):
    settings.REQUIRE_SECOND_FACTOR = False
    master, chief, editor = superuser(), someone("Administração"), someone("Edição")
    for one, other in [(chief, master), (chief, chief), (editor, chief)]:
        give_app(other)
        client.force_login(one)
        client.post(reverse("sign_in_reset", args=[other.pk]))
        assert AuthenticatorApp.objects.filter(user=other).exists()
    client.force_login(master)
    client.post(reverse("sign_in_reset", args=[chief.pk]))
    assert not AuthenticatorApp.objects.filter(user=chief).exists()


# Sessions ------------------------------------------------------------------------------------


def later(client, **ago):
    """The moments of the session were so many seconds ago."""
    session = client.session
    for moment, seconds in ago.items():
        session[moment] = time.time() - seconds
    session.save()


@pytest.mark.parametrize(
    ("ago", "is_over"),
    [
        ({"worked_at": 59 * 60}, False),
        ({"worked_at": 61 * 60}, True),
        ({"signed_in_at": 11.9 * 3600}, False),
        ({"signed_in_at": 12.1 * 3600}, True),
    ],
)
def test_sessions_end_without_work_and_after_a_day_of_it(client, editor, ago, is_over):
    """NIST SP 800-63B-4, 2.2.3: an hour without work and a day in all, at most."""
    later(client, **ago)
    answer = client.get(HOME, follow=True)
    assert is_signed_in(client) is not is_over
    assert ("Entre de novo para continuar." in text_of(answer)) is is_over


def test_the_terms_are_settings(client, editor, settings):
    settings.SESSION_IDLE_SECONDS = 10 * 60
    later(client, worked_at=11 * 60)
    assert client.get(HOME).status_code == 302


def test_work_prolongs_a_session_and_an_open_page_does_not(client, editor):
    later(client, worked_at=30 * 60)
    assert client.get("/admin/entrar/sessao/").json()["left"] <= 30 * 60
    assert client.post("/admin/entrar/sessao/").json()["left"] > 59 * 60
    later(client, worked_at=30 * 60)
    client.post("/admin/editing-sessions/ping/pages/standardpage/1/1/")
    assert client.get("/admin/entrar/sessao/").json()["left"] <= 30 * 60
    client.get(HOME)
    assert client.get("/admin/entrar/sessao/").json()["left"] > 59 * 60


def test_who_has_no_session_is_told_so_and_gets_a_token_for_the_form(client):
    state = client.get("/admin/entrar/sessao/").json()
    assert state["signed_in"] is False
    assert state["csrf"]


def test_a_session_ends_with_the_browser(client, editor):
    assert client.session.get_expire_at_browser_close()


def test_visitors_get_no_cookie_from_any_of_this(client):
    """LGPD: an anonymous visitor gets no cookie."""
    assert not client.get("/").cookies


def test_cookies_of_editors_are_closed_to_scripts_and_other_sites(client, editor):
    """OWASP ASVS 5.0, 3.3.2 to 3.3.4."""
    for name in (site_settings.SESSION_COOKIE_NAME, "browser"):
        cookie = client.cookies[name]
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/"), name
        assert not cookie["domain"]
    csrf = client.get(HOME).cookies.get(site_settings.CSRF_COOKIE_NAME)
    assert csrf is None or csrf["httponly"]


SHOW = """
from django.conf import settings as s
from django.contrib.messages.storage import default_storage
from django.test import RequestFactory
from django.urls import reverse
r = RequestFactory().get("/")
r.session = {}
print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.BROWSER_COOKIE_NAME,
    default_storage(r).storages[0].cookie_name)
print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY,
    s.CSRF_COOKIE_HTTPONLY, s.SESSION_COOKIE_SAMESITE, s.CSRF_COOKIE_SAMESITE,
    s.SESSION_COOKIE_DOMAIN, s.CSRF_COOKIE_DOMAIN, s.SESSION_COOKIE_PATH, s.REQUIRE_SECOND_FACTOR)
print(reverse("wagtailadmin_home"), reverse("sign_in_code"), reverse("manual"))
"""


def shown(**environment):
    result = run(["shell", "--no-imports", "--command", SHOW], **GOOD, **environment)
    assert result.returncode == 0, result.stderr
    return [line.split() for line in result.stdout.splitlines()]


def test_production_names_its_cookies_for_this_host_and_sends_them_over_https_only():
    """RFC 6265bis, 4.1.3.2: `__Host-` needs Secure, the path / and no domain."""
    names, flags, _addresses = shown()
    assert names == ["__Host-session", "__Host-csrf", "__Host-browser", "__Host-messages"]
    assert flags == ["True"] * 4 + ["Lax", "Lax", "None", "None", "/", "True"]


# Where the admin is --------------------------------------------------------------------------


def test_the_address_of_the_admin_comes_from_the_environment():
    names, _flags, addresses = shown(ADMIN_PATH="/redacao/", SECURE_COOKIES="False")
    assert addresses == ["/redacao/", "/redacao/entrar/codigo/", "/redacao/manual/"]
    assert not any(name.startswith("__Host-") for name in names)


@pytest.mark.parametrize(
    ("name", "value"),
    [("ADMIN_PATH", "/"), ("ADMIN_PATH", "Ação"), ("ADMIN_NETWORKS", "10.0.0.1/99")],
)
def test_an_impossible_address_or_network_of_the_admin_is_named_at_the_start(name, value):
    result = run(["check"], **GOOD, **{name: value})
    assert result.returncode != 0
    assert f"  - {name}" in result.stderr


@pytest.mark.parametrize(
    "path", [HOME, "/admin", LOGIN, CODE, "/admin/pages/1/edit/", "/admin/nada/"]
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_outside_of_its_networks_the_admin_answers_as_what_is_not_there(
    client, settings, path, method
):
    settings.ADMIN_NETWORKS = ["10.20.0.0/16", "2001:db8::/32"]
    hidden, missing = getattr(client, method)(path), getattr(client, method)("/nao/existe/")
    assert hidden.status_code == 404
    unlike = re.compile(r'nonce-[^\']+|csrfmiddlewaretoken" value="[^"]+')
    assert unlike.sub("", text_of(hidden)) == unlike.sub("", text_of(missing))
    # Each request has a name of its own.
    names = [answer.headers.pop("X-Request-ID") for answer in (hidden, missing)]
    assert len(set(names)) == 2
    assert dict(hidden.headers) == dict(missing.headers)
    assert not hidden.cookies


def test_outside_of_its_networks_nobody_learns_where_the_admin_is(client, settings):
    settings.ADMIN_NETWORKS = ["10.20.0.0/16"]
    assert client.get("/_util/login/", {"next": "/contato/"}).status_code == 404


def test_robots_txt_does_not_tell_where_the_admin_is(client):
    """RFC 9309, 3: naming an address there makes it public."""
    assert reverse("wagtailadmin_home") not in client.get("/robots.txt").content.decode()
    assert '<meta name="robots" content="noindex"' in text_of(client.get(LOGIN))


def test_a_session_whose_password_was_changed_elsewhere_is_over(client, editor):
    editor.set_password("outra senha bem comprida")
    editor.save()
    assert client.get(HOME).status_code == 302
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("address", ["10.20.3.4", "2001:db8::7", "::ffff:10.20.3.4"])
def test_within_its_networks_the_admin_is_there(settings, address):
    settings.ADMIN_NETWORKS = ["10.20.0.0/16", "2001:db8::/32"]
    assert Client(REMOTE_ADDR=address).get(LOGIN).status_code == 200
    assert Client(REMOTE_ADDR="198.51.100.7").get("/").status_code == 200
    settings.CLIENT_ADDRESS_HEADER = "X-Real-IP"
    inside, outside = ({"x-real-ip": value} for value in (address, "198.51.100.7"))
    assert Client().get(LOGIN, headers=inside).status_code == 200
    assert Client(REMOTE_ADDR=address).get(LOGIN, headers=outside).status_code == 404


# Notices -------------------------------------------------------------------------------------


def test_a_sign_in_from_a_new_browser_or_address_is_told_by_e_mail(client):
    person = someone("Redação", first_name="Ana", last_name="Souza")
    sign_in(client, person, headers={"user-agent": FIREFOX})
    (letter,) = letters()
    assert letter.to == [person.email]
    assert letter.subject == "Jundiaí Global: nova entrada na sua conta"
    for told in (
        "Olá, Ana Souza.",
        "Firefox em Linux",
        "127.0.0.1",
        "horário de Brasília",
        "/admin/password_reset/",
    ):
        assert told in letter.body
    sign_out(client)
    sign_in(client, person)
    assert len(letters()) == 1, "known by now"
    sign_out(client)
    sign_in(client, person, REMOTE_ADDR="198.51.100.7")
    assert len(letters()) == 2, "another address"
    assert "de um endereço" in letters()[1].body
    sign_in(Client(), person)
    assert len(letters()) == 3, "another browser"


def test_places_are_kept_as_hashes_and_forgotten_after_a_year(client):
    person = someone("Redação")
    sign_in(client, person)
    assert "127.0.0.1" not in str(list(KnownPlace.objects.values()))
    assert client.cookies["browser"].value not in str(list(KnownPlace.objects.values()))
    KnownPlace.objects.update(last_seen_at=timezone.now() - timedelta(days=366))
    sign_out(client)
    sign_in(client, person)
    assert len(letters()) == 2


def test_a_mail_server_that_fails_keeps_nobody_out(client, settings):
    settings.EMAIL_BACKEND = "tests.test_mail.UnreachableServer"
    assert sign_in(client, someone("Redação")).status_code == 302
    assert letters() == []


# Forgotten passwords -------------------------------------------------------------------------

RESET = "/admin/password_reset/"


def test_who_forgot_the_password_gets_a_link_and_others_learn_nothing(client, monkeypatch):
    """OWASP ASVS 5.0, 6.3.8: one answer, for one work, whether there is such an account or not."""
    person = someone("Edição")
    made = []
    from sign_in import forms

    render = forms.render_to_string
    monkeypatch.setattr(
        forms, "render_to_string", lambda *args: made.append(args[0]) or render(*args)
    )
    answers, work = [], []
    for address in (person.email, "ninguem@example.org"):
        made.clear()
        answer = client.post(RESET, {"email": address}, follow=True)
        answers.append((answer.redirect_chain, comparable(answer)))
        work.append(list(made))
    assert answers[0] == answers[1]
    assert work[0] == work[1] != []
    assert [letter.to for letter in letters()] == [[person.email]]


def test_messages_for_a_forgotten_password_are_throttled_without_saying_so(client):
    person = someone("Edição")
    for _number in range(throttling.MESSAGES.free + 2):
        assert client.post(RESET, {"email": person.email}).status_code == 302
    assert len(letters()) == throttling.MESSAGES.free


def test_a_new_password_opens_a_blocked_account_signs_nobody_in_and_is_told(client):
    person = someone("Edição")
    give_app(person)
    fail(Client(REMOTE_ADDR="203.0.113.9"), person, throttling.ACCOUNT.free)
    FailedAttempts.objects.update(count=100)
    client.post(RESET, {"email": person.email})
    link = re.search(r"/admin/password_reset/confirm/\S+", letters()[0].body)[0]
    form_address = client.get(link).url
    new = "uma senha nova e comprida"
    client.post(form_address, {"new_password1": new, "new_password2": new})
    assert not is_signed_in(client)
    assert "senha trocada" in letters()[-1].subject
    assert sign_in(Client(REMOTE_ADDR="198.51.100.9"), person, password=new).url == CODE


def test_a_link_for_a_new_password_lasts_an_hour():
    assert site_settings.PASSWORD_RESET_TIMEOUT == 3600


def test_secrets_of_apps_outlive_a_change_of_the_key_that_is_kept(settings):
    person = someone("Edição")
    app = give_app(person)
    old = settings.SECRET_KEY
    settings.SECRET_KEY = "another-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEF"
    assert AuthenticatorApp.objects.get(user=person).take(app.now()) is False
    settings.SECRET_KEY_FALLBACKS = [old]
    assert AuthenticatorApp.objects.get(user=person).take(app.now()) is True
