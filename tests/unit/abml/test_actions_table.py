"""The action tables: names, aliases, and what the language reference fixes."""

from __future__ import annotations

import re

import pytest

from abml.actions import (
    ACTION_ALIASES,
    BUILTIN_ACTIONS,
    STANDARD_ACTIONS,
    canonical_action,
    find_action,
    forbidden_code,
    is_builtin,
)

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@pytest.mark.parametrize("spec", STANDARD_ACTIONS.values(), ids=lambda spec: spec.name)
def test_specs_are_consistent(spec):
    assert spec.primary is None or spec.primary in spec.params
    assert spec.await_mode in ("none", "allowed", "implicit")
    for group in spec.one_of:
        assert set(group) <= set(spec.params)
    for name, param in spec.params.items():
        assert name == param.name
        assert NAME.fullmatch(name)
        assert param.context in ("VA", "TX", "LI", "DU", "EX")
        assert not set(param.aliases) & set(spec.params), "an alias hides a parameter"


def test_older_names_lead_to_canonical_ones():
    assert canonical_action("foreach") == "for_each"
    assert find_action("resource_snapshot").name == "load_snapshot"
    assert find_action("prefetch").params["resource_ids"].context == "EX"
    assert all(is_builtin(old) for old in ACTION_ALIASES)
    assert is_builtin("cond") and not is_builtin("speak")
    assert len(BUILTIN_ACTIONS) == 35


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("http_call", 501),
        ("Service_Call", 501),
        ("ledger.API_CALL", 501),
        ("publish_event", 502),
        ("bus.Publish_Event", 502),
        ("publish", None),
        ("call", None),
        ("http_caller", None),
    ],
)
def test_forbidden_names(name, code):
    assert forbidden_code(name) == code


def test_families_by_prefix():
    assert find_action("camera.sweep").params["duration"].context == "DU"
    assert find_action("audio.fade").params["fade_in"].context == "DU"
    assert find_action("keeper.climb") is None


@pytest.mark.parametrize(
    ("action", "default"),
    [
        ("query_options", "query_result"),
        ("query_actor_state", "actor_state"),
        ("filter_attention", "filtered_perceptions"),
        ("query_memory", "relevant_memories"),
        ("assess_significance", "significance_score"),
        ("evaluate_goal_impact", "goal_updates"),
        ("trigger_goap_replan", "replan_status"),
        ("spawn_watcher", None),
    ],
)
def test_result_defaults(action, default):
    assert find_action(action).result_default == default


IMPLICIT = (
    "actor_query query_options query_actor_state query_memory store_memory trigger_goap_replan "
    "wait_for_arrival load_snapshot prefetch_snapshots spawn_watcher stop_watcher list_watchers"
)


def test_implicit_awaits():
    implicit = {name for name, spec in STANDARD_ACTIONS.items() if spec.await_mode == "implicit"}
    assert implicit == set(IMPLICIT.split())
