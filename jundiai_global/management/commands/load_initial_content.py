from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import transaction

from jundiai_global.content import accessibility
from jundiai_global.content.initial import InitialContent
from pages.models import HomePage


class Command(BaseCommand):
    help = (
        "Loads the site's first content. A site that has a home page only gets the pages that the "
        "law asks for and it lacks: contact, privacy and accessibility. All else is the editors'. "
        "All or nothing, so it can be repeated safely."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--with-demo-if-new",
            action="store_true",
            help="Add the samples too, but only to a site that had no content.",
        )

    def handle(self, *args, with_demo_if_new, **options):
        if HomePage.objects.exists():
            with transaction.atomic():
                added = InitialContent().complete()
                if page := accessibility.bring_up_to_date():
                    added.append(page.title)
            said = f"it got: {', '.join(added)}." if added else "nothing was changed."
            self.stdout.write(f"The site has its content already; {said}")
            return
        with transaction.atomic():
            InitialContent().build()
        self.stdout.write(self.style.SUCCESS("The first content was loaded."))
        if with_demo_if_new:
            call_command("load_demo", stdout=self.stdout)
