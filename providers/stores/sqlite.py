"""Both stores of bundles in an SQLite database; a write that fails leaves what was there before."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from abml.providers.snapshots.models import ArchiveFault, ResourceBundle, milliseconds
from abml.providers.snapshots.settings import SnapshotSettings
from abml.providers.snapshots.wire import bundle_from_data, bundle_to_data
from abml.vm.protocols import Clock

from .archives import ArchiveInfo, as_version
from .faults import FaultCode, StoreFault
from .snapshots import SWEEP_INTERVAL_MS, key_of, with_expiry

SCHEMA_VERSION = 1

_TABLES = """
create table if not exists archives (
  resource_type text not null, resource_id text not null, version integer not null, created_ms integer not null,
  bundle text not null, primary key (resource_type, resource_id, version)
) without rowid;
create table if not exists snapshots (
  key text primary key, resource_type text not null, resource_id text not null, is_newest integer not null,
  expires_ms integer not null, bundle text not null
);
create index if not exists snapshots_of_resource on snapshots (resource_type, resource_id) where is_newest;
create index if not exists snapshots_by_expiry on snapshots (expires_ms);
"""

_DEFAULTS = SnapshotSettings()


class Database:
    """A connection to a database of stores; used by one thread.

    Args:
        path: of the file, made when it is not there; `:memory:` for none.
        busy_s: how long a write waits for another process, in seconds of real time.

    Raises:
        StoreFault: the file cannot be opened, is damaged, or is a database of something else.
    """

    def __init__(self, path: str | os.PathLike[str], *, busy_s: float = 5.0) -> None:
        self.path = os.fspath(path)
        with _told(self.path):
            self._connection = sqlite3.connect(self.path, timeout=busy_s, isolation_level=None)
        try:
            with self.write() as connection:
                self._prepare(connection)
        except BaseException:
            self._connection.close()
            raise

    def _prepare(self, connection: sqlite3.Connection) -> None:
        (version,) = connection.execute("pragma user_version").fetchone()
        (tables,) = connection.execute("select count(*) from sqlite_master").fetchone()
        if version != SCHEMA_VERSION and (version or tables):
            raise StoreFault("corrupt", f"{self.path}: a database of another kind or version ({version})")
        for statement in _TABLES.split(";"):
            connection.execute(statement)
        connection.execute(f"pragma user_version = {SCHEMA_VERSION}")

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all of it, or nothing when an exception ends it."""
        connection = self._connection
        with _told(self.path):
            connection.execute("begin immediate")
            try:
                yield connection
                connection.execute("commit")
            except BaseException:
                # SQLite has ended it itself after some errors, such as a full disk.
                if connection.in_transaction:
                    connection.execute("rollback")
                raise

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with _told(self.path):
            return self._connection.execute(statement, values).fetchall()

    def bundle(self, statement: str, *values: Any) -> ResourceBundle | None:
        """The bundle of a query for one."""
        found = self.rows(statement, *values)
        if not found:
            return None
        try:
            return bundle_from_data(json.loads(found[0][0]))
        except (ArchiveFault, AttributeError, TypeError, ValueError, RecursionError) as error:
            raise StoreFault("corrupt", f"{self.path}: a stored bundle cannot be read: {str(error)[:120]}") from None

    def close(self) -> None:
        """Close the connection; the stores are of no use then."""
        self._connection.close()


class SqliteArchives:
    """An `ArchiveStore` in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, bundle: ResourceBundle) -> ResourceBundle:
        """See `ArchiveStore.put`."""
        with self._database.write() as connection:
            (last,) = connection.execute(
                "select coalesce(max(version), 0) from archives where resource_type = ? and resource_id = ?",
                (bundle.resource_type, bundle.resource_id),
            ).fetchone()
            stored = as_version(bundle, last + 1)
            connection.execute(
                "insert into archives values (?, ?, ?, ?, ?)",
                (
                    stored.resource_type,
                    stored.resource_id,
                    stored.version,
                    milliseconds(stored.created_at),
                    _text(stored),
                ),
            )
        return stored

    def latest(self, resource_type: str, resource_id: str) -> ResourceBundle | None:
        """See `ArchiveStore.latest`."""
        return self._database.bundle(
            "select bundle from archives where resource_type = ? and resource_id = ? order by version desc limit 1",
            resource_type,
            resource_id,
        )

    def at(self, resource_type: str, resource_id: str, version: int) -> ResourceBundle | None:
        """See `ArchiveStore.at`."""
        return self._database.bundle(
            "select bundle from archives where resource_type = ? and resource_id = ? and version = ?",
            resource_type,
            resource_id,
            version,
        )

    def versions(self, resource_type: str, resource_id: str) -> list[int]:
        """See `ArchiveStore.versions`."""
        found = self._database.rows(
            "select version from archives where resource_type = ? and resource_id = ? order by version",
            resource_type,
            resource_id,
        )
        return [version for (version,) in found]

    def query(self, resource_type: str, *, limit: int = 100, after: str | None = None) -> list[ArchiveInfo]:
        """See `ArchiveStore.query`."""
        found = self._database.rows(
            "select resource_type, resource_id, max(version), created_ms from archives"
            " where resource_type = ? and (? is null or resource_id > ?)"
            " group by resource_id order by resource_id limit ?",
            resource_type,
            after,
            after,
            max(0, limit),
        )
        return [ArchiveInfo(*row) for row in found]


class SqliteSnapshots:
    """A `SnapshotStore` in a database; sweeps at most once a minute."""

    def __init__(self, database: Database, clock: Clock, settings: SnapshotSettings = _DEFAULTS) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self._swept_ms = clock.now_ms()

    def __len__(self) -> int:
        return int(self._database.rows("select count(*) from snapshots")[0][0])

    def put(self, bundle: ResourceBundle, ttl_s: float | None = None) -> ResourceBundle:
        """See `SnapshotStore.put`."""
        now = self._clock.now_ms()
        stored = with_expiry(bundle, now, ttl_s, self._settings)
        assert stored.expires_at is not None
        with self._database.write() as connection:
            if now - self._swept_ms >= SWEEP_INTERVAL_MS:
                connection.execute("delete from snapshots where expires_ms <= ?", (now,))
            self._forget_newest(connection, stored.resource_type, stored.resource_id)
            connection.execute(
                "insert or replace into snapshots values (?, ?, ?, 1, ?, ?)",
                (
                    key_of(stored.bundle_id),
                    stored.resource_type,
                    stored.resource_id,
                    milliseconds(stored.expires_at),
                    _text(stored),
                ),
            )
        if now - self._swept_ms >= SWEEP_INTERVAL_MS:
            self._swept_ms = now
        return stored

    def get(self, snapshot_id: UUID) -> ResourceBundle | None:
        """See `SnapshotStore.get`."""
        return self._database.bundle(
            "select bundle from snapshots where key = ? and expires_ms > ?", key_of(snapshot_id), self._clock.now_ms()
        )

    def newest(self, resource_type: str, resource_id: str) -> ResourceBundle | None:
        """See `SnapshotStore.newest`."""
        return self._database.bundle(
            "select bundle from snapshots where resource_type = ? and resource_id = ? and is_newest and expires_ms > ?",
            resource_type,
            resource_id,
            self._clock.now_ms(),
        )

    def outdate(self, resource_type: str, resource_id: str) -> None:
        """See `SnapshotStore.outdate`."""
        with self._database.write() as connection:
            self._forget_newest(connection, resource_type, resource_id)

    @staticmethod
    def _forget_newest(connection: sqlite3.Connection, resource_type: str, resource_id: str) -> None:
        connection.execute(
            "update snapshots set is_newest = 0 where resource_type = ? and resource_id = ? and is_newest",
            (resource_type, resource_id),
        )


def _text(bundle: ResourceBundle) -> str:
    return json.dumps(bundle_to_data(bundle), separators=(",", ":"))


@contextmanager
def _told(path: str) -> Iterator[None]:
    """Errors of SQLite as faults of the store."""
    try:
        yield
    except sqlite3.Error as error:
        raise StoreFault(_code(error), f"{path}: {error}") from None
    except UnicodeEncodeError:
        raise StoreFault("unavailable", f"{path}: a text holds half of a surrogate pair") from None


def _code(error: sqlite3.Error) -> FaultCode:
    number = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if number in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT):
        return "corrupt"
    if number in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return "busy"
    return "full" if number == sqlite3.SQLITE_FULL else "unavailable"
