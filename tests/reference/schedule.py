"""Turns, cycles and barriers of the fibers of a run; what happens when none can go on."""

from __future__ import annotations

from typing import Any

from .faults import Raised, ReferenceFault, RunSuspended
from .fiber import Fiber, Run, Waiting
from .flows import run_fiber
from .tracks import Body, mentions


class Barriers:
    """Cyclic barriers of the channels of a run."""

    def __init__(self, run: Run, bodies: dict[str, Body]) -> None:
        self.run = run
        self.derived = {name: mentions(body) for name, body in bodies.items()}
        self.arrived: dict[str, list[Waiting]] = {}
        self.participants: dict[str, set[str]] = {}

    def arrive(self, point: str, named: list[str] | None, wait: Waiting) -> None:
        if named is None:
            named = [name for name, points in self.derived.items() if point in points]
        self.participants[point] = set(named)
        self.arrived.setdefault(point, []).append(wait)
        self.check(point)

    def leave(self, point: str, wait: Waiting) -> None:
        """The channel waits there no longer."""
        if wait in self.arrived.get(point, ()):
            self.arrived[point].remove(wait)

    def check(self, point: str) -> None:
        """Open the barrier when nobody is missing."""
        here = self.arrived.get(point, [])
        names = {wait.fiber.name for wait in here if not wait.late}
        missing = [
            fiber
            for fiber in self.run.fibers
            if not fiber.done and fiber.name in self.participants[point] and fiber.name not in names
        ]
        if here and not missing:
            for wait in here:
                wait.ready = True
            self.arrived[point] = []

    def finished(self) -> None:
        """A channel ended: barriers no longer wait for it."""
        for point in list(self.arrived):
            self.check(point)


class Schedule:
    """Runs fibers in turns.

    Attributes:
        steps: fiber to its generator.
        cycles: since the last suspension.
    """

    def __init__(self, run: Run, fibers: list[Fiber], bodies: list[Body], *, channels: bool) -> None:
        self.run = run
        run.fibers = fibers
        run.channels = channels
        run.barriers = Barriers(run, {fiber.name or "": body for fiber, body in zip(fibers, bodies, strict=True)})
        self.steps: dict[Fiber, Any] = {
            fiber: run_fiber(fiber, *body) for fiber, body in zip(fibers, bodies, strict=True)
        }
        self.cycles = 0
        self.ends_at = None if run.global_timeout is None else run.micros + run.global_timeout

    def go(self) -> None:
        """Run until all have ended.

        Raises:
            RunSuspended: only the outside can help, or the next tick.
            ReferenceFault: the run failed.
        """
        try:
            while any(not fiber.done for fiber in self.run.fibers):
                if not self.cycle():
                    self.suspend()
        except ReferenceFault:
            self.cancel()
            raise

    def resume(self) -> None:
        """A tick: everything that waits for the host looks again."""
        for fiber in self.run.fibers:
            for wait in fiber.waits():
                wait.resumed()
        self.go()

    def cancel(self) -> None:
        for steps in self.steps.values():
            steps.close()

    def cycle(self) -> bool:
        """Time-outs in order, then a turn for everyone who is ready; whether anybody was."""
        for fiber in self.run.fibers:
            for wait in fiber.waits():
                wait.expire()
        if not any(fiber.ready() for fiber in self.run.fibers):
            return False
        self.cycles += 1
        if self.run.channels and self.cycles > self.run.max_cycles:
            raise ReferenceFault("limit_exceeded", "too many cycles without a pause")
        for fiber in self.run.fibers:
            if fiber.ready():
                self.turn(fiber)
        return True

    def turn(self, fiber: Fiber) -> None:
        try:
            end = fiber.step(self.steps[fiber])
        except ReferenceFault as fault:
            fault.channel = fiber.name
            fiber.done = True
            raise
        if end == "done":
            self.run.barriers.finished()

    def suspend(self) -> None:
        """Nobody can go on: jump to the next moment, give the run back, or find that nothing can change."""
        self.cycles = 0
        waits = [wait for fiber in self.run.fibers if not fiber.done for wait in fiber.waits()]
        moments = [wait.deadline for wait in waits if wait.deadline is not None]
        if moments:
            if self.ends_at is not None and min(moments) > self.ends_at:
                raise ReferenceFault("global_timeout", "the run takes too long")
            self.run.jump(min(moments))
            for wait in waits:
                wait.resumed()
        elif all(wait.only_inside for wait in waits):
            raise ReferenceFault("deadlock", ", ".join(str(fiber.name) for fiber in self.run.fibers if not fiber.done))
        else:
            raise RunSuspended


def place_of(fault: ReferenceFault) -> tuple[str | None, str | None]:
    """Flow and action of a fault that has a place."""
    return (fault.flow, fault.action) if isinstance(fault, Raised) else (None, None)
