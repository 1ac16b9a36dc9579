"""A plain run by ticks: the lifecycle of brains, and entries that are run in every tick."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .faults import RunSuspended
from .fiber import Run
from .instance import snapshot
from .schedule import Schedule

if TYPE_CHECKING:
    from .run import ReferenceResult

BRAINS = frozenset(("event_brain", "character_brain", "object_brain"))
TICK = 100_000


class Ticks:
    """Drives one actor without triggers and events.

    Args:
        start: begins the run of a flow; None: the channels of the document.
        named: the flow the caller names, which replaces the lifecycle.
    """

    def __init__(
        self, run: Run, start: Callable[[str | None], Schedule], named: str | None, result: ReferenceResult
    ) -> None:
        self.run = run
        self.start = start
        self.named = named
        self.result = result
        self.flight: Schedule | None = None
        self.bound = True
        document = run.program.root.document
        flows = document.flows
        lives = named is None and ("on_tick" in flows or document.metadata.type in BRAINS)
        self.first: list[str] = []
        if lives:
            starting = ["start"] if "start" in flows else ["on_initialize"]
            self.first = [name for name in [*starting, "on_initialized"] if name in flows]
        self.entry = self._entry(lives)
        timed = document.metadata.type in ("cutscene", "timeline") or not flows
        self.has_channels = named is None and self.entry is None and bool(document.channels) and (timed or lives)
        run.by_ticks = True

    def _entry(self, lives: bool) -> str | None:
        document = self.run.program.root.document
        if self.named is not None:
            return self.named
        key = None if document.entry is None else document.entry.name
        for name in ("on_tick", key, "main") if lives else (key, "main", "start"):
            if name is not None and self.run.program.root.flow(name) is not None:
                return name
        return None

    def drive(self, ticks: int) -> None:
        """Run so many ticks; a failed run ends them.

        Raises:
            RunSuspended: the last tick left a run in flight.
            ReferenceFault: a run failed.
        """
        began = self.run.micros
        for number in range(ticks):
            self.run.jump(began + number * TICK)
            try:
                self._tick()
            except RunSuspended:
                if number == ticks - 1:
                    raise

    def _tick(self) -> None:
        if self.flight is not None:
            self._go(self.flight)
            return
        while self.first:
            self._go(self.start(self.first.pop(0)))
        if self.entry is not None:
            self._go(self.start(self.entry))
        elif self.has_channels:
            self.has_channels = False
            self._go(self.start(None))
        else:
            self.run.fibers = []

    def _bind_sources(self) -> None:
        """Assigned `source` variables are bound again when a run has ended; only its result shows them."""
        self.bound = True
        program = self.run.program
        for instance in [program.root, *program.loaded.values()]:
            for name, variable in instance.scope.declared.items():
                if variable.source is not None:
                    instance.scope.vars.pop(name, None)

    def _go(self, schedule: Schedule) -> None:
        """Begin or resume a run; it stays in flight when it suspends."""
        going_on = schedule is self.flight
        self.flight = schedule
        if going_on:
            schedule.resume()
        else:
            if not self.bound:
                self._bind_sources()
            schedule.go()
        self.flight = None
        self.result.value = snapshot(self.run.fibers[0].result)
        self.bound = False
