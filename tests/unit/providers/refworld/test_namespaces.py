"""The namespaces of runtime 5.3 over a world: one contract for all, and what each says."""

from __future__ import annotations

import math
from typing import Any

import pytest

import abml
from abml.providers.base import spec_of
from abml.providers.namespaces import KNOWN
from abml.providers.refworld import RefWorld
from abml.providers.refworld.changes import evolve_personality, transfer_money
from abml.providers.refworld.generator import generate
from abml.providers.refworld.journeys import start_journey
from abml.providers.refworld.namespaces import factories
from abml.providers.refworld.tales import start_quest
from abml.providers.refworld.time import advance
from abml.providers.registry import ProviderRegistry
from abml.vm.binding import BindingKey
from abml.vm.host_values import from_host

from .support import village

NAMES = [
    "backstory", "combat", "currency", "encounters", "faction", "inventory", "location", "obligations", "personality",
    "quest", "relationships", "seed", "storyline", "transit", "world",
]  # fmt: skip
PLAIN = {"f64": (int, float), "i64": int, "bool": bool, "str": str, "list": list, "map": dict, "any": object}


def key(world: RefWorld, who: str | None = "ada", **more: Any) -> BindingKey:
    """The binding of an actor that drives a character."""
    if who is None:
        return BindingKey("actor", **more)
    character = world.character(who)
    return BindingKey(
        f"actor-{who}", character.id, world.realms[character.realm].id, world.places[character.place].id, **more
    )


def provider(world: RefWorld, name: str, bound: BindingKey) -> Any:
    return next(one for one in factories(world) if one.namespace == name).create(bound)


def get(world: RefWorld, path: str, who: str = "ada") -> Any:
    name, *steps = path.split(".")
    return provider(world, name, key(world, who)).get(tuple(steps))


def test_all_namespaces_are_there() -> None:
    assert sorted(one.namespace for one in factories(village())) == NAMES
    assert sorted(one.namespace for one in factories(village(), columns=True)) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_contract(name: str) -> None:
    """Scope and time to live as documented; documented paths with their types; nothing raises, nothing is shared."""
    world = village()
    start_quest(world, "ada", "flour")
    start_journey(world, "ada", "dock", "mule")
    factory = next(one for one in factories(world) if one.namespace == name)
    spec, known = spec_of(factory), KNOWN[name]
    assert (spec.scope_keys, spec.ttl_s) == (known.scope_keys, known.ttl_s)
    bound = key(world)
    made = factory.create(bound)
    root = made.get(())
    assert from_host(root) == root
    for path, kind in known.paths.items():
        if "*" not in path:
            value = made.get(tuple(path.split(".")))
            assert value is None or isinstance(value, PLAIN[kind]), f"{name}.{path} is {value!r}"
            assert value is not None or path in ("primary_faction", "last_hostile_days"), path
    for path in ((), ("nothing",), ("nothing", "below"), ("0", "1"), ("",)):
        made.get(path)
    assert made.get(("nothing",)) is None
    # Unbound, bound to nothing that exists, bound to what is no character.
    assert factory.create(BindingKey("actor")) is None
    assert factory.create(BindingKey("actor", "nobody", "nowhere", "nowhere")) is None
    assert factory.create(BindingKey("actor", world.place("mill").id, world.place("mill").id)) is None
    # What was made stays as it is, whatever happens in the world afterwards.
    before = from_host(root)
    advance(world, days=2)
    transfer_money(world, "ada", "bo", "penny", 5)
    evolve_personality(world, "ada", "loyalty", -0.5)
    assert made.get(()) == before


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("personality.loyalty", 0.8),
        ("personality.openness", 0.0),
        ("combat.style", "cautious"),
        ("combat.riskTolerance", 0.2),
        ("backstory.origin", "river"),
        ("backstory.Fear.Key", "water"),
        ("backstory.fear.strength", 0.7),
        ("backstory.elements.trauma.0", "lost a sister"),
        ("encounters.last_hostile_days", 7 - 1.5 / 24),
        ("encounters.sentiment", -0.2),
        ("encounters.sentiment_toward_di", 0.2),
        ("quest.has_active", False),
        ("seed.capabilities.milling", 0.9),
        ("location.name", "Mill"),
        ("location.zone", "west"),
        ("location.entity_count", 2),
        ("location.nearby_pois.0", "the weir"),
        ("world.time.hour", 8),
        ("world.season", "spring"),
        ("transit.mode.mule.available", True),
        ("transit.mode.raft.preference_cost", 0.5),
        ("transit.nearest.shrine.hours", 0.25),
        ("transit.nearest.shrine.best_mode", "mule"),
        ("transit.journey.active", False),
        ("obligations.active_count", 1),
        ("obligations.contract_count", 1),
        ("obligations.violation_cost.theft", 2 * (1 + 0.5 * 0.3)),
        ("obligations.violation_cost.oath_breaking", 4 * (1 + 0.5 * 0.4)),
        ("obligations.violation_cost.trespass", 4),
        ("obligations.highest_penalty_type", "violence"),
        ("faction.count", 1),
        ("faction.primary_faction", "MILL"),
        ("faction.MILL.role", "master"),
        ("faction.in_controlled_territory", True),
        ("faction.norm_penalty.theft", 2),
        ("faction.norm_penalty.violence", 8),
        ("faction.has_norm.trespass", True),
        ("currency.penny", 50),
        ("inventory.items.lamp", 2),
        ("inventory.weight", 201.0),
        ("relationships.strongest", 0.7),
        ("relationships.toward.bo", 0.7),
        ("storyline.is_participant", False),
    ],
)
def test_values(path: str, value: Any) -> None:
    found = get(village(), path)
    assert found == (pytest.approx(value) if isinstance(value, float) else value)


def test_norms_by_precedence() -> None:
    """Realm, then whoever rules the place, then the guild."""
    world = village()
    assert get(world, "faction.norm_penalty.theft", "bo") == 9
    assert get(world, "faction.norm_penalty.theft", "ada") == 2
    bo = key(world, "bo")
    at_dock = BindingKey(bo.actor_id, bo.character_id, bo.realm_id, world.place("dock").id)
    assert provider(world, "faction", at_dock).get(("norm_penalty", "theft")) == 6
    assert provider(world, "faction", at_dock).get(("in_controlled_territory",)) is False
    # What lies inside a ruled place is ruled too.
    in_well = BindingKey(bo.actor_id, bo.character_id, bo.realm_id, world.place("well").id)
    assert provider(world, "faction", in_well).get(("norm_penalty", "theft")) == 9


def test_clocks_of_realms() -> None:
    world = village()
    hours = [provider(world, "world", key(world, who)).get(("time", "hour")) for who in ("ada", "cy")]
    assert hours == [8, 10]


def test_quests_by_code_and_journeys_under_way() -> None:
    world = village()
    start_quest(world, "ada", "flour", "bo")
    start_journey(world, "ada", "dock", "mule")
    advance(world, minutes=15)
    assert get(world, "quest.by_code.flour.hours_left") == 47.75
    assert get(world, "transit.journey.progress") == 0.25
    assert get(world, "transit.journey.destination") == "Dock"


def test_columns_equal_the_scalar_path() -> None:
    world = generate(11, 80)
    keys = [key(world, name) for name in world.characters] + [BindingKey("lost", "nobody", "nowhere")]
    for columnar in (one for one in factories(world, columns=True) if hasattr(one, "columns")):
        found = columnar.columns(keys)
        assert set(found) == set(columnar.paths)
        for path in columnar.paths:
            steps = tuple(path.split("."))
            for row, bound in enumerate(keys):
                made = provider(world, columnar.namespace, bound)
                scalar = None if made is None else made.get(steps)
                value = found[path][row]
                value = value.item() if hasattr(value, "item") and scalar is not None else value
                assert value == scalar if scalar is not None else not value or str(value) == "--"
                assert scalar is None or isinstance(scalar, bool) == isinstance(value, bool)


@pytest.mark.parametrize("columns", [False, True])
def test_documents_read_them(columns: bool) -> None:
    world = village()
    text = """
version: "3.0"
metadata: { id: self }
flows:
  main:
    - log: "${personality.loyalty} ${combat.style} ${world.time.period} ${backstory.FEAR.key} ${personality.nothing}"
    - log: "${encounters['sentiment_toward_di']} ${obligations.violation_cost.theft > 2} ${transit.nearest.ruin.hours}"
"""
    bound = key(world)
    result = abml.run(text, providers=factories(world, columns=columns), binding=bound)
    assert [str(one.message) for one in result.logs] == ["0.8 cautious morning water null", "0.2 true null"]


def test_events_make_what_is_cached_old() -> None:
    world = village()
    registry = ProviderRegistry(factories(world))
    world.events.subscribe("**", lambda event: registry.handle_event(event.topic, event.payload))
    text = 'version: "3.0"\nmetadata: {id: t}\nflows: {main: [{return: "${personality.loyalty}"}]}'
    values = []
    for delta in (0, -0.5):
        if delta:
            evolve_personality(world, "ada", "loyalty", delta)
        values.append(abml.run(text, providers=registry, binding=key(world)).value)
    assert values == [0.8, pytest.approx(0.3)]
    registry.close()


class Spy:
    """A world that counts every look at it."""

    def __init__(self, world: RefWorld) -> None:
        self.world = world
        self.count = 0

    def __getattr__(self, name: str) -> Any:
        self.count += 1
        return getattr(self.world, name)


def test_res_007_reading_asks_nobody() -> None:
    """Data is loaded beforehand and given to the provider; evaluation looks at the world not once."""
    spy = Spy(village())
    bound = key(spy.world)
    made = {one.namespace: one.create(bound) for one in factories(spy)}  # type: ignore[arg-type]
    before = spy.count
    assert before > 0
    text = "version: '3.0'\nmetadata: {id: t}\nflows: {main: [{log: '" + " ".join(f"${{{n}}}" for n in NAMES) + "'}]}"
    result = abml.run(text, providers=made)
    assert result.status == "completed" and len(result.logs[0].message) > 500
    assert spy.count == before
    assert all(not hasattr(one.get(()), "__await__") for one in made.values())


def test_last_hostile_days_is_null_without_any() -> None:
    assert get(village(), "encounters.last_hostile_days", "di") is None
    assert not math.isnan(get(village(), "encounters.sentiment", "cy"))
