"""The passing of time in a world: what falls due happens, in order, at its moment."""

from __future__ import annotations

import heapq
from collections.abc import Iterator

from .calendar import HOUR
from .changes import move_character, settle
from .events import Event
from .tales import end_quest
from .world import Refused, RefWorld

MAX_STEP = 100 * 365 * 24 * HOUR

_Due = tuple[int, int, str, str]
_BEGINS = ("character.departed", "quest.updated", "obligation.updated")


def advance(world: RefWorld, *, seconds: int = 0, minutes: int = 0, hours: int = 0, days: int = 0) -> int:
    """Let time pass: journeys arrive, quests run out, obligations lapse, days and seasons begin.

    What falls due at one moment happens journeys first, each kind in the order in
    which it was made.

    Returns:
        The moment now.

    Raises:
        Refused: the time is negative, or longer than a hundred years.
    """
    step = seconds + 60 * minutes + HOUR * hours + world.calendar.day_s * days
    if not 0 <= step <= MAX_STEP:
        raise Refused(f"time moves on by 0 to {MAX_STEP} seconds, not by {step}", status_code=400)
    before, end = world.now, world.now + step
    _pass(world, end)
    world.now = end
    if step:
        _tell(world, before)
    return world.now


def _pass(world: RefWorld, end: int) -> None:
    # Who hears of an arrival may set out again; only then is everything looked through once more.
    began: list[Event] = []
    endings = [world.events.subscribe(topic, began.append) for topic in _BEGINS]
    try:
        heap = sorted(_due(world, end))
        while heap:
            at, _, what, key = heapq.heappop(heap)
            if _due_at(world, what, key) != at:
                continue
            world.now = max(at, world.now)
            _happen(world, what, key)
            if began:
                began.clear()
                heap = sorted(_due(world, end))
    finally:
        for stop in endings:
            stop()


def _due(world: RefWorld, end: int) -> Iterator[_Due]:
    """(moment, order, what, key) of all that falls due until `end`."""
    tables = (("arrival", world.characters), ("quest", world.quest_runs), ("obligation", world.obligations))
    everything = ((what, key) for what, table in tables for key in table)
    for order, (what, key) in enumerate(everything):
        at = _due_at(world, what, key)
        if at is not None and at <= end:
            yield at, order, what, key


def _due_at(world: RefWorld, what: str, key: str) -> int | None:
    """When a thing falls due; None for never."""
    if what == "arrival":
        character = world.characters.get(key)
        return None if character is None or character.journey is None else character.journey.arrives
    if what == "quest":
        run = world.quest_runs.get(key)
        return run.ends if run is not None and run.state == "active" else None
    owed = world.obligations.get(key)
    return owed.until if owed is not None and owed.state == "active" else None


def _happen(world: RefWorld, what: str, key: str) -> None:
    if what == "quest":
        end_quest(world, key, "failed")
    elif what == "obligation":
        settle(world, key, "lapsed")
    else:
        journey = world.characters[key].journey
        if journey is not None:
            move_character(world, key, journey.to)


def _tell(world: RefWorld, before: int) -> None:
    calendar = world.calendar
    world.publish("world.advanced", seconds=world.now - before)
    days = world.now // calendar.day_s - before // calendar.day_s
    at = calendar.split(world.now)
    if days:
        month = calendar.months[at.month - 1].name
        world.publish("world.day.began", days=days, year=at.year, month=month, day=at.day)
    seasons = [calendar.months[calendar.split(moment).month - 1].season for moment in (before, world.now)]
    if seasons[0] != seasons[1]:
        world.publish("world.season.began", season=seasons[1], before=seasons[0])
