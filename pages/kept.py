"""What many pages show alike, found once for each version of the content.

The sites, the menus, the identity; the footer, drawn; a picture, drawn for one place. While a
page is drawn for any visitor under a stamp of the content (``page_cache.stamp``), they are kept
with that stamp, in memory, and a change of anything takes them away with it. Whatever else asks
finds nothing kept, and asks the database: editors, previews, forms, commands.

What is kept is shared by requests and threads: nobody may change it.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

Thing = TypeVar("Thing")

#: How many things are kept at most, some KB each: who reads a whole archive sees many pictures.
MOST = 4000

_shelf: ContextVar[dict[Hashable, Any] | None] = ContextVar("kept_under_the_stamp", default=None)


@contextmanager
def kept_on(shelf: dict[Hashable, Any] | None) -> Iterator[None]:
    """Keep meanwhile what is asked for on ``shelf``, which belongs to one version of the content
    and to a span in which nothing begins or ends by itself; None keeps nothing.
    """
    token = _shelf.set(shelf)
    try:
        yield
    finally:
        _shelf.reset(token)


def kept(
    key: Hashable, make: Callable[[], Thing], lasts: Callable[[Thing], bool] = lambda thing: True
) -> Thing:
    """What ``make()`` found under ``key``, which says all that it depends on but the content.

    What does not ``lasts`` is made anew each time. Two threads may both make a thing; what they
    find is the same.
    """
    shelf = _shelf.get()
    if shelf is not None and key in shelf:
        return shelf[key]
    made = make()
    if shelf is not None and len(shelf) < MOST and lasts(made):
        shelf[key] = made
    return made


def kept_each(
    name: str, keys: Iterable[Hashable], make: Callable[[list], dict[Any, Thing]]
) -> dict[Any, Thing]:
    """The same for many of a kind: ``make`` is given the keys of those that are not there, and
    gives something for each.
    """
    shelf = _shelf.get()
    if shelf is None:
        return make(list(keys))
    found = {key: shelf[name, key] for key in keys if (name, key) in shelf}
    if missing := [key for key in keys if key not in found]:
        made = make(missing)
        if len(shelf) < MOST:
            shelf.update({(name, key): thing for key, thing in made.items()})
        found.update(made)
    return found
