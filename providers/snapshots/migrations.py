"""Data of older schemas read through newer templates: tables of what moved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from abml.values import copy_value

from .codec import DecodeFault

_MISSING = object()


@dataclass(frozen=True, slots=True)
class Migration:
    """The step from one version of a source's data to the next.

    Attributes:
        source_type: template type of the data.
        from_version: the step leads to the version after it.
        moves: old path -> new path, carried out in order; `.` between steps, maps only.
        defaults: path -> value for what older data does not have.
        removes: paths that no longer exist.
    """

    source_type: str
    from_version: int
    moves: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    removes: tuple[str, ...] = ()

    def apply(self, data: dict[str, Any]) -> None:
        """Carry the step out on data, in place."""
        for old, new in self.moves.items():
            value = _take(data, old.split("."))
            if value is not _MISSING:
                _put(data, new.split("."), value)
        for path in self.removes:
            _take(data, path.split("."))
        for path, value in self.defaults.items():
            _put(data, path.split("."), copy_value(value), replace=False)


class Migrations:
    """All steps that are known. Registering one twice is an error.

    Raises:
        ValueError: two steps begin at the same version of a source.
    """

    def __init__(self, steps: Iterable[Migration] = ()) -> None:
        self._steps: dict[tuple[str, int], Migration] = {}
        for step in steps:
            self.add(step)

    def add(self, step: Migration) -> None:
        """Add a step.

        Raises:
            ValueError: there is one from that version already.
        """
        key = (step.source_type, step.from_version)
        if key in self._steps:
            raise ValueError(f"{step.source_type} has a migration from version {step.from_version} already")
        self._steps[key] = step

    def bring(self, data: dict[str, Any], source_type: str, version: int, wanted: int) -> None:
        """Bring data to the wanted version, in place; newer data stays as it is.

        Raises:
            DecodeFault: `schema`: a step is not known, or the data does not fit it.
        """
        for at in range(version, wanted):
            step = self._steps.get((source_type, at))
            if step is None:
                raise DecodeFault("schema", f"data of version {at} and no migration to version {at + 1}")
            step.apply(data)


def _take(data: dict[str, Any], steps: list[str]) -> Any:
    holder: Any = data
    for step in steps[:-1]:
        holder = holder.get(step) if isinstance(holder, dict) else None
    return holder.pop(steps[-1], _MISSING) if isinstance(holder, dict) else _MISSING


def _put(data: dict[str, Any], steps: list[str], value: Any, replace: bool = True) -> None:
    holder = data
    for step in steps[:-1]:
        below = holder.setdefault(step, {})
        if not isinstance(below, dict):
            raise DecodeFault("schema", f"'{'.'.join(steps)}' has no place below a value that is no object")
        holder = below
    if replace or steps[-1] not in holder:
        holder[steps[-1]] = value
