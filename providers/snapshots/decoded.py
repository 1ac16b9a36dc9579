"""A bundle whose entries are decoded when they are first read, each at most once, for all who read it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from abml.resource_templates import namespace_of

from .codec import DEFAULT_LIMITS, DecodeFault, DecodeLimits, decode
from .conforming import conform
from .migrations import migrate
from .models import MAX_NESTED, MAX_NESTING, ResourceBundle, SnapshotEntry, SourceFailure
from .naming import NO_TEMPLATES, Templates, folded, names_of, template_of

NESTED_KEY = "nestedArchives"
"""The key under which the data of an entry holds further archives."""

Warn = Callable[[str], None]

_NONE: dict[str, Any] = {}
# Documents have few filters; what they select is found once for each bundle.
_MAX_SELECTIONS = 16


class Reading(NamedTuple):
    """What decoding needs to know; shared by everything one service reads.

    Attributes:
        warn: told of data that cannot be read and of values of wrong types.
    """

    templates: Templates = NO_TEMPLATES
    limits: DecodeLimits = DEFAULT_LIMITS
    warn: Warn | None = None


class Part:
    """One entry, or an archive inside one.

    Attributes:
        source_type: template type.
        namespace: the name it has in a view as a whole.
        names: everything it answers to, in lower case.
        data: the object it holds; empty when it cannot be decoded.
        children: name in lower case -> archive inside.
        shortcuts: short path in lower case -> the steps it stands for.
        fault: why it cannot be decoded; None when it can.
    """

    __slots__ = ("source_type", "namespace", "names", "data", "children", "shortcuts", "fault")

    def __init__(self, source_type: str, templates: Templates) -> None:
        self.source_type = source_type
        self.names = names_of(source_type, templates)
        spec = template_of(source_type, templates)
        self.namespace = namespace_of(source_type) if spec is None else spec.namespace
        self.data: dict[str, Any] = {}
        self.children: dict[str, Part] = {}
        self.shortcuts: dict[str, tuple[str, ...]] = _NONE
        if spec is not None and spec.shortcuts:
            self.shortcuts = {folded(short): tuple(path.split(".")) for short, path in spec.shortcuts.items()}
        self.fault: DecodeFault | None = None


class DecodedBundle:
    """A complete bundle with an index of the names its entries answer to.

    Attributes:
        bundle: as it was collected.
        names: name in lower case -> index of its entry; of two entries with one name the first has it.
        types: template type -> index of its entry.
    """

    __slots__ = ("bundle", "names", "types", "_read", "_reading", "_selections", "_sources")

    def __init__(self, bundle: ResourceBundle, reading: Reading) -> None:
        self.bundle = bundle
        self._reading = reading
        self._sources = [Part(entry.source_type, reading.templates) for entry in bundle.entries]
        self._read = [False] * len(self._sources)
        self._selections: dict[tuple[str, ...], frozenset[int]] = {}
        self.types: dict[str, int] = {}
        self.names: dict[str, int] = {}
        # Full types come before the shorter names of others.
        for at, source in enumerate(self._sources):
            self.types.setdefault(source.source_type, at)
            self.names.setdefault(folded(source.source_type), at)
        for at, source in enumerate(self._sources):
            for name in source.names:
                self.names.setdefault(name, at)

    def __len__(self) -> int:
        return len(self._sources)

    @property
    def failures(self) -> tuple[SourceFailure, ...]:
        """Sources that failed when the bundle was collected."""
        return self.bundle.failures

    def source(self, at: int) -> Part:
        """The entry of an index, decoded; look at its `fault` before its data."""
        if not self._read[at]:
            self._read[at] = True
            self._decode(self.bundle.entries[at], self._sources[at])
        return self._sources[at]

    def select(self, sources: tuple[str, ...]) -> frozenset[int]:
        """The indexes of the entries that a filter names; what nobody has names none."""
        found = self._selections.get(sources)
        if found is None:
            if len(self._selections) >= _MAX_SELECTIONS:
                self._selections.clear()
            indexes = [self.names.get(folded(name)) for name in sources]
            found = self._selections[sources] = frozenset(at for at in indexes if at is not None)
        return found

    def is_decoded(self, at: int) -> bool:
        """Whether the entry of an index was read already."""
        return self._read[at]

    def position(self, source_type: str) -> float:
        """Where a source stands in the order of collection; unknown ones last."""
        at = self.types.get(source_type)
        if at is not None:
            return at + 0.5
        for failure in self.failures:
            if failure.source_type == source_type:
                return float(failure.before)
        return float("inf")

    def _decode(self, entry: SnapshotEntry, source: Part) -> None:
        reading = self._reading
        spec = template_of(entry.source_type, reading.templates)
        try:
            data = decode(entry.data, entry.checksum, reading.limits)
            if spec is not None and entry.schema_version < spec.schema_version:
                migrate(data, entry.schema_version, spec)
            source.children = _children(data.pop(NESTED_KEY, None), reading)
        except DecodeFault as fault:
            source.fault = fault
            self._warn(entry.source_type, str(fault))
            return
        if spec is not None and spec.paths:
            conform(data, spec.paths, lambda text: self._warn(entry.source_type, text))
        source.data = data

    def _warn(self, source_type: str, text: str) -> None:
        if self._reading.warn is not None:
            bundle = self.bundle
            self._reading.warn(f"{bundle.resource_type} '{bundle.resource_id}', {source_type}: {text}")


def _children(value: Any, reading: Reading) -> dict[str, Part]:
    """The archives inside an entry by the names they answer to."""
    top: dict[str, Part] = {}
    pending: list[tuple[Any, dict[str, Part], int]] = [(value, top, 1)]
    count = 0
    while pending:
        archives, into, depth = pending.pop()
        if archives is None:
            continue
        if not isinstance(archives, list):
            raise DecodeFault("shape", f"'{NESTED_KEY}' is not a list of archives")
        if depth > MAX_NESTING:
            raise DecodeFault("too_large", f"archives are nested more than {MAX_NESTING} levels deep")
        count += len(archives)
        if count > MAX_NESTED:
            raise DecodeFault("too_large", f"an entry contains more than {MAX_NESTED} archives")
        for archive in archives:
            kind = archive.get("resourceType") if isinstance(archive, dict) else None
            data = archive.get("data", {}) if isinstance(archive, dict) else None
            if not isinstance(kind, str) or not kind or not isinstance(data, dict):
                raise DecodeFault("shape", f"an archive in '{NESTED_KEY}' has no resourceType or no data object")
            child = Part(kind, reading.templates)
            child.data = data
            _index(child, into)
            pending.append((archive.get(NESTED_KEY), child.children, depth + 1))
    return top


def _index(child: Part, into: dict[str, Part]) -> None:
    for name in child.names:
        into.setdefault(name, child)


def namespaces(sources: Iterable[Part]) -> dict[str, Any]:
    """Namespace -> data; a source whose namespace is taken already stands under its type."""
    made: dict[str, Any] = {}
    for source in sources:
        made[source.namespace if source.namespace not in made else source.source_type] = source.data
    return made
