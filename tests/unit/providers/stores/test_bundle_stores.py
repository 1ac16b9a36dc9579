"""Archives and snapshots in their stores: the same behavior in memory and on SQLite, and what SQLite adds."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from abml.providers.snapshots.models import ResourceBundle, SourceFailure, bundle_id, moment
from abml.providers.snapshots.settings import SnapshotSettings
from abml.providers.stores.archives import ArchiveInfo, ArchiveStore, MemoryArchives
from abml.providers.stores.faults import StoreFault
from abml.providers.stores.snapshots import MemorySnapshots, SnapshotStore, key_of
from abml.providers.stores.sqlite import Database, SqliteArchives, SqliteSnapshots
from abml.vm.clock import VirtualClock
from tests.unit.providers.snapshots.snapshot_support import DATA, bundle

SECOND = 1_000_000


class Stores(NamedTuple):
    archives: ArchiveStore
    snapshots: SnapshotStore
    clock: VirtualClock
    database: Database | None


@pytest.fixture(params=["memory", "sqlite"])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stores]:
    clock = VirtualClock(50_000)
    if request.param == "memory":
        yield Stores(MemoryArchives(), MemorySnapshots(clock), clock, None)
        return
    database = Database(tmp_path / "bundles.db", busy_s=0)
    yield Stores(SqliteArchives(database), SqliteSnapshots(database, clock), clock, database)
    database.close()


def archive(resource_id: str = "k-7", created: int = 0) -> ResourceBundle:
    return replace(bundle(resource_id=resource_id, kind="archive"), created_at=moment(created))


def snapshot(resource_id: str = "k-7", number: int = 1) -> ResourceBundle:
    made = bundle_id("snapshot", "character", resource_id, 0, number)
    return replace(bundle(resource_id=resource_id), bundle_id=made)


def test_res_012_archives_are_permanent_and_versioned(stores: Stores) -> None:
    first = stores.archives.put(archive())
    second = stores.archives.put(archive(created=9))
    assert (first.version, second.version) == (1, 2) and first.bundle_id != second.bundle_id
    stores.clock.advance(1_000_000 * SECOND)
    assert stores.archives.latest("character", "k-7") == second
    assert stores.archives.at("character", "k-7", 1) == first
    assert stores.archives.versions("character", "k-7") == [1, 2]
    assert [stores.archives.at("character", "k-7", version) for version in (0, 3, -1)] == [None] * 3
    assert stores.archives.latest("character", "k-8") is None and stores.archives.versions("ship", "k-7") == []


def test_res_012_snapshots_live_for_an_hour(stores: Stores) -> None:
    stored = stores.snapshots.put(snapshot())
    assert stored.expires_at == moment(50_000 + 3_600_000)
    stores.clock.advance(3_600 * SECOND - 1_000)
    assert stores.snapshots.get(stored.bundle_id) == stored == stores.snapshots.newest("character", "k-7")
    stores.clock.advance(1_000)
    assert stores.snapshots.get(stored.bundle_id) is None and stores.snapshots.newest("character", "k-7") is None


@pytest.mark.parametrize(
    ("wanted", "lives"),
    [
        (None, 3600),
        (0, 60),
        (-5, 60),
        (59.9, 60),
        (90, 90),
        (86_401, 86_400),
        (float("inf"), 86_400),
        (float("nan"), 3600),
    ],
)
def test_the_time_to_live_has_bounds(stores: Stores, wanted: float | None, lives: int) -> None:
    assert stores.snapshots.put(snapshot(), wanted).expires_at == moment(50_000 + lives * 1_000)


def test_the_newest_snapshot_of_a_resource(stores: Stores) -> None:
    first, second = stores.snapshots.put(snapshot()), stores.snapshots.put(snapshot(number=2))
    other = stores.snapshots.put(snapshot("k-8"))
    assert stores.snapshots.newest("character", "k-7") == second
    stores.snapshots.outdate("character", "k-7")
    assert stores.snapshots.newest("character", "k-7") is None
    assert stores.snapshots.get(first.bundle_id) == first and stores.snapshots.get(second.bundle_id) == second
    assert stores.snapshots.newest("character", "k-8") == other
    assert len(stores.snapshots) == 3


def test_expired_snapshots_are_swept(stores: Stores) -> None:
    for n in range(5):
        stores.snapshots.put(snapshot(f"k-{n}"), 60)
    stores.clock.advance(59 * SECOND)
    stores.snapshots.put(snapshot("later"))
    assert len(stores.snapshots) == 6
    stores.clock.advance(2 * SECOND)
    stores.snapshots.put(snapshot("last"))
    assert len(stores.snapshots) == 2


def test_lists_of_archives_by_type(stores: Stores) -> None:
    for one in ("k-3", "k-1", "k-2", "k-1"):
        stores.archives.put(archive(one, 7))
    stores.archives.put(replace(archive("s"), resource_type="ship"))
    every = [("k-1", 2), ("k-2", 1), ("k-3", 1)]
    assert stores.archives.query("character") == [ArchiveInfo("character", one, number, 7) for one, number in every]
    assert [one.resource_id for one in stores.archives.query("character", limit=2)] == ["k-1", "k-2"]
    assert [one.resource_id for one in stores.archives.query("character", limit=2, after="k-2")] == ["k-3"]
    assert stores.archives.query("character", limit=-1) == [] == stores.archives.query("none")
    assert [one.resource_id for one in stores.archives.query("ship")] == ["s"]


def test_a_store_takes_its_own_kind_only(stores: Stores) -> None:
    for put, wrong in ((stores.archives.put, snapshot()), (stores.snapshots.put, archive())):
        with pytest.raises(StoreFault) as caught:
            put(wrong)
        assert caught.value.code == "wrong_kind"
    assert stores.archives.query("character") == [] and len(stores.snapshots) == 0


def test_everything_of_a_bundle_comes_back(stores: Stores) -> None:
    given = replace(
        snapshot(), snapshot_type="event_actor", failures=(SourceFailure("quest", "timeout", "too slow", 2),)
    )
    stored = stores.snapshots.put(given)
    assert stores.snapshots.get(stored.bundle_id) == stored
    assert replace(stored, expires_at=None) == given
    dead = stores.archives.put(replace(archive(), source_data_deleted=True))
    assert stores.archives.latest("character", "k-7") == dead and dead.source_data_deleted


def test_names_of_any_kind(stores: Stores) -> None:
    for name in ("'; drop table archives; --", "ünï/%_\n", "K-7"):
        stores.archives.put(archive(name))
        assert stores.archives.latest("character", name) is not None
    assert stores.archives.latest("character", "k-7") is None


# ------------------------------------------------------------------ SQLite


def test_a_database_outlives_its_connection(tmp_path: Path) -> None:
    clock = VirtualClock(50_000)
    first = Database(tmp_path / "b.db")
    stored = SqliteArchives(first).put(archive())
    kept = SqliteSnapshots(first, clock).put(snapshot())
    first.close()
    again = Database(tmp_path / "b.db")
    assert SqliteArchives(again).latest("character", "k-7") == stored
    assert SqliteArchives(again).put(archive()).version == 2
    assert SqliteSnapshots(again, clock).get(kept.bundle_id) == kept
    again.close()


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    database = Database(tmp_path / "b.db")
    archives, snapshots = SqliteArchives(database), SqliteSnapshots(database, VirtualClock())
    stored, kept = archives.put(archive()), snapshots.put(snapshot())
    (pages,) = database.rows("pragma page_count")[0]
    database.rows(f"pragma max_page_count = {pages}")
    large = bundle({"character-base": {"text": [str(n * 7919) for n in range(20_000)]}}, kind="archive")
    with pytest.raises(StoreFault) as caught:
        archives.put(large)
    assert caught.value.code == "full"
    with pytest.raises(StoreFault):
        snapshots.put(replace(large, kind="snapshot"))
    assert archives.latest("character", "k-7") == stored and archives.versions("character", "k-7") == [1]
    assert snapshots.newest("character", "k-7") == kept and len(snapshots) == 1
    database.rows("pragma max_page_count = 1000000")
    assert archives.put(large).version == 2
    database.close()


def test_an_exception_in_a_transaction_undoes_it(tmp_path: Path) -> None:
    database = Database(tmp_path / "b.db")
    archives = SqliteArchives(database)
    archives.put(archive())
    with pytest.raises(RuntimeError):
        with database.write() as connection:
            connection.execute("delete from archives")
            raise RuntimeError("in the middle")
    assert archives.versions("character", "k-7") == [1]
    database.close()


@pytest.mark.parametrize("content", [b"this is no database" * 100, b"SQLite format 3\0" + b"\xff" * 2000])
def test_a_file_that_is_no_database(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "b.db"
    path.write_bytes(content)
    with pytest.raises(StoreFault) as caught:
        Database(path)
    assert caught.value.code == "corrupt" and "b.db" in str(caught.value)
    assert path.read_bytes() == content


def test_a_database_of_something_else(tmp_path: Path) -> None:
    path = tmp_path / "b.db"
    other = sqlite3.connect(path)
    other.execute("create table t (x)")
    other.close()
    with pytest.raises(StoreFault) as caught:
        Database(path)
    assert caught.value.code == "corrupt"
    newer = tmp_path / "n.db"
    Database(newer).close()
    connection = sqlite3.connect(newer)
    connection.execute("pragma user_version = 9")
    connection.close()
    with pytest.raises(StoreFault, match=r"version \(9\)"):
        Database(newer)


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(StoreFault) as caught:
        Database(tmp_path)
    assert caught.value.code == "unavailable"


def test_damage_inside_a_database(tmp_path: Path) -> None:
    path = tmp_path / "b.db"
    database = Database(path)
    archives = SqliteArchives(database)
    for n in range(60):
        archives.put(archive(f"k-{n}"))
    database.close()
    content = bytearray(path.read_bytes())
    content[4096 * 2 :] = b"\xa5" * (len(content) - 4096 * 2)
    path.write_bytes(content)
    damaged = Database(path)
    with pytest.raises(StoreFault) as caught:
        for n in range(60):
            SqliteArchives(damaged).latest("character", f"k-{n}")
    assert caught.value.code == "corrupt"
    damaged.close()


@pytest.mark.parametrize("text", ["{", "[]", "3", '{"resourceType": 3}', "{}"])
def test_a_stored_bundle_that_cannot_be_read(tmp_path: Path, text: str) -> None:
    database = Database(tmp_path / "b.db")
    archives = SqliteArchives(database)
    archives.put(archive())
    archives.put(archive("k-8"))
    with database.write() as connection:
        connection.execute("update archives set bundle = ? where resource_id = 'k-7'", (text,))
    with pytest.raises(StoreFault) as caught:
        archives.latest("character", "k-7")
    assert caught.value.code == "corrupt"
    assert archives.latest("character", "k-8") is not None
    database.close()


def test_a_database_that_another_writes(tmp_path: Path) -> None:
    one, other = Database(tmp_path / "b.db", busy_s=0), Database(tmp_path / "b.db", busy_s=0)
    with one.write():
        with pytest.raises(StoreFault) as caught:
            SqliteArchives(other).put(archive())
    assert caught.value.code == "busy"
    assert SqliteArchives(other).put(archive()).version == 1
    one.close()
    other.close()


def test_names_that_are_no_unicode(tmp_path: Path) -> None:
    database = Database(":memory:")
    with pytest.raises(StoreFault):
        SqliteArchives(database).put(archive("\ud800"))
    assert SqliteArchives(database).query("character") == []
    database.close()


def test_settings_of_the_time_to_live() -> None:
    clock = VirtualClock()
    settings = SnapshotSettings(snapshot_ttl_s=10, snapshot_ttl_min_s=5, snapshot_ttl_max_s=20)
    store: Any = MemorySnapshots(clock, settings)
    assert [store.put(snapshot(), ttl).expires_at for ttl in (None, 1, 99)] == [
        moment(10_000), moment(5_000), moment(20_000),
    ]  # fmt: skip
    assert key_of(snapshot().bundle_id).startswith("snap:")
    assert DATA
