from django.core.management.base import BaseCommand

from news.models import ArchiveMonth, NewsIndexPage


class Command(BaseCommand):
    help = (
        "Counts the articles of every news index by month, category and goal. Needed only after "
        "articles were changed behind Wagtail's back, for example by SQL."
    )

    def handle(self, *args, **options):
        for index in NewsIndexPage.objects.all():
            ArchiveMonth.objects.recount(index)
            self.stdout.write(f"{index.url}: {len(index.listing())} articles")
