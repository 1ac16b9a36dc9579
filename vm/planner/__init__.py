"""The planner: worlds, goals, actions, costs, and the search for the cheapest plan (runtime 4)."""

from __future__ import annotations

from .cache import PlanCache
from .conditions import Condition, Conditions, distance, read_condition, satisfied
from .costs import CostBreakdown, CostModifierSource, CostTable, collect_costs, modifier_sources
from .effects import Effect, Effects, read_effect
from .model import GoapAction, GoapGoal, Plan, PlannedAction, PlanResult
from .options import PRESETS, PlanningOptions, options_for_urgency, planning_options
from .planning import plan_of, search, solve
from .populations import GoalTable, PlanBatch, solve_many
from .problem import Problem, TooLarge
from .reading import read_action, read_actions, read_conditions, read_cost, read_effects, read_goal
from .recosting import recost
from .validation import Validation, select_goal, validate
from .worlds import WorldState

__all__ = [
    "Condition",
    "Conditions",
    "CostBreakdown",
    "CostModifierSource",
    "CostTable",
    "Effect",
    "Effects",
    "GoalTable",
    "GoapAction",
    "GoapGoal",
    "PRESETS",
    "Plan",
    "PlanBatch",
    "PlanCache",
    "PlanResult",
    "PlannedAction",
    "PlanningOptions",
    "Problem",
    "TooLarge",
    "Validation",
    "WorldState",
    "collect_costs",
    "distance",
    "modifier_sources",
    "options_for_urgency",
    "planning_options",
    "plan_of",
    "read_action",
    "read_actions",
    "read_condition",
    "read_conditions",
    "read_cost",
    "read_effect",
    "read_effects",
    "read_goal",
    "recost",
    "satisfied",
    "search",
    "select_goal",
    "solve",
    "solve_many",
    "validate",
]
