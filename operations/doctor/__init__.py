"""Checks an installation, and says what is wrong and how to mend it.

A check is a function that yields findings. It knows nothing of the others, and asks what is there
rather than what should be: it writes, connects and compares.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from . import database, files, mail, people, site, tasks
from .findings import Finding, Severity, fault

Check = Callable[[], Iterator[Finding]]

#: In the order in which they are told; those of the database after the one that reaches it.
CHECKS: dict[str, tuple[Any, tuple[Check, ...]]] = {
    "settings": (
        _("Configuração"),
        (site.debug, site.deployment, site.hosts, site.clock),
    ),
    "database": (
        _("Banco de dados"),
        (
            *(database.reachable, database.version, database.encoding, database.extensions),
            *(database.migrations, database.connections, database.clock, database.replica),
        ),
    ),
    "files": (
        _("Arquivos"),
        (files.folders, files.buckets, files.space, files.permissions, files.static_files),
    ),
    "site": (
        _("Site"),
        (site.address, site.caches, site.kept_pages, site.lent_pages, site.search_index),
    ),
    "mail": (_("E-mail"), (mail.server,)),
    "people": (_("Pessoas"), (people.superusers,)),
    "tasks": (_("Tarefas agendadas"), (tasks.recent_runs,)),
    "backup": (_("Cópia de segurança"), (tasks.last_backup,)),
}
#: Parts that only a database can tell of.
_NEED_DATABASE = {
    *(database.version, database.encoding, database.extensions, database.migrations),
    *(database.connections, database.clock, database.replica),
    *(site.address, site.search_index),
    *(people.superusers, tasks.recent_runs),
}


@dataclass(frozen=True)
class Told:
    """A finding and where it belongs."""

    part: str
    check: str
    finding: Finding


def examine(parts: tuple[str, ...] = ()) -> Iterator[Told]:
    """All that is found, of all parts or of some. A check that fails is a fault itself."""
    is_reachable = database.can_connect()
    for part, (_title, checks) in CHECKS.items():
        if parts and part not in parts:
            continue
        for check in checks:
            if check in _NEED_DATABASE and not is_reachable:
                continue
            for finding in _findings(check):
                yield Told(part, check.__name__, finding)


def _findings(check: Check) -> Iterator[Finding]:
    try:
        yield from check()
    except Exception as error:
        if connection.in_atomic_block:
            raise
        yield fault(
            gettext("A verificação “%(check)s” não pôde ser feita: %(error)s")
            % {"check": check.__name__, "error": f"{type(error).__name__}: {error}"},
            gettext("Corrija antes o que mais estiver errado, e rode de novo."),
        )


def worst(told: list[Told]) -> Severity:
    return max((each.finding.severity for each in told), default=Severity.WELL)
