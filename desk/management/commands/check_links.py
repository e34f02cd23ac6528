from django.core.management.base import BaseCommand, CommandError

from desk.links.check import Run
from desk.models import Link


class Command(BaseCommand):
    help = (
        "Checks the links of all that visitors may see, and keeps what is found for the editors' "
        "report of broken links. For a timer, once a day. A run that is cut goes on, next time, "
        "where it was."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--days",
            type=int,
            default=7,
            help="Leave alone the addresses of other sites asked in the last so many days.",
        )
        parser.add_argument(
            "--limit", type=int, help="Ask for at most so many addresses of other sites."
        )
        parser.add_argument(
            "--budget", type=float, metavar="SECONDS", help="Begin nothing new after so long."
        )
        parser.add_argument(
            "--internal-only", action="store_true", help="Ask nothing of other sites."
        )
        parser.add_argument(
            "--read-everything",
            action="store_true",
            help=(
                "Read the links of all pages again, also of those that did not change. Needed "
                "when a block or a page type got a new kind of link."
            ),
        )

    def handle(
        self, *args, days, limit, budget, internal_only, read_everything, verbosity, **options
    ):
        if days < 0 or (limit is not None and limit < 0) or (budget is not None and budget < 0):
            raise CommandError("Days, limit and budget cannot be negative.")
        run = Run(
            days=days,
            limit=limit,
            budget=budget,
            with_external=not internal_only,
            collect_everything=read_everything,
            report=self.stdout.write if verbosity > 1 else lambda line: None,
        )
        run.execute()
        checked = sum(run.states.values())
        broken = Link.objects.filter(state=Link.State.BROKEN).count()
        self.stdout.write(
            self.style.SUCCESS(
                f"{run.pages_read} pages were read and {checked} links checked. "
                f"{broken} links are broken."
            )
        )
        if run.is_cut:
            self.stdout.write("The time was up: the next run goes on from here.")
