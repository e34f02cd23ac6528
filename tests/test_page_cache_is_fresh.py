"""Whatever editors do, every address that is kept is what a new drawing would be.

Random sequences of what they do, and what others do past the models; after each step every address
is asked for with and without the cache.
"""

import io
import os
import random
import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wagtail.actions.copy_page import CopyPageAction
from wagtail.contrib.redirects.models import Redirect
from wagtail.images import get_image_model
from wagtail.models import CollectionViewRestriction, Page, PageViewRestriction, Site

from goals.models import GoalPage
from news.models import ArticlePage, NewsCategory, NewsIndexPage
from pages.models import ElectionPeriod, Menu, MenuItem, SiteIdentity, SiteNotice, StandardPage
from tests.builders import ArticleFactory, PersonFactory
from tests.test_elections import begin
from tests.test_notices import put_up
from tests.test_page_cache import Clock, Counting, PageCache, cookies_of, settle
from tests.wsgi import ask, connection_kept

pytestmark = pytest.mark.django_db
#: How many sequences are tried; with a number in the environment, so many others each time.
EXAMPLES = os.environ.get("EXAMPLES", "")
#: Asked for at the beginning and the end only.
SELDOM = ("/mapa-do-site/", "/contato/", "/metas/")
#: Appear in drafts and nowhere else.
DRAFT = "Rascunho-que-ninguém-viu"
#: Different in each answer that has it.
TOKEN = re.compile(r'(?<="csrfmiddlewaretoken" value=")\w+')
#: What no page that is kept may have.
SECRETS = (DRAFT, "csrfmiddlewaretoken", 'name="token"', "wagtail-userbar", "sessionid")


class World:
    """The site, and those who work on it."""

    def __init__(self, monkeypatch):
        self.clock = Clock(monkeypatch)
        self.site = PageCache(Counting())
        self.number = 0
        self.editor = Client()
        self.editor.force_login(PersonFactory(role="Administração", is_superuser=True))
        index = NewsIndexPage.objects.get(locale__language_code="pt-br")
        self.article = ArticleFactory(parent=index, title="Visita da delegação")
        self.addresses = {
            "/",
            "/noticias/",
            self.article.url,
            "/velho-endereco/",
        }

    def word(self) -> str:
        self.number += 1
        return f"Palavra {self.number}"

    def reload(self):
        """The article as it is; another one where it was deleted."""
        self.article = ArticlePage.objects.filter(pk=self.article.pk).first() or (
            ArticlePage.objects.live().order_by("-date").first()
        )
        return self.article


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
        settle()
        ask(world.site, address, HTTP_COOKIE=cookies_of(world.editor))


def unpublish_or_publish(world):
    article = world.reload()
    if article.live:
        article.unpublish()
    else:
        article.save_revision().publish()


def delete(world):
    if ArticlePage.objects.live().count() > 3:
        world.reload().delete()


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


def change_the_cover(world):
    article = world.reload()
    article.cover = random.choice(get_image_model().objects.all())
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
    page = random.choice([world.reload(), StandardPage.objects.first()])
    kind = random.choice(["login", "password", "groups"])
    restriction = PageViewRestriction.objects.create(
        page_id=page.pk, restriction_type=kind, password="x"
    )
    if kind == "groups":
        restriction.groups.add(Group.objects.first())


def open_up(world):
    PageViewRestriction.objects.all().delete()
    CollectionViewRestriction.objects.all().delete()


def reorder_goals(world):
    first, *_others, last = GoalPage.objects.live().order_by("path")
    last.move(first, pos="left")


def rename_the_site(world):
    Site.objects.update(site_name=world.word())


STEPS = [
    publish, save_a_draft, preview_a_draft, read_as_an_editor, unpublish_or_publish, delete, move,
    copy, schedule, run_the_schedule, update_pages, write_sql, rename_in_bulk, change_the_menu,
    describe_an_image, choose_a_focal_point, change_the_cover, redirect, put_up_a_notice,
    take_down_a_notice, let_time_pass, hold_an_election, call_off_the_election, exempt, restrict,
    open_up, reorder_goals, rename_the_site,
]  # fmt: skip


def policies(headers: dict) -> dict:
    """What of the headers does not depend on whether the answer was kept."""
    own = {"Cache-Control", "Vary", "ETag", "Last-Modified", "Content-Length", "Content-Encoding"}
    # The one is for the proxy, the other names a request, and the last is the time of an answer.
    own |= {"X-Accel-Expires", "X-Request-ID", "Expires"}
    shown = {name: value for name, value in headers.items() if name not in own}
    shown["Content-Security-Policy"] = sorted(shown["Content-Security-Policy"].split("; "))
    return shown


def check(world, *more: str) -> int:
    """Every address with and without the cache; gives how many are kept."""
    for address in sorted({*world.addresses, *more}):
        settle()
        answer = ask(world.site, address)
        fresh = ask(world.site._application.django, address)
        assert answer.status == fresh.status, address
        if address != "/contato/":  # each has a token of its own
            assert TOKEN.sub("", answer.text) == TOKEN.sub("", fresh.text), address
        assert policies(answer.headers) == policies(fresh.headers), address
    entries = world.site.memory.entries()
    for address, entry in entries.items():
        text = entry.bodies["identity"].decode()
        assert not [secret for secret in SECRETS if secret in text], address
        assert "Set-Cookie" not in dict(entry.headers)
    return len(entries)


# Every kind of step is taken on both databases below.
@pytest.mark.one_database
@settings(
    max_examples=int(EXAMPLES or 2),
    deadline=None,
    derandomize=not EXAMPLES,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(steps=st.lists(st.sampled_from(STEPS), min_size=4, max_size=4))
def test_after_each_step_of_any_sequence_every_page_is_as_if_just_drawn(steps):
    run(steps)


@pytest.mark.parametrize("seed", range(4))
def test_after_every_kind_of_step_in_any_order_too(seed):
    """Each kind is there once: a quarter of them in each sequence, shuffled."""
    steps = [*STEPS]
    random.Random(7).shuffle(steps)
    run(steps[seed::4])


def run(steps):
    with pytest.MonkeyPatch.context() as patch, connection_kept(), transaction.atomic():
        random.seed(len(steps))
        world = World(patch)
        assert check(world, *SELDOM) >= 4
        for step in steps:
            step(world)
            check(world)
        check(world, *SELDOM)
        transaction.set_rollback(True)


def test_the_check_would_notice(monkeypatch):
    """What a cache without a stamp would show is not what a drawing shows."""
    world = World(monkeypatch)
    with connection_kept():
        check(world)
    reading = world.site.reader.last
    monkeypatch.setattr(
        world.site, "reader", SimpleNamespace(current=lambda: reading, last=reading)
    )
    update_pages(world)
    with pytest.raises(AssertionError):
        check(world)
