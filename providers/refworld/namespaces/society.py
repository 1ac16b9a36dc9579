"""What others expect of a character: `faction` and `obligations`.

Norms hold by precedence, kind by kind: those of a guild one belongs to, then
those of whoever rules the place, then those of the realm (runtime 3.10). The
costs of obligations include them, and are weighted by personality.
"""

from __future__ import annotations

from typing import Any

from abml.providers.refworld.model import Character
from abml.providers.refworld.records import mean
from abml.providers.refworld.world import RefWorld

RELEVANT: dict[str, tuple[str, ...]] = {
    "theft": ("honesty", "conscientiousness"),
    "deception": ("honesty",),
    "violence": ("agreeableness",),
    "betrayal": ("loyalty",),
    "honor_combat": ("conscientiousness", "loyalty"),
    "exploitation": ("agreeableness", "honesty"),
    "oath_breaking": ("loyalty", "conscientiousness"),
    "trespass": ("conscientiousness",),
    "contraband": ("conscientiousness",),
    "disrespect": ("agreeableness",),
}
"""Kind of violation -> the axes that make it weigh more."""


def norms(world: RefWorld, who: Character, place: str) -> dict[str, float]:
    """Kind of violation -> penalty that holds for somebody at a place."""
    found = dict(world.realms[world.places[place].realm].norms)
    ruler = world.ruler_of(place)
    if ruler is not None:
        found.update(ruler.norms)
    # The guild in which somebody ranks highest has the last word.
    for guild in reversed([one for one in world.factions_of(who.key) if one.kind == "guild"]):
        found.update(guild.norms)
    return found


def faction(world: RefWorld, who: Character, place: str) -> dict[str, Any]:
    """Memberships by code, and what holds here."""
    mine = world.factions_of(who.key)
    here = norms(world, who, place)
    made: dict[str, Any] = {
        "count": len(mine),
        "primary_faction": (mine[0].code or mine[0].key) if mine else None,
        "in_controlled_territory": world.ruler_of(place) is not None,
        "has_norm": {kind: True for kind in here},
        "norm_penalty": here,
    }
    for one in mine:
        made.setdefault(one.code or one.key, {"name": one.name, "phase": one.phase, "role": one.members[who.key].role})
    return made


def obligations(world: RefWorld, who: Character) -> dict[str, Any]:
    """What breaking one's word or the norms would cost."""
    owed = world.obligations_of(who.key)
    costs = norms(world, who, who.place)
    for one in owed:
        for kind, cost in one.costs.items():
            costs[kind] = costs.get(kind, 0.0) + cost
    weighted = {kind: weigh(who, kind, cost) for kind, cost in costs.items()}
    return {
        "active_count": len(owed),
        "has_obligations": bool(owed),
        "contract_count": sum(1 for one in owed if one.kind == "contract"),
        "violation_cost": weighted,
        "highest_penalty_type": max(weighted, key=lambda kind: weighted[kind], default=None),
        "total_obligation_cost": sum(weighted.values()),
    }


def weigh(who: Character, kind: str, cost: float) -> float:
    """`cost · (1 + 0.5 · mean(relevant traits))`."""
    axes = RELEVANT.get(kind, ("conscientiousness",))
    return cost * (1 + 0.5 * mean([who.traits.get(axis, 0.0) for axis in axes]))
