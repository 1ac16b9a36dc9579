"""Known namespaces, reserved names, and which way each kind of data takes to a behavior."""

from __future__ import annotations

from typing import Any

import pytest

import abml
from abml.compiler.model import PROVIDER_ROOTS
from abml.providers.base import Factory
from abml.providers.namespaces import KNOWN, is_reserved, path_type
from abml.providers.pushed import PushedNamespace
from abml.providers.registry import ProviderRegistry

SECOND = 1_000_000


def test_the_usual_roots_of_the_language_are_known() -> None:
    assert set(KNOWN) >= PROVIDER_ROOTS


def test_every_known_namespace_can_be_registered() -> None:
    registry = ProviderRegistry()
    for entry in KNOWN.values():
        assert not is_reserved(entry.name)
        factory = (
            PushedNamespace(entry.name)
            if entry.is_pushed
            else Factory(entry.name, lambda key: {}, scope_keys=entry.scope_keys, ttl_s=entry.ttl_s, paths=entry.paths)
        )
        registry.register(factory)
    assert set(registry) == set(KNOWN)
    assert (
        abml.check(
            'version: "3.0"\nmetadata: {id: x}\nflows: {main: [{log: "${social.rumor} ${pacing.tone}"}]}',
            manifest=registry.manifest(),
        )
        == []
    )


@pytest.mark.parametrize(
    ("namespace", "path", "kind"),
    [
        ("personality", "aggression", "f64"),
        ("encounters", "sentiment_toward_c7", "f64"),
        ("encounters", "sentiment_toward_", None),
        ("transit", "mode.ferry.speed", "f64"),
        ("quest", "by_code.SALT.stage", "any"),
        ("backstory", "elements.LOSS", "any"),
        ("world", "time.is_night", "bool"),
        ("world", "time", None),
        ("pacing", "anything", "any"),
        ("nowhere", "x", None),
    ],
)
def test_types_of_paths(namespace: str, path: str, kind: str | None) -> None:
    assert path_type(namespace, path) == kind


def test_res_006_each_kind_of_data_has_its_own_way() -> None:
    """Memories in variables, traits and surroundings by providers of different age, game state by an action."""
    loads = {"personality": 0, "location": 0}
    purse = [10]

    def personality(key: Any) -> dict[str, Any]:
        loads["personality"] += 1
        return {"aggression": 0.25}

    def location(key: Any) -> dict[str, Any]:
        loads["location"] += 1
        return {"entity_count": loads["location"]}

    registry = ProviderRegistry()
    for name, make in (("personality", personality), ("location", location)):
        known = KNOWN[name]
        registry.register(Factory(name, make, scope_keys=known.scope_keys, ttl_s=known.ttl_s, paths=known.paths))

    def balance(action: Any, context: Any) -> int:
        purse[0] -= 1
        return purse[0]

    body = """
version: "3.0"
metadata: {id: peddler}
variables: {seen: 0}
flows:
  main:
    - set: {seen: "${seen + 1}"}
    - balance: {await: completion, result_variable: money}
    - log: "${seen} ${personality.aggression} ${location.entity_count} ${money}"
"""
    binding = {"character_id": "mara", "location_id": "pier"}
    result = abml.run(body, providers=registry, binding=binding, handlers={"balance": balance}, ticks=130)
    lines = [record.message for record in result.logs]
    # Twelve seconds: the surroundings were loaded again, the traits were not, the purse is exact at every tick.
    assert lines[0] == "1 0.25 1 9" and lines[-1] == "130 0.25 2 -120"
    assert loads == {"personality": 1, "location": 2}


def test_res_042_own_data_and_data_of_others_stand_side_by_side() -> None:
    """A provider about the actor itself and one under a chosen name about another, with the same paths."""
    traits = {"mara": 0.25, "ole": 0.75}
    own = Factory(
        "personality", lambda key: {"aggression": traits[key.character_id]}, scope_keys=frozenset(("character",))
    )
    candidate = Factory("candidate", lambda key: {"personality": {"aggression": traits["ole"]}})
    body = 'version: "3.0"\nmetadata: {id: x}\nflows: {main: [{return: "${[%s]}"}]}'
    paths = "personality.aggression, candidate.personality.aggression"
    run = abml.run(body % paths, providers=[own, candidate], binding={"character_id": "mara"})
    assert run.value == [0.25, 0.75]
