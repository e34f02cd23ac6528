from datetime import datetime

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class TaskRun(models.Model):
    """When a timer last ran a command, and how it ended: a row for each command.

    Written by ``run_task``. What was before is in the log.
    """

    task = models.CharField(_("comando"), max_length=100, unique=True)
    started_at = models.DateTimeField(_("começou em"))
    #: Empty while it runs, and for ever when it was killed.
    finished_at = models.DateTimeField(_("terminou em"), null=True)
    succeeded_at = models.DateTimeField(_("deu certo pela última vez em"), null=True)
    #: Of the last run; empty when it went well.
    error = models.TextField(_("erro"), blank=True)

    class Meta:
        verbose_name = _("execução de tarefa")
        verbose_name_plural = _("execuções de tarefas")

    def __str__(self):
        return self.task

    @classmethod
    def begin(cls, task: str) -> datetime:
        """Note that ``task`` starts; returns when."""
        now = timezone.now()
        cls.objects.update_or_create(
            task=task, defaults={"started_at": now, "finished_at": None, "error": ""}
        )
        return now

    @classmethod
    def end(cls, task: str, error: str = "") -> None:
        now = timezone.now()
        done: dict = {"finished_at": now, "error": error[:2000]}
        if not error:
            done["succeeded_at"] = now
        cls.objects.filter(task=task).update(**done)
