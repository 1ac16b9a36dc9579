"""Columns of factories that have none: their providers are asked path by path, only where something changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy

from abml.vm.binding import BindingKey
from abml.vm.host_values import from_host

from .base import FactorySpec, as_provider
from .binding import restrict
from .cache import SECOND, Entry, ProviderCache
from .columns import TextCodes, empty_column
from .tables import Table, Warn

_KINDS: dict[type, str] = {float: "f64", int: "i64", bool: "bool", str: "str"}
_NEVER = numpy.iinfo(numpy.int64).max


class AdaptedTable(Table):
    """One provider per row, read into columns when its version changes.

    A path becomes a column of the type of the first value that is found there. Where
    a later value is of another type, or is a list or a map, the path loses its column
    for good, and every read of it takes the scalar path: so both give the same.

    Args:
        paths: what the program reads, as dotted paths; the root itself has no column.
    """

    def __init__(
        self,
        spec: FactorySpec,
        actors: Sequence[BindingKey],
        warn: Warn,
        cache: ProviderCache,
        paths: Iterable[str],
    ) -> None:
        self._cache = cache
        super().__init__(spec, actors, warn)
        self._paths = {path: tuple(path.split(".")) for path in dict.fromkeys(paths) if path}
        self._texts: dict[str, TextCodes] = {}
        self._restricted = [restrict(key, spec.scope_keys) for key in self.keys]
        self._rows = {restricted: row for row, restricted in enumerate(self._restricted)}
        self._providers: list[Any] = [None] * len(self.keys)
        # When a row has to be looked at again; what happens before that is told by the cache.
        self._due_at = numpy.zeros(len(self.keys), dtype=numpy.int64)
        self._touched: list[int] = []
        self._revision = -1
        if spec.is_pushed:
            self._of_actor = {key.actor_id: row for row, key in enumerate(self.keys)}
        else:
            cache.watch(spec.namespace, self._heard)

    def read(self, row: int, path: tuple[str, ...]) -> Any:
        """Asks the provider that is pinned for the tick."""
        provider = self._providers[row]
        return None if provider is None else provider.get(path)

    def refresh(self, now_us: int) -> bool:
        changed = self._changed_pushed(now_us) if self.spec.is_pushed else self._changed_loaded(now_us)
        return self._adapt(changed, now_us) if changed else False

    # ------------------------------------------------------------ what changed

    def _heard(self, entry: Entry) -> None:
        row = self._rows.get(restrict(entry.binding, self.spec.scope_keys))
        if row is not None:
            self._touched.append(row)

    def _changed_loaded(self, now_us: int) -> list[int]:
        """Rows whose provider is another one than before."""
        due = set(numpy.flatnonzero(self._due_at <= now_us).tolist())
        due.update(self._touched)
        self._touched.clear()
        changed = []
        for row in sorted(due):
            entry = self._cache.look(self.spec, self._restricted[row], self.keys[row], now_us)
            provider = self._cache.provider(entry, now_us)
            if provider is None and entry.error is not None:
                self.tell(f"row {row}" if row < 8 else "rows", f"failed: {entry.error}", now_us)
            if provider is not self._providers[row]:
                self._providers[row] = provider
                changed.append(row)
            self._due_at[row] = self._next_look(entry, now_us)
        return changed

    def _next_look(self, entry: Entry, now_us: int) -> int:
        times = [] if entry.is_loading else [max(entry.expires_at, entry.retry_at)]
        if entry.loaded_at is not None:
            times.append(entry.loaded_at + entry.spec.ttl_s * self._cache.stale_factor * SECOND)
        ahead = [time for time in times if now_us < time < float("inf")]
        return int(min(ahead)) if ahead else _NEVER

    def _changed_pushed(self, now_us: int) -> list[int]:
        factory = self.spec.factory
        revision = getattr(factory, "revision", None)
        if revision is None:
            rows: Iterable[int] = range(len(self.keys))
        elif self._revision < 0:
            rows, self._revision = range(len(self.keys)), revision
        else:
            rows = [self._of_actor[name] for name in factory.changed_since(self._revision) if name in self._of_actor]
            self._revision = revision
        changed = []
        for row in rows:
            try:
                provider = as_provider(self.spec.namespace, factory.current(self.keys[row]))
            except Exception as error:
                self.tell("current", f"failed: {type(error).__name__}: {error}", now_us)
                provider = None
            if provider is not self._providers[row]:
                self._providers[row] = provider
                changed.append(row)
        return changed

    # --------------------------------------------------------------- adapting

    def _adapt(self, rows: list[int], now_us: int) -> bool:
        """Read the paths of changed rows; whether a column came, went, or got new texts."""
        different = False
        for path, steps in list(self._paths.items()):
            had = self.columns.get(path)
            if not self._adapt_path(path, steps, rows, now_us):
                self.columns.pop(path, None)
                self._texts.pop(path, None)
                del self._paths[path]
            texts = self._texts.get(path)
            is_new = texts.publish() if texts is not None else False
            different = different or is_new or self.columns.get(path) is not had
        self.versions[rows] += 1
        return different

    def _adapt_path(self, path: str, steps: tuple[str, ...], rows: list[int], now_us: int) -> bool:
        """Read one path of changed rows; False when a value cannot stand in the column."""
        column = self.columns.get(path)
        texts = self._texts.get(path)
        for row in rows:
            value = self._value(row, steps, now_us)
            if value is None:
                if column is not None:
                    column.valid[row] = 0
                continue
            kind = _KINDS.get(type(value))
            # NaN is a number here, and null in a column.
            if kind is None or value != value or (column is not None and column.kind != kind):
                return False
            if column is None:
                column = self.columns[path] = empty_column(kind, len(self.keys))
                if kind == "str":
                    texts = self._texts[path] = TextCodes(column)
            column.values[row] = value if texts is None else texts.code(value)
            column.valid[row] = 1
        return True

    def _value(self, row: int, steps: tuple[str, ...], now_us: int) -> Any:
        provider = self._providers[row]
        if provider is None:
            return None
        try:
            return from_host(provider.get(steps), self.spec.namespace)
        except Exception as error:
            self.tell("get", f"failed: {type(error).__name__}: {error}", now_us)
            return None
