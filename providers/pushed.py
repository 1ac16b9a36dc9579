"""Namespaces whose values are pushed per actor: `director` and `pacing` (runtime 5.3, 13.2).

Nothing is loaded for them. Every entry has an owner, such as a session or an
event, so that ending one takes away what it pushed and nothing else. Numbers
of several owners under one path are added up.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import Any

from abml.vm.binding import BindingKey

from .base import DataProvider
from .binding import ProviderError


class PushedNamespace:
    """A factory whose providers read what was pushed.

    An actor's values change as a whole, from its next tick on: what a tick has
    pinned stays as it was.

    Args:
        namespace: the root name it answers.

    Attributes:
        revision: counts the changes of all actors.

    Not safe for two threads at once.
    """

    scope_keys = frozenset(("actor",))

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        # actor -> owner -> path -> value, in the order in which owners came.
        self._entries: dict[str, dict[Hashable, dict[tuple[str, ...], Any]]] = {}
        self._summed: dict[str, DataProvider] = {}
        self._versions: dict[str, int] = {}
        # Actors whose values changed, the last one last, with the number of the change.
        self._changes: dict[str, int] = {}
        self.revision = 0

    def create(self, actor: BindingKey) -> DataProvider | None:
        """The same as `current`: there is nothing to load."""
        return self.current(actor)

    def current(self, actor: BindingKey) -> DataProvider | None:
        """The provider of an actor as it is now; None when nothing is pushed for it."""
        return self._summed.get(actor.actor_id)

    def version(self, actor_id: str) -> int:
        """Counts the changes of an actor's values; 0 when nothing was ever pushed."""
        return self._versions.get(actor_id, 0)

    def changed_since(self, revision: int) -> list[str]:
        """Actors whose values changed after a revision, so that hosts of many need not ask for each."""
        found = []
        for actor_id in reversed(self._changes):
            if self._changes[actor_id] <= revision:
                break
            found.append(actor_id)
        return found

    # ------------------------------------------------------------------ pushing

    def push(self, actor_id: str, owner: Hashable, values: Mapping[str, Any]) -> None:
        """Lay values over an actor, beside those of other owners.

        Args:
            owner: whose they are; what it pushed under the same paths is replaced.
            values: dotted path, such as `priority.flee`, -> number, bool or text. None takes
                one away. Numbers are added to those of other owners; of other values the
                last owner's counts.

        Raises:
            ProviderError: a path is empty, or a value is none of these or no finite number.
        """
        changed = {self._path(path): self._checked(path, value) for path, value in values.items()}
        mine = self._entries.setdefault(actor_id, {}).setdefault(owner, {})
        for path, value in changed.items():
            # Again at the end, so that the last one pushed is the last one.
            mine.pop(path, None)
            if value is not None:
                mine[path] = value
        owners = self._entries[actor_id]
        owners[owner] = owners.pop(owner)
        self._changed(actor_id)

    def replace(self, actor_id: str, owner: Hashable, values: Mapping[str, Any]) -> None:
        """`push`, after taking away everything that the owner pushed for the actor."""
        checked = {path: self._checked(path, value) for path, value in values.items()}
        self._entries.get(actor_id, {}).pop(owner, None)
        self.push(actor_id, owner, checked)

    def withdraw(self, owner: Hashable, actor_id: str | None = None) -> list[str]:
        """Take away what an owner pushed.

        Args:
            actor_id: for whom; None: for everybody.

        Returns:
            The actors whose values changed.
        """
        actors = list(self._entries) if actor_id is None else [actor_id]
        touched = [name for name in actors if owner in self._entries.get(name, ())]
        for name in touched:
            del self._entries[name][owner]
            self._changed(name)
        return touched

    def forget(self, actor_id: str) -> None:
        """Drop everything of an actor that is gone."""
        if self._entries.pop(actor_id, None) is not None:
            self._changed(actor_id)

    def entries(self, actor_id: str) -> list[tuple[Hashable, str, Any]]:
        """(owner, path, value) of everything that is pushed for an actor, in the order in which it came."""
        return [
            (owner, ".".join(path), value)
            for owner, values in self._entries.get(actor_id, {}).items()
            for path, value in values.items()
        ]

    # ------------------------------------------------------------------ helpers

    def _path(self, path: str) -> tuple[str, ...]:
        steps = tuple(path.split(".")) if isinstance(path, str) else ()
        if not all(steps) or not steps:
            raise ProviderError(f"{self.namespace}: {path!r} is no path")
        return steps

    def _checked(self, path: str, value: Any) -> Any:
        if value is None or isinstance(value, bool | int | str) or (isinstance(value, float) and math.isfinite(value)):
            return value
        raise ProviderError(f"{self.namespace}.{path}: a finite number, a bool or a text is wanted, not {value!r}")

    def _changed(self, actor_id: str) -> None:
        self._versions[actor_id] = self._versions.get(actor_id, 0) + 1
        self.revision += 1
        self._changes.pop(actor_id, None)
        self._changes[actor_id] = self.revision
        owners = {owner: values for owner, values in self._entries.get(actor_id, {}).items() if values}
        if not owners:
            self._entries.pop(actor_id, None)
            self._summed.pop(actor_id, None)
            return
        self._entries[actor_id] = owners
        numbers: dict[tuple[str, ...], list[float]] = {}
        last: dict[tuple[str, ...], Any] = {}
        for values in owners.values():
            for path, value in values.items():
                if isinstance(value, bool | str):
                    numbers.pop(path, None)
                    last[path] = value
                else:
                    numbers.setdefault(path, []).append(value)
                    # The exact sum does not depend on the order of the owners.
                    terms = numbers[path]
                    last[path] = terms[0] if len(terms) == 1 else math.fsum(terms)
        data: dict[str, Any] = {}
        # Short paths first: a value under `priority` gives way to those under `priority.flee`.
        for path, value in sorted(last.items(), key=lambda item: len(item[0])):
            place = data
            for step in path[:-1]:
                below = place.get(step)
                if not isinstance(below, dict):
                    below = place[step] = {}
                place = below
            place[path[-1]] = value
        # A new object: a tick that pinned the old one goes on reading that.
        self._summed[actor_id] = DataProvider(data)
