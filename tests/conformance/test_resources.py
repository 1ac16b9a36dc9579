"""Rules of language 8.6 in whole programs over the real library: partial data, slow sources, who waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

import abml
from abml.providers.snapshots.api import LocalBackend, SnapshotApi
from abml.providers.snapshots.collectors import Collectors
from abml.providers.snapshots.events import EventMapping, EventMappings
from abml.providers.snapshots.service import SnapshotResources
from abml.providers.stores.archives import MemoryArchives
from abml.providers.stores.snapshots import MemorySnapshots
from abml.vm.actor import Actor
from abml.vm.clock import VirtualClock

HEAD = """
version: "3.0"
metadata:
  id: inspector
  type: event_brain
  fetch_mode: MODE
  resource_templates: [ guest-base, { type: guest-manners, alias: ways } ]
"""
GUESTS = {f"g-{n}": {"name": f"N{n}", "rank": n} for n in range(10)}


class Source:
    """One kind of data about guests: at once, or when a gate opens."""

    def __init__(self, source_type: str, answer: Callable[[str], Any], priority: int = 0) -> None:
        self.source_type = source_type
        self.answer = answer
        self.priority = priority
        self.is_slow = False
        self.is_open = True
        self.asked: list[str] = []

    def collect(self, resource_type: str, resource_id: str) -> Any:
        self.asked.append(resource_id)
        return self._later(resource_id) if self.is_slow else self.answer(resource_id)

    async def _later(self, resource_id: str) -> Any:
        await asyncio.sleep(0)
        while not self.is_open:
            await asyncio.sleep(0)
        return self.answer(resource_id)


class Inn:
    """Guests, two sources, and the library over them."""

    def __init__(self, *, is_slow: bool = False) -> None:
        self.guests = dict(GUESTS)
        self.base = Source("guest-base", self.guests.get)
        self.manners = Source("guest-manners", self._manners, 10)
        self.clock = VirtualClock()
        collectors = Collectors()
        for source in (self.base, self.manners):
            source.is_slow = is_slow
            collectors.register(source)
        self.is_broken = False
        api = SnapshotApi(collectors, MemorySnapshots(self.clock), MemoryArchives(), self.clock)
        renamed = EventMapping("guest.renamed", "guest", "guestId", "guest-base")
        self.library = SnapshotResources(LocalBackend(api), self.clock, events=EventMappings([renamed]))

    def _manners(self, guest: str) -> Any:
        if self.is_broken:
            raise OSError("the desk does not answer")
        return {"tips": self.guests[guest]["rank"] / 2}

    def run(self, text: str, *, mode: str = "explicit", **options: Any) -> list[str]:
        result = abml.run(HEAD.replace("MODE", mode) + text, resources=self.library, clock=self.clock, **options)
        assert result.error is None, result.error
        return [log.message for log in result.logs if log.level == "info"]

    def actor(self, text: str, *, mode: str = "explicit", **options: Any) -> Actor:
        program = abml.compile(HEAD.replace("MODE", mode) + text)
        return Actor(program, resources=self.library, waits=False, **options)


def both(test: Any) -> Any:
    return pytest.mark.parametrize("is_slow", [False, True], ids=["at once", "awaited"])(test)


SCORE = """
flows:
  main:
    - set: { sum: 0 }
    - for_each:
        variable: id
        collection: "${ids}"
        do:
          - load_snapshot: { resource_type: guest, resource_id: "${id}", name: candidate }
          - cond:
              - when: "${candidate._error != null}"
                then: [ { log: "${id} ${candidate._error.kind}" }, continue ]
          - set: { sum: "${sum + candidate.base.rank}" }
    - log: "${sum}"
"""


@both
def test_res_039_the_deleted_one_of_ten_is_left_out(is_slow: bool) -> None:
    inn = Inn(is_slow=is_slow)
    del inn.guests["g-4"]
    assert inn.run(SCORE, scope={"ids": list(GUESTS)}, flow="main") == ["g-4 not_found", "41"]


@both
def test_res_040_what_is_left_of_a_broken_source_is_readable(is_slow: bool) -> None:
    inn = Inn(is_slow=is_slow)
    inn.is_broken = True
    told = inn.run(
        "flows:\n  main:\n"
        "    - load_snapshot: { resource_type: guest, resource_id: g-3, name: guest }\n"
        "    - log: '${guest.base.rank} ${guest.ways.tips} ${guest._error.kind} ${guest._error.source}'\n"
        "    - log: '${guest._partial} ${guest._missing} ${guest._loaded}'\n",
        flow="main",
    )
    assert told == ["3 null partial guest-manners", 'true ["guest-manners"] true']


@both
def test_res_055_the_alias_and_the_full_type_lead_to_the_same(is_slow: bool) -> None:
    told = Inn(is_slow=is_slow).run(
        "flows:\n  main:\n"
        "    - load_snapshot: { resource_type: guest, resource_id: g-3, name: guest }\n"
        "    - log: '${guest.ways.tips} ${guest.manners.tips} ${guest.guest-manners.tips} ${guest.Manners.TIPS}'\n",
        flow="main",
    )
    assert told == ["1.5 1.5 1.5 1.5"]


@both
def test_res_032_paths_of_ids_read_the_same_data(is_slow: bool) -> None:
    inn = Inn(is_slow=is_slow)
    told = inn.run(
        "flows:\n  main:\n"
        "    - log: '${ids.map(id => id.base.rank).sum()} ${ids[3]}'\n"
        "    - for_each: { variable: id, collection: '${ids}', do: [ log: '${id.ways.tips}' ] }\n",
        mode="auto",
        scope={"ids": ["g-1", "g-2", "nobody", "g-8"]},
        flow="main",
    )
    assert told == ["11 g-8", "0.5", "1", "null", "4"]
    assert inn.base.asked == ["g-1", "g-2", "nobody", "g-8"]


def test_channels_go_on_while_one_waits_for_a_slow_source() -> None:
    inn = Inn(is_slow=True)
    inn.base.is_open = False
    told = inn.run(
        "channels:\n"
        "  reader:\n"
        "    - load_snapshot: { resource_type: guest, resource_id: g-3, name: guest }\n"
        "    - log: '${guest.base.name}'\n"
        "  worker: [ log: one, log: two, open_the_door: {} ]\n",
        handlers={"open_the_door": lambda action, context: setattr(inn.base, "is_open", True)},
        channels=None,
    )
    assert told == ["one", "two", "N3"]


@pytest.mark.parametrize("mode", ["explicit", "auto"])
def test_res_029_actors_wait_for_a_slow_source_by_themselves(mode: str) -> None:
    inn = Inn(is_slow=True)
    inn.base.is_open = False
    line = (
        "    - load_snapshot: { resource_type: guest, resource_id: g-3, name: guest }\n    - log: '${guest.base.name}'\n"
        if mode == "explicit"
        else "    - log: '${who.base.name}'\n"
    )
    readers = [inn.actor(f"flows:\n  on_tick:\n{line}", mode=mode, scope={"who": "g-3"}) for _ in range(2)]
    other = inn.actor("flows: { on_tick: [ log: tick ] }")
    for now in (0, 100, 200):
        assert [one.tick(now).status for one in readers] == ["suspended", "suspended"]
        assert other.tick(now).status == "completed"
    inn.base.is_open = True
    for now in (300, 400):
        for one in readers:
            one.tick(now)
    for one in readers:
        assert [log.message for log in one.take_records().logs][:1] == ["N3"]
        one.stop(500)


def test_res_034_watched_guests_are_read_anew_when_the_library_hears_of_a_change() -> None:
    inn = Inn()
    one = inn.actor(
        "flows:\n"
        "  start: [ watch: {resource_type: guest, resource_id: g-3, name: guest, on_change: look} ]\n"
        "  on_tick: [ log: '${guest.base.name}' ]\n"
        "  look: [ log: '${event.sources} ${guest.base.name}' ]\n"
    )
    one.tick(0)
    inn.guests["g-3"] = {"name": "Lady N3"}
    one.tick(100)
    inn.library.on_event("guest.renamed", {"guestId": "g-3"})
    one.tick(200)
    told = [log.message for log in one.take_records().logs]
    assert told == ["N3", "N3", '["guest-base"] Lady N3', "Lady N3"]


@both
def test_res_021_what_was_prefetched_is_not_asked_for_again(is_slow: bool) -> None:
    inn = Inn(is_slow=is_slow)
    told = inn.run(
        SCORE.replace(
            "    - set: { sum: 0 }\n",
            "    - prefetch_snapshots: { resource_type: guest, resource_ids: '${ids}' }\n"
            "    - asked\n    - set: { sum: 0 }\n",
        ),
        scope={"ids": list(GUESTS)},
        flow="main",
        handlers={"asked": lambda action, context: inn.base.asked.clear()},
    )
    assert told == ["45"]
    assert inn.base.asked == []
