"""What each source knows of a character, as the JSON objects that snapshots and archives hold.

The schemas beside this package (`schemas/`) describe them; the resource
templates in `templates/` are generated from those.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from .calendar import HOUR
from .model import TRAITS, Character
from .queries import age
from .world import RefWorld

RECENT_DAYS = 30
MAX_LISTED = 50
"""Elements of a list in a record, the latest or strongest first; counts count all."""
HOSTILE = -0.3
"""An encounter that left its participants below this was a hostile one."""

Record = dict[str, Any]


def base(world: RefWorld, who: Character) -> Record:
    """`character-base`: who somebody is, and how they stand to others."""
    links = sorted(world.relationships_of(who.key), key=lambda one: -abs(one.strength))
    return {
        "id": who.id,
        "name": who.name,
        "realm_id": world.realms[who.realm].id,
        "realm": world.realms[who.realm].name,
        "place_id": world.places[who.place].id,
        "place": world.places[who.place].name,
        "species": who.species,
        "occupation": who.occupation,
        "age": age(world, who),
        "alive": who.is_alive,
        "died": None if who.died is None else world.calendar.text(who.died),
        "cause": who.cause,
        "wealth": sum(who.purse.values()),
        "relationship_count": len(links),
        "relationships": [
            {
                "id": world.characters[link.to].id,
                "name": world.characters[link.to].name,
                "kind": link.kind,
                "strength": link.strength,
            }
            for link in links[:MAX_LISTED]
        ],
    }


def personality(world: RefWorld, who: Character) -> Record:
    """`character-personality`: the axes, and how somebody fights."""
    return {
        "traits": {axis: who.traits.get(axis, 0.0) for axis in TRAITS},
        "combat": {
            "style": who.combat.style,
            "risk_tolerance": who.combat.risk_tolerance,
            "protect_allies": who.combat.protect_allies,
        },
    }


def history(world: RefWorld, who: Character) -> Record:
    """`character-history`: the past, and the parts in what the realm remembers."""
    parts = sorted(who.participations, key=lambda one: -one.significance)
    return {
        "backstory": {
            "origin": next((one.key for one in who.backstory if one.type == "origin"), None),
            "wounds": sum(one.strength for one in who.backstory if one.type in ("trauma", "fear")),
            "elements": [
                {"type": one.type, "key": one.key, "value": one.value, "strength": one.strength}
                for one in who.backstory[:MAX_LISTED]
            ],
        },
        "participation_count": len(parts),
        "participations": [
            {
                "event": one.event,
                "role": one.role,
                "significance": one.significance,
                "at": world.calendar.text(one.at),
            }
            for one in parts[:MAX_LISTED]
        ],
    }


def obligation(world: RefWorld, who: Character) -> Record:
    """`obligation`: what somebody owes, before any weighing by personality."""
    owed = world.obligations_of(who.key)
    return {
        "active_count": len(owed),
        "total_cost": sum(cost for one in owed for cost in one.costs.values()),
        "contracts": [
            {
                "id": one.id,
                "kind": one.kind,
                "to_id": None if one.to is None else world.characters[one.to].id,
                "to": None if one.to is None else world.characters[one.to].name,
                "terms": one.terms,
                "costs": dict(one.costs),
            }
            for one in owed[:MAX_LISTED]
        ],
    }


def encounter(world: RefWorld, who: Character) -> Record:
    """`character-encounter`: whom somebody met, the latest first, and how it left them."""
    met = world.encounters_of(who.key)
    day = world.calendar.day_s
    hostile = [one.at for one in met if one.sentiment <= HOSTILE]
    return {
        "count": len(met),
        "recent_count": sum(1 for one in met if world.now - one.at <= RECENT_DAYS * day),
        "sentiment": mean([one.sentiment for one in met]),
        "last_hostile_days": (world.now - max(hostile)) / day if hostile else None,
        "recent": [
            {
                "id": one.id,
                "kind": one.kind,
                "days_ago": (world.now - one.at) / day,
                "place": world.places[one.place].name,
                "with": [world.characters[key].name for key in one.participants if key != who.key],
                "with_ids": [world.characters[key].id for key in one.participants if key != who.key],
                "sentiment": one.sentiment,
                "outcome": one.outcome,
            }
            for one in met[:MAX_LISTED]
        ],
    }


def mean(values: list[float]) -> float:
    """The mean, 0 of nothing."""
    return math.fsum(values) / len(values) if values else 0.0


def storyline(world: RefWorld, who: Character) -> Record:
    """`storyline`: the stories somebody has a part in, those under way first."""
    tales = sorted(world.storylines_of(who.key, None), key=lambda one: (one.state != "active", -one.started))
    active = sum(1 for one in tales if one.state == "active")
    return {
        "is_participant": active > 0,
        "active_count": active,
        "participations": [
            {
                "id": one.id,
                "scenario": one.scenario,
                "name": world.scenarios[one.scenario].name,
                "role": next(role for role, key in one.roles.items() if key == who.key),
                "phase": one.phase,
                "state": one.state,
            }
            for one in tales[:MAX_LISTED]
        ],
    }


def quest(world: RefWorld, who: Character) -> Record:
    """`quest`: what somebody was asked to do, what is under way first."""
    runs = sorted(world.quests_of(who.key, None), key=lambda one: (one.state != "active", -one.started))
    active = [one for one in runs if one.state == "active"]
    return {
        "active_count": len(active),
        "completed_count": sum(1 for one in runs if one.state == "completed"),
        "codes": [one.quest for one in active[:MAX_LISTED]],
        "quests": [
            {
                "id": one.id,
                "code": one.quest,
                "name": world.quests[one.quest].name,
                "state": one.state,
                "hours_left": None if one.ends is None else max(one.ends - world.now, 0) / HOUR,
                "done": {name: one.done.get(name, 0) for name in world.quests[one.quest].objectives},
            }
            for one in runs[:MAX_LISTED]
        ],
    }


class Source(NamedTuple):
    """One source of a character's snapshots (runtime 6.1).

    Attributes:
        priority: lower ones are collected earlier.
        service_name: who answers for it.
    """

    source_type: str
    priority: int
    service_name: str
    record: Callable[[RefWorld, Character], Record]


SOURCES: tuple[Source, ...] = (
    Source("character-base", 0, "character", base),
    Source("character-personality", 10, "character-personality", personality),
    Source("character-history", 20, "character-history", history),
    Source("obligation", 25, "obligation", obligation),
    Source("character-encounter", 30, "character-encounter", encounter),
    Source("storyline", 40, "storyline", storyline),
    Source("quest", 50, "quest", quest),
)
BY_TYPE: Mapping[str, Source] = {source.source_type: source for source in SOURCES}
