"""Many worlds at once, goal tables and the cache of plans."""

from __future__ import annotations

from array import array
from typing import Any

import pytest

from abml.vm.clock import VirtualClock
from abml.vm.planner import (
    GoalTable,
    PlanCache,
    PlanningOptions,
    Problem,
    TooLarge,
    WorldState,
    collect_costs,
    modifier_sources,
    read_actions,
    read_goal,
    solve,
    solve_many,
)
from abml.vm.planner.cache import restored

BREAKFAST = {
    "buy": {"preconditions": {"coin": True}, "effects": {"bread": True, "coin": False}, "cost": 3},
    "beg": {"effects": {"bread": True}, "cost": 9},
    "earn": {"preconditions": {"rested": True}, "effects": {"coin": True, "rested": False}, "cost": 2},
    "sleep": {"effects": {"rested": True}, "cost": 1},
    "eat": {"preconditions": {"bread": True}, "effects": {"fed": True, "bread": False}, "cost": 1},
}
FACTS = ("coin", "bread", "rested", "fed")


def breakfast() -> Problem:
    return Problem(read_goal({"fed": True, "rested": True}), read_actions(BREAKFAST))


def every_world() -> list[WorldState]:
    return [WorldState({fact: bool(number >> bit & 1) for bit, fact in enumerate(FACTS)}) for number in range(16)]


@pytest.mark.parametrize("modifiers", [None, {"buy": 20}, {"director": {"beg": -100}, "mood": {"sleep": 0.5}}])
def test_many_worlds_give_the_plans_of_single_searches(modifiers: Any) -> None:
    problem = breakfast()
    costs = collect_costs(problem.actions, modifier_sources(modifiers))
    batch = solve_many(problem, every_world(), costs)
    for index, world in enumerate(every_world()):
        single = solve(problem, world, costs)
        assert (batch.statuses[index], batch.nodes[index]) == (single.status, single.nodes_expanded)
        plan = batch.plan(index, world, costs)
        assert plan is not None and single.plan is not None
        assert [step.id for step in plan.actions] == [step.id for step in single.plan.actions]
        assert batch.costs[index] == plan.total_cost == single.plan.total_cost


def test_worlds_of_other_values_and_of_numbers_are_searched_too() -> None:
    problem = breakfast()
    worlds = [WorldState({"coin": "gilded"}), WorldState(), WorldState({"coin": True, "rested": 1})]
    assert list(solve_many(problem, worlds).statuses) == [solve(problem, world).status for world in worlds]
    counting = Problem(read_goal({"n": ">= 2"}), read_actions({"step": {"effects": {"n": "+1"}}}))
    batch = solve_many(counting, [WorldState({"n": n}) for n in range(3)])
    assert (list(batch.statuses), list(batch.costs)) == (["found", "found", "satisfied"], [2, 1, 0])
    assert list(solve_many(counting, []).statuses) == []
    far = Problem(read_goal({"n": ">= 2"}), read_actions({"jump": {"effects": {"n": 5}}}))
    assert list(solve_many(far, [WorldState({"n": n}) for n in range(3)]).nodes) == [2, 2, 0]


def test_a_table_has_the_cheapest_plan_of_every_world() -> None:
    problem = breakfast()
    table = GoalTable(problem, every_world())
    exact = PlanningOptions(heuristic="zero", deterministic=True)
    for world in every_world():
        plan, searched = table.plan(world), solve(problem, world, None, exact).plan
        assert plan is not None and searched is not None
        assert plan.total_cost == searched.total_cost
        assert problem.goal.is_satisfied(plan.expected_final)


def test_a_table_is_followed_for_many_worlds() -> None:
    problem = breakfast()
    table = GoalTable(problem, every_world())
    states = array("Q", [state for world in every_world() if (state := table.encode(world)) is not None])
    assert len(states) == 16
    lengths, costs, steps = table.follow_many(states, 8)
    for index, world in enumerate(every_world()):
        plan = table.plan(world)
        assert plan is not None
        assert (lengths[index], costs[index]) == (len(plan.actions), plan.total_cost)
        assert list(steps[index * 8 : index * 8 + lengths[index]]) == [step.index for step in plan.actions]
    assert set(table.follow_many(states, 1)[0]) == {-1, 0, 1}
    with pytest.raises(IndexError):
        table.follow_many(array("Q", [1 << 40]), 8)


def test_a_table_knows_values_that_conditions_tell_apart() -> None:
    actions = {"eat": {"preconditions": {"hunger": "> 3"}, "effects": {"hunger": 0, "fed": True}}}
    problem = Problem(read_goal({"fed": True, "hunger": "< 2"}), read_actions(actions))
    table = GoalTable(problem, [WorldState({"hunger": 5})])
    plan = table.plan(WorldState({"hunger": 77.5}))
    assert plan is not None and [step.id for step in plan.actions] == ["eat"]
    assert table.plan(WorldState({"fed": True, "hunger": 1})) is not None
    with pytest.raises(KeyError):
        table.plan(WorldState({"hunger": 2.5}))


def test_a_table_without_a_way_says_so_and_costs_may_be_anything() -> None:
    actions = {
        "a": {"preconditions": {"x": True}, "effects": {"done": True}, "cost": 0.1},
        "b": {"effects": {"y": True}, "cost": 0},
    }
    worlds = [WorldState({"x": x, "y": False, "done": False}) for x in (False, True)]
    table = GoalTable(Problem(read_goal({"done": True}), read_actions(actions)), worlds)
    assert table.plan(worlds[0]) is None
    plan = table.plan(worlds[1])
    assert plan is not None and plan.cost == 0.1


def test_what_is_too_large_for_a_table_is_refused() -> None:
    goal = read_goal({"n": 1})
    with pytest.raises(TooLarge):
        GoalTable(Problem(goal, read_actions({"a": {"effects": {"n": "+1"}}})), [])
    wide = read_actions({f"a{i}": {"preconditions": {f"f{i}": False}, "effects": {f"f{i}": True}} for i in range(20)})
    with pytest.raises(TooLarge):
        GoalTable(Problem(read_goal({"f0": True}), wide), [WorldState()])


def test_the_cache_gives_plans_back_for_a_while() -> None:
    problem = breakfast()
    clock = VirtualClock()
    cache = PlanCache(clock, capacity=2, ttl_s=60)
    options = PlanningOptions(deterministic=True)
    worlds = every_world()[:3]
    keys = [cache.key("doc", problem, world, problem.base_costs, options) for world in worlds]
    for key, world in zip(keys, worlds, strict=True):
        assert cache.find(key) is None
        cache.store(key, solve(problem, world, None, options))
    assert len(cache) == 2
    assert cache.find(keys[0]) is None
    found = cache.find(keys[2])
    assert found is not None
    plan, single = restored(found, problem, worlds[2]), solve(problem, worlds[2]).plan
    assert plan is not None and single is not None
    assert [step.id for step in plan.actions] == [step.id for step in single.actions]
    assert found.costs == tuple(step.cost for step in single.actions)
    clock.advance(60_000_001)
    assert cache.find(keys[2]) is None
    assert (cache.hits, cache.misses) == (1, 5)


def test_the_cache_looks_at_what_matters_only() -> None:
    problem = breakfast()
    cache = PlanCache(VirtualClock())
    options = PlanningOptions()

    def key(facts: dict[str, Any], costs: list[float] = problem.base_costs) -> object:
        return cache.key("doc", problem, WorldState(facts), costs, options)

    assert key({"coin": True, "hat": "red"}) == key({"coin": True})
    assert key({"coin": True}) != key({"coin": False})
    assert key({}) == key({}, [cost + 1e-5 for cost in problem.base_costs])
    assert key({}) != key({}, [cost + 1e-2 for cost in problem.base_costs])


def test_only_plans_and_unreachable_goals_are_cached() -> None:
    cache = PlanCache(VirtualClock())
    hard = Problem(read_goal({"n": 50}), read_actions({"step": {"effects": {"n": "+1"}}}))
    cache.store("limit", solve(hard, WorldState()))
    cache.store("satisfied", solve(hard, WorldState({"n": 50})))
    assert len(cache) == 0
    impossible = Problem(read_goal({"m": 1}), read_actions({"step": {"effects": {"n": 1}}}))
    cache.store("unreachable", solve(impossible, WorldState()))
    found = cache.find("unreachable")
    assert found is not None and found.steps is None
    assert restored(found, impossible, WorldState()) is None


def test_a_cached_plan_that_does_not_lead_there_any_more_is_not_used() -> None:
    problem = breakfast()
    cache = PlanCache(VirtualClock())
    cache.store("key", solve(problem, WorldState({"coin": True, "rested": True})))
    found = cache.find("key")
    assert found is not None
    assert restored(found, problem, WorldState({"coin": True, "rested": True})) is not None
    assert restored(found, problem, WorldState({"coin": False, "rested": True})) is None
