"""Whether a plan still costs what it did: costs that change while it is carried out (runtime 4.6, CST-06)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .costs import SIGNIFICANT_CHANGE, CostModifierSource, CostTable, relative_change
from .model import Plan


def versions(sources: Iterable[CostModifierSource], actor: Any = None) -> tuple[int, ...]:
    """The versions of all sources; a plan is worth another look when they are others than when it was made."""
    return tuple(source.version(actor) for source in sources)


def recost(plan: Plan, index: int, costs: CostTable) -> float:
    """What the steps of a plan from `index` on cost with other costs.

    Args:
        costs: of the same actions in the same order as those the plan was made with.
    """
    effective = costs.effective()
    total = 0.0
    for step in plan.actions[index:]:
        total += effective[step.index]
    return total


def costs_changed(plan: Plan, index: int, costs: CostTable, threshold: float = SIGNIFICANT_CHANGE) -> bool:
    """Whether the remaining cost of a plan changed so much that it should be made anew."""
    return relative_change(plan.remaining_cost(index), recost(plan, index, costs)) >= threshold
