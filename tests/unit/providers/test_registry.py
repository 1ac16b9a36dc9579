"""The registry: registration, discovery, binding keys, sharing, absence."""

from __future__ import annotations

from typing import Any

import pytest

import abml
from abml.providers.base import DataProvider, Factory, spec_of
from abml.providers.binding import BindingKey, ProviderError, restrict, scope_keys_of
from abml.providers.registry import ProviderRegistry, as_key

HEAD = 'version: "3.0"\nmetadata: {id: harbor}\n'


def logs(body: str, **options: Any) -> list[str]:
    result = abml.run(HEAD + body, **options)
    assert result.status == "completed", result.error
    return [record.message for record in result.logs if "kind" not in record]


def warnings(body: str, **options: Any) -> list[str]:
    return [record.message for record in abml.run(HEAD + body, **options).logs if record.get("kind") == "provider"]


class Tide:
    namespace = "tide"

    def __init__(self, level: float = 2.5) -> None:
        self.level = level
        self.asked: list[BindingKey] = []

    def create(self, actor: BindingKey) -> DataProvider:
        self.asked.append(actor)
        return DataProvider({"level": self.level, "marks": [1, 4]})


READ = 'flows: {main: [{log: "${tide.level} ${tide.marks[1]} ${tide.nothing.at.all}"}]}'


def test_factories_are_given_as_a_list_or_in_a_registry() -> None:
    assert logs(READ, providers=[Tide()]) == ["2.5 4 null"]
    registry = ProviderRegistry()
    registry.register(Tide(7.0))
    assert logs(READ, providers=registry) == ["7 4 null"]
    assert logs(READ, providers={"tide": {"level": 1, "marks": [0, 2]}}) == ["1 null null"]


def test_no_factory_at_all_is_fine() -> None:
    assert logs('flows: {main: [{log: "dry"}]}', providers=[]) == ["dry"]
    assert len(ProviderRegistry()) == 0


def test_a_namespace_is_registered_once() -> None:
    registry = ProviderRegistry([Tide()])
    with pytest.raises(ProviderError, match="the namespace 'tide' is registered already, by Tide"):
        registry.register(Tide())
    with pytest.raises(abml.AbmlError, match="registered already"):
        abml.run(HEAD + READ, providers=[Tide(), Tide()])
    registry.unregister("tide")
    registry.register(Tide())
    with pytest.raises(ProviderError, match="'ebb' is not registered"):
        registry.unregister("ebb")


@pytest.mark.parametrize("name", ["agent", "feelings", "now", "_mood", "world_state", "true"])
def test_names_of_the_runtime_are_refused(name: str) -> None:
    with pytest.raises(ProviderError, match="name of the runtime"):
        ProviderRegistry([Factory(name, lambda key: None)])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (object(), "object has no namespace"),
        (Tide, "Tide is a class"),
        (Factory("two words", lambda key: None), "cannot be a namespace"),
        (Factory("tide", lambda key: None, ttl_s=-1.0), "ttl_s is a number of seconds above zero"),
        (Factory("tide", lambda key: None, ttl_s=float("nan")), "ttl_s is a number"),
        (Factory("tide", lambda key: None, scope_keys=frozenset(("harbor",))), "unknown scope key 'harbor'"),
        (Factory("tide", lambda key: None, paths={"a..b": "f64"}), "is no path"),
        (Factory("tide", lambda key: None, paths={"a": 1}), "mapping of dotted paths"),  # type: ignore[dict-item]
    ],
)
def test_a_factory_that_does_not_fit_is_refused(given: Any, message: str) -> None:
    with pytest.raises(ProviderError, match=message):
        ProviderRegistry([given])


def test_what_is_no_provider_is_refused_with_its_type() -> None:
    with pytest.raises(abml.AbmlUsageError, match="not int"):
        abml.run(HEAD + READ, providers=3)
    with pytest.raises(ProviderError, match="a binding has no 'ship'"):
        abml.run(HEAD + READ, providers=[Tide()], binding={"ship": 1})
    with pytest.raises(ProviderError, match="not int"):
        as_key(4)
    assert "gave int, which has no 'get'" in warnings(READ, providers=[Factory("tide", lambda key: 4)])[0]


def test_entry_points_are_looked_at_only_when_asked() -> None:
    class Point:
        def __init__(self, name: str, target: Any) -> None:
            self.name = name
            self.target = target
            self.loads = 0

        def load(self) -> Any:
            self.loads += 1
            if isinstance(self.target, Exception):
                raise self.target
            return self.target

    instance, maker = Tide(), lambda: Factory("wind", lambda key: {"knots": 9})
    points = [Point("wind", maker), Point("a-tide", instance)]
    registry = ProviderRegistry()
    assert [point.loads for point in points] == [0, 0]
    assert registry.discover(points) == ["tide", "wind"]
    assert logs('flows: {main: [{log: "${wind.knots}"}]}', providers=registry) == ["9"]
    assert ProviderRegistry().discover([Point("tide", Tide)]) == ["tide"]
    with pytest.raises(ProviderError, match=r"entry point 'gone' of abml\.providers failed: ImportError: no module"):
        ProviderRegistry().discover([Point("gone", ImportError("no module"))])
    assert isinstance(ProviderRegistry().discover(), list)


# ------------------------------------------------------------------------ keys


def test_a_key_is_cut_to_the_parts_that_count() -> None:
    key = BindingKey("gull-1", character_id="c", realm_id="r", location_id=None)
    assert restrict(key, scope_keys_of("x", None)) == ("gull-1",)
    assert restrict(key, frozenset(("realm", "character"))) == ("c", "r")
    # Nowhere in particular is a place too.
    assert restrict(key, frozenset(("character", "location"))) == ("c", None)
    assert restrict(BindingKey("gull-1"), frozenset(("character",))) is None


def test_actors_with_equal_keys_share_one_provider() -> None:
    asked: list[BindingKey] = []

    def world(key: BindingKey) -> dict[str, Any]:
        asked.append(key)
        return {"day": 3}

    registry = ProviderRegistry([Factory("world", world, scope_keys=frozenset(("realm",)))])
    keys = [BindingKey(f"gull-{n}", realm_id="coast") for n in range(1000)]
    bound = [registry.bind(key, ["world"]) for key in keys]
    for one in bound:
        assert one.pin(0, fail).get("world") is None
    registry.work(0)
    found = {id(one.pin(1, fail)["world"]) for one in bound}
    assert len(asked) == 1 and len(found) == 1
    registry.bind(BindingKey("far", realm_id="inland"), ["world"]).pin(2, fail)
    registry.work(2)
    assert [key.realm_id for key in asked] == ["coast", "inland"]


def fail(kind: str, message: str) -> None:
    raise AssertionError(message)


def test_what_depends_on_a_character_waits_for_one() -> None:
    asked: list[BindingKey] = []

    def traits(key: BindingKey) -> dict[str, Any]:
        asked.append(key)
        return {"patience": 0.4}

    registry = ProviderRegistry([Factory("traits", traits, scope_keys=frozenset(("character",)))])
    read = "flows: {main: [{log: \"${traits.patience ?? 'nobody'}\"}]}"
    assert logs(read, providers=registry) == ["nobody"] and asked == []
    assert warnings(read, providers=registry) == []
    assert logs(read, providers=registry, binding={"character_id": "mara"}) == ["0.4"]
    bound = registry.bind(BindingKey("gull"), ["traits"], is_alone=True)
    assert bound.pin(0, fail).get("traits") is None
    # A character is bound later: its data is there from the next tick on.
    bound.key = BindingKey("gull", character_id="mara")
    assert bound.pin(1, fail)["traits"].get(("patience",)) == 0.4


# --------------------------------------------------------------------- absence


def test_an_actor_whose_factory_fails_goes_on_and_others_are_not_touched() -> None:
    def traits(key: BindingKey) -> dict[str, Any]:
        if key.actor_id == "b":
            raise LookupError("no such row")
        return {"patience": 1}

    registry = ProviderRegistry([Factory("traits", traits)])
    a, b = (registry.bind(BindingKey(name), ["traits"], is_alone=True) for name in "ab")
    told: list[str] = []
    second = 1_000_000
    for at in range(0, 121 * second, second):
        assert b.pin(at, lambda kind, message: told.append(f"{kind}: {message}")).get("traits") is None
        assert a.pin(at, fail)["traits"].get(("patience",)) == 1
    # At 0, 60 and 120 seconds.
    assert told == ["provider: the provider 'traits' failed: LookupError: no such row"] * 3


def test_a_factory_may_have_nothing_for_an_actor() -> None:
    read = 'flows: {main: [{log: "${traits.patience ?? 0}"}]}'
    options = {"providers": [Factory("traits", lambda key: None)]}
    assert logs(read, **options) == ["0"]
    assert warnings(read, **options) == ["the provider 'traits' gave nothing for this actor"]


def test_a_provider_that_raises_is_told_once_and_reads_null() -> None:
    class Broken:
        def get(self, path: tuple[str, ...]) -> Any:
            raise RuntimeError("leak")

    body = 'flows: {main: [{repeat: {times: 3, do: [{log: "${tide.a ?? 1} ${tide.b ?? 2}"}]}}]}'
    options = {"providers": [Factory("tide", lambda key: Broken())]}
    assert logs(body, **options) == ["1 2"] * 3
    assert warnings(body, **options) == ["the provider 'tide' failed: RuntimeError: leak"]


def test_a_namespace_read_by_a_text_made_at_run_time_is_there_from_the_next_tick_on() -> None:
    tide = Tide()
    registry = ProviderRegistry([tide])
    bound = registry.bind(BindingKey("gull"), is_alone=True)
    first = bound.pin(0, fail)
    assert "tide" in first and "ebb" not in first and set(first) == {"tide"}
    assert first.get("tide") is None
    assert bound.pin(1, fail)["tide"].get(("level",)) == 2.5


# ------------------------------------------------------------------- providers


def test_data_is_followed_step_by_step() -> None:
    data = DataProvider({"a": {"B": [10, {"c": None}]}, "t": "text"})
    assert data.get(()) == {"a": {"B": [10, {"c": None}]}, "t": "text"}
    assert data.get(("a", "B", "0")) == 10
    assert data.get(("a", "B", "1", "c")) is None
    for path in [("a", "b"), ("a", "B", "9"), ("a", "B", "x"), ("a", "B", "9" * 400), ("t", "0"), ("x",)]:
        assert data.get(path) is None
    assert DataProvider({"a": {"B": 1}}, ignore_case=True).get(("A", "b")) == 1


def test_optional_attributes_have_defaults() -> None:
    spec = spec_of(Tide())
    assert spec.scope_keys == {"actor"} and spec.ttl_s == float("inf") and spec.paths is None
    assert spec.invalidated_by == frozenset() and not spec.is_columnar and not spec.is_pushed
