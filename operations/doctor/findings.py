"""What the doctor finds."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any


class Severity(IntEnum):
    """The worst of all is the status with which ``doctor`` ends."""

    WELL = 0
    WARNING = 1
    FAULT = 2


@dataclass(frozen=True)
class Finding:
    severity: Severity
    #: What is so, as a sentence.
    message: Any
    #: What to do about it; empty where nothing is to be done.
    remedy: Any = ""


def well(message: Any) -> Finding:
    return Finding(Severity.WELL, message)


def warning(message: Any, remedy: Any) -> Finding:
    return Finding(Severity.WARNING, message, remedy)


def fault(message: Any, remedy: Any) -> Finding:
    return Finding(Severity.FAULT, message, remedy)
