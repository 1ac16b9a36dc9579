"""Data of older schemas read through newer templates, by the tables of what moved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from abml.resource_templates import ResourceTemplateSpec

from .codec import DecodeFault

_ELEMENTS = "[]"


def migrate(data: dict[str, Any], version: int, spec: ResourceTemplateSpec) -> None:
    """Bring data to the version that a template describes, in place; newer data stays as it is.

    Within the elements of a list a path moves from `members[].name` to `members[].title`.

    Raises:
        DecodeFault: `schema`: there is no table for a version, or the data has no place for what moves.
    """
    for at in range(version, spec.schema_version):
        table = spec.migrations.get(at)
        if table is None:
            raise DecodeFault("schema", f"data of version {at}, and the template says nothing about version {at + 1}")
        for old, new in table.items():
            _move(data, old, new)


def _move(data: dict[str, Any], old: str, new: str | None) -> None:
    lists, _, inside = old.rpartition(f"{_ELEMENTS}.")
    target = new
    if lists and new is not None:
        if not new.startswith(f"{lists}{_ELEMENTS}."):
            raise DecodeFault("schema", f"'{old}' cannot move out of its list to '{new}'")
        target = new[len(lists) + len(_ELEMENTS) + 1 :]
    for holder in _elements(data, lists.split(_ELEMENTS)) if lists else (data,):
        steps = inside.split(".")
        below: Any = holder
        for step in steps[:-1]:
            below = below.get(step) if isinstance(below, dict) else None
        if isinstance(below, dict) and steps[-1] in below:
            value = below.pop(steps[-1])
            if target is not None:
                _put(holder, target.split("."), value)


def _elements(data: dict[str, Any], lists: list[str]) -> Iterator[dict[str, Any]]:
    """The objects in the lists that paths lead to, one path inside the elements of the one before."""
    found: list[Any] = [data]
    for path in lists:
        inside: list[Any] = []
        for holder in found:
            for step in path.strip(".").split("."):
                holder = holder.get(step) if isinstance(holder, dict) else None
            inside += holder if isinstance(holder, list) else ()
        found = inside
    return (element for element in found if isinstance(element, dict))


def _put(holder: dict[str, Any], steps: list[str], value: Any) -> None:
    for step in steps[:-1]:
        below = holder.setdefault(step, {})
        if not isinstance(below, dict):
            raise DecodeFault("schema", f"'{'.'.join(steps)}' has no place below a value that is no object")
        holder = below
    holder[steps[-1]] = value
