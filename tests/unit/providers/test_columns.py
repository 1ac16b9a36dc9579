"""Columns: what becomes one, what is refused, and populations that read them."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy
import pytest

import abml
from abml.providers.base import DataProvider, Factory
from abml.providers.binding import BindingKey, ProviderError
from abml.providers.columns import ColumnRefused, column_of
from abml.providers.population import Population
from abml.providers.pushed import PushedNamespace
from abml.providers.registry import ProviderRegistry
from abml.providers.tables import BATCH

SECOND = 1_000_000
HEAD = 'version: "3.0"\nmetadata: {id: flock}\n'


def actors(count: int, **more: Any) -> list[BindingKey]:
    return [BindingKey(f"gull-{n}", character_id=f"c-{n}", realm_id="coast", **more) for n in range(count)]


def program(body: str) -> Any:
    return abml.compile(HEAD + body)


READ = """
variables: {a: null, b: null, c: null, d: null}
flows:
  main:
    - set: {a: "${body.health}", b: "${body.age}", c: "${body.awake}", d: "${body.name}"}
"""
PATHS = {"health": "f64", "age": "i64", "awake": "bool", "name": "str"}


def values(population: Population) -> list[tuple[Any, ...]]:
    found = []
    for name in "abcd":
        column = population.rows.get(name)
        found.append(column.tolist() if isinstance(column, numpy.ndarray) else column)
    return list(zip(*found, strict=True))


def told(population: Population) -> list[str]:
    """What the population was warned of, all by kind `provider`."""
    assert {record.kind for record in population.warnings} <= {"provider"}
    return [record.message for record in population.warnings]


class Bodies:
    """A provider of columns that counts its calls."""

    namespace = "body"
    paths = PATHS
    scope_keys = ("character",)
    ttl_s: float | None = 10.0

    def __init__(self, given: Mapping[str, Any] | None = None) -> None:
        self.given = given
        self.calls: list[list[BindingKey]] = []
        self.error: Exception | None = None

    def columns(self, rows: Sequence[BindingKey]) -> Any:
        self.calls.append(list(rows))
        if self.error is not None:
            raise self.error
        if self.given is not None:
            return self.given
        numbers = numpy.array([int(str(key.character_id)[2:]) for key in rows])
        return {
            "health": numbers / 10,
            "age": numbers * 3,
            "awake": numbers % 2 == 0,
            "name": [f"n{number % 3}" if number % 4 else None for number in numbers],
        }


# -------------------------------------------------------------------- columns


def test_arrays_of_the_right_type_are_not_copied() -> None:
    floats = numpy.linspace(0, 1, 5)
    assert column_of("f64", floats, 5).values is floats
    ints = numpy.arange(5)
    assert column_of("i64", ints, 5).values is ints
    bools = ints > 2
    assert numpy.shares_memory(column_of("bool", bools, 5).values, bools)


def test_null_is_nan_a_mask_or_none() -> None:
    masked = numpy.ma.masked_array([1.0, 2.0, math.nan], mask=[False, True, False])
    column = column_of("f64", masked, 3)
    assert [column.value(row) for row in range(3)] == [1.0, None, None]
    assert [column_of("i64", [4, None], 2).value(row) for row in range(2)] == [4, None]
    texts = column_of("str", numpy.ma.masked_array(["x", "y", "x"], mask=[False, True, False]), 3)
    assert [texts.value(row) for row in range(3)] == ["x", None, "x"] and texts.strings == ["x"]
    assert column_of("f64", numpy.array([1, 2], dtype=object), 2).value(1) == 2.0
    assert column_of("f64", numpy.array([1.5, 2.0], dtype=">f8"), 2).value(0) == 1.5
    assert column_of("f64", numpy.arange(6.0)[::2], 3).value(2) == 4.0


@pytest.mark.parametrize(
    ("kind", "given", "message"),
    [
        ("f64", numpy.zeros(3), r"shape \(2,\) is wanted, not \(3,\)"),
        ("f64", numpy.zeros((2, 1)), "shape"),
        ("f64", numpy.array(["a", "b"]), "an array of float64 is wanted, not of <U1"),
        ("i64", numpy.zeros(2), "int64 is wanted, not of float64"),
        ("i64", numpy.array([1, 2**64 - 1], dtype=numpy.uint64), "does not fit int64"),
        ("i64", [1, 2**70], "element 1 does not fit i64"),
        ("i64", [1, True], "element 1 is bool, not i64"),
        ("bool", [True, 1], "element 1 is int, not bool"),
        ("str", ["a", 1], "element 1 is int, not a text"),
        ("str", ["\u00e4", "\ud800"], "element 1 holds half of a surrogate pair"),
        ("str", numpy.zeros(2), "texts are wanted"),
        ("str", "ab", "an array or a list is wanted, not str"),
        ("f64", 3.0, "an array or a list is wanted, not float"),
        ("f64", [1.0], "2 values are wanted, not 1"),
    ],
)
def test_what_is_no_column_is_refused_with_a_reason(kind: str, given: Any, message: str) -> None:
    with pytest.raises(ColumnRefused, match=message):
        column_of(kind, given, 2)


# ---------------------------------------------------------------- populations


def test_a_population_reads_columns() -> None:
    bodies = Bodies()
    population = Population(program(READ), actors(5), ProviderRegistry([bodies]))
    assert population.tick(0) == 5
    assert values(population) == [
        (0.0, 0, True, None), (0.1, 3, False, "n1"), (0.2, 6, True, "n2"), (0.3, 9, False, "n0"), (0.4, 12, True, None)
    ]  # fmt: skip
    assert len(bodies.calls) == 1 and population.warnings == []


def test_actors_without_a_character_read_null() -> None:
    some = actors(2) + [BindingKey("ghost")]
    population = Population(program(READ), some, ProviderRegistry([Bodies()]))
    population.tick(0)
    assert values(population)[2] == (None, None, None, None)


def test_rows_are_shared_by_actors_with_equal_keys() -> None:
    bodies = Bodies()
    same = [BindingKey(f"a-{n}", character_id=f"c-{n % 2}") for n in range(6)]
    population = Population(program(READ), same, ProviderRegistry([bodies]))
    population.tick(0)
    assert [len(call) for call in bodies.calls] == [2]
    assert [row[1] for row in values(population)] == [0, 3] * 3


def test_batches_have_at_most_a_thousand_rows_and_refreshes_are_spread() -> None:
    bodies = Bodies()
    population = Population(program(READ), actors(2_500), ProviderRegistry([bodies]))
    population.tick(0)
    assert [len(call) for call in bodies.calls] == [BATCH, BATCH, 500]
    bodies.calls.clear()
    seen: set[str] = set()
    ticks = 100
    for tick in range(1, ticks + 1):
        population.refresh(tick * SECOND // 10)
    sizes = [len(call) for call in bodies.calls]
    # In one TTL every row is loaded once, never many at a time.
    assert sum(sizes) <= 2_500 and max(sizes) <= 100
    for call in bodies.calls:
        seen.update(key.actor_id for key in call)
    assert len(seen) == sum(sizes) >= 2_400


def test_a_failing_batch_keeps_its_values_and_is_told_once() -> None:
    bodies = Bodies()
    population = Population(program(READ), actors(3), ProviderRegistry([bodies]))
    population.tick(0)
    before = values(population)
    bodies.error = ConnectionError("down")
    for at in range(1, 60):
        population.tick(at * SECOND)
    assert values(population) == before
    assert told(population) == ["the provider 'body' failed: ConnectionError: down"]
    population.tick(100 * SECOND)
    assert set(values(population)) == {(None, None, None, None)}
    bodies.error = None
    population.tick(200 * SECOND)
    assert values(population) == before


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {**dict.fromkeys(PATHS), "health": numpy.zeros(7)},
            r"gave no column for 'health', which reads as null: an array of",
        ),
        ({**dict.fromkeys(PATHS), "name": numpy.zeros(2)}, "gave no column for 'name'"),
        ([1, 2], "columns gave list, not a mapping"),
    ],
)
def test_wrong_columns_are_nulls_and_one_warning(given: Any, message: str) -> None:
    population = Population(program(READ), actors(2), ProviderRegistry([Bodies(given)]))
    for tick in range(3):
        assert population.tick(tick) == 2
    assert values(population) == [(None, None, None, None)] * 2
    assert len(population.warnings) == 1
    assert message in told(population)[0]


def test_async_columns_are_loaded_one_call_at_a_time() -> None:
    gates: list[asyncio.Event] = []

    class Later(Bodies):
        async def columns(self, rows: Sequence[BindingKey]) -> Any:
            gates.append(asyncio.Event())
            await gates[-1].wait()
            return super().columns(rows)

    registry = ProviderRegistry([Later()])
    population = Population(program(READ), actors(1_500), registry)
    for tick in range(3):
        population.tick(tick)
    assert len(gates) == 1 and population.rows.get("a") == [None] * 1_500
    for tick in range(3, 9):
        gates[-1].set()
        population.tick(tick)
    assert population.rows.get("b")[1_499] == 4_497
    registry.close()


def test_held_arrays_are_read_in_place() -> None:
    class Herd:
        namespace = "body"
        paths = PATHS

        def __init__(self) -> None:
            self.health = numpy.arange(4) / 2
            self.asked = 0

        def create(self, actor: BindingKey) -> None:
            raise AssertionError("columns are there")

        def locate(self, rows: Sequence[BindingKey]) -> Any:
            self.asked += 1
            return numpy.array([3, 2, -1])

        def arrays(self) -> dict[str, Any]:
            return {
                "health": self.health,
                "age": numpy.arange(4),
                "awake": numpy.ones(4, dtype=bool),
                "name": list("wxyz"),
            }

    herd = Herd()
    population = Population(program(READ), actors(3), ProviderRegistry([herd]))
    population.tick(0)
    assert values(population) == [(1.5, 3, True, "z"), (1.0, 2, True, "y"), (None, None, None, None)]
    herd.health[3] = 9.0
    population.tick(1)
    assert population.rows.get("a") == [9.0, 1.0, None] and herd.asked == 1
    herd.health = numpy.zeros(2)
    population.tick(2)
    assert population.rows.get("a") == [None] * 3
    assert "it has 2 elements, and an actor is at element 3" in told(population)[0]


def test_plain_factories_are_adapted_where_something_changed() -> None:
    asked: list[str] = []

    class Body:
        def __init__(self, number: int) -> None:
            self.number = number

        def get(self, path: tuple[str, ...]) -> Any:
            asked.append(path[0])
            if path == ("name",) and self.number == 1:
                raise RuntimeError("no name")
            return {"health": self.number / 4, "age": self.number, "awake": True, "name": "x"}.get(path[0])

    made: list[str] = []

    def create(key: BindingKey) -> Body:
        made.append(key.actor_id)
        return Body(int(key.actor_id[5:]))

    registry = ProviderRegistry([Factory("body", create, invalidated_by=frozenset(("hurt",)))])
    population = Population(program(READ), actors(3), registry)
    population.tick(0)
    assert values(population) == [(0.0, 0, True, "x"), (0.25, 1, True, None), (0.5, 2, True, "x")]
    assert len(asked) == 12 and told(population) == ["the provider 'body' failed: RuntimeError: no name"]
    population.tick(1)
    assert len(asked) == 12 and len(made) == 3
    registry.handle_event("hurt", {"actor_id": "gull-2"})
    population.tick(2)
    population.tick(3)
    assert made[3:] == ["gull-2"] and len(asked) == 16


def test_paths_of_mixed_types_are_read_the_scalar_way() -> None:
    data = [{"health": 1}, {"health": 1.5}, {"health": [1]}, {"health": math.nan}, {}]
    registry = ProviderRegistry([Factory("body", lambda key: data[int(key.actor_id[5:])])])
    population = Population(program(READ), actors(5), registry)
    population.tick(0)
    found = population.rows.get("a")
    assert found[:3] == [1, 1.5, [1]] and math.isnan(found[3]) and found[4] is None
    assert type(found[0]) is int


def test_pushed_values_reach_their_rows() -> None:
    director = PushedNamespace("director")
    population = Population(
        program('variables: {a: 0}\nflows: {main: [{set: {a: "${director.priority.flee}"}}]}'),
        actors(3),
        ProviderRegistry([director]),
    )
    population.tick(0)
    assert population.rows.get("a") == [None] * 3
    director.push("gull-1", "ada", {"priority.flee": 2.5})
    population.tick(1)
    assert population.rows.get("a") == [None, 2.5, None]
    director.withdraw("ada")
    population.tick(2)
    assert population.rows.get("a") == [None] * 3


def test_a_variable_hides_a_namespace_in_its_row_only() -> None:
    body = """
variables: {a: 0}
flows:
  main:
    - if:
        condition: "${body.age == 3}"
        then: [{set: {body: {age: 100}}}]
    - set: {a: "${body.age}"}
"""
    population = Population(program(body), actors(3), ProviderRegistry([Bodies()]))
    population.tick(0)
    assert population.rows.get("a").tolist() == [0, 100, 6]


def test_dynamic_paths_sources_and_whole_namespaces() -> None:
    body = """
variables:
  a: null
  b: null
  c: null
  which: age
  strong: {source: "${body.health > 0.1}"}
flows:
  main:
    - set: {a: "${body[which]}", b: "${strong}", c: "${body}"}
    - log: "${body.name}"
    - note: {age: "${body.age}"}
"""
    population = Population(program(body), actors(3), ProviderRegistry([Bodies()]))
    assert population.tick(0) == 3
    assert population.rows.get("a").tolist() == [0, 3, 6]
    assert population.rows.get("b").tolist() == [False, False, True]
    assert population.rows.get("c")[1] == {"age": 3, "awake": False, "health": 0.1, "name": "n1"}
    assert [(record.row, record.message) for record in population.logs] == [(0, "null"), (1, "n1"), (2, "n2")]
    assert [(record.row, record.params) for record in population.effects] == [(n, {"age": 3 * n}) for n in range(3)]


def test_inputs_are_filled_from_columns() -> None:
    body = 'variables: {hp: {type: float, default: 1.0}, out: 0}\nflows: {main: [{set: {out: "${hp * 2}"}}]}'
    registry = ProviderRegistry([Bodies(), Factory("mixed", lambda key: {"v": [1, 2.5][int(key.actor_id[5:]) % 2]})])
    population = Population(program(body), actors(3), registry, inputs={"hp": "body.health"})
    population.tick(0)
    assert population.rows.get("out").tolist() == [0.0, 0.2, 0.4]
    population = Population(program(body), actors(2), registry, inputs={"hp": "mixed.v"})
    population.tick(0)
    assert population.rows.get("out").tolist() == [2, 5.0]
    for inputs, message in (
        ({"xp": "body.health"}, "no input 'xp'; it has: hp, out"),
        ({"hp": "soul.health"}, "'soul', which is not registered"),
        ({"hp": "body"}, "whole namespace"),
    ):
        with pytest.raises(ProviderError, match=message):
            Population(program(body), actors(1), registry, inputs=inputs)


def test_ints_beyond_a_cell_and_long_texts() -> None:
    given = {"health": [1.0], "age": numpy.array([2**60]), "awake": [True], "name": ["long " * 20]}
    population = Population(program(READ), actors(1), ProviderRegistry([Bodies(given)]))
    population.tick(0)
    assert values(population) == [(1.0, 2**60, True, "long " * 20)]


def test_texts_that_come_and_go_do_not_pile_up() -> None:
    count = 0

    class Names(Bodies):
        paths = {"name": "str"}
        ttl_s = 1.0

        def columns(self, rows: Sequence[BindingKey]) -> Any:
            nonlocal count
            count += 1
            return {"name": [f"text {count} of {key.character_id}" for key in rows]}

    population = Population(program(READ), actors(50), ProviderRegistry([Names()]))
    for tick in range(100):
        population.tick(tick * SECOND)
    assert population.rows.get("d")[49] == f"text {count} of c-49"
    column = population._tables["body"].columns["name"]
    assert column.strings is not None and len(column.strings) < 2 * 50 + 1_000 + 51


def test_a_single_actor_reads_a_column_provider_too() -> None:
    text = HEAD + 'flows: {main: [{return: "${[body.age, body.name, body.nothing]}"}]}'
    assert abml.run(text, providers=[Bodies()], binding={"character_id": "c-7"}).value == [21, "n1", None]


def test_flows_that_are_not_there() -> None:
    population = Population(program(READ), actors(1), ProviderRegistry([Bodies()]))
    with pytest.raises(ProviderError, match="no flow named 'fly'"):
        population.tick(0, "fly")
    assert population.tick(0, "main") == 1


def test_functions_of_the_host() -> None:
    body = 'variables: {a: 0}\nflows: {main: [{set: {a: "${twice(body.age)}"}}]}'
    made = abml.compile(HEAD + body, functions={"twice": lambda x: x * 2})
    registry = ProviderRegistry([Bodies()])
    population = Population(made, actors(3), registry, functions={"Twice": lambda x: x * 2})
    population.tick(0)
    assert population.rows.get("a").tolist() == [0, 6, 12]


def test_data_providers_are_values() -> None:
    assert DataProvider({"a": 1}).get(("a",)) == 1


def test_scattered_elements_are_gathered_and_mean_the_same() -> None:
    count = 5_000
    generator = numpy.random.default_rng(5)
    order = generator.permutation(count)
    order[::7] = -1

    class Herd:
        namespace = "body"
        paths = PATHS

        def __init__(self) -> None:
            self.health = generator.random(count)
            self.health[::5] = numpy.nan
            self.ages = numpy.ma.masked_array(numpy.arange(count), mask=numpy.arange(count) % 3 == 0)
            self.names = [f"n{number % 9}" if number % 4 else None for number in range(count)]

        def locate(self, rows: Sequence[BindingKey]) -> Any:
            return order

        def arrays(self) -> dict[str, Any]:
            return {"health": self.health, "age": self.ages, "awake": self.health > 0.5, "name": self.names}

        def create(self, actor: BindingKey) -> None:
            return None

    herd = Herd()
    population = Population(program(READ), actors(count), ProviderRegistry([herd]))

    def expected(place: int) -> tuple[Any, ...]:
        if place < 0:
            return (None, None, None, None)
        health = float(herd.health[place])
        age = None if place % 3 == 0 else place
        return (None if health != health else health, age, health > 0.5, herd.names[place])

    for tick in range(2):
        population.tick(tick)
        assert values(population) == [expected(int(place)) for place in order]
        herd.health = herd.health[::-1].copy()
        herd.health[1] = 0.125


def test_a_factory_with_both_ways_is_asked_for_columns_where_they_have_every_path() -> None:
    class Both(Bodies):
        paths = {**PATHS, "tags": "list", "deep.*": "any"}

        def create(self, key: BindingKey) -> DataProvider:
            return DataProvider({"health": 0.5, "tags": ["x"]})

    both = Both()
    population = Population(program(READ), actors(3), ProviderRegistry([both]))
    population.tick(0)
    assert len(both.calls) == 1 and values(population)[1] == (0.1, 3, False, "n1")
    body = 'variables: {a: 0}\nflows: {main: [{set: {a: "${[body.health, body.tags]}"}}]}'
    population = Population(program(body), actors(3), ProviderRegistry([both]))
    population.tick(0)
    assert len(both.calls) == 1 and population.rows.get("a") == [[0.5, ["x"]]] * 3
    assert abml.run(HEAD + 'flows: {main: [{return: "${body.tags}"}]}', providers=[both]).value is None
    assert abml.run(
        HEAD + 'flows: {main: [{return: "${body.tags}"}]}', providers=[both], binding={"character_id": "c-1"}
    ).value == ["x"]


def test_events_make_rows_of_columns_old() -> None:
    bodies = Bodies()
    bodies.invalidated_by = ("hurt",)  # type: ignore[attr-defined]
    registry = ProviderRegistry([bodies])
    population = Population(program(READ), actors(4), registry)
    population.tick(0)
    assert registry.handle_event("hurt", {"characterId": "c-2"}) == 1
    population.tick(1)
    assert [[key.actor_id for key in call] for call in bodies.calls[1:]] == [["gull-2"]]
    assert registry.invalidate("body") == 4


class Hostile:
    """Raises or gives nonsense wherever it is asked."""

    def __len__(self) -> int:
        raise RuntimeError("no length")

    def __iter__(self) -> Any:
        raise RuntimeError("no elements")


NONSENSE = [
    None, 3, "text", b"bytes", object(), Hostile(), {1: 2},
    {"health": Hostile()},
    {"health": object(), "name": [object()] * 3},
    {"health": numpy.zeros((3, 3)), "age": numpy.zeros(3, dtype="M8[s]"), "awake": numpy.zeros(3), "name": [1, 2, 3]},
    {"age": [2**80, 1, 1], "awake": [None, "x", 1], "health": numpy.zeros(3, dtype=complex), "name": ["\ud800"] * 3},
    {"health": numpy.zeros(3, dtype=[("a", "f8")]), "name": numpy.array([b"x"] * 3)},
]  # fmt: skip


@pytest.mark.parametrize("nonsense", NONSENSE, ids=range(len(NONSENSE)))
@pytest.mark.parametrize("way", ["columns", "arrays", "locate", "create", "get"])
def test_no_nonsense_of_a_provider_ends_a_tick(nonsense: Any, way: str) -> None:
    class Provider:
        namespace = "body"
        paths = PATHS

        def get(self, path: tuple[str, ...]) -> Any:
            return nonsense if way == "get" else None

    provider: Any = Provider()
    if way in ("create", "get"):
        provider.create = lambda key: nonsense if way == "create" else provider
    elif way == "columns":
        provider.columns = lambda rows: nonsense
    else:
        provider.create = lambda key: None
        provider.locate = lambda rows: nonsense if way == "locate" else numpy.arange(3)
        provider.arrays = lambda: nonsense if way == "arrays" else {"health": numpy.ones(3)}
    population = Population(program(READ), actors(3), ProviderRegistry([provider]))
    for tick in range(3):
        assert population.tick(tick * SECOND) == 3
    assert len(population.warnings) <= 8


def test_texts_of_columns_outlive_collections() -> None:
    """Long texts are objects of the heap; rows that make many lists let it collect in the midst of a tick."""
    body = """
variables: {a: null, b: null}
flows:
  main:
    - set: {junk: "${[[1, 2], [body.name], {x: [3]}]}"}
    - set: {b: "${junk[1][0] == body.name}", a: "${body.name}"}
"""

    class Names(Bodies):
        paths = {"name": "str"}
        ttl_s = 1.0
        version = 0

        def columns(self, rows: Sequence[BindingKey]) -> Any:
            self.version += 1
            return {"name": [f"{self.version} {key.character_id} " + "long " * 10 for key in rows]}

    names = Names()
    population = Population(program(body), actors(4_000), ProviderRegistry([names]))
    for tick in range(4):
        assert population.tick(tick * SECOND) == 4_000
        found = population.rows.get("a")
        assert [text.split()[1] for text in found] == [f"c-{n}" for n in range(4_000)]
        assert population.rows.get("b").all()
    assert {int(text.split()[0]) for text in found} == set(range(names.version - 3, names.version + 1))
