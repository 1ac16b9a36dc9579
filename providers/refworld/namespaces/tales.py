"""What a character is in the middle of: `quest` and `storyline`."""

from __future__ import annotations

from typing import Any

from abml.providers.refworld import records
from abml.providers.refworld.calendar import HOUR
from abml.providers.refworld.model import Character
from abml.providers.refworld.world import RefWorld


def quest(world: RefWorld, who: Character) -> dict[str, Any]:
    """The quests under way, and each by its code."""
    active = world.quests_of(who.key)
    made: dict[str, Any] = {
        "active_count": len(active),
        "has_active": bool(active),
        "codes": [one.quest for one in active],
        "active_quests": [],
        "by_code": {},
    }
    for one in active:
        quest = world.quests[one.quest]
        needed = sum(goal.needed for goal in quest.objectives.values())
        about = {
            "id": one.id,
            "code": one.quest,
            "name": quest.name,
            "giver_id": None if one.giver is None else world.characters[one.giver].id,
            "hours_left": None if one.ends is None else max(one.ends - world.now, 0) / HOUR,
            "progress": sum(one.done.values()) / needed if needed else 0.0,
            "done": {name: one.done.get(name, 0) for name in quest.objectives},
        }
        made["active_quests"].append(about)
        made["by_code"][one.quest] = about
    return made


def storyline(world: RefWorld, who: Character) -> dict[str, Any]:
    """The stories that somebody has a part in."""
    return records.storyline(world, who)
