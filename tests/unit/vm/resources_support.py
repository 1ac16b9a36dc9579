"""A small library of resources for tests: data in a mapping, answers at once or when a test says so."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from typing import Any

import abml
from abml.vm.actions import ActionRegistry
from abml.vm.actor import Actor
from abml.vm.protocols import Path, ResourceChange, SnapshotRequest, WatchEntry

HEAD = """
version: "3.0"
metadata:
  id: archive-keeper
  type: event_brain
  resource_templates:
    - character-base
    - { type: character-personality, alias: temper }
"""


class View:
    """A view of plain data by template type; `personality` names `character-personality` too."""

    def __init__(self, request: SnapshotRequest, data: Mapping[str, Any] | None, error: Any = None) -> None:
        self.request = request
        self.data = {} if data is None else data
        self.error = error
        self.reads: list[Path] = []

    def get(self, path: Path) -> Any:
        self.reads.append(path)
        if not path:
            return dict(self.data)
        pseudo = {"_error": self.error, "_loaded": self.error is None, "_id": self.request.resource_id}
        names = dict(self.request.aliases)
        for kind in self.data:
            names[kind.partition("-")[2]] = kind
        if path[0] in pseudo:
            value: Any = pseudo[path[0]]
        else:
            value = self.data.get(names.get(path[0], path[0]))
        for step in path[1:]:
            value = value.get(step) if isinstance(value, Mapping) else None
        return value


class Delayed:
    """An awaitable that goes on when a test says so."""

    def __init__(self) -> None:
        self.is_open = False

    def __await__(self) -> Generator[Any, None, None]:
        while not self.is_open:
            yield from asyncio.sleep(0).__await__()


class Library:
    """Resources by id.

    Attributes:
        is_slow: answers are awaitables, which go on when `gate` opens.
        requests, prefetched: what was asked for.
        watches: (actor, type, id) -> entry and where changes go.
    """

    def __init__(self, data: Mapping[str, Any], *, is_slow: bool = False) -> None:
        self.data = dict(data)
        self.is_slow = is_slow
        self.gate = Delayed()
        self.requests: list[SnapshotRequest] = []
        self.prefetched: list[tuple[str, list[str], Any]] = []
        self.watches: dict[tuple[str, str, str], tuple[WatchEntry, Callable[[ResourceChange], None]]] = {}

    def fetch(self, request: SnapshotRequest) -> View | Awaitable[View]:
        self.requests.append(request)
        return self._later(request) if self.is_slow else self.view(request)

    async def _later(self, request: SnapshotRequest) -> View:
        await self.gate
        return self.view(request)

    def view(self, request: SnapshotRequest) -> View:
        found = self.data.get(request.resource_id)
        if isinstance(found, Exception):
            raise found
        if found is None:
            message = f"there is no {request.resource_type} '{request.resource_id}'"
            return View(request, None, {"kind": "not_found", "message": message, "source": None})
        return View(request, found)

    def prefetch(
        self, resource_type: str, resource_ids: Sequence[str], sources: tuple[str, ...] | None
    ) -> tuple[int, int] | Awaitable[tuple[int, int]]:
        self.prefetched.append((resource_type, list(resource_ids), sources))
        counted = sum(one in self.data for one in resource_ids), len(resource_ids)
        return self._counted(counted) if self.is_slow else counted

    async def _counted(self, counted: tuple[int, int]) -> tuple[int, int]:
        await self.gate
        return counted

    def watch(self, actor_id: str, entry: WatchEntry, deliver: Callable[[ResourceChange], None]) -> None:
        if entry.resource_id == "too-many":
            raise ValueError("the actor watches 256 resources already")
        self.watches[actor_id, entry.resource_type, entry.resource_id] = entry, deliver

    def unwatch(self, actor_id: str, resource_type: str, resource_id: str) -> None:
        self.watches.pop((actor_id, resource_type, resource_id), None)

    def change(self, resource_id: str, source_type: str | None = None, *, deleted: bool = False) -> None:
        """Tell everybody who watches a character."""
        for (_, kind, found), (entry, deliver) in list(self.watches.items()):
            matters = deleted or entry.sources is None or source_type in entry.sources
            if found == resource_id and matters:
                deliver(ResourceChange(kind, found, source_type, "character.updated", {"by": "test"}, deleted))


MILA = {"character-base": {"name": "Mila"}, "character-personality": {"patience": 0.125, "traits": {"calm": 2}}}


def run(flows: str, library: Any = None, *, head: str = HEAD, **options: Any) -> Any:
    """Run the flow `main` of a document."""
    options.setdefault("flow", "main")
    return abml.run(head + "flows:\n" + flows, resources=library, **options)


def actor(flows: str, library: Any = None, *, head: str = HEAD, **options: Any) -> Actor:
    """An actor of a document; `flows` may have other sections before `flows:`."""
    registry = ActionRegistry()
    registry.register_all(options.pop("handlers", {}))
    text = head + (flows if "flows:" in flows else "flows:\n" + flows)
    return Actor(abml.compile(text), registry=registry, resources=library, **options)


def messages(found: Any) -> list[str]:
    """Log texts of a result or of an actor, those of the runtime's prefetches left out."""
    logs = found.take_records().logs if isinstance(found, Actor) else found.logs
    return [log.message for log in logs if log.level not in ("debug", "warn")]


def warnings(found: Any) -> list[str]:
    """What the runtime warned of."""
    return [log.message for log in found.logs if log.level == "warn"]
