"""Runs in flight: suspended runs of an instance, and what the host can do to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .extension import Extension
from .scheduler.channels import Scheduler
from .scheduler.mailbox import Signal, post


class Flight:
    """A suspended run.

    Attributes:
        number: runs are counted as they start; the order in which they go on.
        owner: the flow with triggers whose run it is; None for any other.
        is_main: it is the run that a tick resumes instead of starting another.
        state: what the runner puts back.
        is_cancelled: it fails when it goes on.
    """

    __slots__ = ("number", "owner", "is_cancelled", "is_main", "state")

    def __init__(self, number: int, owner: str | None, is_main: bool, state: Any) -> None:
        self.number = number
        self.owner = owner
        self.is_main = is_main
        self.is_cancelled = False
        self.state = state

    @property
    def point(self) -> str | None:
        """The continuation point at which it waits."""
        state = self.state
        if isinstance(state, Scheduler):
            return state.point
        if isinstance(state, Extension):
            waits = state.machine.reason == "continuation"
            return str(state.machine.pending) if waits else None
        return str(state["pending"]) if state["reason"] == "continuation" else None

    @property
    def wake_at(self) -> float | None:
        """When it goes on by itself."""
        state = self.state
        if isinstance(state, Scheduler):
            return state.wake_at
        found: float | None = state.machine.wake_at if isinstance(state, Extension) else state["wake_at"]
        return found

    def deliver(self, signal: Signal, most: int) -> None:
        """Put a signal into the run's mailbox, which holds so many; the oldest make room."""
        state = self.state
        if isinstance(state, Scheduler):
            state.deliver(signal)
        elif isinstance(state, Extension):
            state.machine.deliver(signal.name, signal.payload, signal.source)
        else:
            post(state["mailbox"], signal, most)

    @property
    def pending(self) -> Any:
        """Token of the action it awaits; a run of several fibers looks after its own."""
        state = self.state
        if isinstance(state, Scheduler):
            return None
        return state.machine.pending if isinstance(state, Extension) else state["pending"]

    def drop(self, abandon: Callable[[Any], None]) -> None:
        """The run is over; `abandon` ends the action that it awaits."""
        state = self.state
        if isinstance(state, Scheduler):
            state.drop()
        else:
            abandon(self.pending)
