"""Columns and the scalar path give the same values, bit for bit, for any actors and any data."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

import numpy
from hypothesis import given
from hypothesis import strategies as st

import abml
from abml.providers.base import Factory
from abml.providers.binding import BindingKey
from abml.providers.columns import nested
from abml.providers.population import Population
from abml.providers.registry import ProviderRegistry

# Arithmetic, comparison, conversion, truth, texts, guards and whole maps, over values that may be null.
PROGRAM = abml.compile("""
version: "3.0"
metadata: {id: same}
variables: {a: null, b: null, c: null, d: null, e: null, f: {source: "${body.deep.flag ?? 'none'}"}, g: null}
flows:
  main:
    - set: {a: "${body.level * 2 + body.deep.count}", b: "${body.name}", c: "${body.deep.flag && body.level > 0.5}"}
    - if:
        condition: "${body.name == 'gull'}"
        then: [{set: {d: "${body.deep}"}}]
        else: [{set: {d: "${body.level}"}}]
    - set: {e: "${body.name + '/' + body.level + '/' + body.deep.count + '/' + body.none}", g: "${f}"}
    - note: {a: "${a}", b: "${b}", c: "${c}", d: "${d}", e: "${e}", g: "${g}"}
    - emit_intent: {channel: movement, action: "${body.name ?? 'stay'}", urgency: "${body.level}"}
""")
PATHS = {"level": "f64", "deep.count": "i64", "deep.flag": "bool", "name": "str"}

floats = st.floats(allow_nan=False) | st.sampled_from([0.0, -0.0, 0.5, 1e308])
row = st.fixed_dictionaries(
    {
        "level": st.none() | floats,
        "deep.count": st.none() | st.integers(-(2**63), 2**63 - 1) | st.integers(-5, 5),
        "deep.flag": st.none() | st.booleans(),
        "name": st.none() | st.sampled_from(["gull", "stay", "", "x" * 40]) | st.text(max_size=5),
    }
)
herds = st.lists(row, min_size=1, max_size=6)


def bits(value: Any) -> Any:
    """The value with its type, floats by their bits."""
    if isinstance(value, float):
        return "float", struct.pack("<d", value)
    if isinstance(value, dict):
        return {key: bits(item) for key, item in value.items()}
    return type(value).__name__, value


def actors(owners: Sequence[int]) -> list[BindingKey]:
    """Several actors of some characters; of -1 none is bound."""
    return [
        BindingKey(f"actor-{number}", character_id=None if owner < 0 else f"c-{owner}")
        for number, owner in enumerate(owners)
    ]


class Columns:
    namespace = "body"
    scope_keys = ("character",)
    paths = PATHS

    def __init__(self, herd: list[dict[str, Any]], is_masked: bool) -> None:
        self.herd = herd
        self.is_masked = is_masked

    def columns(self, rows: Sequence[BindingKey]) -> dict[str, Any]:
        mine = [self.herd[int(str(key.character_id)[2:])] for key in rows]
        found: dict[str, Any] = {path: [one[path] for one in mine] for path in PATHS}
        if self.is_masked:
            for path, kind in (("level", "float64"), ("deep.count", "int64"), ("deep.flag", "bool")):
                mask = [value is None for value in found[path]]
                data = numpy.array([0 if value is None else value for value in found[path]], dtype=kind)
                found[path] = numpy.ma.masked_array(data, mask=mask)
        return found


def outcome(population: Population) -> Any:
    """(rows that completed, what each noted, intents, faults)."""
    done = population.tick(0)
    notes = {record.row: bits(record.params) for record in population.effects}
    rows, channels, actions, urgencies = population.rows.intents
    intents = rows.tolist(), channels.tolist(), [bits(action) for action in actions], urgencies.tobytes()
    faults = {row: (fault.kind, fault.message) for row, fault in population.rows.faults.items()}
    return done, notes, intents, faults


@given(herds, st.lists(st.integers(-1, 5), min_size=1, max_size=12), st.booleans())
def test_a_provider_of_columns(herd: list[dict[str, Any]], owners: list[int], is_masked: bool) -> None:
    keys = actors([owner if owner < len(herd) else -1 for owner in owners])
    registry = ProviderRegistry([Columns(herd, is_masked)])
    columnar = outcome(Population(PROGRAM, keys, registry))
    assert columnar == outcome(Population(PROGRAM, keys, registry, is_columnar=False))
    # An actor by itself, through the ordinary interpreter.
    for number, key in enumerate(keys[:3]):
        result = abml.run(PROGRAM, providers=registry, binding=key)
        assert [bits(effect.params) for effect in result.effects] == [
            columnar[1][number] for _ in range(number in columnar[1])
        ]
        error = None if result.error is None else (result.error.kind, result.error.message)
        assert error == columnar[3].get(number)


@given(herds, st.lists(st.integers(-1, 5), min_size=1, max_size=12))
def test_a_plain_factory(herd: list[dict[str, Any]], owners: list[int]) -> None:
    keys = actors([owner if owner < len(herd) else -1 for owner in owners])

    def create(key: BindingKey) -> dict[str, Any]:
        return nested(herd[int(str(key.character_id)[2:])])

    registry = ProviderRegistry([Factory("body", create, scope_keys=frozenset(("character",)))])
    columnar = outcome(Population(PROGRAM, keys, registry))
    assert columnar == outcome(Population(PROGRAM, keys, registry, is_columnar=False))
