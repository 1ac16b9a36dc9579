"""How much a search may do, and the presets for it (runtime 4.4, 4.5)."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from abml.errors import AbmlPlanningError

_CODE = "ABML906"
HEURISTICS = ("auto", "distance_sum", "scaled", "zero")
# Caps of actors on top of any preset.
ACTOR_MAX_DEPTH = 10
ACTOR_TIMEOUT_MS = 50
# Depths and numbers of nodes are held in 32 bits.
MOST = 2**31 - 1
_LARGEST = sys.float_info.max


@dataclass(frozen=True, slots=True)
class PlanningOptions:
    """Limits and choices of one search.

    Attributes:
        max_depth: most actions of a plan.
        max_nodes: most states looked at.
        timeout_ms: most milliseconds on the clock; ignored when `deterministic`.
        heuristic_weight: factor of the estimate; above 1 the search hurries and plans get dearer.
        allow_duplicate_actions: whether an action may occur twice in a plan.
        heuristic: `distance_sum`, `scaled` (never too high), `zero`, or `auto`: the
            first without cost modifiers, the second with some.
        deterministic: the clock is not looked at.

    Raises:
        AbmlPlanningError: ABML906, a value of the wrong type or below 0, an unknown heuristic.
    """

    max_depth: int = 10
    max_nodes: int = 1000
    timeout_ms: float = 100
    heuristic_weight: float = 1.0
    allow_duplicate_actions: bool = True
    heuristic: str = "auto"
    deterministic: bool = False

    def __post_init__(self) -> None:
        for name in ("max_depth", "max_nodes"):
            count = getattr(self, name)
            if isinstance(count, bool) or not isinstance(count, int) or count < 0:
                raise AbmlPlanningError(_CODE, f"the option '{name}' is a whole number of at least 0, not {count!r}")
            object.__setattr__(self, name, min(count, MOST))
        for name in ("timeout_ms", "heuristic_weight"):
            number = getattr(self, name)
            if isinstance(number, bool) or not isinstance(number, int | float) or not 0 <= number <= _LARGEST:
                raise AbmlPlanningError(_CODE, f"the option '{name}' is a number of at least 0, not {number!r}")
        for name in ("allow_duplicate_actions", "deterministic"):
            if not isinstance(getattr(self, name), bool):
                raise AbmlPlanningError(_CODE, f"the option '{name}' is true or false, not {getattr(self, name)!r}")
        if self.heuristic not in HEURISTICS:
            raise AbmlPlanningError(_CODE, f"the option 'heuristic' is one of {', '.join(HEURISTICS)}")

    def capped(self, max_depth: int = ACTOR_MAX_DEPTH, timeout_ms: float = ACTOR_TIMEOUT_MS) -> PlanningOptions:
        """These options, but at most so deep and so long: what actors plan with."""
        return replace(self, max_depth=min(self.max_depth, max_depth), timeout_ms=min(self.timeout_ms, timeout_ms))


PRESETS: dict[str, PlanningOptions] = {
    "default": PlanningOptions(),
    "fast": PlanningOptions(5, 500, 50, 1.2),
    "thorough": PlanningOptions(20, 5000, 500, 1.0),
    "low": PlanningOptions(10, 1000, 100, 1.0),
    "medium": PlanningOptions(6, 500, 50, 1.0),
    "high": PlanningOptions(3, 200, 20, 1.0),
}


def options_for_urgency(urgency: float) -> PlanningOptions:
    """The preset `low` below 0.3, `medium` below 0.7, else `high`."""
    if urgency < 0.3:
        return PRESETS["low"]
    return PRESETS["medium"] if urgency < 0.7 else PRESETS["high"]


def planning_options(given: Any = None) -> PlanningOptions:
    """Options from what `abml.plan` takes: options, the name of a preset, or a mapping.

    A mapping has the fields of `PlanningOptions`, and may name a `preset` that the others change.

    Raises:
        AbmlPlanningError: ABML906, an unknown preset or option, or a value an option does not take.
    """
    if given is None:
        return PRESETS["default"]
    if isinstance(given, PlanningOptions):
        return given
    if isinstance(given, str):
        if given not in PRESETS:
            raise AbmlPlanningError(_CODE, f"there is no preset '{given}'; there are {', '.join(PRESETS)}")
        return PRESETS[given]
    if not isinstance(given, Mapping):
        raise AbmlPlanningError(_CODE, f"options are a mapping or a preset, not {type(given).__name__}")
    known = [field.name for field in fields(PlanningOptions)]
    for name in given:
        if name != "preset" and name not in known:
            raise AbmlPlanningError(_CODE, f"there is no option {name!r}; there are {', '.join(known)}")
    preset = given.get("preset", "default")
    if isinstance(preset, Mapping):
        raise AbmlPlanningError(_CODE, f"a preset is one of {', '.join(PRESETS)}, not a mapping")
    base = planning_options(preset)
    return replace(base, **{name: value for name, value in given.items() if name != "preset"})
