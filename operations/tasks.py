"""The commands that timers run, and how long the site bears being without each."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Task:
    command: str
    #: What stays undone without it.
    consequence: Any
    #: After so long without success something is wrong. Some runs may be missed before.
    at_most: timedelta


TASKS = (
    Task(
        "publish_scheduled",
        _("o que foi agendado não entra no ar nem sai dele na hora marcada"),
        timedelta(minutes=5),
    ),
    Task(
        "deliver_messages",
        _("mensagens do contato que não saíram por e-mail não são enviadas de novo"),
        timedelta(minutes=30),
    ),
    Task(
        "delete_old_messages",
        _("mensagens de visitantes ficam guardadas além do prazo que lhes foi dito"),
        timedelta(hours=50),
    ),
    Task(
        "empty_trash",
        _("a lixeira não é esvaziada e ocupa cada vez mais espaço"),
        timedelta(hours=50),
    ),
    Task(
        "check_links",
        _("links quebrados não são descobertos"),
        timedelta(hours=50),
    ),
    Task(
        "clearsessions",
        _("sessões encerradas ficam no banco de dados"),
        timedelta(hours=50),
    ),
    Task("backup", _("o que se perder não poderá ser recuperado"), timedelta(hours=26)),
)
COMMANDS = {task.command: task for task in TASKS}
