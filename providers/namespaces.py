"""The known namespaces and the names that can be none, as data (runtime 5.3 and 5.5).

A host need not offer any of them, and may offer others. The table says what an
author may rely on where one is there: whose data it is, how long it may be old,
and the paths with their types. `*` in a path stands for any step.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

_CHARACTER = frozenset(("character",))
_CHARACTER_AND_LOCATION = frozenset(("character", "location"))
_REALM = frozenset(("realm",))
_ACTOR = frozenset(("actor",))

_NOTHING: dict[str, str] = {}


class Namespace(NamedTuple):
    """What is known of a namespace.

    Attributes:
        scope_keys: what its data depends on.
        ttl_s: seconds it may be old; infinite when it is pushed, or made old by events only.
        about: one sentence for authors.
        paths: path -> type, as far as documented: `f64`, `i64`, `bool`, `str`, `list`, `map`, `any`.
        is_pushed: its values are pushed per actor.
        is_planned: no host is expected to have it yet.
    """

    name: str
    scope_keys: frozenset[str]
    ttl_s: float
    about: str
    paths: Mapping[str, str] = _NOTHING
    is_pushed: bool = False
    is_planned: bool = False


def _paths(kind: str, names: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), kind)


KNOWN: dict[str, Namespace] = {
    entry.name: entry
    for entry in (
        Namespace(
            "personality", _CHARACTER, 300.0, "Trait axes of the character, each from -1 to 1.",
            _paths("f64", "openness conscientiousness extraversion agreeableness neuroticism "
                          "honesty aggression loyalty"),
        ),
        Namespace(
            "combat", _CHARACTER, 300.0, "How the character prefers to fight.",
            {"style": "str", "riskTolerance": "f64", "protectAllies": "bool"},
        ),
        Namespace(
            "backstory", _CHARACTER, 600.0, "Where the character comes from; letter case is ignored.",
            {"origin": "str", "fear.key": "str", "fear.value": "str", "fear.strength": "f64", "elements.*": "any"},
        ),
        Namespace(
            "encounters", _CHARACTER, 300.0, "Whom the character met, and how that went.",
            {"last_hostile_days": "f64", "sentiment": "f64", "sentiment_toward_*": "f64"},
        ),
        Namespace(
            "quest", _CHARACTER, 120.0, "The quests the character has.",
            {"active_count": "i64", "has_active": "bool", "codes": "list", "active_quests": "list", "by_code.*": "map"},
        ),
        Namespace("seed", _CHARACTER, 60.0, "Growth and capabilities of the character."),
        Namespace(
            "location", _CHARACTER_AND_LOCATION, 10.0, "The place where the character is.",
            {
                **_paths("str", "zone name region type realm"), **_paths("i64", "depth entity_count"),
                "nearby_pois": "list",
            },
        ),
        Namespace(
            "world", _REALM, 10.0, "Time and seasons of the realm.",
            {
                **_paths("i64", "time.hour time.minute day day_of_year month_index season_index year"),
                **_paths("str", "time.period month season"),
                **_paths("bool", "time.is_day time.is_night"),
                **_paths("f64", "season_progress year_progress"),
            },
        ),
        Namespace(
            "transit", _CHARACTER_AND_LOCATION, 60.0, "Ways to travel from here, and the journey under way.",
            {
                "mode.*.available": "bool", "mode.*.speed": "f64", "mode.*.preference_cost": "f64", "journey.*": "any",
                "nearest.*.hours": "f64", "nearest.*.best_mode": "str",
            },
        ),
        Namespace(
            "obligations", _CHARACTER, 600.0, "What the character owes, and what breaking it costs.",
            {
                "active_count": "i64", "has_obligations": "bool", "contract_count": "i64", "violation_cost.*": "f64",
                "highest_penalty_type": "str", "total_obligation_cost": "f64",
            },
        ),
        Namespace(
            "faction", _CHARACTER_AND_LOCATION, 60.0, "The factions of the character, and whose territory this is.",
            {
                "count": "i64", "primary_faction": "str", "in_controlled_territory": "bool", "has_norm.*": "bool",
                "norm_penalty.*": "f64", "*.name": "str", "*.phase": "str", "*.role": "str",
            },
        ),
        Namespace(
            "director", _ACTOR, math.inf, "Cost modifiers that a director laid on the actor; null where it laid none.",
            {"priority.*": "f64", "event_active": "bool", "broadcast_priority": "f64"}, is_pushed=True,
        ),
        Namespace(
            "pacing", _ACTOR, math.inf, "Guidance of a pacing layer; null where there is none.",
            {"*": "any"}, is_pushed=True,
        ),
        Namespace("currency", _CHARACTER, 30.0, "Money of the character.", is_planned=True),
        Namespace("inventory", _CHARACTER, 60.0, "What the character carries.", is_planned=True),
        Namespace("relationships", _CHARACTER, 300.0, "Whom the character knows, and how well.", is_planned=True),
        Namespace("storyline", _CHARACTER, 120.0, "Stories the character has a part in.", {"is_participant": "bool"}),
        Namespace("divine", _CHARACTER, math.inf, "Powers and followers of a deity.", is_planned=True),
        Namespace("spirit", _CHARACTER, math.inf, "How much a player may move the character.", is_planned=True),
        Namespace("social", _CHARACTER, math.inf, "What is said about whom.", is_planned=True),
    )
}  # fmt: skip
"""Namespaces by name."""

# Root variables of the runtime (5.5) and the words of the language itself.
_RESERVED = frozenset(
    """
    agent feelings goals memories working_memory config perceptions perception encounter event tick_count dt now
    spawn_context goap_goals goap_actions world_state current_goal current_plan
    bindings document args local global null true false and or not in
    """.split()
)


def is_reserved(name: str) -> bool:
    """A name that the runtime or the language answers itself, so that no provider can."""
    return name in _RESERVED or name.startswith("_")


def path_type(namespace: str, path: str) -> str | None:
    """The documented type of a path; None when the table does not know it."""
    entry = KNOWN.get(namespace)
    if entry is None:
        return None
    exact = entry.paths.get(path)
    if exact is not None:
        return exact
    steps = path.split(".")
    for pattern, kind in entry.paths.items():
        parts = pattern.split(".")
        if len(parts) == len(steps) and all(map(_fits, parts, steps)):
            return kind
        # What lies below a map or below anything is free.
        if len(parts) < len(steps) and kind in ("any", "map") and all(map(_fits, parts, steps)):
            return "any"
    return None


def _fits(part: str, step: str) -> bool:
    if part.endswith("*"):
        return step.startswith(part[:-1]) and len(step) >= len(part)
    return part == step
