"""Keeps the archive's counts in step with the articles, whatever changes them."""

from datetime import date

from django.db import connections
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_save
from django.dispatch import receiver
from wagtail.models import Page, PageViewRestriction
from wagtail.signals import page_published, page_unpublished, post_page_move

from search import index as search

from .models import ArchiveMonth, ArticlePage, NewsIndexPage
from .models.article import month_of


def count_what_was_never_counted(using, **kwargs):
    """After the migration that brings the counts to a site that has articles already."""
    tables = connections[using].introspection.table_names()
    # Migrating backwards ends here too, with the tables gone.
    is_there = ArchiveMonth._meta.db_table in tables
    if is_there and not ArchiveMonth.objects.using(using).exists():
        for index in NewsIndexPage.objects.using(using).all():
            ArchiveMonth.objects.using(using).recount(index)


def _recount(index_path: str, months: set[date] | None = None) -> None:
    index = NewsIndexPage.objects.filter(path=index_path).only("path", "depth").first()
    if index:
        ArchiveMonth.objects.recount(index, months)


def _parent_path(article: ArticlePage) -> str:
    return article.path[: -Page.steplen]


@receiver(pre_save, sender=ArticlePage)
def remember_the_month_before(instance, raw=False, **kwargs):
    instance.counted_in = set()
    if instance.pk and not raw:
        before = ArticlePage.objects.filter(pk=instance.pk).values_list("date", flat=True).first()
        if before:
            instance.counted_in = {month_of(before)}


@receiver([post_save, post_delete, page_published, page_unpublished], sender=ArticlePage)
def count_the_months_of_an_article(instance, raw=False, **kwargs):
    if not raw:
        months = {*getattr(instance, "counted_in", ()), month_of(instance.date)}
        _recount(_parent_path(instance), months)


@receiver(m2m_changed, sender=ArticlePage.goals.through)
def count_the_month_of_an_article_whose_goals_change(instance, action, reverse, pk_set, **kwargs):
    if reverse and action == "pre_clear":
        instance.articles_before = list(instance.articles.values_list("pk", flat=True))
    if action not in ("post_add", "post_remove", "post_clear"):
        return
    search.update(
        (instance.articles_before if pk_set is None else pk_set) if reverse else [instance.pk]
    )
    if reverse:
        for index in NewsIndexPage.objects.filter(locale_id=instance.locale_id):
            ArchiveMonth.objects.recount(index)
    else:
        _recount(_parent_path(instance), {month_of(instance.date)})


@receiver(post_page_move, sender=ArticlePage)
def count_both_lists_when_an_article_moves(instance, parent_page_before, **kwargs):
    # What comes is the page without what is an article's.
    months = {month_of(ArticlePage.objects.values_list("date", flat=True).get(pk=instance.pk))}
    for path in {parent_page_before.path, _parent_path(instance)}:
        _recount(path, months)


@receiver([post_save, post_delete], sender=PageViewRestriction)
def count_all_that_a_restriction_may_hide(instance, raw=False, **kwargs):
    if raw:
        return
    covered = instance.page.path
    for index in NewsIndexPage.objects.only("path", "depth"):
        if index.path.startswith(covered):
            ArchiveMonth.objects.recount(index)
        elif covered.startswith(index.path):
            article = ArticlePage.objects.filter(path=covered).first()
            if article:
                ArchiveMonth.objects.recount(index, {month_of(article.date)})
