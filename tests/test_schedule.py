"""Pages appear and end at the times that editors chose."""

import os
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.utils import timezone
from wagtail.models import Page, PageLogEntry, Revision

from desk import schedule
from news.models import ArchiveMonth, ArticlePage
from news.models.article import month_of
from pages.models import HomePage
from search.models import SearchEntry
from tests.builders import ArticleFactory, StandardPageFactory
from tests.shared_database import copy_sqlite

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def now():
    """Whole seconds, as the forms and the revisions keep them."""
    return timezone.now().replace(microsecond=0)


def scheduled(parent, factory=ArticleFactory, at=None, begun=None, **fields):
    """A page begun at ``begun``, by default now, whose first publication was set for ``at``, by
    default a minute ago."""
    at = at or now() - timedelta(minutes=1)
    page = factory(parent=parent, live=False, first_published_at=None, **fields)
    page.go_live_at = timezone.now() + HOUR
    page.save_revision().publish()
    page.refresh_from_db()
    assert not page.live
    Revision.objects.filter(pk=page.latest_revision_id).update(approved_go_live_at=at)
    revision = page.latest_revision
    revision.content["go_live_at"] = at.isoformat()
    revision.approved_go_live_at = at
    revision.created_at = begun or revision.created_at
    Revision.objects.bulk_update([revision], ["content", "approved_go_live_at", "created_at"])
    return page


def times_published(page):
    return PageLogEntry.objects.filter(page=page.pk, action="wagtail.publish.scheduled").count()


def run():
    call_command("publish_scheduled", verbosity=0)


def test_a_page_whose_time_has_come_is_published_and_another_waits(home):
    due = scheduled(home, StandardPageFactory, title="Vencida", slug="vencida")
    later = scheduled(
        home, StandardPageFactory, title="Futura", slug="futura", at=timezone.now() + HOUR
    )
    run()
    assert Page.objects.get(pk=due.pk).live
    assert not Page.objects.get(pk=later.pk).live


def test_a_second_run_finds_nothing_to_do(news_index):
    page = scheduled(news_index)
    run()
    run()
    assert times_published(page) == 1


def test_what_depends_on_publication_follows(news_index, client):
    page = scheduled(news_index, title="Assinatura de acordo", slug="assinatura")
    month = month_of(timezone.now())
    counts = ArchiveMonth.objects.filter(month=month, category=None, goal=None)
    before = sum(counts.values_list("count", flat=True))
    assert client.get("/noticias/assinatura/").status_code == 404
    run()
    assert sum(counts.values_list("count", flat=True)) == before + 1
    assert SearchEntry.objects.filter(page=page.pk).exists()
    assert client.get("/noticias/assinatura/").status_code == 200


def test_a_page_ends_at_its_time_and_leaves_lists_and_search(news_index, client):
    page = ArticleFactory(parent=news_index, slug="inscricoes")
    assert client.get("/noticias/inscricoes/").status_code == 200
    ArticlePage.objects.filter(pk=page.pk).update(expire_at=timezone.now() - HOUR)
    run()
    page.refresh_from_db()
    assert (page.live, page.expired) == (False, True)
    assert not SearchEntry.objects.filter(page=page.pk).exists()
    assert client.get("/noticias/inscricoes/").status_code == 404


def test_a_page_that_ends_keeps_the_later_version_that_is_scheduled(home):
    page = StandardPageFactory(parent=home, title="Edital", slug="edital")
    moment = now() + HOUR
    page.go_live_at = moment
    page.save_revision().publish()
    Page.objects.filter(pk=page.pk).update(expire_at=timezone.now() - HOUR)
    run()
    page.refresh_from_db()
    assert not page.live
    assert page.latest_revision.approved_go_live_at == moment


def test_a_page_whose_whole_time_was_missed_does_not_stay(home):
    page = scheduled(home, StandardPageFactory, title="Perdida", slug="perdida")
    revision = page.latest_revision
    revision.content["expire_at"] = (timezone.now() - timedelta(seconds=1)).isoformat()
    revision.save(update_fields=["content"])
    run()
    page.refresh_from_db()
    assert not page.live


def test_a_page_that_fails_is_named_and_does_not_stop_the_others(news_index, caplog):
    bad = scheduled(news_index, title="Primeira", at=timezone.now() - HOUR)
    good = scheduled(news_index, title="Segunda")
    # Another page took its address meanwhile, behind the back of the admin.
    revision = bad.latest_revision
    revision.content["slug"] = ArticleFactory(parent=news_index).slug
    revision.save(update_fields=["content"])
    with pytest.raises(CommandError, match=rf"(?s)1 could not .*Revision {revision.pk}"):
        run()
    assert Page.objects.get(pk=good.pk).live
    assert not Page.objects.get(pk=bad.pk).live
    assert str(revision.pk) in caplog.text

    revision.content["slug"] = "endereco-livre"
    revision.save(update_fields=["content"])
    run()
    assert Page.objects.get(pk=bad.pk).live, "the next run tries again"


def test_a_dry_run_changes_nothing_and_says_what_it_would_do(news_index, capsys):
    page = scheduled(news_index, title="Ensaio geral")
    call_command("publish_scheduled", "--dryrun")
    assert "Ensaio geral" in capsys.readouterr().out
    assert not Page.objects.get(pk=page.pk).live


def test_a_scheduled_article_is_dated_by_its_first_publication(news_index):
    at = now() - timedelta(minutes=5)
    written = at - timedelta(days=3)
    page = scheduled(news_index, at=at, begun=written, date=written)
    run()
    page.refresh_from_db()
    assert page.date == at
    assert page.latest_revision.as_object().date == at, "the form must not bring the old one back"


def test_a_draft_saved_after_the_scheduling_gets_the_date_too(news_index):
    at = now() - timedelta(minutes=5)
    written = at - timedelta(days=3)
    page = scheduled(news_index, at=at, begun=written, date=written)
    due = page.latest_revision
    page = page.get_latest_revision_as_object()
    page.summary = "Outro resumo."
    later = page.save_revision()
    schedule.run()
    page = ArticlePage.objects.get(pk=page.pk)
    assert page.live_revision_id == due.pk
    assert page.date == at
    later.refresh_from_db()
    assert later.as_object().date == at


def test_a_later_date_and_that_of_a_published_article_stay(news_index):
    future = now() + timedelta(days=2)
    ahead = scheduled(news_index, date=future)
    past = now() - timedelta(days=30)
    known = scheduled(news_index, date=past)
    ArticlePage.objects.filter(pk=known.pk).update(first_published_at=past)
    run()
    assert ArticlePage.objects.get(pk=ahead.pk).date == future
    assert ArticlePage.objects.get(pk=known.pk).date == past


@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs rows that can be locked")
def test_runs_at_the_same_time_publish_each_page_once():
    """Several runs in threads with connections of their own, on rows that are really stored.

    The pages are made in a thread too: out of this test's transaction, for all to see.
    """
    made = []

    def in_thread(work):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

    def make():
        home = HomePage.objects.get(locale__language_code="pt-br")
        for number in range(6):
            page = scheduled(
                home, StandardPageFactory, title=f"Corrida {number}", slug=f"corrida-{number}"
            )
            made.append(page)
        connections.close_all()

    def unmake():
        for page in made:
            Page.objects.get(pk=page.pk).delete()
        connections.close_all()

    results, errors = [], []
    start = threading.Barrier(4)

    def race():
        try:
            start.wait(timeout=30)
            results.append(schedule.run())
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    in_thread(make)
    try:
        threads = [threading.Thread(target=race) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        counts = {page.pk: times_published(page) for page in made}
        live = Page.objects.filter(pk__in=counts, live=True).count()
    finally:
        in_thread(unmake)
    assert errors == []
    assert [run.failed for run in results] == [[]] * 4
    assert sum(len(run.published) for run in results) == 6
    assert set(counts.values()) == {1}
    assert live == 6


@pytest.fixture
def copied_database(tmp_path, django_db_setup, shared_database):
    """A file with the content that every test finds."""
    if connection.vendor != "sqlite":
        pytest.skip("the threads above do it on PostgreSQL")
    file = tmp_path / "schedule.sqlite3"
    copy_sqlite(shared_database.filled, file)
    return file


def test_two_processes_at_the_same_time_publish_each_page_once(copied_database):
    """On SQLite, where a transaction waits for the other's end: real processes on a real file."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "jundiai_global.settings.test",
        "DATABASE_URL": f"sqlite:///{copied_database}",
    }

    def start(*command):
        return subprocess.Popen(
            [sys.executable, "manage.py", *command],
            cwd=settings.BASE_DIR,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def finish(process):
        output, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors
        return output

    prepare = (
        "from pages.models import HomePage\n"
        "from tests.builders import StandardPageFactory\n"
        "from tests.test_schedule import scheduled\n"
        "home = HomePage.objects.get(locale__language_code='pt-br')\n"
        "for number in range(8):\n"
        "    scheduled(home, StandardPageFactory, title=f'Corrida {number}', slug=f'c-{number}')\n"
    )
    finish(start("shell", "--verbosity", "0", "--command", prepare))
    outputs = [
        finish(process) for process in [start("publish_scheduled"), start("publish_scheduled")]
    ]
    published = [line for output in outputs for line in output.splitlines() if "Corrida" in line]
    assert len(published) == len(set(published)) == 8
