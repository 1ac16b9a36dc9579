"""Namespaces of a world in columns: one call answers for a thousand actors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from abml.providers.refworld.world import RefWorld
from abml.vm.binding import BindingKey

from . import people, surroundings
from .factory import WorldFactory, bound


class _Columns(WorldFactory):
    """Columns of all documented paths of a namespace.

    An actor that is bound to nothing in the world reads null everywhere.
    """

    table = "characters"
    describe: Callable[[RefWorld, Any], Mapping[str, Any]]

    def columns(self, rows: Sequence[BindingKey]) -> Mapping[str, Any]:
        """Path -> array of shape (len(rows),); masked where there is nothing, texts as lists."""
        import numpy

        about = [self._about(row) for row in rows]
        made: dict[str, Any] = {}
        for path, kind in self.paths.items():
            values = [None if data is None else _at(data, path) for data in about]
            if kind == "str":
                made[path] = values
                continue
            mask = [value is None for value in values]
            filled = numpy.array([0 if value is None else value for value in values], dtype=_DTYPES[kind])
            made[path] = numpy.ma.masked_array(filled, mask=mask)
        return made

    def _about(self, row: BindingKey) -> Mapping[str, Any] | None:
        given = row.realm_id if self.table == "realms" else row.character_id
        found = bound(self.world, given, self.table)
        return None if found is None else type(self).describe(self.world, found)


_DTYPES = {"f64": "float64", "i64": "int64", "bool": "bool"}


def _at(data: Mapping[str, Any], path: str) -> Any:
    value: Any = data
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


class PersonalityColumns(_Columns):
    """`personality` as float64 columns, each -1..1."""

    describe = staticmethod(people.personality)

    def __init__(self, world: RefWorld) -> None:
        super().__init__("personality", world, "personality.evolved")


class CombatColumns(_Columns):
    """`combat` as columns of text, float64 and bool."""

    describe = staticmethod(people.combat)

    def __init__(self, world: RefWorld) -> None:
        super().__init__("combat", world, "combat-preferences.evolved")


class WorldColumns(_Columns):
    """`world` as columns, by realm."""

    table = "realms"
    describe = staticmethod(surroundings.time)

    def __init__(self, world: RefWorld) -> None:
        super().__init__("world", world, "world.advanced")
