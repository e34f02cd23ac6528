from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from jundiai_global.demo import many
from jundiai_global.demo.corpus import Writer
from jundiai_global.demo.load import COLLECTION, SLUG_PREFIX, Demo, has_samples, sample_videos
from news.models import NewsCategory
from pages.models import HomePage, SiteDocument, SiteImage


class Command(BaseCommand):
    help = (
        "Adds as many sample articles as asked for, to see how the site bears them. Each says that "
        "it is a sample; remove_demo takes them away. The same seed writes the same articles."
    )

    def add_arguments(self, parser):
        parser.add_argument("count", type=int, help="How many articles to add.")
        parser.add_argument("--seed", type=int, default=1, help="Another seed, other articles.")
        parser.add_argument("--years", type=int, default=20, help="Years over which to date them.")
        parser.add_argument(
            "--yes-in-production",
            action="store_true",
            help="Add them even to the site that the public sees.",
        )

    def handle(self, *args, count, seed, years, yes_in_production, **options):
        if settings.SETTINGS_MODULE.endswith(".production") and not yes_in_production:
            raise CommandError("This is production. If you mean it, add --yes-in-production.")
        if count < 1 or years < 1:
            raise CommandError("There must be at least one article and one year.")
        if not HomePage.objects.exists():
            raise CommandError("Load the first content before: load_initial_content")
        if not has_samples():
            call_command("load_demo", stdout=self.stdout)
        demo = Demo()
        library = many.Library(
            categories=list(NewsCategory.objects.filter(locale=demo.locale)),
            goals=demo.goals,
            covers=list(SiteImage.objects.filter(collection__name=COLLECTION)),
            documents=list(SiteDocument.objects.filter(collection__name=COLLECTION)),
            videos=list(sample_videos().exclude(video_file=None)),
        )
        newsroom = many.Newsroom(demo.news, SLUG_PREFIX, library)
        samples = Writer(seed).articles(
            count,
            years,
            until=timezone.localdate(),
            categories=len(library.categories),
            goals=len(library.goals),
            covers=len(library.covers),
        )
        with transaction.atomic():
            newsroom.add(samples)
        newsroom.make_known()
        self.stdout.write(self.style.SUCCESS(f"{count} sample articles were added."))
