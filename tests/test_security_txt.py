"""Whom to tell of a weakness of the site (RFC 9116)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings as site_settings

from tests.test_settings import GOOD, run

# What no database decides.
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
ADDRESS = "/.well-known/security.txt"


def fields(client) -> dict[str, list[str]]:
    response = client.get(ADDRESS)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    found: dict[str, list[str]] = {}
    for line in response.content.decode().splitlines():
        name, value = line.split(": ", 1)
        found.setdefault(name, []).append(value)
    return found


def test_without_a_contact_there_is_no_file(client):
    """RFC 9116, 2.5.3: Contact must be there; nobody is made up."""
    assert site_settings.SECURITY_CONTACTS == []
    assert client.get(ADDRESS).status_code == 404


def test_the_file_says_what_the_settings_say(client, settings):
    """RFC 9116, 2.5: fields and how often each may appear."""
    settings.SECURITY_CONTACTS = ["mailto:seguranca@example.org", "https://example.org/contato/"]
    settings.SITE_URL = "https://example.org"
    told = fields(client)
    assert told["Contact"] == settings.SECURITY_CONTACTS
    assert told["Canonical"] == ["https://example.org/.well-known/security.txt"]
    assert told["Preferred-Languages"] == ["pt, en, es"]
    assert len(told["Expires"]) == 1
    assert "Policy" not in told
    settings.SECURITY_POLICY_URL = "https://example.org/regras/"
    assert fields(client)["Policy"] == ["https://example.org/regras/"]


def test_the_file_never_has_expired(client, settings, monkeypatch):
    """RFC 9116, 2.5.5: a date of RFC 3339, less than a year away."""
    settings.SECURITY_CONTACTS = ["mailto:seguranca@example.org"]
    for now in (datetime.now(UTC), datetime(2031, 12, 31, 23, 59, tzinfo=UTC)):
        monkeypatch.setattr("django.utils.timezone.now", lambda now=now: now)
        (expires,) = fields(client)["Expires"]
        until = datetime.strptime(expires, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        assert now + timedelta(days=30) < until < now + timedelta(days=365)


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"SECURITY_CONTACTS": "seguranca@example.org"}, "SECURITY_CONTACTS"),
        ({"SECURITY_POLICY_URL": "http://example.org/"}, "SECURITY_POLICY_URL"),
    ],
)
def test_production_refuses_contacts_that_are_no_addresses(environment, named):
    """RFC 9116, 2.5.3 and 2.5.7: URIs, those of the web with https."""
    result = run(["check"], **GOOD, **environment)
    assert result.returncode != 0
    assert f"  - {named}" in result.stderr
