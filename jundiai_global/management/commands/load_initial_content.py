from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import transaction

from jundiai_global.content import accessibility
from jundiai_global.content.initial import InitialContent
from pages.models import HomePage


class Command(BaseCommand):
    help = (
        "Loads the site's first content. When the site has a home page, the content is the "
        "editors', and it only adds a page that every site must have and an older version lacked: "
        "the accessibility page. All or nothing, so it can be repeated safely."
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
                page = accessibility.bring_up_to_date()
            if page:
                self.stdout.write(self.style.SUCCESS(f"{page.title}: brought up to date."))
            else:
                self.stdout.write("The site has its content already; nothing was changed.")
            return
        with transaction.atomic():
            InitialContent().build()
        self.stdout.write(self.style.SUCCESS("The first content was loaded."))
        if with_demo_if_new:
            call_command("load_demo", stdout=self.stdout)
