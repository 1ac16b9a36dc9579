"""Loads that are under way: one for each bundle, shared by all who want it, with a time limit."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial
from inspect import isawaitable
from typing import Any

from .backends import Backend, Outcome, outcome_of
from .cache import Key
from .collectors import ResourceMissing
from .timing import Deferred, Timer, discard, within

Store = Callable[[Key, Outcome, "set[str | None]"], None]
Work = Callable[[], "Outcome | list[Outcome] | Awaitable[Outcome] | Awaitable[list[Outcome]]"]
"""A piece of work; it does not raise."""


def together(first: Any, rest: Iterable[Work], limit: int) -> Deferred[int]:
    """Do pieces of work, so many at a time; how many bundles there are then.

    Args:
        first: what the first piece gave when it was called; it has to be awaited.
    """
    return Deferred(lambda: _together(first, rest, limit), lambda: discard(first))


async def _together(first: Any, rest: Iterable[Work], limit: int) -> int:
    left = iter(rest)
    found = 0

    async def work(given: Any) -> None:
        nonlocal found
        while given is not None:
            # In two steps: `found` is read after the wait, when others have counted too.
            outcomes = await given if isawaitable(given) else given
            found += count(outcomes)
            following = next(left, None)
            given = None if following is None else following()

    def begin() -> Any:
        following = next(left, None)
        return None if following is None else following()

    await asyncio.gather(work(first), *[work(begin()) for _ in range(limit - 1)])
    return found


def count(given: Outcome | list[Outcome]) -> int:
    """How many of the outcomes of a piece of work have a bundle."""
    outcomes = [given] if isinstance(given, Outcome) else given
    return sum(outcome.bundle is not None for outcome in outcomes)


class Flight:
    """A load that is under way, or will be when somebody waits for it in an event loop.

    Attributes:
        outdated: source types that were invalidated meanwhile, None for all: what it brings of
            them may be older than that.
        joined: how many wait for it or may yet.
    """

    __slots__ = ("answer", "future", "joined", "loop", "outdated", "task")

    def __init__(self, answer: Awaitable[Any] | None) -> None:
        self.answer = answer
        self.outdated: set[str | None] = set()
        self.joined = 0
        self.loop: asyncio.AbstractEventLoop | None = None
        self.future: asyncio.Future[Outcome] | None = None
        self.task: asyncio.Task[None] | None = None


class Loader:
    """Asks a backend for bundles.

    Not safe for two threads at once. Event loops may take turns, as those of several
    instances of the machine do: a load is shared within the loop that began it.

    Args:
        store: told of every outcome once, with what was invalidated meanwhile.
    """

    def __init__(self, backend: Backend, timeout_us: int, timer: Timer, store: Store) -> None:
        self._backend = backend
        self._timeout_us = timeout_us
        self._timer = timer
        self._store = store
        # The loads that others may join, and all that are under way.
        self._flights: dict[Key, Flight] = {}
        self._flying: dict[Flight, Key] = {}

    def load(self, key: Key) -> Outcome | Awaitable[Outcome]:
        """Load a bundle: at once when the backend gives it at once."""
        flight = self._flights.get(key)
        if flight is not None:
            return self._joining(key, flight)
        try:
            answer = self._backend.load(*key)
        except Exception as error:
            return self._arrived(key, error, set())
        if not isawaitable(answer):
            return self._arrived(key, answer, set())
        flight = self._flights[key] = Flight(answer)
        self._flying[flight] = key
        if _running_loop() is not None:
            self._start(key, flight)
        return self._joining(key, flight)

    def load_all(self, keys: Sequence[Key], batch_size: int) -> list[Work]:
        """Pieces of work that together load bundles of one kind and resource type; call each of them once.

        One call of the backend for each batch where it takes several, else one for each bundle.
        """
        bulk = getattr(self._backend, "load_many", None)
        if bulk is None:
            return [partial(self.load, key) for key in keys]
        batches = [keys[at : at + batch_size] for at in range(0, len(keys), batch_size)]
        return [partial(self._load_batch, bulk, batch) for batch in batches]

    def _load_batch(self, bulk: Callable[..., Any], keys: Sequence[Key]) -> list[Outcome] | Awaitable[list[Outcome]]:
        try:
            given = bulk(keys[0].kind, keys[0].resource_type, [key.resource_id for key in keys])
        except Exception as error:
            given = error
        if isawaitable(given):
            return Deferred(lambda: self._await_batch(keys, given), lambda: discard(given))
        pick = _picker(given)
        return [self._arrived(key, pick(key), set()) for key in keys]

    async def _await_batch(self, keys: Sequence[Key], given: Awaitable[Any]) -> list[Outcome]:
        loop = asyncio.get_running_loop()
        flights = {}
        for key in keys:
            flight = flights[key] = Flight(None)
            flight.loop, flight.future = loop, loop.create_future()
            # Somebody else's load of one of them goes on beside this one.
            self._flights.setdefault(key, flight)
            self._flying[flight] = key
        # A task of its own: who gives up waiting for it takes nothing away from those who join.
        return await asyncio.shield(loop.create_task(self._fly_batch(flights, given)))

    async def _fly_batch(self, flights: dict[Key, Flight], given: Awaitable[Any]) -> list[Outcome]:
        try:
            pick = _picker(await self._settled(given))
            return [self._landed(key, flight, pick(key)) for key, flight in flights.items()]
        finally:
            for key, flight in flights.items():
                self._end(key, flight)

    def outdate(self, resource_type: str, resource_id: str, source_type: str | None) -> None:
        """Tell loads that are under way that data changed after they began."""
        for flight, key in self._flying.items():
            if key.resource_type == resource_type and key.resource_id == resource_id:
                flight.outdated.add(source_type)

    def _joining(self, key: Key, flight: Flight) -> Deferred[Outcome]:
        flight.joined += 1
        return Deferred(lambda: self._join(key, flight), lambda: self._leave(key, flight))

    def _leave(self, key: Key, flight: Flight) -> None:
        """Somebody will not wait after all; a load that nobody began and nobody wants is given up."""
        flight.joined -= 1
        if flight.joined == 0 and flight.future is None:
            discard(flight.answer)
            self._end(key, flight)

    async def _join(self, key: Key, flight: Flight) -> Outcome:
        loop = asyncio.get_running_loop()
        if flight.future is None:
            self._start(key, flight)
        elif flight.loop is not loop:
            # The other loop may stand still for as long as its owner likes.
            return await self._alone(key)
        assert flight.future is not None
        return await asyncio.shield(flight.future)

    def _start(self, key: Key, flight: Flight) -> None:
        flight.loop = asyncio.get_running_loop()
        flight.future = flight.loop.create_future()
        flight.task = flight.loop.create_task(self._fly(key, flight))

    async def _fly(self, key: Key, flight: Flight) -> None:
        try:
            assert flight.answer is not None
            self._landed(key, flight, await self._settled(flight.answer))
        finally:
            self._end(key, flight)

    async def _alone(self, key: Key) -> Outcome:
        flight = Flight(None)
        self._flying[flight] = key
        try:
            try:
                answer: Any = self._backend.load(*key)
            except Exception as error:
                answer = error
            if isawaitable(answer):
                answer = await self._settled(answer)
            return self._arrived(key, answer, flight.outdated)
        finally:
            del self._flying[flight]

    async def _settled(self, answer: Awaitable[Any]) -> Any:
        """What an awaitable becomes in time, or the exception it raises."""
        try:
            return await within(answer, self._timeout_us, self._timer)
        except Exception as error:
            return error

    def _landed(self, key: Key, flight: Flight, answer: Any) -> Outcome:
        outcome = self._arrived(key, answer, flight.outdated)
        assert flight.future is not None
        if not flight.future.done():
            flight.future.set_result(outcome)
        return outcome

    def _end(self, key: Key, flight: Flight) -> None:
        self._flying.pop(flight, None)
        if self._flights.get(key) is flight:
            del self._flights[key]
        if flight.future is not None and not flight.future.done():
            flight.future.cancel()

    def _arrived(self, key: Key, answer: Any, outdated: set[str | None]) -> Outcome:
        outcome = outcome_of(answer, *key)
        self._store(key, outcome, outdated)
        return outcome


def _picker(given: Any) -> Callable[[Key], Any]:
    """The answer for a key out of what a bulk call gave: an exception is that of all."""
    if isinstance(given, ResourceMissing):
        # It does not say which one is missing.
        given = LookupError(f"asked for several: {given}")
    if isinstance(given, Exception):
        return lambda key: given
    if not isinstance(given, Mapping):
        wrong = TypeError(f"load_many gave {type(given).__name__}, not a mapping")
        return lambda key: wrong
    return lambda key: given.get(key.resource_id)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
