"""Who watches which resources (runtime 6.6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from abml.vm.protocols import ResourceChange, WatchEntry

from .models import is_id
from .naming import folded

Deliver = Callable[[ResourceChange], None]
Resource = tuple[str, str]


class Watch(NamedTuple):
    """One actor's watch of one resource."""

    actor_id: str
    entry: WatchEntry
    deliver: Deliver


class WatchRegistry:
    """Watches by actor and by resource; an actor has at most one of each resource.

    Actors are known by their text ids. Not safe for two threads at once.

    Args:
        max_per_actor: resources that one actor may watch.
    """

    def __init__(self, max_per_actor: int = 256) -> None:
        self._max = max_per_actor
        self._by_actor: dict[str, dict[Resource, Watch]] = {}
        self._by_resource: dict[Resource, dict[str, Watch]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._by_actor.values()))

    def watch(self, actor_id: str, entry: WatchEntry, deliver: Deliver) -> None:
        """Begin a watch, or replace the one the actor has of that resource.

        Raises:
            ValueError: an empty id, or the actor watches as much as it may.
        """
        if not is_id(actor_id) or not is_id(entry.resource_type) or not is_id(entry.resource_id):
            raise ValueError("a watch needs an actor, a resource type and a resource id")
        resource = (entry.resource_type, entry.resource_id)
        mine = self._by_actor.get(actor_id, {})
        if resource not in mine and len(mine) >= self._max:
            raise ValueError(f"the actor '{actor_id}' watches {self._max} resources already, which is the most")
        watch = Watch(actor_id, entry, deliver)
        self._by_actor.setdefault(actor_id, {})[resource] = watch
        self._by_resource.setdefault(resource, {})[actor_id] = watch

    def unwatch(self, actor_id: str, resource_type: str, resource_id: str) -> bool:
        """End a watch; whether there was one."""
        resource = (resource_type, resource_id)
        mine = self._by_actor.get(actor_id)
        if mine is None or mine.pop(resource, None) is None:
            return False
        if not mine:
            del self._by_actor[actor_id]
        theirs = self._by_resource[resource]
        del theirs[actor_id]
        if not theirs:
            del self._by_resource[resource]
        return True

    def stop(self, actor_id: str) -> list[WatchEntry]:
        """End all watches of an actor; those it had."""
        entries = self.entries(actor_id)
        for entry in entries:
            self.unwatch(actor_id, entry.resource_type, entry.resource_id)
        return entries

    def forget(self, resource_type: str, resource_id: str) -> list[str]:
        """End all watches of a resource; whose they were."""
        actors = list(self._by_resource.get((resource_type, resource_id), ()))
        for actor_id in actors:
            self.unwatch(actor_id, resource_type, resource_id)
        return actors

    def is_watched(self, resource_type: str, resource_id: str) -> bool:
        return (resource_type, resource_id) in self._by_resource

    def entries(self, actor_id: str) -> list[WatchEntry]:
        """What an actor watches, oldest first."""
        return [watch.entry for watch in self._by_actor.get(actor_id, {}).values()]

    def concerned(self, change: ResourceChange) -> list[Watch]:
        """Who is to be told of a change: of a deletion everybody, else those whose sources it is about."""
        watches = self._by_resource.get((change.resource_type, change.resource_id), {}).values()
        if change.deleted or change.source_type is None:
            return list(watches)
        changed = folded(change.source_type)
        return [
            watch
            for watch in watches
            if not watch.entry.sources or any(folded(name) == changed for name in watch.entry.sources)
        ]

    def save(self, actor_id: str) -> list[dict[str, Any]]:
        """The watches of an actor as plain data; equal watches give equal data."""
        saved: list[dict[str, Any]] = []
        for entry in self.entries(actor_id):
            item: dict[str, Any] = {"resource_type": entry.resource_type, "resource_id": entry.resource_id}
            if entry.sources:
                item["sources"] = sorted(entry.sources)
            if entry.alias is not None:
                item["alias"] = entry.alias
            if entry.on_change is not None:
                item["on_change"] = entry.on_change
            saved.append(item)
        return saved

    def restore(self, actor_id: str, saved: Sequence[Mapping[str, Any]], deliver: Deliver) -> list[WatchEntry]:
        """Watch what was saved, beside what is watched already.

        Raises:
            ValueError: the data has the wrong shape or is too much; then nothing has changed.
        """
        entries = [_entry(item) for item in saved]
        resources = {(entry.resource_type, entry.resource_id) for entry in entries}
        if len(resources | self._by_actor.get(actor_id, {}).keys()) > self._max:
            raise ValueError(f"the actor '{actor_id}' would watch more than {self._max} resources")
        for entry in entries:
            self.watch(actor_id, entry, deliver)
        return entries


def _entry(item: Any) -> WatchEntry:
    if not isinstance(item, Mapping):
        raise ValueError("a saved watch is a mapping")
    resource_type, resource_id = item.get("resource_type"), item.get("resource_id")
    sources, alias, on_change = item.get("sources"), item.get("alias"), item.get("on_change")
    if not is_id(resource_type) or not is_id(resource_id):
        raise ValueError("a saved watch has no resource_type or no resource_id")
    if sources is not None and not (isinstance(sources, list) and all(isinstance(name, str) for name in sources)):
        raise ValueError("the sources of a saved watch are no list of texts")
    if not isinstance(alias, str | None) or not isinstance(on_change, str | None):
        raise ValueError("alias and on_change of a saved watch are texts")
    return WatchEntry(str(resource_type), str(resource_id), frozenset(sources) if sources else None, alias, on_change)
