"""Clocks: where the VM gets its time from; no other module of the VM reads one.

The unit is the microsecond, as an int, counted from the Unix epoch when the
host supplies real time and from 0 otherwise. `now()` of the language is the
whole milliseconds of it.
"""

from __future__ import annotations

import time

MICROS_PER_MS = 1_000


class VirtualClock:
    """A clock that stands still until it is told to move; never goes back.

    Attributes:
        micros: the current reading in microseconds.
    """

    __slots__ = ("micros",)

    def __init__(self, start_ms: int = 0) -> None:
        self.micros = start_ms * MICROS_PER_MS

    def now_us(self) -> int:
        """The current reading in microseconds."""
        return self.micros

    def now_ms(self) -> int:
        """The current reading in whole milliseconds, rounded down."""
        return self.micros // MICROS_PER_MS

    def advance(self, micros: int) -> None:
        """Move forward by so many microseconds.

        Raises:
            ValueError: `micros` is negative.
        """
        if micros < 0:
            raise ValueError("a clock does not go back")
        self.micros += micros

    def advance_to(self, micros: int) -> None:
        """Move forward to a reading; a reading in the past changes nothing."""
        if micros > self.micros:
            self.micros = micros


class HostClock:
    """Unix time of this machine, for hosts that want it; it may step when the machine's clock is set."""

    __slots__ = ()

    def now_us(self) -> int:
        """Microseconds since the Unix epoch."""
        return time.time_ns() // 1_000

    def now_ms(self) -> int:
        """Milliseconds since the Unix epoch, rounded down."""
        return time.time_ns() // 1_000_000


class SteadyClock:
    """Time since some fixed point that never steps or goes back: for how long something takes."""

    __slots__ = ()

    def now_us(self) -> int:
        """Microseconds."""
        return time.monotonic_ns() // 1_000

    def now_ms(self) -> int:
        """Milliseconds, rounded down."""
        return time.monotonic_ns() // 1_000_000
