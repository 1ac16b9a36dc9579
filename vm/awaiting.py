"""Coroutines of handlers: run to their end by an event loop of our own, together, in their order."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from abml.vm.actions.call import Pending, settled


def run_pending(pending: list[Pending], wanted: Pending | None, timeout: float | None = None) -> None:
    """Run the coroutines of pending actions until `wanted` is settled, or all are when it is None.

    Args:
        timeout: seconds of real time to wait for `wanted`; then its coroutine is
            cancelled and it stays unsettled.
    """
    started = [one for one in pending if one.outcome is None and one.awaitable is not None]
    if started:
        _run(_together(started, wanted, timeout))


async def _together(started: list[Pending], wanted: Pending | None, timeout: float | None) -> None:
    import asyncio

    tasks = {id(one): asyncio.ensure_future(settled(one)) for one in started}
    if wanted is None:
        await asyncio.gather(*tasks.values())
        return
    first = tasks.get(id(wanted))
    if first is not None:
        try:
            await asyncio.wait_for(first, timeout)
        except TimeoutError:
            wanted.awaitable = None
    # The others belong to this event loop now, which ends with this call.
    await asyncio.gather(*(task for key, task in tasks.items() if key != id(wanted)))


def _run(coroutine: Coroutine[Any, Any, None]) -> None:
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(coroutine)
        return
    # The caller is a coroutine itself: its loop is busy with us, so another thread runs ours.
    import threading

    errors: list[BaseException] = []

    def work() -> None:
        try:
            asyncio.run(coroutine)
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=work, name="abml-await")
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
