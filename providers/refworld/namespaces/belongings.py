"""What a character has: `currency` and `inventory`.

Good enough to think with. Whoever wants to spend asks by an action, which knows
what is there at that moment.
"""

from __future__ import annotations

from typing import Any

from abml.providers.refworld.model import Character
from abml.providers.refworld.world import RefWorld


def currency(world: RefWorld, who: Character) -> dict[str, Any]:
    """Coins by currency, 0 for what is not there, and `total`."""
    return {**{code: who.purse.get(code, 0) for code in world.currencies}, "total": sum(who.purse.values())}


def inventory(world: RefWorld, who: Character) -> dict[str, Any]:
    """Counts by item, what all of it weighs in kilograms, and what it is worth."""
    return {
        "count": sum(who.bag.values()),
        "weight": sum(world.items[code].weight * count for code, count in who.bag.items()),
        "value": sum(world.items[code].value * count for code, count in who.bag.items()),
        "items": {code: who.bag.get(code, 0) for code in world.items},
        "has": {code: code in who.bag for code in world.items},
    }
