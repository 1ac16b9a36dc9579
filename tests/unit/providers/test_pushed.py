"""Pushed namespaces: owners, sums, versions."""

from __future__ import annotations

import math
from typing import Any

import pytest

import abml
from abml.providers.binding import BindingKey, ProviderError
from abml.providers.pushed import PushedNamespace
from abml.providers.registry import ProviderRegistry


def priority(director: PushedNamespace, action: str, actor: str = "guard") -> Any:
    provider = director.current(BindingKey(actor))
    return None if provider is None else provider.get(("priority", action))


def test_dir_094_entries_keep_their_owner_and_read_back() -> None:
    director = PushedNamespace("director")
    director.push("guard", ("session", 7), {"priority.flee": 4.0, "priority.steal": -2.5})
    director.push("guard", ("event", "fair"), {"priority.flee": 1.0})
    assert director.entries("guard") == [
        (("session", 7), "priority.flee", 4.0),
        (("session", 7), "priority.steal", -2.5),
        (("event", "fair"), "priority.flee", 1.0),
    ]
    assert priority(director, "flee") == 5.0 and priority(director, "steal") == -2.5
    assert priority(director, "sing") is None and priority(director, "flee", "other") is None


def test_dir_167_what_one_owner_leaves_stays() -> None:
    director = PushedNamespace("director")
    for owner, value in (("ada", 4.0), ("bob", 3.0)):
        director.push("guard", owner, {"priority.flee": value})
    director.push("smith", "ada", {"priority.rest": 1})
    assert director.withdraw("ada") == ["guard", "smith"]
    assert priority(director, "flee") == 3.0 and director.current(BindingKey("smith")) is None
    assert director.withdraw("ada") == [] and director.withdraw("bob", "smith") == []
    director.forget("guard")
    assert director.current(BindingKey("guard")) is None and director.entries("guard") == []


def test_dir_187_sums_do_not_depend_on_the_order_of_owners() -> None:
    terms = [0.1, 0.2, 0.3, -1e16, 1e16, 7.0]
    totals = set()
    for shift in range(len(terms)):
        director = PushedNamespace("director")
        for number, value in enumerate(terms[shift:] + terms[:shift]):
            director.push("guard", number, {"priority.flee": value})
        totals.add(priority(director, "flee"))
    assert totals == {math.fsum(terms)}


def test_pushing_replaces_the_owners_own_value() -> None:
    director = PushedNamespace("director")
    director.push("guard", "ada", {"priority.flee": 4.0, "priority.steal": 1})
    director.push("guard", "ada", {"priority.flee": 2.0})
    assert priority(director, "flee") == 2.0 and priority(director, "steal") == 1
    director.push("guard", "ada", {"priority.steal": None})
    assert priority(director, "steal") is None
    director.replace("guard", "ada", {"event_active": True})
    assert priority(director, "flee") is None
    assert director.version("guard") == 4 and director.version("nobody") == 0


def test_other_values_are_those_of_the_last_owner() -> None:
    pacing = PushedNamespace("pacing")
    pacing.push("guard", "a", {"tone": "calm", "tempo": 1})
    pacing.push("guard", "b", {"tone": "grim", "tempo": 2})
    pacing.push("guard", "a", {"tone": "calm"})
    provider = pacing.current(BindingKey("guard"))
    assert provider is not None and provider.get(()) == {"tone": "calm", "tempo": 3}


def test_what_cannot_be_pushed_changes_nothing() -> None:
    director = PushedNamespace("director")
    director.push("guard", "ada", {"priority.flee": 1})
    for values in ({"priority.flee": math.nan}, {"priority.flee": math.inf}, {"a..b": 1}, {"": 1}, {"a": [1]}):
        with pytest.raises(ProviderError, match="director"):
            director.push("guard", "ada", {"priority.flee": 9, **values})
        with pytest.raises(ProviderError):
            director.replace("guard", "ada", values)
    assert priority(director, "flee") == 1


def test_dir_094_a_run_reads_the_sum_and_null_where_nothing_is_pushed() -> None:
    director = PushedNamespace("director")
    body = (
        'version: "3.0"\nmetadata: {id: x}\nflows: {main: [{return: "${[director.priority.flee, director.nothing]}"}]}'
    )
    registry = ProviderRegistry([director, PushedNamespace("pacing")])
    assert abml.run(body, providers=registry, actor_id="guard").value == [None, None]
    director.push("guard", "ada", {"priority.flee": 1.5})
    director.push("guard", "bob", {"priority.flee": 2})
    result = abml.run(body, providers=registry, actor_id="guard")
    assert result.value == [3.5, None] and result.logs == []


def test_a_tick_does_not_see_what_is_pushed_during_it() -> None:
    director = PushedNamespace("director")
    director.push("actor", "ada", {"priority.flee": 1})
    body = """
version: "3.0"
metadata: {id: x}
flows:
  main:
    - set: {before: "${director.priority.flee}"}
    - shove: {}
    - log: "${before} ${director.priority.flee} ${director.priority}"
"""
    push = {"shove": lambda action, context: director.push("actor", "ada", {"priority.flee": 9})}
    result = abml.run(body, providers=[director], handlers=push, ticks=2)
    assert [record.message for record in result.logs] == ['1 1 {"flee":1}', '9 9 {"flee":9}']
