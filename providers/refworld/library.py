"""Snapshots and archives of the characters of a world, wired as a host would wire them.

    library = Library(world)
    abml.run(document, resources=library.resources, templates=library.templates)

Events of the world make cached data old and tell watchers, as events of services do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from abml.environment import TemplateRegistry
from abml.providers.snapshots.api import LocalBackend, SnapshotApi
from abml.providers.snapshots.collectors import Collectors
from abml.providers.snapshots.decoded import Reading
from abml.providers.snapshots.events import EventMapping, EventMappings
from abml.providers.snapshots.service import SnapshotResources
from abml.providers.snapshots.settings import SnapshotSettings
from abml.providers.stores.snapshots import MemorySnapshots
from abml.registries import read_registry
from abml.vm.protocols import Clock

from .events import MAPPINGS, Event
from .records import SOURCES, Source
from .world import RefWorld

TEMPLATES = Path(__file__).parent / "templates"
"""The folder of the resource templates, for `--templates` and `templates=`."""


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


class Library:
    """Everything that is to be known of the characters of a world.

    Args:
        clock: by which data grows old; None: that of the world.
        warn: told of data that was missing or could not be read.

    Attributes:
        sources: by source type.
        api: makes, stores and answers snapshots and archives.
        resources: for `resources=` of a run or an actor.
        templates: for `templates=`.
    """

    def __init__(
        self,
        world: RefWorld,
        *,
        clock: Clock | None = None,
        settings: SnapshotSettings | None = None,
        warn: Callable[[str], None] | None = None,
    ) -> None:
        used = SnapshotSettings() if settings is None else settings
        time = WorldClock(world) if clock is None else clock
        self.world = world
        self.templates: TemplateRegistry = read_registry(TEMPLATES)
        self.sources = {source.source_type: WorldSource(world, source) for source in SOURCES}
        collectors = Collectors()
        for source in self.sources.values():
            collectors.register(source, "character")
        stored = MemorySnapshots(time, used)
        self.api = SnapshotApi(collectors, stored, world.archives, time, used, templates=self.templates)
        self.resources = SnapshotResources(
            LocalBackend(self.api, used),
            time,
            Reading(self.templates, warn=warn),
            used,
            EventMappings(mappings()),
        )
        self.close = world.events.subscribe("**", self._hear)

    def _hear(self, event: Event) -> None:
        self.resources.on_event(event.topic, event.payload)


def mappings() -> list[EventMapping]:
    """What the events of a world make old, for `EventMappings`."""
    return [
        EventMapping(one.topic, one.resource_type, one.id_field, one.source_type, one.is_deletion) for one in MAPPINGS
    ]
