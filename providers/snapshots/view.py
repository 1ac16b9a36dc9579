"""The provider of one snapshot or archive: paths of a document to the data of its entries (language 8.6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from abml.values import Duration, member
from abml.vm.protocols import Clock, Path

from .conforming import find_key
from .decoded import DecodedBundle, Part, namespaces
from .naming import folded

_ABSENT = object()


class Problem(NamedTuple):
    """What `_error` tells.

    Attributes:
        kind: `partial not_found unavailable timeout decode_error`.
        source: template type of the source that failed; None: the whole resource.
    """

    kind: str
    message: str
    source: str | None = None


class Subject(NamedTuple):
    """What a view was asked for.

    Attributes:
        kind: `snapshot`, `archive`, or None when nobody said and nothing was found.
        sources: template types that it shows and that are missed when they are not there; None: all.
        aliases: further name in lower case -> template type, as the document declares them.
    """

    resource_type: str
    resource_id: str
    kind: str | None
    sources: tuple[str, ...] | None = None
    aliases: Mapping[str, str] = {}


class BundleView:
    """Reads a bundle by paths; a filter shows some of its entries and takes nothing away.

    The bundle may be shared with other views. Nothing raises: what is not there is null.

    Args:
        record: None when there is no data; then `problem` tells why.
        problem: of the whole resource.
        loaded_us: when the data was loaded, by the clock.
        is_stale: older data, because newer could not be had.
    """

    __slots__ = ("subject", "is_stale", "_record", "_clock", "_loaded_us", "_problem", "_shown", "_verdict")

    def __init__(
        self,
        subject: Subject,
        record: DecodedBundle | None,
        clock: Clock,
        loaded_us: int = 0,
        problem: Problem | None = None,
        is_stale: bool = False,
        shown: frozenset[int] | None = None,
    ) -> None:
        self.subject = subject
        self.is_stale = is_stale
        self._record = record
        self._clock = clock
        self._loaded_us = loaded_us
        self._problem = problem
        self._shown = shown
        self._verdict: tuple[list[str], Problem | None] | None = None
        if record is not None and shown is None and subject.sources is not None:
            self._shown = record.select(subject.sources)

    def get(self, path: Path) -> Any:
        """The value at a path.

        The first step is a pseudo key, `id`, an alias, a namespace or a template type, without
        letter case; further steps are found exactly, else without letter case; numbers, also
        in brackets, index lists. The empty path is the map of namespaces.
        """
        if not path:
            return namespaces(self._present())
        head = path[0]
        record = self._record
        at = None if record is None else record.names.get(head)
        if at is None or head in self.subject.aliases:
            if head[:1] == "_":
                return _descend(self._pseudo(head), path, 1)
            if head == "id":
                return _descend(self._id(), path, 1)
            at = self._find(head)
            if at is None:
                return None
        if self._shown is not None and at not in self._shown:
            return None
        source = self._record.source(at)  # type: ignore[union-attr]  # an index comes from a record
        if source.fault is not None:
            return None
        if source.children:
            return _nested(source, path)
        value: Any = source.data
        # The common way, without a call for each step.
        for k in range(1, len(path)):
            found = value.get(path[k], _ABSENT) if type(value) is dict else _ABSENT
            if found is _ABSENT:
                return _descend(value, path, k) if k > 1 or not source.shortcuts else _shortened(source, path)
            value = found
        return value

    # ------------------------------------------------------------------ names

    def _find(self, head: str) -> int | None:
        record = self._record
        if record is None:
            return None
        key = folded(head)
        declared = self.subject.aliases.get(key)
        if declared is not None:
            return record.names.get(folded(declared))
        return record.names.get(key)

    def _id(self) -> Any:
        """`id` of a base source, else the id of the resource."""
        at = None if self._record is None else self._find("base")
        if at is not None and self._record is not None and (self._shown is None or at in self._shown):
            source = self._record.source(at)
            if source.fault is None and "id" in source.data:
                return source.data["id"]
        return self.subject.resource_id

    def _present(self) -> list[Part]:
        """Entries that are shown and can be read, in the order of collection."""
        record = self._record
        if record is None:
            return []
        shown = range(len(record)) if self._shown is None else sorted(self._shown)
        return [source for source in (record.source(at) for at in shown) if source.fault is None]

    # ------------------------------------------------------------ pseudo keys

    def _pseudo(self, name: str) -> Any:
        read = _PSEUDO.get(name) or _PSEUDO.get(folded(name))
        return None if read is None else read(self)

    def _judge(self) -> tuple[list[str], Problem | None]:
        """(template types that are missing, what `_error` tells); decodes everything that is shown."""
        if self._verdict is None:
            self._verdict = self._missing_and_problem()
        return self._verdict

    def _missing_and_problem(self) -> tuple[list[str], Problem | None]:
        wanted = self.subject.sources
        record = self._record
        if record is None:
            return list(wanted or ()), self._problem
        shown = range(len(record)) if self._shown is None else sorted(self._shown)
        broken = {source.source_type: source for source in map(record.source, shown) if source.fault is not None}
        failed = {failure.source_type: failure for failure in record.failures}
        if wanted is None:
            hidden = [entry.source_type for at, entry in enumerate(record.bundle.entries) if at not in shown]
            names = [*hidden, *broken, *failed]
        else:
            names = [name for name in wanted if record.names.get(folded(name)) not in shown]
            names += broken
        missing = sorted(dict.fromkeys(names), key=record.position)
        if self._problem is not None or not missing:
            return missing, self._problem
        first = missing[0]
        if first in broken:
            reason = str(broken[first].fault)
        elif first in failed:
            reason = failed[first].message
        else:
            reason = "there is no such data of this resource"
        if broken and len(broken) == len(shown) == len(missing):
            return missing, Problem("decode_error", f"nothing could be read; {first}: {reason}")
        return missing, Problem("partial", f"{first}: {reason}", first)

    def _error(self) -> dict[str, Any] | None:
        problem = self._judge()[1]
        return None if problem is None else problem._asdict()

    def _partial(self) -> bool:
        missing, problem = self._judge()
        return self._record is not None and bool(missing) and (problem is None or problem.kind != "decode_error")

    def _loaded(self) -> bool:
        problem = None if self._record is None else self._judge()[1]
        return self._record is not None and (problem is None or problem.kind != "decode_error")

    def _loaded_at(self) -> int | None:
        return None if self._record is None else self._loaded_us // 1_000

    def _age(self) -> Duration | None:
        return None if self._record is None else Duration(max(0, self._clock.now_us() - self._loaded_us))

    def __repr__(self) -> str:
        subject = self.subject
        return f"BundleView({subject.resource_type} {subject.resource_id!r}, {subject.kind})"


_PSEUDO = {
    "_error": BundleView._error,
    "_partial": BundleView._partial,
    "_stale": lambda view: view.is_stale,
    "_sources": lambda view: [source.source_type for source in view._present()],
    "_missing": lambda view: list(view._judge()[0]),
    "_loaded_at": BundleView._loaded_at,
    "_kind": lambda view: view.subject.kind,
    "_loaded": BundleView._loaded,
    "_type": lambda view: view.subject.resource_type,
    "_id": lambda view: view.subject.resource_id,
    "_age": BundleView._age,
}
PSEUDO_KEYS = frozenset(_PSEUDO)
"""The first steps that tell of the snapshot instead of its data."""


def _nested(source: Part, path: Sequence[str]) -> Any:
    """A path from the second step on: down the archives inside by their names, then into data."""
    at = 1
    while at < len(path):
        child = source.children.get(path[at]) or source.children.get(folded(path[at]))
        if child is None:
            break
        source = child
        at += 1
    return _shortened(source, path, at)


def _shortened(source: Part, path: Sequence[str], at: int = 1) -> Any:
    """A path into the data of a source whose first step may be a shortcut of its template."""
    if at < len(path) and find_key(source.data, path[at]) is None:
        longer = source.shortcuts.get(folded(path[at]))
        if longer is not None:
            return _descend(_descend(source.data, longer, 0), path, at + 1)
    return _descend(source.data, path, at)


def _descend(value: Any, path: Sequence[str], at: int) -> Any:
    """What the steps of a path from `at` on lead to."""
    while at < len(path) and value is not None:
        value = _step(value, path[at])
        at += 1
    return value


def _step(value: Any, step: str) -> Any:
    if isinstance(value, dict):
        key = find_key(value, step)
        return value[key] if key is not None else member(value, step)
    if isinstance(value, list):
        number = step[1:-1] if step[:1] == "[" and step[-1:] == "]" else step
        # More digits than this are no index of any list, and long texts of digits are slow to read.
        if number.isascii() and number.isdigit():
            index = int(number) if len(number) <= 9 else len(value)
            return value[index] if index < len(value) else None
    return member(value, step)
