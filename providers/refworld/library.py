"""Snapshots and archives of the characters of a world, wired as a host would wire them.

    library = Library(world)
    abml.run(document, resources=library.resources, templates=library.templates)

Events of the world make cached data old and tell watchers, as events of services do.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from abml.environment import TemplateRegistry
from abml.providers.snapshots.api import LocalBackend, SnapshotApi
from abml.providers.snapshots.decoded import Reading
from abml.providers.snapshots.events import EventMappings
from abml.providers.snapshots.service import SnapshotResources
from abml.providers.snapshots.settings import SnapshotSettings
from abml.providers.stores.snapshots import MemorySnapshots
from abml.registries import read_registry
from abml.vm.protocols import Clock

from .events import MAPPINGS, Event
from .sources import WorldClock, collectors_of, sources_of
from .world import RefWorld

TEMPLATES = Path(__file__).parent / "templates"
"""The folder of the resource templates, for `--templates` and `templates=`."""


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
        self.sources = sources_of(world)
        collectors = collectors_of(self.sources.values())
        stored = MemorySnapshots(time, used)
        self.api = SnapshotApi(collectors, stored, world.archives, time, used, templates=self.templates)
        self.resources = SnapshotResources(
            LocalBackend(self.api, used),
            time,
            Reading(self.templates, warn=warn),
            used,
            EventMappings(MAPPINGS),
        )
        self.close = world.events.subscribe("**", self._hear)

    def _hear(self, event: Event) -> None:
        self.resources.on_event(event.topic, event.payload)
