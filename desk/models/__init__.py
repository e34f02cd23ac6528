"""What the desk remembers. Each thing has a module of its own."""

from .justification import ElectionJustification
from .links import Link, LinkPlace, LinkUse, Problem
from .review import PageReview, goes_stale
from .trash import Trash, TrashedPage
from .trashed_thing import TrashedThing

__all__ = [
    "ElectionJustification",
    "Link",
    "LinkPlace",
    "LinkUse",
    "PageReview",
    "Problem",
    "Trash",
    "TrashedPage",
    "TrashedThing",
    "goes_stale",
]
