"""Tables: the columns of one namespace for a population, kept up to date between ticks (runtime 5.6).

Three ways lead to a column: a provider that holds whole arrays is read in place;
one that loads in batches gets its answers written into arrays of the table; any
other factory is asked path by path, for the keys whose provider changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy

from abml.vm.binding import BindingKey

from .base import DataProvider, FactorySpec, column_paths
from .binding import restrict
from .cache import SECOND, Matches, ProviderCache, retry_after_us
from .columns import NO_TEXT, Column, ColumnRefused, TextCodes, column_of, empty_column, nested
from .loads import perform

BATCH = 1_000
"""Rows of one `columns` call."""
SMALL = 64
"""A refresh waits until it is about so many rows, or all of them."""
NEAR = 16
"""Elements of neighboring actors that are further apart than this on average are gathered before they are read."""
FEW = 4_096
"""So few elements stay in the cache of the processor, in whatever order they are read."""
WARNING_US = 60 * SECOND

Warn = Callable[[str, str], None]


class Table:
    """What all tables are: rows by restricted key, and the way from an actor to its row.

    Attributes:
        row_of: int32, shape (actors,): the row of each actor, -1 when its key does not bind what the
            namespace depends on.
        keys: one binding key per row.
        columns: path -> column; a path that is not in it has no column now.
        versions: uint32, shape (rows,): counts the changes of a row's values.
    """

    def __init__(self, spec: FactorySpec, actors: Sequence[BindingKey], warn: Warn) -> None:
        self.spec = spec
        self.warn = warn
        self.columns: dict[str, Column] = {}
        self.keys: list[BindingKey] = []
        self._warned_at: dict[str, int] = {}
        self.assign(actors)

    def assign(self, actors: Sequence[BindingKey]) -> None:
        """Give every actor its row."""
        self.keys = []
        rows: dict[Any, int] = {}
        found = numpy.empty(len(actors), dtype=numpy.int32)
        for number, key in enumerate(actors):
            restricted = restrict(key, self.spec.scope_keys)
            if restricted is None:
                found[number] = -1
                continue
            row = rows.get(restricted)
            if row is None:
                row = rows[restricted] = len(self.keys)
                self.keys.append(key)
            found[number] = row
        # Rows look at numbers that cannot change only once.
        found.setflags(write=False)
        self.row_of = found
        self.versions = numpy.zeros(len(self.keys), dtype=numpy.uint32)

    def refresh(self, now_us: int) -> bool:
        """Bring the columns up to date; whether arrays or columns were replaced by others."""
        raise NotImplementedError

    def value(self, actor: int, path: tuple[str, ...]) -> Any:
        """What the scalar path reads for an actor now."""
        row = int(self.row_of[actor])
        return None if row < 0 else self.read(row, path)

    def read(self, row: int, path: tuple[str, ...]) -> Any:
        """A value of one row, as its provider would give it."""
        column = self.columns.get(".".join(path))
        if column is not None:
            return column.value(row)
        values = {name: column.value(row) for name, column in self.columns.items()}
        return DataProvider(nested(values)).get(path)

    def tell(self, what: str, message: str, now_us: int) -> None:
        """Warn, but of the same thing at most once a minute."""
        last = self._warned_at.get(what)
        if last is None or now_us - last >= WARNING_US:
            self._warned_at[what] = now_us
            self.warn("provider", f"the provider '{self.spec.namespace}' {message}")

    def refuse(self, path: str, error: Exception, now_us: int) -> None:
        """Tell why a path has no column; objects of a provider may raise anything when they are looked at."""
        why = str(error) if isinstance(error, ColumnRefused) else f"{type(error).__name__}: {error}"
        self.tell(f"column {path}", f"gave no column for '{path}', which reads as null: {why}", now_us)


class HeldTable(Table):
    """Arrays that the provider holds itself: read in place, never copied.

    The provider has `locate(rows)`, which gives the element of each key (-1: none), and
    `arrays()`, path -> array over all its elements. Arrays it gave stay as they are until
    `arrays` is asked again, which happens once before each tick.

    Where actors find their elements all over the arrays, each array is gathered into the
    order of the actors when it is new: one pass over it is cheaper than to look for
    each value in the midst of a tick.
    """

    def __init__(self, spec: FactorySpec, actors: Sequence[BindingKey], warn: Warn) -> None:
        self._given: dict[str, Any] = {}
        self._gathered: dict[str, Any] = {}
        self._places: Any = None
        self._most = -1
        self._is_located = False
        super().__init__(spec, actors, warn)
        # Nobody has an element before the provider said so.
        self._keys_of, self.row_of = self.row_of, numpy.full(len(actors), -1, dtype=numpy.int32)
        self.row_of.setflags(write=False)

    def refresh(self, now_us: int) -> bool:
        try:
            if not self._is_located:
                self._locate()
            given = self.spec.factory.arrays()
            if not isinstance(given, Mapping):
                raise ColumnRefused(f"arrays gave {type(given).__name__}, not a mapping of paths")
        except Exception as error:
            self.tell("arrays", f"failed: {type(error).__name__}: {error}", now_us)
            given = {}
        changed = False
        for path, kind in column_paths(self.spec).items():
            array = given.get(path)
            if self._places is None and array is self._given.get(path) and path in self.columns:
                continue
            changed = True
            self._given[path] = array
            try:
                if array is None:
                    raise ColumnRefused("there is none")
                column = column_of(kind, array, len(array))
                if len(column) <= self._most:
                    raise ColumnRefused(f"it has {len(column)} elements, and an actor is at element {self._most}")
            except Exception as error:
                if given:
                    self.refuse(path, error, now_us)
                column = empty_column(kind, self._most + 1)
            self.columns[path] = column if self._places is None else self._in_order(path, column)
        return changed

    def _in_order(self, path: str, column: Column) -> Column:
        """The elements of a column in the order of the actors, in arrays that are used again."""
        kept = self._gathered.get(path)
        if kept is None or kept[0].dtype != column.values.dtype:
            kept = self._gathered[path] = (
                numpy.empty(len(self._places), dtype=column.values.dtype),
                numpy.empty(len(self._places), dtype=numpy.uint8),
            )
        values, valid = kept
        # Clipped means unchecked here: the length was compared with the greatest place.
        if len(column):
            numpy.take(column.values, self._places, out=values, mode="clip")
        if column.valid is None or not len(column):
            return Column(column.kind, values, None, column.strings)
        numpy.take(column.valid, self._places, out=valid, mode="clip")
        return Column(column.kind, values, valid, column.strings)

    def _locate(self) -> None:
        places = numpy.asarray(self.spec.factory.locate(list(self.keys)))
        if places.shape != (len(self.keys),) or places.dtype.kind not in "iu":
            raise ColumnRefused(f"locate gives one int per key, not {places.dtype} of shape {places.shape}")
        # One more at the end, which actors without a row find at -1.
        padded = numpy.append(places.astype(numpy.int64), -1)
        self._most = int(padded.max(initial=-1))
        if self._most >= 1 << 31:
            raise ColumnRefused("locate gave a number beyond 31 bits")
        found = numpy.maximum(padded[self._keys_of], -1)
        self._is_located = True
        if self._most >= FEW and len(found) > 1 and numpy.abs(numpy.diff(found)).mean() > NEAR:
            self._places = numpy.maximum(found, 0)
            found = numpy.where(found < 0, -1, numpy.arange(len(found)))
        self.row_of = found.astype(numpy.int32)
        self.row_of.setflags(write=False)


class LoadedTable(Table):
    """Columns that are loaded in batches, at most one call at a time.

    Rows that were never loaded come first. Then the oldest ones are loaded anew at
    the pace of rows per TTL, so that the load is spread over the TTL and no row gets older.
    """

    def __init__(self, spec: FactorySpec, actors: Sequence[BindingKey], warn: Warn, cache: ProviderCache) -> None:
        self._cache = cache
        self._flight: tuple[Any, Any] | None = None
        super().__init__(spec, actors, warn)
        self._paths = column_paths(spec)
        count = len(self.keys)
        for path, kind in self._paths.items():
            self.columns[path] = empty_column(kind, count)
        self._texts = {path: TextCodes(self.columns[path]) for path, kind in self._paths.items() if kind == "str"}
        self._loaded_at = numpy.full(count, -1, dtype=numpy.int64)
        self._due_at = numpy.zeros(count, dtype=numpy.int64)
        self._failures = numpy.zeros(count, dtype=numpy.int32)
        cache.share(spec.namespace, self.invalidate)
        self._allowed = 0.0
        self._last_us: int | None = None

    def invalidate(self, matches: Matches = None) -> int:
        """Load rows anew as soon as possible; what is there is read until then.

        Returns:
            How many rows it were.
        """
        rows = [row for row, key in enumerate(self.keys) if matches is None or matches(key)]
        self._due_at[rows] = 0
        return len(rows)

    def refresh(self, now_us: int) -> bool:
        if not self.keys:
            return False
        if self._flight is not None:
            self._cache.step()
            rows, future = self._flight
            if not future.done():
                self._drop_old(now_us)
                return False
            self._flight = None
            self._answered(rows, future, now_us)
        wanted, oldest = self._wanted(now_us)
        for number, rows in enumerate((wanted, oldest)):
            for at in range(0, len(rows), BATCH):
                if not self._load(rows[at : at + BATCH], now_us):
                    # One call at a time: what is left of the pace is used by the next refresh.
                    self._allowed += len(oldest[at + BATCH :] if number else oldest)
                    break
            if self._flight is not None:
                break
        self._drop_old(now_us)
        # The arrays stay the same, only their elements change; new texts make a new list.
        changed = [texts.publish() for texts in self._texts.values()]
        return any(changed)

    def _wanted(self, now_us: int) -> tuple[Any, Any]:
        """(rows that are due, rows to be loaded anew because they are the oldest)."""
        wanted = numpy.flatnonzero((self._due_at <= now_us) & ((self._loaded_at < 0) | (self._due_at == 0)))
        again = numpy.flatnonzero((self._due_at <= now_us) & (self._due_at > 0) & (self._failures > 0))
        wanted = numpy.union1d(wanted, again)
        oldest = wanted[:0]
        passed = 0 if self._last_us is None else now_us - self._last_us
        self._last_us = now_us
        ttl_us = self.spec.ttl_s * SECOND
        count = len(self.keys)
        if ttl_us < float("inf"):
            self._allowed = min(self._allowed + count * passed / ttl_us, float(count))
            if self._allowed >= min(SMALL, count):
                fresh = numpy.flatnonzero((self._failures == 0) & (self._loaded_at >= 0) & (self._loaded_at < now_us))
                fresh = numpy.setdiff1d(fresh, wanted, assume_unique=True)
                number = min(int(self._allowed), len(fresh))
                oldest = fresh[numpy.argsort(self._loaded_at[fresh], kind="stable")[:number]]
                self._allowed -= number
        return wanted, oldest

    def _load(self, rows: Any, now_us: int) -> bool:
        """One call; False when its answer comes later."""
        keys = [self.keys[row] for row in rows]
        try:
            made = perform(self.spec, lambda *client: self.spec.factory.columns(keys, *client), lambda answer: answer)
        except Exception as error:
            self._failed(rows, error, now_us)
            return True
        if hasattr(made, "__await__"):
            self._flight = (rows, self._cache.start(made))
            return False
        self._take(rows, made, now_us)
        return True

    def _answered(self, rows: Any, future: Any, now_us: int) -> None:
        error = TimeoutError("the load was cancelled") if future.cancelled() else future.exception()
        if error is None:
            self._take(rows, future.result(), now_us)
        elif isinstance(error, Exception):
            self._failed(rows, error, now_us)
        else:
            raise error

    def _take(self, rows: Any, made: Any, now_us: int) -> None:
        """Write an answer into the rows it is about."""
        if not isinstance(made, Mapping):
            self._failed(rows, ColumnRefused(f"columns gave {type(made).__name__}, not a mapping of paths"), now_us)
            return
        for path, kind in self._paths.items():
            column = self.columns[path]
            try:
                given = made.get(path)
                part = empty_column(kind, len(rows)) if given is None else column_of(kind, given, len(rows))
            except Exception as error:
                self.refuse(path, error, now_us)
                part = empty_column(kind, len(rows))
            texts = self._texts.get(path)
            if texts is None:
                column.values[rows] = part.values
            else:
                codes = numpy.array([texts.code(text) for text in part.strings or ()] + [NO_TEXT], dtype=numpy.int32)
                column.values[rows] = codes[part.values]
            column.valid[rows] = 1 if part.valid is None else part.valid
        self.versions[rows] += 1
        self._failures[rows] = 0
        self._loaded_at[rows] = now_us
        # Only a failure or an invalidation makes a loaded row due by itself.
        self._due_at[rows] = numpy.iinfo(numpy.int64).max

    def _failed(self, rows: Any, error: Exception, now_us: int) -> None:
        self.tell("columns", f"failed: {type(error).__name__}: {error}", now_us)
        self._failures[rows] += 1
        self._due_at[rows] = [now_us + retry_after_us(int(count)) for count in self._failures[rows]]

    def _drop_old(self, now_us: int) -> None:
        """Rows that could not be refreshed for too long are null."""
        limit = self.spec.ttl_s * self._cache.stale_factor * SECOND
        if limit == float("inf"):
            return
        old = (self._loaded_at >= 0) & (self._loaded_at <= now_us - limit)
        if old.any():
            for column in self.columns.values():
                column.valid[old] = 0


def table_of(
    spec: FactorySpec, actors: Sequence[BindingKey], warn: Warn, cache: ProviderCache, paths: Iterable[str]
) -> Table:
    """The table of a namespace for a population.

    Args:
        paths: those that the program reads, for factories that do not name theirs.
    """
    if callable(getattr(spec.factory, "arrays", None)) and callable(getattr(spec.factory, "locate", None)):
        return HeldTable(spec, actors, warn)
    paths = list(dict.fromkeys(paths))
    # A factory with both ways has columns for some of its paths only; providers have them all.
    if spec.is_columnar or (spec.has_columns and set(paths) <= set(column_paths(spec))):
        return LoadedTable(spec, actors, warn, cache)
    from .adapting import AdaptedTable

    return AdaptedTable(spec, actors, warn, cache, paths)
