"""The sources of snapshots over a world: what a snapshot service asks, and the clock by which their data grows old."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from abml.providers.snapshots.collectors import Collectors

from .records import SOURCES, Source
from .world import RefWorld


class WorldClock:
    """The time of a world as a clock: data grows old as fast as its people."""

    __slots__ = ("world",)

    def __init__(self, world: RefWorld) -> None:
        self.world = world

    def now_us(self) -> int:
        """Microseconds since the first day of year 1."""
        return self.world.now * 1_000_000

    def now_ms(self) -> int:
        """Milliseconds since the first day of year 1."""
        return self.world.now * 1_000


class WorldSource:
    """One source of the snapshots of characters.

    Attributes:
        count: how many times it was asked.
        failure: what it raises when it is asked, for tests of partial answers; None: it answers.
    """

    def __init__(self, world: RefWorld, source: Source) -> None:
        self.world = world
        self.source_type = source.source_type
        self.priority = source.priority
        self.service_name = source.service_name
        self.count = 0
        self.failure: Exception | None = None
        self._record = source.record

    def collect(self, resource_type: str, resource_id: str) -> Mapping[str, Any] | None:
        """The record of a character by its id; None when there is no such character."""
        self.count += 1
        if self.failure is not None:
            raise self.failure
        owner = self.world.owner_of_id(resource_id.lower())
        if resource_type != "character" or owner is None or owner[0] != "characters":
            return None
        return self._record(self.world, self.world.characters[owner[1]])


def sources_of(world: RefWorld) -> dict[str, WorldSource]:
    """The sources of a world by source type, in the order in which they are asked."""
    return {source.source_type: WorldSource(world, source) for source in SOURCES}


def collectors_of(sources: Iterable[WorldSource]) -> Collectors:
    """Sources as those of characters."""
    collectors = Collectors()
    for source in sources:
        collectors.register(source, "character")
    return collectors
