"""Snapshots: many of them loaded and read, with the memory they take, and the cost of one path. Reports only.

    python bench/bench_snapshots.py [COUNT]

Times of two machines say nothing about each other. The cost of a path is put beside a plain mapping that is
read by the same steps, in turn, and given as the ratio of the two.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Mapping
from typing import Any

from abml.environment import TemplateRegistry
from abml.providers.snapshots.api import LocalBackend, SnapshotApi
from abml.providers.snapshots.collectors import Collectors
from abml.providers.snapshots.decoded import Reading
from abml.providers.snapshots.service import SnapshotResources
from abml.providers.snapshots.view import BundleView
from abml.providers.stores.archives import MemoryArchives
from abml.providers.stores.snapshots import MemorySnapshots
from abml.vm.clock import VirtualClock
from abml.vm.protocols import SnapshotRequest

REGISTRY = TemplateRegistry.from_data(
    {
        "templates": [
            {"type": "character-base", "paths": {"name": "string", "age": "int"}},
            {"type": "character-personality", "paths": {"aggression": "float", "traits.patience": "float"}},
            {"type": "character-history", "paths": {"participations[].role": "string"}},
            {"type": "character-encounter", "paths": {"recent_count": "int"}},
        ]
    }
)
PATH = ("personality", "traits", "patience")


class Made:
    """A source of made-up data."""

    def __init__(self, source_type: str, data: Callable[[str], Mapping[str, Any]]) -> None:
        self.source_type = source_type
        self._data = data

    def collect(self, resource_type: str, resource_id: str) -> Mapping[str, Any]:
        return self._data(resource_id)


def sources() -> list[Made]:
    return [
        Made("character-base", lambda one: {"id": one, "name": f"Number {one}", "age": len(one) * 7}),
        Made(
            "character-personality",
            lambda one: {"aggression": 0.25, "traits": {"patience": 0.5, "courage": 0.125}, "mood": "calm"},
        ),
        Made(
            "character-history",
            lambda one: {"participations": [{"role": f"role {n}", "year": 800 + n, "of": one} for n in range(8)]},
        ),
        Made("character-encounter", lambda one: {"recent_count": 3, "with": [f"{one}-{n}" for n in range(5)]}),
    ]


def service() -> SnapshotResources:
    clock = VirtualClock()
    collectors = Collectors()
    for source in sources():
        collectors.register(source)
    api = SnapshotApi(collectors, MemorySnapshots(clock), MemoryArchives(), clock)
    return SnapshotResources(LocalBackend(api), clock, Reading(REGISTRY))


def fetch(resources: SnapshotResources, resource_id: str) -> BundleView:
    found = resources.fetch(SnapshotRequest("character", resource_id, ("character-base", "character-personality")))
    assert isinstance(found, BundleView)
    return found


def timed(label: str, count: int, work: Callable[[], object]) -> None:
    gc.collect()
    start = time.process_time_ns()
    work()
    spent = time.process_time_ns() - start
    print(f"{label:<44}{spent / count / 1_000:>10.2f} µs each")


def many(count: int) -> None:
    ids = [f"character-{n}" for n in range(count)]
    resources = service()
    gc.collect()
    tracemalloc.start()
    resources.prefetch("character", ids)
    held = tracemalloc.get_traced_memory()[0]
    for one in ids:
        fetch(resources, one).get(PATH)
    one_entry = tracemalloc.get_traced_memory()[0]
    for one in ids:
        view = resources.fetch(SnapshotRequest("character", one))
        assert isinstance(view, BundleView)
        assert view.get(("_error",)) is None
    everything = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    print(f"{count} snapshots of four entries in the cache, as they came{held / count:>10.0f} bytes each")
    print(f"{'one entry of each decoded':<44}{one_entry / count:>10.0f} bytes each")
    print(f"{'all entries decoded':<44}{everything / count:>10.0f} bytes each")
    print()

    resources = service()
    timed("collected, coded and cached", count, lambda: resources.prefetch("character", ids))

    def read() -> None:
        for one in ids:
            fetch(resources, one).get(PATH)

    timed("fetched, the first path read", count, read)
    timed("fetched again, the path read again", count, read)
    timed("prefetched when all is there", count, lambda: resources.prefetch("character", ids))
    print()


class Plain:
    """The provider of a mapping: what a host would write for data it has at hand."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data

    def get(self, path: tuple[str, ...]) -> Any:
        value: Any = self.data
        for step in path:
            value = value.get(step) if isinstance(value, Mapping) else None
        return value


def one_path(rounds: int = 15, count: int = 100_000) -> None:
    snapshot = fetch(service(), "character-1")
    plain = Plain(snapshot.get(()))
    assert snapshot.get(PATH) == plain.get(PATH) == 0.5
    spent: dict[str, list[float]] = {"snapshot": [], "plain": []}
    for _ in range(rounds):
        for name, read in (("snapshot", snapshot.get), ("plain", plain.get)):
            start = time.process_time_ns()
            for _ in range(count):
                read(PATH)
            spent[name].append((time.process_time_ns() - start) / count)
    ratios = sorted(one / other for one, other in zip(spent["snapshot"], spent["plain"], strict=True))
    eighth = len(ratios) // 8
    print(f"get({'.'.join(PATH)}): best, median; ratio to the mapping: best, median, range of the middle")
    for name, times in spent.items():
        print(f"  {name:<10}{min(times):>8.0f} ns {statistics.median(times):>8.0f} ns")
    print(
        f"  ratio     {ratios[0]:>8.2f}    {statistics.median(ratios):>8.2f}"
        f"    {ratios[eighth]:.2f} to {ratios[-1 - eighth]:.2f}"
    )


if __name__ == "__main__":
    many(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
    one_path()
