"""What a character is like, where it comes from, whom it knows: `personality combat backstory encounters seed
relationships`."""

from __future__ import annotations

from typing import Any

from abml.providers.refworld.model import ELEMENTS, TRAITS, Character
from abml.providers.refworld.records import HOSTILE, RECENT_DAYS, mean
from abml.providers.refworld.world import RefWorld


def personality(world: RefWorld, who: Character) -> dict[str, Any]:
    """Every axis, 0 where nothing is known."""
    return {axis: who.traits.get(axis, 0.0) for axis in TRAITS}


def combat(world: RefWorld, who: Character) -> dict[str, Any]:
    """How somebody fights, under the names that documents use."""
    return {
        "style": who.combat.style,
        "riskTolerance": who.combat.risk_tolerance,
        "protectAllies": who.combat.protect_allies,
    }


def backstory(world: RefWorld, who: Character) -> dict[str, Any]:
    """Under each kind of element the strongest one, and under `elements` all texts by kind."""
    made: dict[str, Any] = {"elements": {}}
    for kind in ELEMENTS:
        found = sorted((one for one in who.backstory if one.type == kind), key=lambda one: -one.strength)
        if found:
            strongest = found[0]
            made[kind] = {"key": strongest.key, "value": strongest.value, "strength": strongest.strength}
            made["elements"][kind.upper()] = [one.value for one in found]
    # The origin is asked for as a word.
    if "origin" in made:
        made["origin"] = made["origin"]["key"]
    return made


def encounters(world: RefWorld, who: Character) -> dict[str, Any]:
    """How meetings left somebody; `sentiment_toward_` and the id of another, or its key with `_` for `-`."""
    met = world.encounters_of(who.key)
    day = world.calendar.day_s
    hostile = [one.at for one in met if one.sentiment <= HOSTILE]
    made: dict[str, Any] = {
        "count": len(met),
        "recent_count": sum(1 for one in met if world.now - one.at <= RECENT_DAYS * day),
        "sentiment": mean([one.sentiment for one in met]),
        "last_hostile_days": (world.now - max(hostile)) / day if hostile else None,
    }
    moods: dict[str, list[float]] = {}
    for one in met:
        for key in one.participants:
            if key != who.key:
                moods.setdefault(key, []).append(one.sentiment)
    for key, values in moods.items():
        for name in (world.characters[key].id, world.characters[key].id.replace("-", "_"), key.replace("-", "_")):
            made[f"sentiment_toward_{name}"] = mean(values)
    return made


def seed(world: RefWorld, who: Character) -> dict[str, Any]:
    """What somebody has grown into."""
    growth = who.growth
    return {
        "phase": growth.phase,
        "growth": dict(growth.domains),
        "total_growth": sum(growth.domains.values()),
        "capabilities": dict(growth.capabilities),
    }


def relationships(world: RefWorld, who: Character) -> dict[str, Any]:
    """How somebody stands to others; `toward` by id, and by key with `_` for `-`."""
    links = world.relationships_of(who.key)
    strongest = max(links, key=lambda one: abs(one.strength), default=None)
    made: dict[str, Any] = {
        "count": len(links),
        "friends": sum(1 for one in links if one.strength > 0),
        "foes": sum(1 for one in links if one.strength < 0),
        "strongest_id": None if strongest is None else world.characters[strongest.to].id,
        "strongest": None if strongest is None else strongest.strength,
        "of_kind": {},
        "toward": {},
    }
    for one in links:
        made["of_kind"][one.kind] = made["of_kind"].get(one.kind, 0) + 1
        for name in (world.characters[one.to].id, one.to.replace("-", "_")):
            made["toward"][name] = one.strength
    return made
