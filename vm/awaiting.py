"""Coroutines of handlers: run by an event loop of our own, side by side, from one wait of a run to the next."""

from __future__ import annotations

from collections.abc import Callable, Collection, Coroutine, Iterable
from typing import TYPE_CHECKING, Any

from abml.vm.actions.call import Pending, settled

if TYPE_CHECKING:
    from asyncio import Runner

ROUNDS = 16
"""How often each coroutine may go on where nobody waits for it; one that needs more goes on in the next tick."""


class Coroutines:
    """The coroutines of one instance's actions.

    A coroutine that is not over when `run` returns goes on at its next call.
    The event loop is made by the first coroutine and lives until `close`.
    Not safe for two threads at once.
    """

    def __init__(self) -> None:
        self._runner: Runner | None = None

    def run(self, started: Iterable[Pending], wanted: Collection[Pending], timeout: float | None = None) -> None:
        """Run the coroutines of actions until one of `wanted` is over.

        Args:
            started: whose coroutines run beside those of `wanted`.
            timeout: seconds of real time after which it returns all the same; None: no limit; 0: it
                does not wait, coroutines go as far as they can.
        """
        if any(one.is_running for one in wanted):
            self._enter(_first((*started, *wanted), wanted, timeout))

    def finish(self, started: Iterable[Pending]) -> None:
        """Run the coroutines of these actions to their ends."""
        left = [one for one in started if one.is_running]
        if left:
            self._enter(_all(left))

    def close(self) -> None:
        """Cancel what still runs and end the event loop."""
        runner, self._runner = self._runner, None
        if runner is not None:
            _beside_a_running_loop(runner.close)

    def _enter(self, coroutine: Coroutine[Any, Any, None]) -> None:
        if self._runner is None:
            import asyncio

            # Made by hand, the loop does not become the one of the caller's thread.
            self._runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        runner = self._runner
        _beside_a_running_loop(lambda: runner.run(coroutine))


def _start(pending: Iterable[Pending]) -> None:
    import asyncio

    for one in pending:
        if one.outcome is None and one.awaitable is not None and one.task is None:
            one.task = asyncio.ensure_future(settled(one))


async def _first(started: Iterable[Pending], wanted: Iterable[Pending], timeout: float | None) -> None:
    import asyncio

    _start(started)
    tasks = [one.task for one in wanted if one.task is not None]
    if timeout == 0:
        for _ in range(ROUNDS):
            await asyncio.sleep(0)
            if any(task.done() for task in tasks):
                return
        return
    await asyncio.wait(tasks, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)


async def _all(started: Collection[Pending]) -> None:
    import asyncio

    _start(started)
    await asyncio.wait([one.task for one in started if one.task is not None])


def _beside_a_running_loop(work: Callable[[], object]) -> None:
    """Do something with our event loop, in another thread when the caller's own has one that runs."""
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        work()
        return
    # The caller is a coroutine itself: its loop is busy with us, so another thread runs ours.
    import threading

    errors: list[BaseException] = []

    def guarded() -> None:
        try:
            work()
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=guarded, name="abml-await")
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
