from django.core.management.base import BaseCommand

from search import index


class Command(BaseCommand):
    help = (
        "Makes the index of the search anew from the published pages. Needed only after pages "
        "were written without the site knowing, as bulk imports do; it can be repeated safely."
    )

    def handle(self, *args, verbosity, **options):
        def report(done: int) -> None:
            if verbosity > 1:
                self.stdout.write(f"  {done} pages")

        count = index.rebuild(report)
        self.stdout.write(self.style.SUCCESS(f"{count} pages are in the search."))
