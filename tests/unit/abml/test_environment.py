"""Limits, manifests and registries as data."""

from __future__ import annotations

import pytest

from abml.environment import Environment, EnvironmentFault, Limits, Manifest, TemplateRegistry, namespace_of
from abml.errors import AbmlError
from abml.values import Duration


def test_limits_have_the_defaults_of_the_reference():
    limits = Limits()
    assert (limits.max_call_depth, limits.max_gotos, limits.max_nodes) == (128, 10_000, 200_000)
    assert limits.global_timeout is None
    assert Limits.strict_profile().wait_timeout == Duration(5_000_000)


@pytest.mark.parametrize("data", [{"max_call_depth": 15}, {"max_gotos": 0}, {"max_list": 1000.5}, {"speed": 3}])
def test_limits_refuse_what_is_below_the_minimum(data):
    with pytest.raises(EnvironmentFault):
        Limits.from_data(data)


def test_limits_read_timeouts():
    assert Limits.from_data({"global_timeout": 2}).global_timeout == Duration(2_000_000)
    assert Limits.from_data({"wait_timeout": "1m"}).wait_timeout == Duration(60_000_000)
    with pytest.raises(AbmlError):
        Limits.from_data({"wait_timeout": "soon"})


MANIFEST = {
    "external_signals": ["player_input"],
    "functions": {"Tally": {"params": ["list", "int"], "optional": 1, "returns": "int"}},
    "routes": {"/ledger/append": "ledger_append"},
    "actions": {
        "ledger_append": {
            "params": {"page": {"type": "int", "required": True}, "note": {"type": "string", "context": "TX"}},
            "primary": "note",
            "open": False,
            "await": "none",
        },
        "dim": {},
    },
    "strict": True,
}


def test_manifest_from_data():
    manifest = Manifest.from_data(MANIFEST)
    tally = manifest.functions["tally"]
    assert (tally.min_args, tally.max_args) == (1, 2)
    append = manifest.action("ledger_append")
    assert append.primary == "note" and append.params["page"].required and not append.open
    assert manifest.action("lamp.dim").name == "dim"
    assert manifest.is_strict
    assert manifest.merged(Manifest()).routes == {"/ledger/append": "ledger_append"}


@pytest.mark.parametrize(
    "data",
    [
        [],
        {"action": {}},
        {"actions": {"a": {"primary": "b"}}},
        {"actions": {"a": {"await": "maybe"}}},
        {"actions": {"a": {"params": {"b": {"context": "XX"}}}}},
        {"functions": {"f": {"params": 3}}},
    ],
)
def test_manifest_refuses_wrong_shapes(data):
    with pytest.raises(EnvironmentFault):
        Manifest.from_data(data)


def test_registry():
    registry = TemplateRegistry.from_data(
        {"templates": [{"type": "tower-crew", "namespace": "hands", "paths": {"size": "int"}}]}
    )
    assert registry.namespace("tower-crew") == "hands"
    assert registry.get("tower-crew").resource_type == "tower"
    assert registry.namespace("character-encounter") == "encounters"
    assert namespace_of("lantern") == "lantern"
    with pytest.raises(EnvironmentFault):
        TemplateRegistry.from_data({"templates": [{"type": "a-x"}, {"type": "b-x"}]})


def test_environment_prefers_the_manifest():
    env = Environment(manifest=Manifest.from_data({"actions": {"speak": {"params": {"tone": "string"}}}}))
    assert list(env.action("speak").params) == ["tone"]
    assert env.action("watch").name == "watch"
    assert env.function("Tally") is None
