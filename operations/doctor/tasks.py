"""Whether what timers run was run."""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext

from ..backup import rotation
from ..models import TaskRun
from ..tasks import TASKS
from .findings import Finding, fault, warning, well

#: After so long without a backup, too much would be lost.
BACKUP_LATE, BACKUP_TOO_LATE = timedelta(hours=26), timedelta(days=8)


def recent_runs() -> Iterator[Finding]:
    """Each command of ``operations.tasks``: when it last went well, and what it said since."""
    runs = {run.task: run for run in TaskRun.objects.all()}
    now = timezone.now()
    for task in TASKS:
        told = {"task": task.command, "consequence": str(task.consequence)}
        run = runs.get(task.command)
        remedy = gettext(
            "Ligue o timer que roda “manage.py run_task %(task)s”; docs/operations.md mostra como."
        )
        if run is None:
            yield warning(
                gettext("%(task)s nunca foi rodado por um timer: %(consequence)s.") % told,
                remedy % told,
            )
        elif run.error:
            yield warning(
                gettext("%(task)s falhou da última vez: %(error)s")
                % {**told, "error": run.error.strip().splitlines()[0]},
                gettext("Rode “manage.py %(task)s” e veja o que diz.") % told,
            )
        elif now - (since := run.succeeded_at or run.started_at) > task.at_most:
            yield warning(
                gettext("%(task)s não termina bem há %(time)s: %(consequence)s.")
                % {**told, "time": timesince(since, now)},
                remedy % told,
            )
        else:
            yield well(
                gettext("%(task)s rodou há %(time)s.") % {**told, "time": timesince(since, now)}
            )


def last_backup() -> Iterator[Finding]:
    """By the archives that are there, whoever made them."""
    found = rotation.archives(settings.BACKUP_ROOT)
    remedy = gettext("Rode “manage.py backup”, e ligue o timer que o roda cada noite.")
    if not found:
        yield warning(
            gettext("Não há cópia de segurança em %(path)s.") % {"path": settings.BACKUP_ROOT},
            remedy,
        )
        return
    age = timezone.now() - found[0].made_at
    told = {"time": timesince(found[0].made_at), "path": found[0].path}
    if age > BACKUP_LATE:
        tell = fault if age > BACKUP_TOO_LATE else warning
        yield tell(gettext("A última cópia de segurança é de há %(time)s.") % told, remedy)
    else:
        yield well(gettext("A última cópia de segurança é de há %(time)s: %(path)s") % told)
    if not found[0].is_encrypted:
        yield warning(
            gettext("A última cópia de segurança não está cifrada: %(path)s") % told,
            gettext("Ponha uma chave em BACKUP_KEY; “manage.py backup --new-key” faz uma."),
        )
