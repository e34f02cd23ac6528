"""Sample articles by the thousand: what they are like, and that they go as they came."""

import io
import re
from collections import Counter
from itertools import pairwise

import pytest
from bs4 import BeautifulSoup
from django.core.management import CommandError, call_command
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page
from wagtail.search.models import IndexEntry

from jundiai_global.demo.corpus import Writer, project_name, vocabulary
from jundiai_global.demo.load import SLUG_PREFIX
from jundiai_global.demo.many import BATCH_SIZE
from news.models import ArchiveMonth, ArticlePage, PinnedArticle

COUNT = 120


def write(seed=1, count=200):
    until = timezone.localdate().replace(2026, 11, 24)
    return list(Writer(seed).articles(count, 20, until, categories=5, goals=4, covers=8))


def make(count=COUNT, **options):
    call_command("make_articles", count, stdout=io.StringIO(), **options)


def remove():
    call_command("remove_demo", stdout=io.StringIO())


def made():
    """The articles that no editor's hand went through."""
    return ArticlePage.objects.filter(latest_revision__isnull=True).order_by("path")


def words_of(sample) -> int:
    return len(BeautifulSoup(str(sample.body[1:]), "html.parser").get_text(" ").split())


def test_the_vocabulary_has_thousands_of_words():
    assert len(vocabulary()) > 2000


def test_the_same_seed_writes_the_same_and_another_seed_others():
    assert write() == write()
    assert {sample.title for sample in write()} != {sample.title for sample in write(seed=2)}


def test_samples_are_distinct_of_many_lengths_and_over_the_years():
    samples = write(count=2000)
    assert len({sample.title for sample in samples}) == len(samples)
    assert all(150 < words_of(sample) < 800 for sample in samples[:200])
    assert len({(sample.moment.year, sample.moment.month) for sample in samples}) > 200
    weekdays = [sample.moment.weekday() for sample in samples]
    assert 0 < weekdays.count(6) < weekdays.count(2) / 4
    assert all(before.moment <= after.moment for before, after in pairwise(samples))
    assert {len(sample.goals) for sample in samples} == {0, 1, 2, 3}
    assert {sample.category for sample in samples} == {None, 0, 1, 2, 3, 4}
    assert None in {sample.cover for sample in samples}
    assert max(len(sample.title) for sample in samples) < 200


def test_a_few_words_are_common_and_many_rare():
    text = " ".join(str(sample.body) for sample in write(count=1000))
    common, rare = text.count("acordo"), text.count("ilustre")
    assert common > 50 * rare > 0


def test_the_more_articles_the_more_names_there_are_and_each_is_rare():
    names = [project_name(number) for number in range(20_000)]
    assert len(set(names)) == len(names)
    few, many = (
        Counter(re.findall(r"projeto (\w+), de amostra", str([s.body for s in write(count=count)])))
        for count in (100, 1000)
    )
    assert len(few) < len(many) / 5
    assert max(many.values()) < 50


@pytest.mark.django_db
def test_articles_are_made_whole_and_counted(client, news_index):
    before = ArticlePage.objects.count()
    make()
    assert made().count() == COUNT == ArticlePage.objects.count() - before
    assert Page.find_problems() == ([], [], [], [], [])
    for article in made():
        assert article.title.startswith("Amostra: ")
        assert article.slug.startswith(SLUG_PREFIX)
        article.full_clean()
    counted = ArchiveMonth.objects.filter(category=None, goal=None)
    assert sum(month.count for month in counted) == before + COUNT
    illustrated = [a for a in made() if any(part["type"] == "video" for part in a.body.raw_data)]
    assert len(illustrated) == COUNT / 10
    page = BeautifulSoup(client.get(illustrated[0].url).content, "html.parser")
    assert page.select("main figure img")
    assert page.select("main .documents a")
    assert page.select("main video")
    article = made().last()
    page = BeautifulSoup(client.get(article.url).content, "html.parser")
    assert page.h1.get_text() == article.title
    assert "Isto é uma amostra" in page.get_text()
    assert article.title in client.get(f"/noticias/{article.date:%Y/%m}/").content.decode()
    assert article.title in client.get("/busca/", {"q": article.title}).content.decode()


@pytest.mark.django_db
def test_more_can_be_added_to_those_that_are_there():
    make(30)
    make(30, seed=2)
    assert made().count() == 60
    assert Page.find_problems() == ([], [], [], [], [])


@pytest.mark.django_db
def test_editors_find_open_and_save_what_was_made(admin_client, news_index):
    make()
    newest = made().aggregate(newest=Max("date"))["newest"]
    article = made().get(date=newest)
    listing = admin_client.get(reverse("wagtailadmin_explore", args=[news_index.pk]))
    assert listing.status_code == 200
    address = reverse("wagtailadmin_pages:edit", args=[article.pk])
    page = BeautifulSoup(admin_client.get(address).content, "html.parser")
    assert page.select_one("textarea[name=title], input[name=title]")
    article.save_revision().publish()
    assert article.revisions.count() == 1


@pytest.mark.django_db
def test_all_go_with_the_samples(news_index):
    remove()
    before = Page.objects.count()
    make(BATCH_SIZE + 50)
    remove()
    assert Page.objects.count() == before
    assert Page.find_problems() == ([], [], [], [], [])
    assert not ArchiveMonth.objects.exists()
    assert not IndexEntry.objects.filter(content_type__model="articlepage").exists()


@pytest.mark.django_db
def test_what_an_editor_revised_stays_and_what_is_pinned_goes_with_its_pin(news_index, admin_user):
    make(20)
    revised, pinned = made()[:2]
    revised.save_revision(user=admin_user).publish()
    PinnedArticle.objects.create(page=news_index, article=pinned, sort_order=0)
    remove()
    assert list(ArticlePage.objects.all()) == [revised]
    assert not PinnedArticle.objects.exists()
    assert sum(month.count for month in ArchiveMonth.objects.filter(category=None, goal=None)) == 1


@pytest.mark.django_db
def test_production_must_be_meant(settings):
    settings.SETTINGS_MODULE = "jundiai_global.settings.production"
    with pytest.raises(CommandError, match="yes-in-production"):
        make(1)
    make(1, yes_in_production=True)
    assert made().count() == 1
