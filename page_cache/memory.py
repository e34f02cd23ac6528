"""Pages in the memory of this process, the least lately asked for going first."""

from collections import OrderedDict
from threading import Lock
from typing import NamedTuple

from .entry import Entry


class Address(NamedTuple):
    """What a page is kept under."""

    scheme: str
    host: str
    script: str
    path: str
    query: str
    #: Of a host that is ours for certain, and without a query: there are only so many of these.
    is_plain: bool


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
