"""Where a character is, how it gets elsewhere, what time it is: `location`, `transit`, `world`."""

from __future__ import annotations

from typing import Any

from abml.providers.refworld.calendar import HOUR
from abml.providers.refworld.journeys import Trip, can_use, preference_cost, trips
from abml.providers.refworld.model import Character, Realm
from abml.providers.refworld.world import RefWorld


def location(world: RefWorld, who: Character, at: str) -> dict[str, Any]:
    """The place, and how many living people are there."""
    place = world.places[at]
    depth, around = 0, place.inside
    while around is not None:
        depth, around = depth + 1, world.places[around].inside
    return {
        "id": place.id,
        "zone": place.zone,
        "name": place.name,
        "region": place.region,
        "type": place.type,
        "depth": depth,
        "realm": world.realms[place.realm].name,
        "nearby_pois": list(place.pois),
        "entity_count": sum(1 for one in world.characters.values() if one.place == at and one.is_alive),
    }


def transit(world: RefWorld, who: Character, at: str) -> dict[str, Any]:
    """The modes, the journey under way, and the nearest place of each type by what can be used."""
    usable = [mode for mode in world.modes.values() if can_use(who, mode)]
    return {
        "mode": {
            mode.key: {
                "available": mode in usable,
                "speed": mode.speed,
                "preference_cost": preference_cost(who, mode),
            }
            for mode in world.modes.values()
        },
        "journey": _journey(world, who),
        "nearest": _nearest(world, at, [trips(world, at, mode) for mode in usable]),
    }


def _journey(world: RefWorld, who: Character) -> dict[str, Any]:
    journey = who.journey
    if journey is None:
        return {"active": False}
    whole = journey.arrives - journey.started
    return {
        "active": True,
        "destination_id": world.places[journey.to].id,
        "destination": world.places[journey.to].name,
        "mode": journey.mode,
        "hours_left": (journey.arrives - world.now) / HOUR,
        "progress": (world.now - journey.started) / whole,
    }


def _nearest(world: RefWorld, at: str, reached: list[dict[str, Trip]]) -> dict[str, Any]:
    best: dict[str, Trip] = {}
    for ways in reached:
        for key, way in ways.items():
            kind = world.places[key].type
            if key != at and (kind not in best or way.hours < best[kind].hours):
                best[kind] = way
    return {
        kind: {
            "id": world.places[way.place].id,
            "name": world.places[way.place].name,
            "hours": way.hours,
            "best_mode": way.mode,
        }
        for kind, way in best.items()
    }


def time(world: RefWorld, realm: Realm) -> dict[str, Any]:
    """What the clocks and the calendar of a realm say."""
    return dict(world.calendar.describe(max(world.now + realm.hour_offset * HOUR, 0)))
