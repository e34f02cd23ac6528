"""The archives that are there, and which of them stay."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.utils import timezone

_NAME = re.compile(r"jundiai-(\d{8}T\d{6}Z)\.tar(\.age)?")
_MOMENT = "%Y%m%dT%H%M%SZ"
#: What an archive is called until it is whole.
PARTIAL = ".partial"


@dataclass(frozen=True)
class Stored:
    path: Path
    made_at: datetime
    is_encrypted: bool


def name_of(moment: datetime, is_encrypted: bool) -> str:
    """By which archives are known, and in whose order they were made."""
    stamp = moment.astimezone(UTC).strftime(_MOMENT)
    return f"jundiai-{stamp}.tar" + (".age" if is_encrypted else "")


def archives(folder: Path | str) -> list[Stored]:
    """The whole archives in ``folder``, the newest first. Other files are nobody's business."""
    found = []
    for path in Path(folder).glob("jundiai-*"):
        if match := _NAME.fullmatch(path.name):
            made_at = datetime.strptime(match[1], _MOMENT).replace(tzinfo=UTC)
            found.append(Stored(path, made_at, bool(match[2])))
    return sorted(found, key=lambda each: each.made_at, reverse=True)


def _last_of_each(found: Iterable[Stored], key: Callable[[datetime], Any], count: int) -> set[Path]:
    """The newest archive of each of the ``count`` newest periods that have any."""
    newest: dict[Any, Path] = {}
    for each in found:
        newest.setdefault(key(timezone.localtime(each.made_at)), each.path)
    return set(list(newest.values())[:count])


def rotate(folder: Path | str, daily: int, weekly: int) -> list[Path]:
    """Deletes what is neither the last of one of ``daily`` days nor of ``weekly`` weeks (ISO 8601).

    The newest archive always stays. Returns what was deleted.
    """
    found = archives(folder)
    kept = {each.path for each in found[:1]}
    kept |= _last_of_each(found, lambda moment: moment.date(), daily)
    kept |= _last_of_each(found, lambda moment: moment.isocalendar()[:2], weekly)
    gone = [each.path for each in found if each.path not in kept]
    for path in gone:
        path.unlink(missing_ok=True)
    return gone
