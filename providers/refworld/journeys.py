"""Ways between places: how far it is, how one gets there, and who is under way."""

from __future__ import annotations

import heapq
from typing import NamedTuple

from .calendar import HOUR
from .model import Character, Journey, Mode
from .world import Refused, RefWorld


class Trip(NamedTuple):
    """A way to a place: how far and how long by one mode."""

    place: str
    km: float
    hours: float
    mode: str


def can_use(character: Character, mode: Mode) -> bool:
    """Whether somebody has what travelling so needs."""
    return mode.needs is None or character.bag.get(mode.needs, 0) > 0


def preference_cost(character: Character, mode: Mode) -> float:
    """How unwelcome a mode is to somebody, 0..1."""
    return character.preferences.get(mode.key, mode.cost)


def trips(world: RefWorld, origin: str, mode: Mode) -> dict[str, Trip]:
    """The shortest trip from a place to every place that a mode reaches, by place, the origin included.

    Source: Dijkstra (1959); of equal ways the one through the earlier key counts.
    """
    found: dict[str, Trip] = {}
    heap = [(0.0, origin)]
    while heap:
        km, key = heapq.heappop(heap)
        if key in found:
            continue
        found[key] = Trip(key, km, km / mode.speed, mode.key)
        for other, length, modes in world.neighbors(key):
            # A way that names no modes is open to all.
            if other not in found and (not modes or mode.key in modes):
                heapq.heappush(heap, (km + length, other))
    return found


def best_trip(world: RefWorld, character: Character, place: str) -> Trip | None:
    """The quickest trip to a place with what somebody has; None when there is none."""
    usable = [mode for mode in world.modes.values() if can_use(character, mode)]
    ways = [trips(world, character.place, mode).get(place) for mode in usable]
    return min((way for way in ways if way is not None), key=lambda way: way.hours, default=None)


def start_journey(world: RefWorld, who: object, place: object, mode: object = None) -> Journey:
    """Set out for a place; the character stays where it was until the time of arrival comes.

    Args:
        mode: None: the quickest one that can be used.

    Raises:
        Refused: it is dead, under way or there already, or there is no way.
    """
    character, target = world.living(who), world.place(place)
    if character.journey is not None:
        raise Refused(f"{character.name} is under way to {world.places[character.journey.to].name}", status_code=409)
    if character.place == target.key:
        raise Refused(f"{character.name} is at {target.name} already", status_code=409)
    if mode is None:
        trip = best_trip(world, character, target.key)
    else:
        chosen: Mode = world.find("modes", mode)
        if not can_use(character, chosen):
            raise Refused(f"{character.name} has no '{chosen.needs}' to go by {chosen.name}", status_code=409)
        trip = trips(world, character.place, chosen).get(target.key)
    if trip is None:
        raise Refused(f"there is no way from {world.places[character.place].name} to {target.name}", status_code=409)
    arrives = world.now + max(round(trip.hours * HOUR), 1)
    character.journey = Journey(to=target.key, mode=trip.mode, started=world.now, arrives=arrives)
    world.publish("character.departed", characterId=character.id, toId=target.id, mode=trip.mode)
    return character.journey
