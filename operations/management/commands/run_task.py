import logging

from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand

from operations import request_id
from operations.models import TaskRun
from operations.tasks import COMMANDS

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = (
        "Runs another command and notes when it ran and how it ended, for `doctor` to know. For "
        "timers: run_task publish_scheduled --verbosity 0. Ends with the status of that command."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("task", choices=sorted(COMMANDS))

    def run_from_argv(self, argv):
        """Leave what comes after the task to its own command."""
        self._rest = argv[3:]
        super().run_from_argv(argv[:3])

    def handle(self, *args, task, **options):
        request_id.name(request_id.new())
        TaskRun.begin(task)
        try:
            call_command(task, *getattr(self, "_rest", ()), stdout=self.stdout, stderr=self.stderr)
        except BaseException as error:
            is_well = isinstance(error, SystemExit) and not error.code
            TaskRun.end(task, "" if is_well else f"{type(error).__name__}: {error}")
            if not isinstance(error, (CommandError, SystemExit, KeyboardInterrupt)):
                logger.exception("The task %s failed", task)
            raise
        TaskRun.end(task)
