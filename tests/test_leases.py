"""What nginx may give out without asking: page_cache/leases.py.

With a real nginx and real processes: tests/test_deploy.py.
"""

import os
from dataclasses import replace
from types import SimpleNamespace

import pytest

from page_cache import leases
from page_cache.entry import IDENTITY, STALE_IF_ERROR, Entry, Terms
from page_cache.leases import FORGOTTEN, LASTS, ROUND, Leases
from page_cache.memory import Address
from page_cache.stamp import Reading
from pages.headers import headers_of, page_policies

#: Seconds since 1970, at the beginning of a round.
NOW = 1_764_396_480.0
OLD, STAMP, NEW = (int((NOW - before) * 1e6) for before in (200, 100, 0))
HTML = b"<p>Boas-vindas</p>" * 100


@pytest.fixture
def clock(monkeypatch):
    clock = SimpleNamespace(now=NOW, time=lambda: clock.now)
    monkeypatch.setattr(leases, "time", clock)
    return clock


@pytest.fixture
def make(tmp_path, settings, clock):
    """The leases of one process of the site after another."""
    settings.SITE_URL = "https://www.example.org"
    return lambda: Leases(tmp_path)


@pytest.fixture
def lent(make):
    each = make()
    each.renew(reading(STAMP))
    return each


def reading(version: int, asked_at: float = NOW) -> Reading:
    return Reading(version, 0, asked_at)


def at(path: str, scheme="https", host="www.example.org") -> Address:
    return Address(scheme, host, "", path, "", True)


def entry(body: bytes = HTML, policy: int = 0, language="pt-br", version=STAMP, **terms) -> Entry:
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Language", language),
        *headers_of(page_policies()[policy]),
    ]
    of_now = {
        "made": NOW,
        "fresh_until": NOW + 3600,
        "usable_until": NOW + 3600 + STALE_IF_ERROR,
        "changed": version / 1e6,
        **terms,
    }
    return Entry.of(Terms(version, "release", **of_now), headers, body)


def tenths(folder) -> dict[float, str]:
    """Where each tenth of a second leads."""
    [release] = folder.iterdir()
    links = {path.name: path for path in release.iterdir() if path.is_symlink()}
    return {float(name): os.readlink(path) for name, path in links.items()}


def found(folder, moment: float, path: str, coding="", policy=0) -> bytes | None:
    """What nginx finds."""
    [release] = folder.iterdir()
    file = release / f"{moment:.1f}" / f"-{coding}{path}.{policy}"
    return file.read_bytes() if file.exists() else None


# For how long -------------------------------------------------------------------------------------


def test_pages_are_lent_for_some_tenths_of_a_second_from_when_the_stamp_was_asked_for(
    make, clock, tmp_path
):
    each = make()
    clock.now = NOW + 0.25
    each.renew(reading(STAMP, asked_at=NOW + 0.05))
    assert sorted(tenths(tmp_path)) == pytest.approx([NOW + n / 10 for n in (2, 3, 4, 5, 6)])
    assert max(tenths(tmp_path)) + 0.1 <= NOW + 0.05 + LASTS + 1e-6


def test_nothing_is_lent_by_who_waited_long_for_the_stamp(make, clock, tmp_path):
    each = make()
    clock.now = NOW + 0.8
    each.renew(reading(STAMP))
    assert tenths(tmp_path) == {}


def test_a_newer_stamp_takes_back_what_is_lent(make, tmp_path):
    one, other = make(), make()
    one.renew(reading(STAMP))
    other.renew(reading(NEW))
    assert tenths(tmp_path)
    assert {target.split("/")[1].split("-")[0] for target in tenths(tmp_path).values()} == {
        str(NEW)
    }


def test_who_has_read_an_older_stamp_takes_nothing_back(make, tmp_path):
    one, other = make(), make()
    other.renew(reading(NEW))
    before = tenths(tmp_path)
    one.renew(reading(STAMP))
    assert tenths(tmp_path) == before


def test_what_is_over_is_taken_away(make, clock, tmp_path):
    each = make()
    each.renew(reading(OLD))
    each.put(at("/"), entry(version=OLD), IDENTITY, NOW)
    clock.now += 2
    each.renew(reading(STAMP, clock.now))
    assert min(tenths(tmp_path)) >= NOW + 1.9
    [release] = tmp_path.iterdir()
    assert list((release / "pages").iterdir()) == []


def test_each_round_begins_with_nothing(lent, clock, tmp_path):
    """So that what a page shows by itself is not overlooked."""
    lent.put(at("/"), entry(), IDENTITY, NOW)
    assert found(tmp_path, NOW, "/") == HTML
    clock.now = NOW + ROUND - 0.2
    lent.renew(reading(STAMP, clock.now))
    assert found(tmp_path, NOW + ROUND - 0.1, "/") == HTML
    assert found(tmp_path, NOW + ROUND, "/") is None
    clock.now = NOW + ROUND
    lent.renew(reading(STAMP, clock.now))
    lent.put(at("/"), entry(), IDENTITY, clock.now)
    assert found(tmp_path, NOW + ROUND, "/") == HTML


# What ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("coding", "name"), [("br", "br"), ("zstd", "zstd"), ("gzip", "gzip"), (IDENTITY, "")]
)
def test_a_page_is_lent_in_the_form_that_nginx_asked_for(lent, tmp_path, coding, name):
    """So that nginx has a copy of all that it may give out without asking."""
    page = entry()
    lent.put(at("/noticias/"), page, coding, NOW)
    forms = {form: found(tmp_path, NOW, "/noticias/", form) for form in ("br", "zstd", "gzip", "")}
    assert forms.pop(name) == page.bodies[coding]
    assert set(forms.values()) == {None}
    lent.put(at("/noticias/"), page, IDENTITY, NOW)
    assert found(tmp_path, NOW, "/noticias/") == HTML


def test_an_address_in_any_letters_is_lent_under_its_bytes(lent, tmp_path):
    """As WSGI has them (PEP 3333), and as nginx looks for them."""
    lent.put(at("/not\u00c3\u00adcia/"), entry(), IDENTITY, NOW)
    assert found(tmp_path, NOW, "/notícia/") == HTML


def test_a_page_with_a_player_has_a_name_of_its_own(lent, tmp_path):
    for policy in range(1, len(page_policies())):
        lent.put(at(f"/{policy}/"), entry(policy=policy), IDENTITY, NOW)
        assert found(tmp_path, NOW, f"/{policy}/") is None
        assert found(tmp_path, NOW, f"/{policy}/", policy=policy) == HTML


def test_languages_are_those_of_the_addresses(lent, tmp_path):
    lent.put(at("/en/"), entry(language="en"), IDENTITY, NOW)
    lent.put(at("/es/"), entry(language="pt-br"), IDENTITY, NOW)
    assert found(tmp_path, NOW, "/en/") == HTML
    assert found(tmp_path, NOW, "/es/") is None


@pytest.mark.parametrize(
    "address",
    [
        at("/", scheme="http"),
        at("/", host="example.org"),
        at("/noticias"),
        at("/noticias//"),
        at("/../"),
        at("/a/./"),
        at("/a\0/"),
        at(f"/{'a' * 300}/"),
    ],
)
def test_other_addresses_are_not_lent(lent, tmp_path, address, caplog):
    lent.put(address, entry(), IDENTITY, NOW)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert caplog.records == []


@pytest.mark.parametrize(
    "terms",
    [
        {"fresh_until": NOW + ROUND - 1},
        {"usable_until": NOW + STALE_IF_ERROR},
        # Two seconds from its change on it can be told from the one before.
        {"changed": NOW - 1},
    ],
)
def test_a_page_is_not_lent_that_changes_soon_or_did_just_now(lent, tmp_path, terms):
    lent.put(at("/"), entry(**terms), IDENTITY, NOW)
    assert found(tmp_path, NOW, "/") is None


def test_a_page_that_says_something_of_its_own_is_not_lent(lent, tmp_path):
    page = entry()
    for headers in (page.headers[1:], (*page.headers, ("Link", "</x>; rel=next"))):
        lent.put(at(f"/{len(headers)}/"), replace(page, headers=headers), IDENTITY, NOW)
        assert found(tmp_path, NOW, f"/{len(headers)}/") is None
    lent.put(at("/"), replace(page, headers=page.headers[::-1]), IDENTITY, NOW)
    assert found(tmp_path, NOW, "/") == HTML


def test_a_page_of_another_stamp_is_not_lent(lent, tmp_path):
    lent.put(at("/"), entry(version=OLD), IDENTITY, NOW)
    assert found(tmp_path, NOW, "/") is None


# Validators ---------------------------------------------------------------------------------------


def lent_at(folder, path: str) -> float:
    [release] = folder.iterdir()
    [file] = (release / "pages").glob(f"*/-{path}.0")
    return file.stat().st_mtime


def test_the_time_of_a_page_is_that_of_its_content(make, clock, tmp_path):
    """In whichever process, and whatever else changes meanwhile."""
    times = []
    for version, body in ((OLD, HTML), (STAMP, HTML), (NEW, HTML + b"!"), (NEW + 9, HTML)):
        clock.now += 10
        each = make()
        each.renew(reading(version, clock.now))
        each.put(at("/"), entry(body=body, version=version), IDENTITY, clock.now)
        times.append(lent_at(tmp_path, "/"))
    assert times[0] == times[1] == OLD // 10**6 + 2
    assert times[2] == NEW // 10**6 + 2 > times[1]
    # As before it, but it was another in between.
    assert times[3] == (NEW + 9) // 10**6 + 2


# Bounds -------------------------------------------------------------------------------------------


def test_there_is_only_so_much_in_the_folder(lent, tmp_path, monkeypatch):
    monkeypatch.setattr(leases, "MOST_BYTES", 3 * len(HTML))
    for number in range(9):
        lent.put(at(f"/{number}/"), entry(), IDENTITY, NOW)
    [release] = tmp_path.iterdir()
    files = list((release / "pages").rglob(".0"))
    assert 0 < sum(file.stat().st_size for file in files) <= 3 * len(HTML)


def test_nothing_is_lent_where_there_is_no_room_and_at_once_when_there_is(
    lent, tmp_path, monkeypatch
):
    with monkeypatch.context() as full:
        full.setattr(leases, "LEAST_ROOM", 2**62)
        lent.renew(reading(STAMP))
        lent.put(at("/"), entry(), IDENTITY, NOW)
        assert found(tmp_path, NOW, "/") is None
    lent.renew(reading(STAMP))
    lent.put(at("/"), entry(), IDENTITY, NOW)
    assert found(tmp_path, NOW, "/") == HTML


def test_a_folder_that_takes_nothing_is_tried_again_in_the_next_round(
    lent, clock, tmp_path, caplog
):
    [release] = tmp_path.iterdir()
    [pages] = release.glob("pages")
    pages.rmdir()
    pages.write_text("a file")
    for path in ("/", "/noticias/"):
        lent.put(at(path), entry(), IDENTITY, NOW)
    assert len(caplog.records) == 1
    pages.unlink()
    clock.now += ROUND
    lent.renew(reading(STAMP, clock.now))
    lent.put(at("/"), entry(), IDENTITY, clock.now)
    assert found(tmp_path, clock.now, "/") == HTML


def test_a_folder_that_is_gone_is_made_anew(lent, clock, tmp_path):
    [release] = tmp_path.iterdir()
    release.rename(tmp_path.with_name("gone"))
    clock.now += ROUND
    lent.renew(reading(STAMP, clock.now))
    lent.put(at("/"), entry(), IDENTITY, clock.now)
    assert found(tmp_path, clock.now, "/") == HTML


def test_what_a_release_left_that_is_gone_is_taken_away(lent, clock, tmp_path):
    left, other = tmp_path / "0123abcd", tmp_path / "nothing-of-ours"
    for folder in (left, other):
        (folder / "pages").mkdir(parents=True)
        os.utime(folder, (NOW - 3600, NOW - 3600))
    clock.now += ROUND
    lent.renew(reading(STAMP, clock.now))
    assert other.exists()
    assert not left.exists()


def test_a_clock_that_is_set_forward_takes_nothing_away_from_who_lends(lent, clock, tmp_path):
    [release] = tmp_path.iterdir()
    clock.now = release.stat().st_mtime + 2 * FORGOTTEN
    lent.renew(reading(STAMP, clock.now))
    lent.put(
        at("/"),
        entry(fresh_until=clock.now + 3600, usable_until=clock.now + 10**6),
        IDENTITY,
        clock.now,
    )
    assert found(tmp_path, clock.now, "/") == HTML
