from django.core.management.base import BaseCommand

from desk.roles import sync_roles
from desk.workflow import restore_workflow


class Command(BaseCommand):
    help = (
        "Brings the groups of the roles back to what desk/roles.py says, and makes the review "
        "workflow anew if the pages have none. Safe to repeat."
    )

    def handle(self, **options):
        for name, changes in sync_roles().items():
            self.stdout.write(
                f"{name}: {changes} changes" if changes else f"{name}: as it should be"
            )
        if restore_workflow():
            self.stdout.write("The pages had no workflow: made anew.")
