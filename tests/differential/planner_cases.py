"""Random planning problems, for the compiled planner and for the reference."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import strategies as st

from abml.vm.planner import Condition, Effect, GoapAction, GoapGoal
from tests.reference.planner import Act, after, holds, is_number

FACTS = ("a", "b", "c", "d")
TEXTS = ("pier", "tower", "3", "x")
OPERATORS = ("==", "!=", "<", "<=", ">", ">=")

numbers = st.integers(-3, 6) | st.sampled_from([0.5, 0.1, 0.2, 0.3, 0.1 + 0.2, -0.5, 1.5, 2.0])
values = st.booleans() | numbers | st.sampled_from(TEXTS)
costs = st.integers(0, 6).map(float) | st.sampled_from([0.0, 0.5, 0.1, 0.3, 2.5])
# Whole costs and bools are what the bucket queue is for.
whole_costs = st.integers(1, 5).map(float)


or_nothing = values | st.none()


def worlds(of: Any = values) -> Any:
    return st.dictionaries(st.sampled_from(FACTS), of, max_size=4)


def conditions() -> Any:
    return st.tuples(st.sampled_from(FACTS), st.sampled_from(OPERATORS), or_nothing)


def equalities(of: Any) -> Any:
    return st.tuples(st.sampled_from(FACTS), st.sampled_from(("==", "!=")), of)


def effects(changes: bool, of: Any) -> Any:
    sets = st.tuples(st.just("="), of)
    either = sets | st.tuples(st.sampled_from(("+", "-")), numbers.filter(lambda n: n >= 0)) if changes else sets
    return st.dictionaries(st.sampled_from(FACTS), either, max_size=3).map(
        lambda found: [(fact, sign, value) for fact, (sign, value) in found.items()]
    )


@st.composite
def problems(draw: Any, changes: bool = True, bools: bool = False) -> tuple[dict[str, Any], list[Any], list[Act]]:
    """(world, conditions of the goal, actions)."""
    of = st.booleans() if bools else values
    condition = equalities(of) if bools else conditions()
    world = draw(worlds(of))
    acts = [
        Act(
            f"act{number}",
            draw(st.lists(condition, max_size=2)),
            draw(effects(changes, of if bools else or_nothing)),
            draw(whole_costs if bools else costs),
        )
        for number in range(draw(st.integers(0, 6)))
    ]
    goal = draw(st.lists(condition, min_size=1, max_size=3))
    if acts and draw(st.booleans()):
        goal = _reached(draw, world, acts) or goal
    return world, goal, acts


def _reached(draw: Any, world: dict[str, Any], acts: list[Act]) -> list[Any]:
    """A goal that some actions reach; preconditions that would forbid them are dropped."""
    here = dict(world)
    for act in draw(st.lists(st.sampled_from(acts), min_size=1, max_size=6)):
        act.needs = [condition for condition in act.needs if holds(here, condition)]
        here = after(here, act)
    facts = draw(st.lists(st.sampled_from(sorted(here)), max_size=3, unique=True)) if here else []
    return [
        (fact, draw(st.sampled_from(("==", ">=") if is_number(here[fact]) else ("==",))), here[fact]) for fact in facts
    ]


def ours(goal: list[Any], acts: list[Act]) -> tuple[GoapGoal, list[GoapAction]]:
    """The same goal and actions for the project's planner."""
    return GoapGoal("goal", tuple((fact, Condition(op, target)) for fact, op, target in goal)), [
        GoapAction(
            act.id,
            tuple((fact, Condition(op, target)) for fact, op, target in act.needs),
            tuple((fact, Effect(sign, value)) for fact, sign, value in act.makes),
            act.cost,
        )
        for act in acts
    ]


def deep_problem(seed: int, changes: bool) -> tuple[dict[str, Any], list[Any], list[Act]]:
    """A problem whose plans take several steps: every fact is reached over others, some ways undo others."""
    rng = random.Random(seed)
    facts = [f"f{number}" for number in range(rng.randint(4, 9))]
    world: dict[str, Any] = {fact: (0 if changes else False) for fact in facts if rng.random() < 0.8}
    acts = []
    for number, fact in enumerate(facts):
        for _ in range(rng.randint(1, 2)):
            needs: list[Any] = []
            makes: list[Any] = []
            for other in rng.sample(facts[:number], min(number, rng.randint(0, 2))):
                needs.append((other, ">=", rng.randint(1, 2)) if changes else (other, "==", rng.random() < 0.8))
            if changes:
                makes.append(
                    (fact, "+", rng.choice([1, 1, 2, 0.5])) if rng.random() < 0.7 else (fact, "=", rng.randint(1, 3))
                )
            else:
                makes.append((fact, "=", True))
            if number and rng.random() < 0.5:
                other = rng.choice(facts[:number])
                makes.append((other, "-", 1) if changes else (other, "=", False))
            cost = rng.randint(1, 4) if rng.random() < 0.6 else rng.choice([0.0, 0.1, 0.3, 1.7, 2.5])
            acts.append(Act(f"act{len(acts)}", needs, makes, float(cost)))
    rng.shuffle(acts)
    wanted = rng.sample(facts[-4:], rng.randint(1, 2))
    goal = [
        (fact, rng.choice([">=", ">", "=="]), rng.randint(1, 2)) if changes else (fact, "==", True) for fact in wanted
    ]
    return world, goal, acts
