"""Input of every wrong kind gives a coded error, and extreme input an answer in bounded time and memory."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import abml
from abml.vm.clock import SteadyClock
from abml.vm.planner import search

DONE = {"work": {"effects": {"done": True}}}


@pytest.mark.parametrize(
    ("world", "goal", "actions", "code"),
    [
        ([], {}, {}, "ABML906"),
        ("x", {}, {}, "ABML906"),
        ({1: 2}, {}, {}, "ABML906"),
        ({"": 2}, {}, {}, "ABML906"),
        ({"a": object()}, {}, {}, "ABML906"),
        ({"a": math.nan}, {}, {}, "ABML906"),
        ({"a": -math.inf}, {}, {}, "ABML906"),
        ({"a": 1 << 5000}, {}, {}, "ABML906"),
        ({}, 3, {}, "ABML906"),
        ({}, None, 3, "ABML906"),
        ({}, {"a": ">="}, {}, "ABML601"),
        ({}, {"a": math.nan}, {}, "ABML601"),
        ({}, {"a": "> 1e400"}, {}, "ABML601"),
        ({}, {"a": "> ${x}"}, {}, "ABML601"),
        ({}, {"a": [1]}, {}, "ABML601"),
        ({}, {"conditions": {}, "priority": "high"}, {}, "ABML607"),
        ({}, {}, {"a": {"effects": {"x": "+"}}}, "ABML602"),
        ({}, {}, {"a": {"effects": {"x": math.inf}}}, "ABML602"),
        ({}, {}, {"a": {"cost": -1}}, "ABML603"),
        ({}, {}, {"a": {"cost": math.nan}}, "ABML603"),
        ({}, {}, {"a": {"cost": "cheap"}}, "ABML603"),
        ({}, {}, {"": {}}, "ABML906"),
        ({}, {}, {7: {}}, "ABML906"),
        ({}, {}, [{"id": "a"}, {"id": "a"}], "ABML906"),
    ],
)
def test_wrong_input_has_a_code(world: Any, goal: Any, actions: Any, code: str) -> None:
    with pytest.raises(abml.AbmlPlanningError) as caught:
        abml.plan(world, goal, actions)
    assert caught.value.code == code
    assert isinstance(caught.value, abml.AbmlError)


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from([">= 3", "+5", "= -2", "true", "x or y", "", "> ", b"raw", 10**400]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4) | st.integers(), inner, max_size=3),
    max_leaves=8,
)
actionlike = st.dictionaries(
    st.text(max_size=3),
    st.fixed_dictionaries({}, optional={"preconditions": anything, "effects": anything, "cost": anything}),
    max_size=3,
)


@given(anything, anything, anything | actionlike, anything, anything)
def test_whatever_is_given_only_documented_errors_leave(
    world: Any, goal: Any, actions: Any, modifiers: Any, options: Any
) -> None:
    try:
        found = abml.plan(world, goal, actions, modifiers=modifiers, options=options)
    except abml.AbmlError as error:
        assert str(error)
    else:
        assert found is None or found.cost >= 0


def test_ten_thousand_actions_are_searched_within_the_limits() -> None:
    actions = {f"a{i}": {"preconditions": {f"f{i % 50}": True}, "effects": {f"f{i % 97}": True}} for i in range(10_000)}
    result = search({"f0": True}, {"f96": True, "f49": True}, actions, options={"max_nodes": 30, "deterministic": True})
    assert result.status in ("found", "node_limit")
    assert result.nodes_expanded <= 30
    result = search({"f0": True}, {"nowhere": True}, actions)
    assert (result.status, result.nodes_expanded) == ("unreachable", 0)


def test_ten_thousand_actions_on_one_number_end_by_the_clock() -> None:
    actions = {f"a{i}": {"preconditions": {"n": f"> {-i}"}, "effects": {"n": f"+{i}.5"}} for i in range(10_000)}
    result = search({"n": 0}, {"n": -1}, actions, options={"timeout_ms": 1, "max_nodes": 10**9}, clock=SteadyClock())
    assert result.status == "timeout"


def test_a_search_without_other_limits_ends_when_its_memory_is_used_up() -> None:
    """Every state is new and wide, so that 256 MiB hold few of them."""
    facts = {f"f{i}": "+1" for i in range(2000)}
    result = search(
        {},
        {"f0": -1},
        {"a": {"effects": facts}},
        options={"max_depth": 10**9, "max_nodes": 10**9, "deterministic": True},
    )
    assert result.status == "node_limit"
    assert 1000 < result.nodes_expanded < 100_000


@pytest.mark.parametrize("number", [1e308, -1e308, 2**63 - 1, -(2**63), 5e-324, 1e15])
def test_huge_and_tiny_numbers_overflow_without_harm(number: float) -> None:
    actions = {"more": {"effects": {"n": f"+{abs(number)!r}" if abs(number) < 1e16 else "+1e308"}, "cost": 1e308}}
    result = search({"n": number}, {"n": "== 3"}, actions, options={"max_nodes": 20})
    assert result.status in ("unreachable", "depth_limit", "node_limit")
    weighted = search({"n": number}, {"n": "> 1e307"}, actions, options={"heuristic_weight": 1e300})
    assert weighted.status in ("found", "satisfied", "unreachable", "depth_limit")


def test_actions_that_cost_nothing_do_not_loop() -> None:
    actions = {"on": {"effects": {"lit": True}, "cost": 0}, "off": {"effects": {"lit": False}, "cost": 0}}
    result = search(
        {"lit": False}, {"lit": True, "warm": True}, {**actions, "warm": {"effects": {"warm": False}, "cost": 0}}
    )
    assert result.status == "unreachable"


def test_an_action_on_no_fact_and_a_goal_on_none() -> None:
    assert search({}, {}, {"nothing": {}}).status == "satisfied"
    assert search({}, {"done": True}, {"nothing": {}, **DONE}).status == "found"
