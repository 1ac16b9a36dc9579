"""Questions about a world as services answer them: passive, filtered, bounded; who searches is the asker.

What comes back are short records with ids; the rest is to be had by snapshots.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from abml.suggest import nearest

from .model import Character, Scenario
from .world import Refused, RefWorld

MAX_RESULTS = 500
FILTERS = (
    "hasRelationships",
    "notInActiveStoryline",
    "inActiveStoryline",
    "alive",
    "placeIds",
    "species",
    "minAge",
    "maxAge",
    "knows",
)


def query_characters(
    world: RefWorld, realm_ids: object = None, filters: object = None, limit: object = None, offset: object = 0
) -> list[dict[str, Any]]:
    """Characters of realms that pass all filters, in the order in which they came into the world.

    Args:
        realm_ids: keys or ids; None: all realms.
        filters: `hasRelationships`, `notInActiveStoryline`, `inActiveStoryline`, `alive` (true unless
            given, null for both): bools; `placeIds`, `species`: one or a list; `minAge`, `maxAge` in
            years; `knows`: a character to whom they have a relationship.
        limit: how many at most, up to 500.
        offset: how many of them to leave out first.

    Raises:
        Refused: a realm does not exist, or a filter is unknown or makes no sense.
    """
    realms = _realms(world, realm_ids)
    wanted = _filters(filters)
    most, first = bounds(limit, offset)
    related = {link.of for link in world.relationships.values()}
    busy = {key for tale in world.storylines.values() if tale.state == "active" for key in tale.roles.values()}
    places = _keys(world, "places", wanted.get("placeIds"))
    species = _texts("species", wanted.get("species"))
    knows = wanted.get("knows")
    target = None if knows is None else world.character(knows).key
    known_by = {link.of for link in world.relationships.values() if link.to == target}
    found: list[dict[str, Any]] = []
    for key, one in world.characters.items():
        if one.realm not in realms or (places is not None and one.place not in places):
            continue
        if species is not None and one.species not in species:
            continue
        if target is not None and key not in known_by:
            continue
        checks = (
            (wanted.get("hasRelationships"), key in related),
            (wanted.get("inActiveStoryline"), key in busy),
            (wanted.get("notInActiveStoryline"), key not in busy),
            (wanted.get("alive", True), one.is_alive),
        )
        if any(want is not None and want is not has for want, has in checks):
            continue
        years = age(world, one)
        if not wanted.get("minAge", 0) <= years <= wanted.get("maxAge", 10**9):
            continue
        found.append(summary(world, one))
        if len(found) >= first + most:
            break
    return found[first:]


def summary(world: RefWorld, one: Character) -> dict[str, Any]:
    """What a list of characters says about one."""
    return {
        "id": one.id,
        "name": one.name,
        "realm_id": world.realms[one.realm].id,
        "place_id": world.places[one.place].id,
        "place": world.places[one.place].name,
        "species": one.species,
        "occupation": one.occupation,
        "age": age(world, one),
        "alive": one.is_alive,
    }


def age(world: RefWorld, one: Character) -> int:
    """Whole years of the calendar between birth and death, or now."""
    until = world.now if one.died is None else one.died
    return max(until - one.born, 0) // (world.calendar.days * world.calendar.day_s)


def query_scenarios(
    world: RefWorld, genre: object = None, topic: object = None, character: object = None, limit: object = None
) -> list[dict[str, Any]]:
    """Scenarios by descending weight.

    Args:
        genre: only of this kind.
        topic: only those that answer events of this topic.
        character: only those in which this one could play some role.

    Raises:
        Refused: the character does not exist.
    """
    most, _ = bounds(limit, 0)
    who = None if character is None else world.character(character)
    found = []
    for scenario in sorted(world.scenarios.values(), key=lambda one: -one.weight):
        if genre is not None and scenario.genre != genre:
            continue
        if topic is not None and topic not in scenario.triggers:
            continue
        fitting = list(scenario.roles) if who is None else roles_for(world, scenario, who)
        if fitting:
            found.append(scenario_record(scenario, fitting))
    return found[:most]


def roles_for(world: RefWorld, scenario: Scenario, who: Character) -> list[str]:
    """The roles that somebody could play: alive, free, with the past and the ties that they need."""
    if not who.is_alive or world.storylines_of(who.key):
        return []
    past = {element.type for element in who.backstory}
    has_ties = bool(world.relationships_of(who.key))
    return [
        name
        for name, role in scenario.roles.items()
        if past.issuperset(role.needs) and (role.bound_to is None or has_ties)
    ]


def scenario_record(scenario: Scenario, fitting: Sequence[str]) -> dict[str, Any]:
    """What a list of scenarios says about one."""
    return {
        "id": scenario.id,
        "code": scenario.key,
        "name": scenario.name,
        "genre": scenario.genre,
        "weight": scenario.weight,
        "triggers": list(scenario.triggers),
        "phases": list(scenario.phases),
        "quest_code": scenario.quest,
        "fitting_roles": list(fitting),
        "roles": {
            name: {"traits": dict(role.traits), "needs": list(role.needs), "bound_to": role.bound_to}
            for name, role in scenario.roles.items()
        },
    }


def query_relationships(world: RefWorld, character: object, limit: object = None) -> list[dict[str, Any]]:
    """How a character stands to others, the strongest feelings first, whether good or bad.

    Raises:
        Refused: there is no such character.
    """
    most, _ = bounds(limit, 0)
    links = sorted(world.relationships_of(world.character(character).key), key=lambda one: -abs(one.strength))
    found = []
    for link in links[:most]:
        other = world.characters[link.to]
        found.append({"id": other.id, "name": other.name, "kind": link.kind, "strength": link.strength})
    return found


def _realms(world: RefWorld, given: object) -> set[str]:
    found = _keys(world, "realms", given)
    return set(world.realms) if found is None else found


def _keys(world: RefWorld, table: str, given: object) -> set[str] | None:
    """Keys of entries; None for no wish."""
    if given is None:
        return None
    many = [given] if isinstance(given, str) else given
    if not isinstance(many, Iterable) or isinstance(many, Mapping):
        raise Refused(f"{table} are named by one key or id, or a list of them", status_code=400)
    return {world.find(table, one).key for one in many}


def _texts(name: str, given: object) -> set[str] | None:
    if given is None:
        return None
    many = [given] if isinstance(given, str) else given
    if not isinstance(many, list | tuple) or not all(isinstance(one, str) for one in many):
        raise Refused(f"{name} is a text or a list of texts", status_code=400)
    return set(many)


_BOOLS = ("hasRelationships", "notInActiveStoryline", "inActiveStoryline", "alive")


def _filters(given: object) -> dict[str, Any]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise Refused("filters is a map", status_code=400)
    for name, value in given.items():
        if name not in FILTERS:
            close = nearest(str(name), FILTERS)
            hint = f"did you mean '{close}'?" if close is not None else f"they are {', '.join(FILTERS)}"
            raise Refused(f"there is no filter '{str(name)[:60]}'; {hint}", status_code=400)
        if name in _BOOLS and value is not None and not isinstance(value, bool):
            raise Refused(f"the filter '{name}' is true or false, not {value!r:.60}", status_code=400)
        if name in ("minAge", "maxAge") and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise Refused(f"the filter '{name}' is a number of years, not {value!r:.60}", status_code=400)
    return dict(given)


def bounds(limit: object, offset: object) -> tuple[int, int]:
    """How many entries of an answer at most, and how many are left out first.

    Raises:
        Refused: one of them is no count.
    """
    for name, value, least in (("limit", limit, 1), ("offset", offset, 0)):
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < least):
            raise Refused(f"{name} is a whole number from {least}, not {value!r:.60}", status_code=400)
    most = limit if isinstance(limit, int) else MAX_RESULTS
    return min(most, MAX_RESULTS), offset if isinstance(offset, int) else 0
