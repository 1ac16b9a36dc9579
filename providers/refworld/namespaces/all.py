"""Every namespace of a world, for the registry of a host."""

from __future__ import annotations

from typing import Any

from abml.providers.refworld.world import RefWorld

from . import belongings, people, society, surroundings, tales
from .columns import CombatColumns, PersonalityColumns, WorldColumns
from .factory import CharacterFactory, PlaceFactory, RealmFactory


def factories(world: RefWorld, *, columns: bool = False) -> list[Any]:
    """The factories of all namespaces of a world.

    Args:
        columns: `personality`, `combat` and `world` as columns, for crowds; every path
            of these is known beforehand. They answer the same either way.
    """
    here = "character.moved world.advanced"
    made: list[Any] = [
        CharacterFactory("backstory", world, people.backstory, "history.recorded", any_case=True),
        CharacterFactory("encounters", world, people.encounters, "encounter.recorded world.advanced"),
        CharacterFactory("seed", world, people.seed),
        CharacterFactory("relationships", world, people.relationships, "relationship.changed"),
        CharacterFactory("quest", world, tales.quest, "quest.updated world.advanced"),
        CharacterFactory("storyline", world, tales.storyline, "storyline.updated"),
        CharacterFactory(
            "obligations",
            world,
            society.obligations,
            "obligation.updated personality.evolved faction.updated character.moved",
        ),
        CharacterFactory("currency", world, belongings.currency, "currency.transferred"),
        CharacterFactory("inventory", world, belongings.inventory, "inventory.transferred"),
        PlaceFactory("location", world, surroundings.location, "character.moved character.died"),
        PlaceFactory("transit", world, surroundings.transit, f"{here} character.departed inventory.transferred"),
        PlaceFactory("faction", world, society.faction, "faction.updated character.moved"),
    ]
    if columns:
        return [PersonalityColumns(world), CombatColumns(world), WorldColumns(world), *made]
    return [
        CharacterFactory("personality", world, people.personality, "personality.evolved"),
        CharacterFactory("combat", world, people.combat, "combat-preferences.evolved"),
        RealmFactory("world", world, surroundings.time, "world.advanced"),
        *made,
    ]
