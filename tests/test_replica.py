"""From where a drawing reads; ``tests/test_nodes.py`` has a replica that is one."""

from types import SimpleNamespace

import pytest
from django.db.utils import OperationalError

from page_cache import replica
from page_cache.replica import Drawing, Router
from page_cache.stamp import Reading

PRIMARY, REPLICA = "default", "replica"


@pytest.fixture
def primary(monkeypatch):
    """Two databases that nobody connects to; the replica's stamp is 5."""
    primary = SimpleNamespace(in_atomic_block=False)
    monkeypatch.setattr(replica, "connections", {PRIMARY: primary, REPLICA: None})
    monkeypatch.setattr(replica, "read", lambda connection: Reading(5, 5))
    return primary


@pytest.fixture
def draw(primary):
    """Lets what is asked from now on be asked for a page of this stamp."""
    tokens = []

    def begin(version: int) -> Drawing:
        drawing = Drawing(lambda theirs: theirs.version == version)
        tokens.append(replica._drawing.set(drawing))
        return drawing

    yield begin
    for token in reversed(tokens):
        replica._drawing.reset(token)


def test_without_a_drawing_everything_is_the_primary_s(primary):
    instance = SimpleNamespace(_state=SimpleNamespace(db=REPLICA))
    assert Router().db_for_read(None, instance=instance) == PRIMARY
    assert Router().db_for_write(None, instance=instance) == PRIMARY
    assert Router().allow_migrate(REPLICA, "pages") is False
    assert Router().allow_migrate(PRIMARY, "pages") is None


@pytest.mark.parametrize(("version", "source"), [(4, PRIMARY), (5, REPLICA), (6, PRIMARY)])
def test_a_page_is_read_from_a_replica_that_has_its_very_stamp(draw, version, source):
    drawing = draw(version)
    assert [Router().db_for_read(None) for _time in range(3)] == [source] * 3
    assert drawing.has_read_replica is (source == REPLICA)


def test_it_is_decided_once_so_that_a_page_is_of_one_database(draw, monkeypatch):
    draw(6)
    assert Router().db_for_read(None) == PRIMARY
    monkeypatch.setattr(replica, "read", lambda connection: Reading(6, 6))
    assert Router().db_for_read(None) == PRIMARY


def test_what_was_written_is_read_where_it_is(draw):
    draw(5)
    assert Router().db_for_read(None) == REPLICA
    assert Router().db_for_write(None) == PRIMARY
    assert Router().db_for_read(None) == PRIMARY


def test_a_transaction_reads_what_it_works_on(draw, primary):
    draw(5)
    primary.in_atomic_block = True
    assert Router().db_for_read(None) == PRIMARY
    primary.in_atomic_block = False
    assert Router().db_for_read(None) == REPLICA


def test_a_replica_that_does_not_answer_is_not_read(draw, monkeypatch):
    def fail(connection):
        raise OperationalError("gone")

    monkeypatch.setattr(replica, "read", fail)
    drawing = draw(5)
    assert Router().db_for_read(None) == PRIMARY
    assert not drawing.has_read_replica
