"""Visitors write to the office; nothing they write is lost, kept too long or seen by others."""

import io
import logging
from datetime import timedelta
from hashlib import sha256

import pytest
from bs4 import BeautifulSoup
from django.conf import settings as django_settings
from django.contrib.contenttypes.models import ContentType
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.mail.backends.base import BaseEmailBackend
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from openpyxl import load_workbook
from wagtail.models import Locale, ModelLogEntry, ReferenceIndex

from contact import tokens
from contact.consent import CONSENTS, CURRENT
from contact.delivery import deliver
from contact.models import ContactMessage, ContactPage
from tests.builders import ContactMessageFactory, PersonFactory

pytestmark = pytest.mark.django_db

WRITTEN = {
    "name": "Maria",
    "email": "maria@example.org",
    "subject": "Visita a Jundiaí",
    "text": "Queremos visitar a cidade.\r\n\r\nObrigada.",
    "consent": "on",
}


class FailingServer(BaseEmailBackend):
    def send_messages(self, email_messages):
        raise OSError("Name or service not known: maria@example.org")


@pytest.fixture
def contact():
    page = ContactPage.objects.get()
    page.recipients = "aci@example.org, chefe@example.org"
    page.save()
    return page


@pytest.fixture
def clock(monkeypatch):
    """Time as the tokens see it, to be moved: ``clock.move(5)``."""

    class Clock:
        now = 1_800_000_000.0

        def move(self, seconds):
            self.now += seconds

    clock = Clock()
    monkeypatch.setattr("django.core.signing.time.time", lambda: clock.now)
    return clock


@pytest.fixture
def send(client, contact, clock, django_capture_on_commit_callbacks):
    """Opens the form, waits as a person does, and sends it."""

    def send(wait=30, token=None, address="198.51.100.23", **changes):
        form = {**WRITTEN, **changes}
        form["token"] = token or token_of(client.get("/contato/"))
        clock.move(wait)
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(contact.action, form, REMOTE_ADDR=address)

    return send


def parsed(response):
    return BeautifulSoup(response.content, "html.parser")


def token_of(response):
    return parsed(response).select_one("[name=token]")["value"]


# Sending ------------------------------------------------------------------------------------


def test_a_message_is_kept_and_mailed_and_the_visitor_is_told_by_redirect(client, send):
    """RFC 9110, 15.4.4: after the form comes another address, which can be loaded again."""
    answer = send()
    assert (answer.status_code, answer.headers["Location"]) == (303, "/contato/enviada/")
    message = ContactMessage.objects.get()
    assert (message.name, message.email) == ("Maria", "maria@example.org")
    assert message.text == "Queremos visitar a cidade.\n\nObrigada."
    assert message.language_code == "pt-br"
    assert message.delivered_at
    told = client.get(answer.headers["Location"])
    assert parsed(told).h1.get_text() == "Mensagem enviada"
    (email,) = mail.outbox
    assert email.to == ["aci@example.org", "chefe@example.org"]
    assert email.reply_to == ["maria@example.org"]
    assert email.subject == "Contato pelo site: Visita a Jundiaí"
    assert "Maria <maria@example.org>" in email.body
    assert "Queremos visitar a cidade." in email.body
    assert reverse("contact_messages:read", args=[message.pk]) in email.body


def test_the_name_may_be_left_out(send):
    assert send(name="").status_code == 303
    assert ContactMessage.objects.get().name == ""


def test_the_consent_is_kept_with_its_text_and_time(send, settings):
    """Lei 13.709/2018, art. 8, § 2: who keeps data must be able to prove the consent."""
    settings.CONTACT_MESSAGES_KEPT_DAYS = 90
    before = timezone.now()
    send()
    message = ContactMessage.objects.get()
    assert message.consent_version == CURRENT
    assert before <= message.consented_at <= timezone.now()
    assert message.keep_until - message.consented_at == timedelta(days=90)
    settings.CONTACT_MESSAGES_KEPT_DAYS = 10
    assert "por 90 dias" in message.consent_purpose


def test_a_text_that_people_agreed_to_is_never_changed():
    """Whoever wants another text adds one with the next number."""
    hashes = {}
    for number, consent in CONSENTS.items():
        text = f"{consent.purpose}|{consent.agreement}"
        hashes[number] = sha256(text.encode()).hexdigest()[:16]
    assert hashes == {1: "672ce0b89cd642e6"}


def test_without_consent_nothing_is_kept(send):
    answer = send(consent="")
    assert answer.status_code == 422
    assert not ContactMessage.objects.exists()


def test_purpose_and_retention_are_told_beside_the_form(client, contact, settings):
    """Lei 13.709/2018, art. 9, I and II."""
    settings.CONTACT_MESSAGES_KEPT_DAYS = 45
    said = parsed(client.get("/contato/")).select_one(".letter__consent").get_text()
    assert "só para ler a sua mensagem e responder" in said
    assert "por 45 dias" in said


@pytest.mark.parametrize(
    ("language", "sent_title", "error_title"),
    [
        ("pt-br", "Mensagem enviada", "A mensagem ainda não foi enviada"),
        ("en", "Message sent", "The message has not been sent yet"),
        ("es", "Mensaje enviado", "El mensaje aún no se ha enviado"),
    ],
)
def test_the_form_speaks_the_language_of_its_page(
    client, contact, clock, home, language, sent_title, error_title
):
    prefix = ""
    if language != "pt-br":
        prefix = f"/{language}"
        locale = Locale.objects.get(language_code=language)
        home.copy_for_translation(locale).save_revision().publish()
        copy = contact.copy_for_translation(locale)
        copy.save_revision().publish()
    form = {**WRITTEN, "token": token_of(client.get(f"{prefix}/contato/"))}
    page = ContactPage.objects.get(locale__language_code=language)
    clock.move(10)
    with translation.override(language):
        action = page.action
    assert action.startswith(f"{prefix}/mensagem/")
    wrong = parsed(client.post(action, {**form, "email": ""}))
    assert wrong.select_one("#faults-title").get_text() == error_title
    answer = client.post(action, form)
    assert answer.status_code == 303
    assert parsed(client.get(answer.headers["Location"])).h1.get_text() == sent_title
    assert ContactMessage.objects.get().language_code == language


def test_the_form_is_of_wagtails_form_pages(contact):
    assert contact.get_submission_class() is ContactMessage
    ContactMessageFactory(page=contact)
    assert contact.get_submissions().count() == 1
    assert [name for name, _ in contact.get_data_fields()][1:] == list(WRITTEN)[:4]


def test_an_address_without_a_form_leads_to_the_page_or_nowhere(client, contact):
    assert client.get(contact.action).headers["Location"] == "/contato/"
    for number in ("999999", "9" * 30):
        assert client.post(f"/mensagem/{number}/").status_code == 404
    contact.unpublish()
    assert client.post(contact.action, WRITTEN).status_code == 404


# Errors --------------------------------------------------------------------------------------


def test_errors_are_tied_to_their_fields_and_summed_up(send):
    """WCAG 2.2, 3.3.1 Error Identification, 4.1.3 Status Messages, 2.4.2 Page Titled."""
    answer = send(email="maria", subject="", consent="")
    page = parsed(answer)
    assert answer.status_code == 422
    assert page.title.get_text().startswith("Erro: Contato")
    summary = page.select_one(".faults")
    assert summary["role"] == "alert"
    assert "autofocus" in summary.attrs
    assert [link["href"] for link in summary.select("a")] == [
        "#id_email",
        "#id_subject",
        "#id_consent",
    ]
    for link in summary.select("a"):
        field = page.select_one(link["href"])
        assert field["aria-invalid"] == "true"
        error = page.find(id=field["aria-describedby"].split()[-1])
        assert error.get_text() == link.get_text()
    assert "aria-invalid" not in page.select_one("#id_text").attrs


def test_what_was_typed_is_kept(send):
    page = parsed(send(email="maria", text="Uma mensagem <b>comprida</b>."))
    assert page.select_one("#id_name")["value"] == "Maria"
    assert page.select_one("#id_email")["value"] == "maria"
    assert page.select_one("#id_text").get_text().strip() == "Uma mensagem <b>comprida</b>."
    assert "checked" in page.select_one("#id_consent").attrs


def test_each_field_has_a_label_and_tells_the_browser_what_it_is(client, contact):
    """WCAG 2.2, 3.3.2 Labels or Instructions, 1.3.5 Identify Input Purpose."""
    page = parsed(client.get("/contato/"))
    for name, purpose in (("name", "name"), ("email", "email")):
        assert page.select_one(f"#id_{name}")["autocomplete"] == purpose
    for name in ("name", "email", "subject", "text", "consent"):
        assert page.select_one(f"label[for=id_{name}]").get_text(strip=True)
    for name in ("email", "text"):
        hint = page.find(id=page.select_one(f"#id_{name}")["aria-describedby"])
        assert hint.get_text(strip=True)
    assert "(opcional)" in page.select_one("label[for=id_name]").get_text()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", ""),
        ("email", "sem-arroba"),
        ("email", "a@b"),
        ("email", "a" * 250 + "@example.org"),
        ("subject", "   "),
        ("subject", "x" * 121),
        ("name", "x" * 121),
        ("text", ""),
        ("text", "x" * 5001),
        ("text", "a\x00b"),
        ("subject", "a\x00b"),
    ],
)
def test_what_cannot_be_taken_gets_an_answer_in_portuguese(send, field, value):
    answer = send(**{field: value})
    assert answer.status_code == 422
    error = parsed(answer).select_one(f"#id_{field}_error").get_text()
    assert len(error) > 10
    assert not ContactMessage.objects.exists()


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"a" * 1000, b"token=%00&email=%ff"])
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain"])
def test_a_body_that_is_no_form_is_an_error_of_the_sender(client, contact, body, kind):
    answer = client.post(contact.action, body, content_type=kind)
    assert answer.status_code == 422


@pytest.mark.parametrize("field", ["name", "subject", "email"])
@pytest.mark.parametrize("line_break", ["\r\n", "\n", "\r", "\u2028", "\x85"])
def test_no_header_can_be_added_to_the_email(send, field, line_break):
    """RFC 5322, 2.2: a header ends with its line."""
    value = f"{WRITTEN[field]}{line_break}Bcc: outro@example.org"
    assert send(**{field: value}).status_code == 422
    assert mail.outbox == []


def test_what_is_written_is_no_html_anywhere(send, admin_client):
    send(subject="<script>alert(1)</script>", text="<img src=x onerror=alert(1)>")
    message = ContactMessage.objects.get()
    shown = admin_client.get(reverse("contact_messages:read", args=[message.pk])).content.decode()
    assert "<script>alert(1)" not in shown
    assert "<img src=x" not in shown
    assert mail.outbox[0].content_subtype == "plain"


# Programs -----------------------------------------------------------------------------------


def test_nobody_keeps_the_form_and_nobody_gets_a_cookie(client, send):
    answers = [
        client.get("/contato/"),
        send(email=""),
        send(),
        client.get("/contato/enviada/"),
    ]
    for answer in answers:
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.cookies == {}
    assert client.cookies == {}


def test_a_message_needs_no_cookie_where_forged_requests_are_looked_for(contact, clock):
    strict = Client(enforce_csrf_checks=True)
    form = {**WRITTEN, "token": token_of(strict.get("/contato/"))}
    clock.move(10)
    assert strict.post(contact.action, form).status_code == 303
    # Only there.
    assert strict.post("/contato/", form).status_code == 403


@pytest.mark.parametrize("token", ["", "x", "1.x:y:z", "ã", "a" * 5000])
def test_a_form_that_this_site_did_not_show_is_asked_again(send, token):
    answer = send(token=token or " ")
    assert answer.status_code == 422
    kept = parsed(answer).select_one("#id_text").get_text()
    assert kept.split() == WRITTEN["text"].split()
    assert not ContactMessage.objects.exists()


def test_the_token_of_another_page_is_not_taken(send, contact):
    assert send(token=tokens.make_token(contact.pk + 1)).status_code == 422


@pytest.mark.parametrize(
    ("wait", "status"),
    [(0, 422), (2, 422), (5, 303), (tokens.LONGEST - 60, 303), (tokens.LONGEST + 60, 422)],
)
def test_a_form_is_good_for_a_day_but_not_at_once(send, wait, status):
    assert send(wait=wait).status_code == status
    assert ContactMessage.objects.count() == (status == 303)


def test_whoever_was_too_quick_or_too_slow_sends_again_what_is_there(client, send, clock, contact):
    for wait in (0, tokens.LONGEST + 60):
        page = parsed(send(wait=wait))
        again = {
            **{name: page.select_one(f"#id_{name}").get("value", "") for name in list(WRITTEN)[:3]},
            "text": page.select_one("#id_text").get_text(),
            "consent": "on",
            "token": page.select_one("[name=token]")["value"],
        }
        clock.move(10)
        assert client.post(contact.action, again).status_code == 303
    assert ContactMessage.objects.count() == 2


def test_who_fills_the_hidden_field_is_asked_again(client, send):
    answer = send(homepage="https://spam.example.org/")
    assert answer.status_code == 422
    page = parsed(answer)
    trap = page.select_one("#id_homepage")
    assert "value" not in trap.attrs
    assert trap["tabindex"] == "-1"
    assert trap.find_parent(attrs={"aria-hidden": "true"})
    assert not ContactMessage.objects.exists()


def test_a_form_sent_twice_is_one_message(client, send):
    token = token_of(client.get("/contato/"))
    assert send(token=token).status_code == 303
    assert send(token=token).status_code == 303
    assert ContactMessage.objects.count() == 1
    assert len(mail.outbox) == 1


def test_a_form_is_good_for_one_message_only(client, send):
    token = token_of(client.get("/contato/"))
    send(token=token)
    answer = send(token=token, text="Outra coisa.")
    assert answer.status_code == 422
    assert parsed(answer).select_one("#id_text").get_text().strip() == "Outra coisa."
    assert token_of(answer) != token
    assert send(token=token_of(answer), text="Outra coisa.").status_code == 303
    assert ContactMessage.objects.count() == 2


def test_one_address_may_send_five_messages_in_ten_minutes(client, send):
    assert [send(subject=str(number)).status_code for number in range(5)] == [303] * 5
    answer = send(subject="6")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 600
    assert answer.headers["Cache-Control"] == "no-store"
    page = parsed(answer)
    assert page.select_one("#id_subject")["value"] == "6"
    assert "min" in page.select_one(".faults").get_text()
    assert send(address="203.0.113.9").status_code == 303


# E-mail -------------------------------------------------------------------------------------


def test_a_message_is_kept_although_the_mail_server_is_down(send, settings, caplog, client):
    settings.EMAIL_BACKEND = f"{__name__}.FailingServer"
    with caplog.at_level(logging.ERROR):
        assert send().status_code == 303
    message = ContactMessage.objects.get()
    assert message.delivered_at is None
    assert (message.attempts, message.next_attempt_at > timezone.now()) == (1, True)
    # The log has no data of the sender.
    assert f"Message {message.pk} was not delivered: OSError" in caplog.text
    assert "maria" not in caplog.text.lower()
    # Editors see it.
    client.force_login(PersonFactory(role="Edição"))
    listing = client.get(reverse("contact_messages:index")).content.decode()
    assert "O e-mail de uma mensagem ainda não saiu" in listing
    failed = client.get(reverse("contact_messages:index") + "?situacao=falhou").content.decode()
    assert message.subject in failed


def test_what_did_not_leave_is_tried_again_and_later_each_time(contact, settings):
    settings.EMAIL_BACKEND = f"{__name__}.FailingServer"
    message = ContactMessageFactory(next_attempt_at=timezone.now())
    waits = []
    for _attempt in range(5):
        ContactMessage.objects.update(next_attempt_at=timezone.now())
        with pytest.raises(CommandError, match="1 messages were not delivered"):
            call_command("deliver_messages", stdout=io.StringIO())
        message.refresh_from_db()
        waits.append(round((message.next_attempt_at - timezone.now()).total_seconds() / 60))
    assert waits == [5, 15, 60, 240, 240]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with pytest.raises(CommandError):  # not yet
        call_command("deliver_messages", stdout=io.StringIO())
    assert mail.outbox == []
    ContactMessage.objects.update(next_attempt_at=timezone.now())
    call_command("deliver_messages", stdout=io.StringIO())
    call_command("deliver_messages", stdout=io.StringIO())
    assert len(mail.outbox) == 1
    message.refresh_from_db()
    assert message.delivered_at
    assert message.next_attempt_at is None


def test_two_processes_do_not_send_the_same_message(contact):
    message = ContactMessageFactory(next_attempt_at=timezone.now())
    twin = ContactMessage.objects.get(pk=message.pk)
    assert deliver(message) is True
    assert deliver(twin) is False
    assert len(mail.outbox) == 1


def test_a_process_that_is_killed_while_sending_leaves_the_message_to_the_next(contact):
    message = ContactMessageFactory(next_attempt_at=timezone.now())
    assert message.claim()  # and no more
    later = timezone.now() + timedelta(minutes=6)
    assert list(ContactMessage.objects.due(later)) == [message]


def test_without_recipients_a_message_waits_in_the_admin_only(contact, send, client):
    contact.recipients = ""
    contact.save()
    assert send().status_code == 303
    assert mail.outbox == []
    call_command("deliver_messages", stdout=io.StringIO())
    message = ContactMessage.objects.get()
    assert "não há para quem enviar" in message.delivery


def test_the_email_passes_by_the_backend_that_hides_failures(send, settings):
    """Its result must be known here; elsewhere e-mail is sent and forgotten."""
    settings.EMAIL_BACKEND = "jundiai_global.mail.AfterTheWork"
    settings.DELIVERY_BACKEND = f"{__name__}.FailingServer"
    send()
    assert ContactMessage.objects.undelivered().count() == 1


@pytest.mark.parametrize("recipients", ["aci", "aci@example.org; b@example.org", "a@b.c\nd@e.f"])
def test_recipients_must_be_addresses(admin_client, contact, recipients):
    contact.recipients = recipients
    with pytest.raises(ValidationError) as caught:
        contact.full_clean()
    assert "recipients" in caught.value.message_dict


# Keeping ------------------------------------------------------------------------------------


def test_messages_are_deleted_when_their_time_is_over():
    """Lei 13.709/2018, art. 16."""
    now = timezone.now()
    old = ContactMessageFactory(keep_until=now - timedelta(seconds=1))
    new = ContactMessageFactory(keep_until=now + timedelta(days=1))
    call_command("delete_old_messages", stdout=io.StringIO())
    call_command("delete_old_messages", stdout=io.StringIO())
    assert list(ContactMessage.objects.all()) == [new]
    assert old.pk != new.pk


def test_a_message_outlives_its_page_and_is_no_use_of_it(contact):
    message = ContactMessageFactory(page=contact)
    kind = ContentType.objects.get_for_model(ContactMessage)
    assert not ReferenceIndex.objects.filter(base_content_type=kind).exists()
    contact.delete()
    message.refresh_from_db()
    assert message.page is None
    assert deliver(message) is False


def test_the_admins_list_takes_as_many_queries_for_many_messages(
    client,
):
    client.force_login(PersonFactory(role="Edição"))
    counts = []
    for number in (3, 30):
        ContactMessageFactory.create_batch(number)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("contact_messages:index")).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


# Who reads ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "reads"), [("Redação", False), ("Edição", True)])
def test_editors_read_messages_and_writers_do_not(client, role, reads):
    message = ContactMessageFactory(text="Só para quem responde.")
    client.force_login(PersonFactory(role=role))
    answer = client.get(reverse("contact_messages:read", args=[message.pk]))
    assert ("Só para quem responde." in answer.content.decode()) is reads
    home = client.get(reverse("wagtailadmin_home")).content.decode()
    assert (reverse("contact_messages:index") in home) is reads


def test_wagtails_list_of_submissions_shows_nothing(client, contact):
    message = ContactMessageFactory(text="Só para quem responde.")
    for role in ("Redação", "Edição", "Administração"):
        client.force_login(PersonFactory(role=role))
        for address in ("submissions/{}/", "submissions/{}/?export=csv", "submissions/{}/delete/"):
            answer = client.get(f"/admin/forms/{address.format(contact.pk)}")
            body = b"".join(answer) if answer.streaming else answer.content
            assert message.text not in body.decode()
            assert answer.status_code in (302, 403)


def test_an_answered_message_leaves_the_list_of_those_to_answer(client):
    message = ContactMessageFactory(subject="Pergunta")
    editor = PersonFactory(role="Edição")
    client.force_login(editor)
    address = reverse("contact_messages:answered", args=[message.pk])
    client.post(address, {"answered": "1"})
    message.refresh_from_db()
    assert message.answered_by == editor
    waiting = reverse("contact_messages:index_results") + "?situacao=por-responder"
    assert "Pergunta" not in client.get(waiting).content.decode()
    client.post(address, {"answered": "0"})
    assert "Pergunta" in client.get(waiting).content.decode()


# What a person asks for -----------------------------------------------------------------------


@pytest.fixture
def chief(client):
    person = PersonFactory(role="Administração")
    client.force_login(person)
    return person


def ask(client, action, email="Maria@Example.org "):
    return client.post(reverse("contact_messages:person"), {"email": email, "action": action})


@pytest.fixture
def marias():
    ContactMessageFactory(email="outra@example.org", subject="Alheia")
    return [
        ContactMessageFactory(email="maria@example.org", subject="Primeira"),
        ContactMessageFactory(email="MARIA@example.org", subject="=1+1"),
    ]


def test_all_that_a_person_sent_is_found_however_the_address_is_written(client, chief, marias):
    """Lei 13.709/2018, art. 18, II."""
    shown = parsed(ask(client, "find")).select_one("#main").get_text()
    assert "2 mensagens" in shown
    assert "Primeira" in shown
    assert "Alheia" not in shown
    assert "0 mensagens" in ask(client, "find", "ninguem@example.org").content.decode()
    assert "Confira o e-mail" in ask(client, "find", "maria").content.decode()


def test_a_person_gets_a_copy_of_what_they_sent(client, chief, marias):
    """Lei 13.709/2018, art. 18, II and V; a cell is never run as a formula."""
    text = b"".join(ask(client, "csv")).decode()
    assert text.count("maria@example.org") + text.count("MARIA@example.org") == 2
    assert "'=1+1" in text
    assert "Alheia" not in text
    book = load_workbook(io.BytesIO(b"".join(ask(client, "xlsx"))))
    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert any(cell.value == "=1+1" and cell.data_type == "s" for cell in cells)
    assert {cell.value for cell in book.active[1]} >= {"Número", "Recebida em", "Situação"}


def test_what_a_person_sent_is_erased_and_the_history_names_nobody(client, chief, marias):
    """Lei 13.709/2018, art. 18, VI."""
    numbers = [message.pk for message in marias]
    ask(client, "erase")
    assert list(ContactMessage.objects.values_list("subject", flat=True)) == ["Alheia"]
    entries = ModelLogEntry.objects.filter(action="contact.erased")
    assert {entry.object_id for entry in entries} == {str(number) for number in numbers}
    assert {entry.user for entry in entries} == {chief}
    for entry in ModelLogEntry.objects.all():
        assert "maria" not in f"{entry.label} {entry.data}".lower()
    report = client.get(reverse("wagtailadmin_reports:site_history"))
    assert f"Mensagem nº {numbers[0]}" in report.content.decode()
    assert "Apagou a mensagem" in report.content.decode()


def test_the_address_of_a_person_is_in_no_address_of_a_page(client, chief, marias):
    """Addresses of pages are written to logs and histories of browsers."""
    answer = ask(client, "find")
    assert "maria@example.org" not in answer.request["PATH_INFO"] + answer.request["QUERY_STRING"]
    forms = parsed(answer).select("#main form")
    assert {form["method"] for form in forms} == {"post"}


def test_editors_cannot_hand_out_or_erase_what_a_person_sent(client, marias):
    client.force_login(PersonFactory(role="Edição"))
    for action in ("find", "csv", "erase"):
        assert ask(client, action).status_code == 302
    assert ContactMessage.objects.count() == 3


def test_all_messages_are_exported_as_spreadsheets(client, marias):
    client.force_login(PersonFactory(role="Edição"))
    for kind in ("csv", "xlsx"):
        answer = client.get(reverse("contact_messages:index") + f"?export={kind}")
        assert f"mensagens-{timezone.localdate():%Y-%m-%d}.{kind}" in answer["Content-Disposition"]
        assert b"".join(answer)


def test_no_browser_keeps_a_message(client, chief, marias):
    for name, arguments in (("index", []), ("read", [marias[0].pk]), ("person", [])):
        answer = client.get(reverse(f"contact_messages:{name}", args=arguments))
        assert "no-store" in answer.headers["Cache-Control"]


# The page -----------------------------------------------------------------------------------


def test_the_contact_page_is_edited_and_previewed_as_others_are(admin_client, contact):
    form = admin_client.get(reverse("wagtailadmin_pages:edit", args=[contact.pk]))
    assert parsed(form).select_one("[name=recipients]")
    revision = contact.save_revision()
    address = reverse("wagtailadmin_pages:revisions_view", args=[contact.pk, revision.pk])
    assert parsed(admin_client.get(address)).select_one("#id_text")
    request = admin_client.get("/contato/").wsgi_request
    sent = contact.serve_preview(request, "landing")
    assert "Mensagem enviada" in sent.render().content.decode()


def test_the_setting_has_a_default_that_the_documents_tell():
    text = (django_settings.BASE_DIR / ".env.example").read_text("utf-8")
    assert f"#CONTACT_MESSAGES_KEPT_DAYS={django_settings.CONTACT_MESSAGES_KEPT_DAYS}" in text
    assert f"#LOGS_KEPT_DAYS={django_settings.LOGS_KEPT_DAYS}" in text
