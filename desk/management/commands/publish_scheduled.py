from django.core.management.base import CommandError
from wagtail.management.commands.publish_scheduled import Command as WagtailCommand

from desk.schedule import run


class Command(WagtailCommand):
    """In the place of Wagtail's command, which two runs at once and one bad page would disturb."""

    help = "Publishes and takes down the pages whose scheduled time has come. Run it each minute."

    def handle(self, *args, **options):
        if options["dryrun"]:
            super().handle(*args, **options)
            return
        result = run()
        if options["verbosity"] > 0:
            for title in result.unpublished:
                self.stdout.write(f"Taken down: {title}")
            for title in result.published:
                self.stdout.write(f"Published: {title}")
        if result.failed:
            raise CommandError(
                f"{len(result.failed)} could not be done and will be tried again:\n  "
                + "\n  ".join(result.failed)
            )
