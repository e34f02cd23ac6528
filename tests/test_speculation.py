"""Pages fetched before a link is followed: who is given the rules, and what these are."""

import json
import re
from base64 import b64encode
from hashlib import sha256

import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.contrib.staticfiles import finders

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

SCRIPT = "js/prefetch.js"


def later(answer) -> list[str]:
    """What ``start.js`` fetches when the page has been drawn."""
    page = BeautifulSoup(answer.content, "html.parser")
    return page.select_one("script[data-later]")["data-later"].split()


def rules() -> str:
    """Their text, as the script gives it to the browser."""
    with open(finders.find(SCRIPT), encoding="utf-8") as file:
        [text] = re.findall(r"`(.*?)`", file.read(), re.S)
    return text.replace("\\\\", "\\")


@pytest.mark.parametrize("address", ["/", "/noticias/", "/busca/?q=amostra", "/nada/"])
def test_visitors_pages_name_the_script_of_the_rules(client, address):
    assert later(client.get(address))[-1] == f"/static/{SCRIPT}"


def test_who_is_signed_in_fetches_nothing_beforehand(admin_client):
    assert f"/static/{SCRIPT}" not in later(admin_client.get("/"))


def test_the_rules_fetch_and_draw_nothing():
    """HTML Standard, 7.6.1: a page that is drawn beforehand runs its scripts."""
    assert set(json.loads(rules())) == {"prefetch"}


def test_the_policy_lets_these_rules_in_and_no_other_text():
    digest = b64encode(sha256(rules().encode()).digest()).decode()
    assert f"'sha256-{digest}'" == settings.SPECULATION_RULES
