"""Caching: stale values, single flight, retries, invalidation, versions of a tick, clients per load."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest

import abml
from abml.providers.base import DataProvider, Factory
from abml.providers.binding import BindingKey, ProviderError
from abml.providers.bound import BoundProviders
from abml.providers.cache import IDLE_US
from abml.providers.registry import ProviderRegistry

SECOND = 1_000_000
GULL = BindingKey("gull", character_id="mara", realm_id="coast")


class Loader:
    """A factory that counts its loads and can be told to fail."""

    namespace = "tide"

    def __init__(self, ttl_s: float | None = 10.0, **more: Any) -> None:
        self.ttl_s = ttl_s
        self.loads = 0
        self.fails = False
        self.__dict__.update(more)

    def create(self, actor: BindingKey) -> DataProvider:
        self.loads += 1
        if self.fails:
            raise ConnectionError("the gauge is down")
        return DataProvider({"load": self.loads})


def bound(loader: Any, key: BindingKey = GULL, **options: Any) -> BoundProviders:
    return ProviderRegistry([loader], **options).bind(key, [loader.namespace])


def reads(one: BoundProviders, at_s: float) -> Any:
    """What a tick reads; the work between ticks is done after it."""
    at = round(at_s * SECOND)
    provider = one.pin(at, lambda kind, message: None).get("tide")
    one.registry.work(at)
    return None if provider is None else provider.get(("load",))


def test_fresh_stale_and_new() -> None:
    loader = Loader()
    one = bound(loader)
    assert [reads(one, at) for at in (0, 1, 9.9)] == [None, 1, 1]
    # Old at 10: this tick still reads what is there, the next one what was loaded meanwhile.
    assert reads(one, 10) == 1 and loader.loads == 2
    assert [reads(one, at) for at in (10.1, 19)] == [2, 2] and loader.loads == 2


def test_one_load_at_a_time() -> None:
    loader = Loader()
    registry = ProviderRegistry([loader])
    several = [registry.bind(GULL, ["tide"]) for _ in range(5)]
    for one in several:
        one.pin(0, print)
    registry.work(0)
    assert loader.loads == 1


def test_failing_refreshes_are_tried_again_and_the_value_stays() -> None:
    loader = Loader()
    one = bound(loader)
    reads(one, 0)
    loader.fails = True
    tried, values = [], []
    for tenth in range(0, 240):
        at, before = tenth / 10, loader.loads
        if at >= 17:
            loader.fails = False
        values.append(reads(one, at))
        if loader.loads > before:
            tried.append(at)
    assert tried[:4] == [10, 11, 13, 17]
    assert None not in values and values[171] != values[0] and len(set(values)) == 2


def test_a_loader_that_fails_forever_is_null_after_ten_times_its_ttl() -> None:
    loader = Loader()
    one = bound(loader)
    reads(one, 0)
    loader.fails = True
    values = {at: reads(one, at) for at in range(1, 140)}
    assert [at for at, value in values.items() if value is None] == list(range(100, 140))
    loader.fails = False
    assert reads(one, 200) is None and reads(one, 201) == loader.loads


def test_retries_are_never_further_apart_than_a_minute() -> None:
    loader = Loader()
    one = bound(loader)
    loader.fails = True
    tried = []
    for at in range(0, 400):
        before = loader.loads
        reads(one, at)
        if loader.loads > before:
            tried.append(at)
    assert tried == [0, 1, 3, 7, 15, 31, 63, 123, 183, 243, 303, 363]


def test_how_long_stale_values_are_served_can_be_chosen() -> None:
    loader = Loader()
    one = bound(loader, stale_factor=2.0)
    reads(one, 0)
    loader.fails = True
    assert [reads(one, at) for at in (10, 19.9, 20)] == [1, 1, None]


def test_without_ttl_only_invalidation_makes_it_old() -> None:
    loader = Loader(ttl_s=None, invalidated_by=("gauge.cleaned",), scope_keys=("character",))
    one = bound(loader)
    reads(one, 0)
    assert reads(one, 1e9) == 1 and loader.loads == 1
    registry = one.registry
    assert registry.handle_event("gauge.painted") == 0
    assert registry.handle_event("gauge.cleaned", {"characterId": "other"}) == 0
    # The actor and the place of an event do not matter to what depends on the character.
    assert registry.handle_event("gauge.cleaned", {"character_id": "mara", "locationId": "pier"}) == 1
    assert reads(one, 1e9 + 1) == 1
    assert reads(one, 1e9 + 2) == 2


def test_invalidating_by_ids() -> None:
    world = Factory("world", lambda key: {}, scope_keys=frozenset(("realm",)))
    traits = Factory("traits", lambda key: {}, scope_keys=frozenset(("character",)))
    registry = ProviderRegistry([world, traits])
    for name in ("mara", "ole"):
        registry.bind(BindingKey(name, character_id=name, realm_id="coast"), ["world", "traits"]).pin(0, print)
    registry.work(0)
    assert registry.invalidate(character_id="mara") == 1
    assert registry.invalidate(realm_id="coast") == 1
    assert registry.invalidate("traits") == 2 and registry.invalidate() == 3
    with pytest.raises(ProviderError, match="a key has no 'ship'"):
        registry.invalidate(ship=1)


def test_a_tick_sees_one_version() -> None:
    loader = Loader()
    one = bound(loader)
    reads(one, 0)
    pinned = one.pin(11 * SECOND, print)
    before = pinned["tide"].get(("load",))
    one.registry.work(11 * SECOND)
    assert loader.loads == 2 and pinned["tide"].get(("load",)) == before == 1
    assert one.pin(11 * SECOND, print)["tide"].get(("load",)) == 2


def test_entries_that_nobody_reads_are_dropped() -> None:
    loader = Loader()
    one = bound(loader)
    reads(one, 0)
    cache = one.registry.cache
    assert len(cache) == 1
    cache.work(2 * IDLE_US)
    assert len(cache) == 0


def test_an_interrupt_leaves_nothing_half_loaded() -> None:
    interrupts = [KeyboardInterrupt()]

    def load(key: BindingKey) -> dict[str, Any]:
        if interrupts:
            raise interrupts.pop()
        return {"load": key.actor_id}

    registry = ProviderRegistry([Factory("tide", load)])
    bounds = [registry.bind(BindingKey(name), ["tide"]) for name in "abc"]
    for one in bounds:
        one.pin(0, print)
    with pytest.raises(KeyboardInterrupt):
        registry.work(0)
    for one in bounds:
        one.pin(1, print)
    registry.work(1)
    assert [reads(one, 0.1) for one in bounds] == ["a", "b", "c"]


# ----------------------------------------------------------------------- async


def test_async_factories_are_loaded_beside_the_ticks() -> None:
    opened: list[asyncio.Event] = []

    async def load(key: BindingKey) -> dict[str, Any]:
        gate = asyncio.Event()
        opened.append(gate)
        await gate.wait()
        return {"load": len(opened)}

    one = bound(Factory("tide", load, ttl_s=10.0))
    assert [reads(one, at) for at in (0, 1, 2)] == [None] * 3 and len(opened) == 1
    opened[0].set()
    one.registry.work(3 * SECOND)
    one.registry.work(3 * SECOND)
    assert reads(one, 4) == 1
    # It is old ten seconds after it came, not after it was asked for.
    assert reads(one, 12.9) == 1 and len(opened) == 1
    reads(one, 13)
    one.registry.work(13 * SECOND)
    assert len(opened) == 2
    one.registry.close()


def test_the_first_tick_of_a_run_waits_a_little_for_async_factories() -> None:
    async def load(key: BindingKey) -> dict[str, Any]:
        for _ in range(20):
            await asyncio.sleep(0)
        return {"load": 1}

    async def never(key: BindingKey) -> None:
        await asyncio.Event().wait()

    body = 'version: "3.0"\nmetadata: {id: x}\nflows: {main: [{return: "${tide.load}"}]}'
    assert abml.run(body, providers=[Factory("tide", load)]).value == 1
    registry = ProviderRegistry([Factory("tide", never)], first_wait_s=0.0)
    assert abml.run(body, providers=registry).value is None
    registry.close()


def test_async_failures_are_failures() -> None:
    async def load(key: BindingKey) -> None:
        raise ConnectionError("down")

    one = bound(Factory("tide", load, ttl_s=10.0))
    told: list[str] = []
    for at in range(3):
        one.pin(at * SECOND, lambda kind, message: told.append(message))
        one.registry.work(at * SECOND)
        one.registry.work(at * SECOND)
    assert told == ["the provider 'tide' failed: ConnectionError: down"]
    one.registry.close()


def test_a_host_with_an_event_loop_awaits_what_its_runs_need() -> None:
    async def load(key: BindingKey) -> dict[str, Any]:
        await asyncio.sleep(0)
        return {"load": 5}

    async def host() -> Any:
        registry = ProviderRegistry([Factory("tide", load)])
        await registry.ready(BindingKey("actor"), ["tide", "nothing"], 0)
        body = 'version: "3.0"\nmetadata: {id: x}\nflows: {main: [{return: "${tide.load}"}]}'
        return abml.run(body, providers=registry).value

    assert asyncio.run(host()) == 5


# --------------------------------------------------------------- requirements


def test_res_007_evaluation_never_loads_and_never_waits() -> None:
    calls: list[str] = []

    class Port:
        def fetch(self) -> dict[str, Any]:
            calls.append("fetch")
            return {"level": 3, "marks": {"a": 1}}

    port = Port()
    registry = ProviderRegistry([Factory("tide", lambda key: port.fetch(), ttl_s=1.0)])
    seen: list[int] = []
    body = """
version: "3.0"
metadata: {id: x}
flows:
  main:
    - count: {}
    - set: {a: "${tide.level + tide.marks.a}", b: "${tide}", c: "${tide.none}"}
    - for_each: {variable: k, collection: "${['level', 'none']}", do: [{set: {d: "${tide[k]}"}}]}
    - count: {}
"""
    handlers = {"count": lambda action, context: seen.append(len(calls))}
    result = abml.run(body, providers=registry, handlers=handlers, ticks=40)
    assert result.status == "completed"
    # Forty ticks of a tenth of a second: the load before the first one and those that TTL asks for, all between ticks.
    assert len(calls) > 1 and seen[0::2] == seen[1::2]


def test_res_008_each_load_opens_and_closes_a_client_of_its_own() -> None:
    events: list[str] = []
    count = iter(range(100))

    @contextmanager
    def client() -> Iterator[str]:
        name = f"client-{next(count)}"
        events.append(f"open {name}")
        try:
            yield name
        finally:
            events.append(f"close {name}")

    def load(key: BindingKey, client: str) -> dict[str, Any]:
        events.append(f"use {client}")
        if client == "client-1":
            raise ConnectionError("down")
        return {"load": client}

    registry = ProviderRegistry()
    registry.register(Factory("tide", load, ttl_s=10.0), scope=client)
    one = registry.bind(GULL, ["tide"])
    for at in (0, 10, 11, 12):
        reads(one, at)
    assert events == [f"{what} client-{n}" for n in range(3) for what in ("open", "use", "close")]
    assert reads(one, 13) == "client-2"


def test_res_008_clients_of_async_loads_are_closed_after_the_answer() -> None:
    events: list[str] = []

    @asynccontextmanager
    async def client() -> Any:
        events.append("open")
        yield "c"
        events.append("close")

    @contextmanager
    def plain() -> Iterator[str]:
        events.append("open")
        yield "p"
        events.append("close")

    async def load(key: BindingKey, client: str) -> dict[str, Any]:
        await asyncio.sleep(0)
        events.append(f"use {client}")
        return {"load": client}

    for scope, name in ((client, "c"), (plain, "p")):
        events.clear()
        registry = ProviderRegistry()
        registry.register(Factory("tide", load), scope=scope)
        body = 'version: "3.0"\nmetadata: {id: x}\nflows: {main: [{return: "${tide.load}"}]}'
        assert abml.run(body, providers=registry).value == name
        assert events == ["open", f"use {name}", "close"]
        registry.close()
