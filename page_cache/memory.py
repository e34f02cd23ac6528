"""Pages in the memory of this process, the least lately asked for going first."""

import re
from collections import OrderedDict
from threading import Lock
from typing import NamedTuple

from .entry import Entry

#: What the site's own links have for a query at most: all else need not be looked for elsewhere.
LINKED = re.compile(r"[a-z]{1,20}=[\w-]{1,100}(?:&[a-z]{1,20}=\d{1,6})?", re.ASCII)


class Address(NamedTuple):
    """What a page is kept under."""

    scheme: str
    host: str
    script: str
    path: str
    query: str
    #: Of a host that is ours for certain.
    is_ours: bool

    @property
    def is_plain(self) -> bool:
        """Ours, and without a query: there are only so many of these."""
        return self.is_ours and not self.query

    @property
    def may_be_linked(self) -> bool:
        """Plain, or perhaps with a query that the site itself gives out."""
        return self.is_ours and (not self.query or LINKED.fullmatch(self.query) is not None)

    def is_worth_keeping(self, entry: Entry) -> bool:
        """Whether ``entry`` is for all processes and for nginx: there are only so many of these."""
        return self.is_plain or (self.may_be_linked and entry.terms.is_linked)


class _Shelf:
    def __init__(self, limit: int):
        self.limit, self.size = limit, 0
        self.entries: OrderedDict[Address, Entry] = OrderedDict()

    def put(self, address: Address, entry: Entry) -> None:
        self.take(address)
        if entry.size > self.limit:
            return
        self.entries[address] = entry
        self.size += entry.size
        while self.size > self.limit:
            _address, oldest = self.entries.popitem(last=False)
            self.size -= oldest.size

    def take(self, address: Address) -> None:
        if former := self.entries.pop(address, None):
            self.size -= former.size


class Memory:
    """At most ``limit`` bytes.

    Addresses that anybody can invent, with queries, have an eighth of it for themselves: they push
    out no plain one.
    """

    def __init__(self, limit: int):
        self._lock = Lock()
        self._shelves = {True: _Shelf(limit - limit // 8), False: _Shelf(limit // 8)}

    @property
    def size(self) -> int:
        return sum(shelf.size for shelf in self._shelves.values())

    def __len__(self) -> int:
        return sum(len(shelf.entries) for shelf in self._shelves.values())

    def entries(self) -> dict[Address, Entry]:
        with self._lock:
            return {**self._shelves[True].entries, **self._shelves[False].entries}

    def get(self, address: Address) -> Entry | None:
        entries = self._shelves[address.is_plain].entries
        with self._lock:
            entry = entries.get(address)
            if entry is not None:
                entries.move_to_end(address)
        return entry

    def put(self, address: Address, entry: Entry) -> None:
        with self._lock:
            self._shelves[address.is_plain].put(address, entry)

    def drop(self, address: Address) -> None:
        with self._lock:
            self._shelves[address.is_plain].take(address)

    def clear(self) -> None:
        with self._lock:
            for shelf in self._shelves.values():
                shelf.entries.clear()
                shelf.size = 0
