"""Snapshots: loads under a name, paths of ids, what they read (language 8.6).

Data lies in a mapping, so everything is there at once; when it comes makes no
difference to what a program does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from abml import values
from abml.syntax import ast

from .faults import ReferenceFault

Data = Mapping[tuple[str, str], Mapping[str, Any]]
"""(resource type, id) -> template type -> its data."""

_FIXED = {"character-encounter": "encounters"}


class Snapshot:
    """The data of one resource as one request shows it; None for a resource that is not there."""

    def __init__(
        self, resource: tuple[str, str], data: Mapping[str, Any] | None, sources: Sequence[str], aliases: dict[str, str]
    ) -> None:
        self.resource = resource
        self.names: dict[str, Any] = {}
        self.error: dict[str, Any] | None = None
        if data is None:
            kind, found = resource
            self.error = {"kind": "not_found", "message": f"there is no {kind} '{found}'", "source": None}
        for template, content in (data or {}).items():
            if not sources or template in sources:
                self.names[namespace(template)] = self.names[template] = content
        for alias, template in aliases.items():
            self.names[alias] = self.names.get(template)

    def read(self, steps: Sequence[Any]) -> Any:
        """The value at steps below the name."""
        pseudo = {"_error": self.error, "_loaded": self.error is None, "_id": self.resource[1]}
        value: Any = {**self.names, **pseudo} if steps else self.names
        for step in steps:
            value = value.get(step) if isinstance(value, dict) else None
        return values.copy_value(value)


class Path:
    """A snapshot with the steps that a chain has gone so far."""

    def __init__(self, snapshot: Snapshot, steps: tuple[Any, ...] = ()) -> None:
        self.snapshot = snapshot
        self.steps = steps

    def below(self, step: Any) -> Path:
        return Path(self.snapshot, (*self.steps, step))


class Shelf:
    """All resources of a run.

    Attributes:
        automatic: second steps that load a snapshot in the place of an id -> template type.
    """

    def __init__(self, metadata: ast.Metadata, data: Data | None) -> None:
        self.data = data
        self.declared = [item.type for item in metadata.resource_templates]
        self.aliases = {item.alias: item.type for item in metadata.resource_templates if item.alias is not None}
        self.loaded: dict[str, Snapshot] = {}
        self.visited: dict[tuple[str, str], Snapshot] = {}
        self.automatic: dict[str, str] = {}
        if metadata.fetch_mode in ("auto", "all"):
            for kind in reversed(self.declared):
                self.automatic.update({namespace(kind): kind, kind: kind})
            self.automatic.update(self.aliases)

    def snapshot(self, resource: tuple[str, str], sources: Sequence[str]) -> Snapshot:
        return Snapshot(resource, (self.data or {}).get(resource), sources, self.aliases)

    def load(self, params: dict[str, Any]) -> None:
        """The action `load_snapshot`."""
        given = params.get("filter")
        names = given if isinstance(given, list) else [given] if given else []
        resource = (_text(params["resource_type"]), _text(params["resource_id"]))
        sources = [self.meant(name) for name in names] or self.declared
        self.loaded[params["name"]] = self.snapshot(resource, sources)

    def meant(self, name: str) -> str:
        """The template type that a name in a filter stands for."""
        if name in self.aliases:
            return self.aliases[name]
        for spelling in (name, name.replace("_", "-")):
            for kind in self.declared:
                if spelling in (kind, namespace(kind)):
                    return kind
        return name.replace("_", "-")

    def prefetch(self, params: dict[str, Any]) -> str | None:
        """The action `prefetch_snapshots`: what its log says, None when it has nothing to do."""
        ids = params.get("resource_ids")
        if ids is None or ids == []:
            return None
        if not isinstance(ids, list):
            raise ReferenceFault("resource_error", "no list")
        kind = _text(params["resource_type"])
        wanted = list(dict.fromkeys(_text(one) for one in ids))
        return f"prefetched {sum((kind, one) in (self.data or {}) for one in wanted)}/{len(wanted)} {kind}"

    def in_place_of(self, value: Any, step: str) -> tuple[Snapshot | None, bool]:
        """(the snapshot that a path reads in the place of a variable's value, it is the first time and fails)."""
        template = self.automatic.get(step)
        if template is None:
            return None, False
        kind, found = template.partition("-")[0], value
        if isinstance(value, dict) and step not in value:
            found, kind = value.get("id"), value.get("resource_type") or kind
        if not isinstance(found, str) or not found:
            return None, False
        resource = (kind, found)
        if resource in self.visited:
            return self.visited[resource], False
        own = template.partition("-")[0]
        made = self.snapshot(resource, [one for one in self.declared if one.partition("-")[0] == own])
        self.visited[resource] = made
        return made, made.error is not None


def namespace(template: str) -> str:
    """By the rule: fixed, else what follows the resource type."""
    return _FIXED.get(template) or template.partition("-")[2] or template


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ReferenceFault("resource_error", "no text")
    return value
