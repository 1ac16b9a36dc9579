"""What the tests of snapshots share: a small registry, bundles of given data, sources that can be told to fail."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from abml.environment import TemplateRegistry
from abml.providers.snapshots.codec import encode
from abml.providers.snapshots.models import (
    BundleKind,
    ResourceBundle,
    SnapshotEntry,
    SourceFailure,
    bundle_id,
    moment,
)

REGISTRY = TemplateRegistry.from_data(
    {
        "templates": [
            {"type": "character-base", "ttl_minutes": 30, "paths": {"name": "string", "age": "int"}},
            {
                "type": "character-personality",
                "ttl_minutes": 60,
                "paths": {"aggression": "float", "traits.patience": "float", "mood": "enum(calm, brisk)"},
            },
            {
                "type": "character-history",
                "ttl_minutes": 30,
                "paths": {"participations": "list", "participations[].role": "string"},
            },
            {"type": "character-encounter", "ttl_minutes": 10, "paths": {"recent_count": "int"}},
            {"type": "quest", "ttl_minutes": 5, "paths": {"active_count": "int"}},
        ]
    }
)

DATA: dict[str, dict[str, Any]] = {
    "character-base": {"id": "k-7", "name": "Orla", "age": 41},
    "character-personality": {"aggression": 0.75, "traits": {"patience": 0.5}, "mood": "calm"},
    "character-history": {"participations": [{"role": "pilot"}, {"role": "smuggler"}]},
    "character-encounter": {"recent_count": 3},
}


def entry(source_type: str, data: Mapping[str, Any] | str, schema_version: int = 1) -> SnapshotEntry:
    """An entry of data, or of text that is no coded data."""
    if isinstance(data, str):
        return SnapshotEntry(source_type, "tests", data, moment(0), None, schema_version)
    coded = encode(data)
    return SnapshotEntry(source_type, "tests", coded.data, moment(0), coded.checksum, schema_version)


def bundle(
    data: Mapping[str, Mapping[str, Any] | str] = DATA,
    resource_id: str = "k-7",
    kind: BundleKind = "snapshot",
    failures: tuple[SourceFailure, ...] = (),
) -> ResourceBundle:
    """A bundle of a character, collected at 0."""
    entries = tuple(entry(name, value) for name, value in data.items())
    made = bundle_id(kind, "character", resource_id, 0, 1)
    return ResourceBundle(kind, made, "character", resource_id, entries, moment(0), failures=failures)


def run(awaitable: Any) -> Any:
    """The value of an awaitable, or the value itself."""
    if not hasattr(awaitable, "__await__"):
        return awaitable

    async def main() -> Any:
        return await awaitable

    return asyncio.run(main())


class Bundles:
    """A backend of given bundles that counts its calls; `answers` may hold exceptions and functions.

    Attributes:
        calls: keys of all loads, or for bulk loads the lists of ids.
        most: how many awaited loads there were at the same time.
    """

    def __init__(self, answers: Mapping[Any, Any] | None = None, awaited: bool = False, bulk: bool = False) -> None:
        self.answers: dict[Any, Any] = dict(answers or {})
        self.awaited = awaited
        self.calls: list[Any] = []
        self.most = 0
        self._now = 0
        self.gate: asyncio.Event | None = None
        if bulk:
            self.load_many = self._load_many

    def find(self, kind: str, resource_id: str) -> Any:
        found = self.answers.get((kind, resource_id), self.answers.get(resource_id) if kind == "snapshot" else None)
        return found() if callable(found) else found

    def load(self, kind: str, resource_type: str, resource_id: str) -> Any:
        self.calls.append((kind, resource_type, resource_id))
        if self.awaited:
            return self._later(lambda: self._now_or_raise(kind, resource_id))
        return self._now_or_raise(kind, resource_id)

    def _load_many(self, kind: str, resource_type: str, resource_ids: Any) -> Any:
        self.calls.append(list(resource_ids))
        if self.awaited:
            return self._later(lambda: {one: self.find(kind, one) for one in resource_ids})
        return {one: self.find(kind, one) for one in resource_ids}

    def _now_or_raise(self, kind: str, resource_id: str) -> Any:
        found = self.find(kind, resource_id)
        if isinstance(found, Exception):
            raise found
        return found

    async def _later(self, work: Any) -> Any:
        self._now += 1
        self.most = max(self.most, self._now)
        try:
            if self.gate is not None:
                await self.gate.wait()
            for _ in range(5):
                await asyncio.sleep(0)
            return work()
        finally:
            self._now -= 1
