"""The ends of resources: who refers to them, what goes with them, and the archive that is left (runtime 6.1)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from dataclasses import replace
from typing import Any, Literal, NamedTuple

from abml.errors import AbmlError

from .api import SnapshotApi
from .codec import DEFAULT_LIMITS, DecodeFault, decode, encode, normalized
from .models import MAX_NESTED, MAX_NESTING, ArchiveFault, ResourceBundle, SnapshotEntry
from .timing import drive

Policy = Literal["cascade", "detach", "restrict"]


class Resource(NamedTuple):
    """A resource by its type and id."""

    type: str
    id: str

    def __str__(self) -> str:
        return f"{self.type} '{self.id}'"


class Relation(NamedTuple):
    """What happens to resources of one type when one they refer to is deleted.

    Attributes:
        source_type: resource type of those that refer.
        target_type: resource type of what they refer to.
        policy: `cascade`: they are deleted before it; `detach`: they lose the reference;
            `restrict`: while there is one, it is not deleted.
        priority: lower ones go earlier, of equal ones by source type.
    """

    source_type: str
    target_type: str
    policy: Policy = "cascade"
    priority: int = 100


class StillReferred(AbmlError):
    """A resource that is not deleted, because others refer to it and have to stay.

    Attributes:
        resource: what was to be deleted, or what would have to go with it.
        by: who refers to it.
    """

    def __init__(self, resource: Resource, by: tuple[Resource, ...]) -> None:
        super().__init__(resource, by)
        self.resource = resource
        self.by = by

    def __str__(self) -> str:
        names = ", ".join(map(str, self.by[:5])) + (", …" if len(self.by) > 5 else "")
        return f"{self.resource} is still referred to by {names}"


class DeletionFailed(AbmlError):
    """A deletion that ended in the middle.

    Attributes:
        done: what was deleted or detached before, in order; it is not brought back.
        at: where it failed; that and what follows is as it was.
    """

    def __init__(self, at: Resource, done: tuple[Step, ...], cause: BaseException) -> None:
        super().__init__(at, done)
        self.at = at
        self.done = done
        self.cause = cause

    def __str__(self) -> str:
        return f"{self.at} could not be deleted: {type(self.cause).__name__}: {self.cause}"


class Step(NamedTuple):
    """One step of a deletion: a resource goes, or loses its reference to another."""

    resource: Resource
    detached_from: Resource | None = None


Handler = Callable[[Step], "Awaitable[object] | object"]
"""Deletes or detaches a resource in the service that has it."""


class ResourceRegistry:
    """Counts references between resources, deletes what depends on each other in order, and archives it.

    Knows ids only; what a resource is, the services know. Not safe for two threads at once.

    Args:
        api: collects the data of resources and stores archives.
    """

    def __init__(self, api: SnapshotApi) -> None:
        self._api = api
        self._relations: dict[tuple[str, str], Relation] = {}
        self._handlers: dict[str, Handler] = {}
        # Both ways: who refers to a resource, and to what it refers. Dicts keep the order of arrival.
        self._referring: dict[Resource, dict[Resource, None]] = {}
        self._referred: dict[Resource, dict[Resource, None]] = {}

    def relate(self, relation: Relation) -> None:
        """Say what happens to resources that refer to others; types nobody relates are restricted.

        Raises:
            ValueError: there is another rule for these types.
        """
        key = (relation.source_type, relation.target_type)
        if self._relations.setdefault(key, relation) != relation:
            raise ValueError(f"'{key[0]}' and '{key[1]}' are related already")

    def on_deletion(self, resource_type: str, handler: Handler) -> None:
        """Register what deletes or detaches resources of a type.

        Raises:
            ValueError: there is one already.
        """
        if resource_type in self._handlers:
            raise ValueError(f"'{resource_type}' has a handler of deletions already")
        self._handlers[resource_type] = handler

    # ------------------------------------------------------------- references

    def refer(self, source: Resource, target: Resource) -> int:
        """A resource refers to another; saying so again changes nothing. How many refer to the target now."""
        self._referring.setdefault(target, {})[source] = None
        self._referred.setdefault(source, {})[target] = None
        return len(self._referring[target])

    def unrefer(self, source: Resource, target: Resource) -> int:
        """A reference is gone, if there was one; how many refer to the target now."""
        for table, key, other in ((self._referring, target, source), (self._referred, source, target)):
            found = table.get(key)
            if found is not None:
                found.pop(other, None)
                if not found:
                    del table[key]
        return self.count(target)

    def count(self, target: Resource) -> int:
        """How many resources refer to one."""
        return len(self._referring.get(target, ()))

    def references(self, target: Resource) -> tuple[Resource, ...]:
        """Who refers to a resource, in the order in which their kinds are deleted, then by type and id."""
        found = self._referring.get(target, ())
        return tuple(sorted(found, key=lambda one: (self._relation(one, target).priority, one.type, one.id)))

    # --------------------------------------------------------------- deletion

    def plan(self, target: Resource) -> tuple[Step, ...]:
        """What deleting a resource takes, in order: dependents before what they depend on, it last.

        Raises:
            StillReferred: something refers to one of these and has to stay.
        """
        steps: list[Step] = []
        # Found, but not all that depends on it: a cycle of references comes back to such a one.
        seen = {target}
        pending: list[tuple[Resource, list[Resource]]] = [(target, self._dependents(target))]
        while pending:
            here, left = pending[-1]
            if not left:
                pending.pop()
                steps += [Step(one, here) for one in self.references(here) if self._is(one, here, "detach")]
                steps.append(Step(here))
                continue
            following = left.pop(0)
            if following not in seen:
                seen.add(following)
                pending.append((following, self._dependents(following)))
        going = [step.resource for step in steps if step.detached_from is None]
        gone = set(going)
        for one in going:
            others = [other for other in self.references(one) if other not in gone]
            staying = tuple(other for other in others if self._is(other, one, "restrict"))
            if staying:
                raise StillReferred(one, staying)
        return tuple(step for step in steps if step.detached_from is None or step.resource not in gone)

    def delete(self, target: Resource) -> tuple[Step, ...] | Awaitable[tuple[Step, ...]]:
        """Delete a resource and what depends on it, by the handlers of their types.

        Returns:
            What was done, in order; at once when no handler is awaited.

        Raises:
            StillReferred: something refers to it and has to stay; nothing was deleted.
            DeletionFailed: a handler failed; what it did before says its `done`.
        """
        return drive(self._delete(self.plan(target)))

    def _delete(self, steps: tuple[Step, ...]) -> Generator[Any, Any, tuple[Step, ...]]:
        for number, step in enumerate(steps):
            handler = self._handlers.get(step.resource.type)
            try:
                if handler is not None:
                    yield handler(step)
            except Exception as error:
                raise DeletionFailed(step.resource, steps[:number], error) from error
            if step.detached_from is not None:
                self.unrefer(step.resource, step.detached_from)
                continue
            for referred in tuple(self._referred.get(step.resource, ())):
                self.unrefer(step.resource, referred)
            for referring in tuple(self._referring.get(step.resource, ())):
                self.unrefer(referring, step.resource)
        return steps

    # ------------------------------------------------------------ compression

    def compress(self, target: Resource, *, delete: bool = False) -> ResourceBundle | Awaitable[ResourceBundle]:
        """Archive a resource with the data of everything that is deleted with it.

        The archive has the entries of the resource, and one more for each type of its dependents:
        `items` with id and data of each, the data by source type, dependents of theirs inside.

        Args:
            delete: delete all of it afterwards.

        Raises:
            CollectFault: a source failed; nothing was archived or deleted.
            ArchiveFault: more depends on it than an archive can hold; nothing was archived or deleted.
            StillReferred: it cannot be deleted; nothing was archived.
            StoreFault: the archive could not be stored; nothing was deleted.
            DeletionFailed: it was archived, and deleting ended in the middle.
        """
        return drive(self._compress(target, delete))

    def _compress(self, target: Resource, delete: bool) -> Generator[Any, Any, ResourceBundle]:
        steps = self.plan(target) if delete else ()
        bundle: ResourceBundle = yield self._collect(target)
        below = yield from self._below(target, {target}, 1)
        added = tuple(self._entry(name, items, bundle) for name, items in below.items())
        stored = self._api.archive(replace(bundle, entries=(*bundle.entries, *added), source_data_deleted=delete))
        if delete:
            yield from self._delete(steps)
        return stored

    def _below(self, target: Resource, seen: set[Resource], depth: int) -> Generator[Any, Any, dict[str, list[Any]]]:
        """Resource type -> the dependents of that type with their data."""
        found: dict[str, list[Any]] = {}
        for one in self._dependents(target):
            if one in seen:
                continue
            seen.add(one)
            if depth > MAX_NESTING or len(seen) > MAX_NESTED:
                raise ArchiveFault(f"more depends on {target} than an archive can hold")
            bundle: ResourceBundle = yield self._collect(one)
            item: dict[str, Any] = {"id": one.id}
            for entry in bundle.entries:
                item[entry.source_type] = decode(entry.data, entry.checksum)
            inside = yield from self._below(one, seen, depth + 1)
            for name, items in inside.items():
                item[name] = {"items": items}
            found.setdefault(one.type, []).append(item)
        return found

    def _collect(self, one: Resource) -> ResourceBundle | Awaitable[ResourceBundle]:
        return self._api.collect(one.type, one.id, "archive", policy="ALL_REQUIRED")

    def _entry(self, name: str, items: list[Any], bundle: ResourceBundle) -> SnapshotEntry:
        data = {"items": items}
        try:
            normalized(data)
        except DecodeFault as fault:
            raise ArchiveFault(f"the dependents of type '{name}' are more than an archive can hold: {fault}") from None
        coded = encode(data)
        if coded.size > DEFAULT_LIMITS.max_bytes:
            raise ArchiveFault(f"the dependents of type '{name}' are more than an archive can hold")
        return SnapshotEntry(name, "resources", coded.data, bundle.created_at, coded.checksum)

    # ---------------------------------------------------------------- helpers

    def _relation(self, source: Resource, target: Resource) -> Relation:
        key = (source.type, target.type)
        return self._relations.get(key) or Relation(*key, policy="restrict")

    def _is(self, source: Resource, target: Resource, policy: Policy) -> bool:
        return self._relation(source, target).policy == policy

    def _dependents(self, target: Resource) -> list[Resource]:
        return [one for one in self.references(target) if self._is(one, target, "cascade")]
