"""Whatever editors do, every address that is kept is what a new drawing would be.

Random sequences of what they do, and what others do past the models, other ones in each run; after
each step every address is asked for with and without the cache, and what nginx may give out by
itself is compared too.
"""

import io
import os
import random
import re
import secrets
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings as site_settings
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client, TestCase, override_settings
from django.urls import reverse
from django.utils import timezone, translation
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from wagtail.actions.copy_page import CopyPageAction
from wagtail.contrib.redirects.models import Redirect
from wagtail.images import get_image_model
from wagtail.models import (
    Collection,
    CollectionViewRestriction,
    Locale,
    Page,
    PageViewRestriction,
    Site,
)

from desk.models import Trash, TrashedPage, TrashedThing
from goals.models import GoalPage
from news.models import ArticlePage, NewsCategory, NewsIndexPage
from page_cache.entry import IDENTITY, compress
from page_cache.leases import CODINGS, Leases, lent_folder
from pages.headers import headers_of, page_policies
from pages.models import ElectionPeriod, Menu, MenuItem, SiteIdentity, SiteNotice, StandardPage
from tests.builders import ArticleFactory, PersonFactory
from tests.test_elections import begin
from tests.test_library import drawing, image_form
from tests.test_notices import put_up
from tests.test_page_cache import Clock, Counting, PageCache, cookies_of, settle
from tests.wsgi import Answered, ask, connection_kept

pytestmark = pytest.mark.django_db
#: How many sequences are tried.
EXAMPLES = int(os.environ.get("EXAMPLES") or 4)
#: What chance begins with: another number in each run, which a failure tells.
SEED = int(os.environ.get("SEED") or secrets.randbelow(2**32))
#: Where nginx is asked.
HTTPS = {"wsgi.url_scheme": "https"}
#: Asked for at the beginning and the end only.
SELDOM = ("/mapa-do-site/", "/contato/", "/metas/")
#: Appear in drafts and nowhere else.
DRAFT = "Rascunho-que-ninguém-viu"
#: Different in each answer that has it.
TOKEN = re.compile(r'(?<="csrfmiddlewaretoken" value=")\w+')
#: What no page that is kept may have.
SECRETS = (DRAFT, "csrfmiddlewaretoken", 'name="token"', "wagtail-userbar", "sessionid")


class StoppedClock(Clock):
    """It goes on when it is told to: whatever is compared is of one moment."""

    def __init__(self, monkeypatch):
        super().__init__(monkeypatch)
        self._real = self._time
        self._time = lambda: self._stopped
        self._now = lambda: datetime.fromtimestamp(self._stopped, UTC)
        shown = SimpleNamespace(time=self.time, monotonic=time.monotonic, sleep=time.sleep)
        for module in ("stamp", "leases"):
            monkeypatch.setattr(f"page_cache.{module}.time", shown)
        self.go_on()

    def time(self) -> float:
        return self._stopped + self.ahead.total_seconds()

    def go_on(self):
        """Be past all changes that the database has noted, by its own clock."""
        self._stopped = self._real()


class World:
    """The site, and those who work on it."""

    def __init__(self, monkeypatch, folder: Path):
        self.clock = StoppedClock(monkeypatch)
        self.random = random.Random(SEED)
        self.folder = folder
        self.site = PageCache(Counting())
        self.site._leases = Leases(folder)
        self.number = 0
        self.editor = Client()
        self.editor.force_login(PersonFactory(role="Administração", is_superuser=True))
        index = NewsIndexPage.objects.get(locale__language_code="pt-br")
        # Files are not rolled back, so the one that is replaced is of this world.
        self.image = get_image_model().objects.create(
            title="Delegação", description="Bandeiras", file=drawing("red", "capa.png", (360, 240))
        )
        self.article = ArticleFactory(parent=index, title="Visita da delegação", cover=self.image)
        self.addresses = {
            "/",
            "/noticias/",
            "/noticias/?pagina=2",
            self.article.url,
            "/velho-endereco/",
        }

    def word(self) -> str:
        self.number += 1
        return f"Palavra {self.number}"

    def reload(self):
        """The article as it is; another one where it was deleted."""
        articles = ArticlePage.objects.exclude(Trash.pages_q()).filter(locale=self.article.locale)
        self.article = articles.filter(pk=self.article.pk).first() or (
            articles.live().order_by("-date").first()
        )
        return self.article

    def post(self, name: str, pk: int, **data):
        """Send a form of the admin, which takes it."""
        answer = self.editor.post(reverse(name, args=[pk]), data)
        assert answer.status_code == 302, (name, answer.status_code)

    def ask(self, address: str, **more) -> Answered:
        settle()
        return ask(self.site, address, **HTTPS, **more)

    def draw(self, address: str) -> Answered:
        return ask(self.site._application.django, address, **HTTPS)

    def read_the_stamp(self):
        """As the thread does that lends the pages."""
        settle()
        self.site._lend(self.site.reader.current())

    def lent(self) -> dict[tuple[str, int], dict[str, bytes]]:
        """What nginx finds now: the forms of each address, and the number of its headers."""
        tenth = int(self.clock.time() * 10)
        folder = (self.folder / lent_folder() / f"{tenth // 10}.{tenth % 10}").resolve()
        found: dict = defaultdict(dict)
        for file in folder.rglob("*"):
            if file.is_file():
                coding, *names, number = file.relative_to(folder).parts
                address = "/".join(["", *names, ""])
                found[address, int(number[1:])][coding[1:] or IDENTITY] = file.read_bytes()
        return found


@contextmanager
def a_world() -> Iterator[World]:
    """One of which nothing stays."""
    with (
        pytest.MonkeyPatch.context() as patch,
        tempfile.TemporaryDirectory() as folder,
        override_settings(SITE_URL="https://localhost"),
        connection_kept(),
        transaction.atomic(),
    ):
        yield World(patch, Path(folder))
        transaction.set_rollback(True)


def publish(world):
    article = world.reload()
    article.title = world.word()
    article.save_revision().publish()


def save_a_draft(world):
    article = world.reload()
    article.title = article.summary = DRAFT
    article.save_revision()


def preview_a_draft(world):
    save_a_draft(world)
    pk = world.article.pk
    revision = world.article.get_latest_revision()
    world.editor.get(f"/admin/pages/{pk}/revisions/{revision.pk}/view/")
    world.editor.get(f"/admin/pages/{pk}/view_draft/")


def read_as_an_editor(world):
    for address in world.addresses:
        world.ask(address, HTTP_COOKIE=cookies_of(world.editor))


def unpublish_or_publish(world):
    article = world.reload()
    if article.live:
        article.unpublish()
    else:
        article.save_revision().publish()


def delete(world):
    if ArticlePage.objects.live().count() > 3:
        world.reload().delete()


def throw_away(world):
    if ArticlePage.objects.live().count() > 3:
        world.post("wagtailadmin_pages:delete", world.reload().pk)


def delete_a_picture(world):
    if get_image_model().objects.filter(pk=world.image.pk).exists():
        world.post("wagtailimages:delete", world.image.pk)


def take_back(world):
    """All that lies in the recycle bin; where nothing does, it is put there and missed before."""
    if not TrashedPage.objects.exists() and not TrashedThing.objects.exists():
        throw_away(world)
        delete_a_picture(world)
        check(world)
    for record in TrashedPage.objects.all():
        world.post("desk_trash:restore", record.pk, parent=record.parent_id)
        world.addresses.add(record.page.specific.url)
    for thing in TrashedThing.objects.all():
        world.post("desk_trash:restore_thing", thing.pk)
    assert not TrashedPage.objects.exists()
    assert not TrashedThing.objects.exists()


def move(world):
    article = world.reload()
    article.slug = f"lugar-{world.number}-{article.pk}"
    article.save()
    world.number += 1
    world.addresses.add(article.url)


def copy(world):
    world.number += 1
    CopyPageAction(
        world.reload(),
        update_attrs={"slug": f"copia-{world.number}", "title": world.word()},
        keep_live=True,
        copy_revisions=False,
    ).execute(skip_permission_checks=True)


def schedule(world):
    article = world.reload()
    article.title = world.word()
    article.go_live_at = timezone.now() + timedelta(minutes=30)
    article.expire_at = timezone.now() + timedelta(minutes=90)
    article.save_revision(approved_go_live_at=article.go_live_at)


def run_the_schedule(world):
    call_command("publish_scheduled", verbosity=0, stdout=io.StringIO())


def update_pages(world):
    Page.objects.filter(pk=world.reload().pk).update(title=world.word())


def write_sql(world):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE news_articlepage SET summary = %s", [world.word()])


def rename_in_bulk(world):
    for model in (NewsCategory, MenuItem, Menu, SiteIdentity):
        field = "name" if hasattr(model, "name") else "title" if model is Menu else "label"
        rows = list(model.objects.all()[:3])
        for row in rows:
            setattr(row, field, world.word())
        model.objects.bulk_update(rows, [field])


def change_the_menu(world):
    items = MenuItem.objects.all()
    if items.count() > 3:
        items.last().delete()
    MenuItem.objects.bulk_create(
        [MenuItem(menu=Menu.objects.first(), label=world.word(), url="/busca/", sort_order=9)]
    )


def describe_an_image(world):
    image = world.reload().cover or get_image_model().objects.first()
    image.description, image.credit = world.word(), world.word()
    image.save()


def choose_a_focal_point(world):
    image = get_image_model().objects.filter(
        pk__in=ArticlePage.objects.exclude(cover=None).values("cover")
    ).first()  # fmt: skip
    image.focal_point_x = image.focal_point_y = 20 + world.number
    image.focal_point_width = image.focal_point_height = 10
    image.save()
    world.number += 1


def replace_a_picture(world):
    if not get_image_model().objects.filter(pk=world.image.pk).exists():
        take_back(world)
    colour, width = world.random.randrange(2**24), world.random.randrange(300, 400)
    file = drawing(f"#{colour:06x}", "outra.png", (width, 240))
    # The new file takes the place of the old one at the commit, which never comes here.
    with TestCase.captureOnCommitCallbacks(execute=True):
        world.post("wagtailimages:edit", world.image.pk, **image_form(file=file))


def change_the_cover(world):
    article = world.reload()
    article.cover = world.random.choice(get_image_model().objects.order_by("pk"))
    article.save_revision().publish()


def redirect(world):
    Redirect.objects.filter(old_path="/velho-endereco").delete() or Redirect.objects.create(
        old_path="/velho-endereco", redirect_link="/noticias/"
    )


def put_up_a_notice(world):
    put_up(world.word(), hours=-1, until=1)
    put_up(world.word(), hours=1, until=3, page=Page.objects.get(pk=world.reload().pk))


def take_down_a_notice(world):
    SiteNotice.objects.all()[:1] and SiteNotice.objects.first().delete()


def let_time_pass(world):
    world.clock.move(minutes=40)


def hold_an_election(world):
    if not ElectionPeriod.objects.exists():
        begin(0.5, 2)


def call_off_the_election(world):
    ElectionPeriod.objects.all().delete()


def exempt(world):
    ArticlePage.objects.filter(pk=world.reload().pk).update(is_publicity=False)


def restrict(world):
    page = world.random.choice([world.reload(), StandardPage.objects.first()])
    kind = world.random.choice(["login", "password", "groups"])
    restriction = PageViewRestriction.objects.create(
        page_id=page.pk, restriction_type=kind, password="x"
    )
    if kind == "groups":
        restriction.groups.add(Group.objects.first())


def restrict_a_collection(world):
    collection = world.random.choice(Collection.objects.order_by("path"))
    kind = world.random.choice(["login", "password"])
    address = reverse("wagtailadmin_collections:set_privacy", args=[collection.pk])
    world.editor.post(address, {"restriction_type": kind, "password": "x"})
    assert collection.get_view_restrictions().exists()


def open_up(world):
    PageViewRestriction.objects.all().delete()
    CollectionViewRestriction.objects.all().delete()


def translate(world):
    """What is not translated yet, from the home down to the article."""
    locale = Locale.objects.get(language_code=world.random.choice(["en", "es"]))
    article = world.reload()
    for page in article.get_ancestors(inclusive=True).filter(depth__gt=1).specific():
        if not page.has_translation(locale):
            world.post("simple_translation:submit_page_translation", page.pk, locales=[locale.pk])
        translated = page.get_translation(locale)
        if page == article or not translated.live:
            translated.title = world.word()
            translated.save_revision().publish()
        world.addresses.add(translated.url)


def reorder_goals(world):
    first, *_others, last = GoalPage.objects.live().order_by("path")
    last.move(first, pos="left")


def rename_the_site(world):
    Site.objects.update(site_name=world.word())


STEPS = [
    publish, save_a_draft, preview_a_draft, read_as_an_editor, unpublish_or_publish, delete,
    throw_away, delete_a_picture, take_back, move, copy, schedule, run_the_schedule, update_pages,
    write_sql, rename_in_bulk, change_the_menu, describe_an_image, choose_a_focal_point,
    replace_a_picture, change_the_cover, redirect, put_up_a_notice, take_down_a_notice,
    let_time_pass, hold_an_election, call_off_the_election, exempt, restrict,
    restrict_a_collection, open_up, translate, reorder_goals, rename_the_site,
]  # fmt: skip
# Hypothesis begins with the first of them: that is another one in each run.
random.Random(SEED).shuffle(STEPS)


def policies(headers: dict) -> dict:
    """What of the headers does not depend on whether the answer was kept."""
    own = {"Cache-Control", "Vary", "ETag", "Last-Modified", "Content-Length", "Content-Encoding"}
    # The one is for the proxy, the other names a request, and the last is the time of an answer.
    own |= {"X-Accel-Expires", "X-Request-ID", "Expires"}
    shown = {name: value for name, value in headers.items() if name not in own}
    shown["Content-Security-Policy"] = sorted(shown["Content-Security-Policy"].split("; "))
    if "Set-Cookie" in shown:  # each has a token and a time of its own
        shown["Set-Cookie"] = shown["Set-Cookie"].partition("=")[0]
    return shown


class Drawings(dict):
    """Each address as it is without the cache, drawn once."""

    def __init__(self, world):
        self._world = world

    def __missing__(self, address: str) -> Answered:
        self[address] = self._world.draw(address)
        return self[address]


def check_lent(world, fresh: Drawings):
    """What nginx would give out is what would be drawn, with the headers that nginx says."""
    for (address, number), forms in world.lent().items():
        page = fresh[address]
        assert page.status == 200, address
        wanted = {name: body for name, body in compress(page.body).items() if name in CODINGS}
        assert forms.keys() == wanted.keys(), address
        assert [name for name in forms if forms[name] != wanted[name]] == [], address
        language = translation.get_language_from_path(address) or site_settings.LANGUAGE_CODE
        said = {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Language": language,
            **dict(headers_of(page_policies()[number])),
        }
        assert policies(page.headers) == policies(said), address


def check(world, *more: str) -> int:
    """Every address with and without the cache, and lent; gives how many are kept."""
    fresh = Drawings(world)
    addresses = sorted({*world.addresses, *more})
    # Before anybody asks for a page anew, what was lent is as it should be or taken back.
    world.read_the_stamp()
    check_lent(world, fresh)
    for address in addresses:
        answer = world.ask(address)
        assert answer.status == fresh[address].status, address
        if address != "/contato/":  # each has a token of its own
            assert TOKEN.sub("", answer.text) == TOKEN.sub("", fresh[address].text), address
        assert policies(answer.headers) == policies(fresh[address].headers), address
    # A page is lent from two seconds after its change on, in the form that is asked for again.
    world.clock.go_on()
    world.clock.move(seconds=3)
    world.read_the_stamp()
    for address in addresses:
        for coding in CODINGS:
            world.ask(address, HTTP_ACCEPT_ENCODING=coding)
    check_lent(world, fresh)
    entries = world.site.memory.entries()
    for address, entry in entries.items():
        text = entry.bodies["identity"].decode()
        assert not [secret for secret in SECRETS if secret in text], address
        assert "Set-Cookie" not in dict(entry.headers)
    return len(entries)


# Every kind of step is taken on both databases below.
@pytest.mark.one_database
@seed(SEED)
@settings(
    max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
@given(steps=st.lists(st.sampled_from(STEPS), min_size=4, max_size=4))
def test_after_each_step_of_any_sequence_every_page_is_as_if_just_drawn(steps):
    run(steps)


@pytest.mark.parametrize("quarter", range(4))
def test_after_every_kind_of_step_in_any_order_too(quarter):
    """Each kind is there once: a quarter of them in each sequence."""
    run(STEPS[quarter::4])


def run(steps):
    done = []
    try:
        with a_world() as world:
            assert check(world, *SELDOM) >= 4
            assert world.lent()
            for step in steps:
                done.append(step.__name__)
                step(world)
                check(world)
            check(world, *SELDOM)
    except Exception as error:
        error.add_note(f"The steps, on {connection.vendor}: {', '.join(done)}.")
        error.add_note(f"The same again: make fresh SEED={SEED} EXAMPLES={EXAMPLES}")
        raise


def test_the_check_would_notice(monkeypatch):
    """What a cache without a stamp would show is not what a drawing shows."""
    with a_world() as world:
        world.site._leases = None
        check(world)
        reading = world.site.reader.last
        monkeypatch.setattr(
            world.site, "reader", SimpleNamespace(current=lambda: reading, last=reading)
        )
        update_pages(world)
        with pytest.raises(AssertionError):
            check(world)


def test_the_check_would_notice_what_only_nginx_has_too_long():
    """What nobody takes back is not what a drawing shows."""
    with a_world() as world:
        check(world)
        check_lent(world, Drawings(world))
        update_pages(world)
        with pytest.raises(AssertionError):
            check_lent(world, Drawings(world))
