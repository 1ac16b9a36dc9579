"""Work that may take a while: at once where it can be, with a time limit on a given timer where it cannot."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Collection, Coroutine, Generator
from functools import partial
from inspect import isawaitable
from typing import Any, Generic, Protocol, TypeVar

from abml.vm.clock import VirtualClock

T = TypeVar("T")


class Call(Protocol):
    """A call that is still to come."""

    def cancel(self) -> object:
        """Leave it out; nothing happens when it was made already."""
        ...


class Timer(Protocol):
    """Calls functions later; only ever asked while an event loop runs."""

    def call_later(self, micros: int, callback: Callable[[], None]) -> Call:
        """Call once after so many microseconds."""
        ...


class LoopTimer:
    """Real time, by the event loop that runs."""

    __slots__ = ()

    def call_later(self, micros: int, callback: Callable[[], None]) -> Call:
        return asyncio.get_running_loop().call_later(micros / 1_000_000, callback)


class VirtualTimer:
    """Time that moves when it is told to.

    Attributes:
        clock: moved by `advance`.
    """

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self._calls: list[tuple[int, int, _VirtualCall]] = []
        self._count = 0

    def call_later(self, micros: int, callback: Callable[[], None]) -> Call:
        self._count += 1
        call = _VirtualCall(callback)
        heapq.heappush(self._calls, (self.clock.micros + micros, self._count, call))
        return call

    def advance(self, micros: int) -> None:
        """Move the clock, making the calls that become due in the order of their times."""
        end = self.clock.micros + micros
        while self._calls and self._calls[0][0] <= end:
            due, _, call = heapq.heappop(self._calls)
            self.clock.advance_to(due)
            callback, call.callback = call.callback, None
            if callback is not None:
                callback()
        self.clock.advance_to(end)


class _VirtualCall:
    __slots__ = ("callback",)

    def __init__(self, callback: Callable[[], None]) -> None:
        self.callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        self.callback = None


class Deferred(Generic[T]):
    """Something to be awaited once, or to be closed when nobody will; no coroutine is made before that.

    Args:
        make: makes the coroutine when it is awaited.
        drop: lets go of what was prepared for it when it is closed instead.
    """

    __slots__ = ("_drop", "_make")

    def __init__(self, make: Callable[[], Coroutine[Any, Any, T]], drop: Callable[[], object]) -> None:
        self._make = make
        self._drop = drop

    def __await__(self) -> Generator[Any, Any, T]:
        return self._make().__await__()

    def close(self) -> None:
        """Nobody will await it."""
        self._drop()


def discard(awaitable: object) -> None:
    """Let go of an awaitable: coroutines that nobody runs say so unless they are closed."""
    close = getattr(awaitable, "close", None) or getattr(awaitable, "cancel", None)
    if close is not None:
        close()


def drive(steps: Generator[Any, Any, T]) -> T | Deferred[T]:
    """Run a generator that yields values, some of which may be awaitables; it is sent what those become.

    Returns:
        What the generator returns, at once as long as it yields nothing to wait for;
        else an awaitable of it.
    """
    value: Any = None
    try:
        while True:
            given = steps.send(value)
            if isawaitable(given):
                return Deferred(partial(_drive_on, steps, given), partial(_drop, steps, given))
            value = given
    except StopIteration as stop:
        result: T = stop.value
        return result


def _drop(steps: Generator[Any, Any, Any], given: object) -> None:
    discard(given)
    steps.close()


async def _drive_on(steps: Generator[Any, Any, T], given: Any) -> T:
    try:
        while True:
            if isawaitable(given):
                try:
                    value = await given
                except BaseException as error:
                    # Cancellations too: the generator closes what it has opened.
                    given = steps.throw(error)
                    continue
            else:
                value = given
            given = steps.send(value)
    except StopIteration as stop:
        result: T = stop.value
        return result


async def within(work: Awaitable[T], micros: int, timer: Timer) -> T:
    """What an awaitable becomes; it is cancelled when it takes longer.

    Raises:
        TimeoutError: it took longer.
    """
    task = asyncio.ensure_future(work)
    await settle((task,), micros, timer)
    if task.cancelled() or not task.done():
        raise TimeoutError
    return task.result()


async def settle(tasks: Collection[asyncio.Future[Any]], micros: int, timer: Timer) -> None:
    """Wait for tasks until all are done, one has failed or the time is over; cancel what is not done then.

    Nobody waits for the ends of cancelled tasks, so one that refuses to end holds nobody up.
    """
    over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    call = timer.call_later(micros, lambda: None if over.done() else over.set_result(None))
    everything: asyncio.Future[Any] = asyncio.gather(*tasks)
    both: set[asyncio.Future[Any]] = {everything, over}
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    finally:
        call.cancel()
        for one in (everything, *tasks):
            if one.done():
                _look_at(one)
            else:
                one.add_done_callback(_look_at)
                one.cancel()


def _look_at(future: asyncio.Future[Any]) -> None:
    """Failures of work that nobody waits for any more are not reported by the event loop."""
    if not future.cancelled():
        future.exception()
