"""The planner: worlds, goals, actions, costs, and the search for the cheapest plan (runtime 4)."""

from __future__ import annotations

from .conditions import Condition, Conditions, read_condition
from .costs import CostBreakdown, CostModifierSource, CostTable, collect_costs, modifier_sources
from .effects import Effect, Effects, read_effect
from .model import GoapAction, GoapGoal, Plan, PlannedAction, PlanResult
from .options import PRESETS, PlanningOptions, options_for_urgency, planning_options
from .planning import search, solve
from .problem import Problem
from .reading import read_action, read_actions, read_conditions, read_cost, read_effects, read_goal
from .worlds import WorldState

__all__ = [
    "PRESETS",
    "Condition",
    "Conditions",
    "CostBreakdown",
    "CostModifierSource",
    "CostTable",
    "Effect",
    "Effects",
    "GoapAction",
    "GoapGoal",
    "Plan",
    "PlanResult",
    "PlannedAction",
    "PlanningOptions",
    "Problem",
    "WorldState",
    "collect_costs",
    "modifier_sources",
    "options_for_urgency",
    "planning_options",
    "read_action",
    "read_actions",
    "read_condition",
    "read_conditions",
    "read_cost",
    "read_effect",
    "read_effects",
    "read_goal",
    "search",
    "solve",
]
