"""What a fiber waits for, as the scheduler sees it: when it may go on, and who could let it.

The machine leaves a tuple whose first word is the kind of the wait:

    ("wait", wake time or None, looks again in every cycle)
    ("await", instruction, token, deadline, what ends it early or None)
    ("signal", instruction, addresses, all of them, taken so far, deadline)
    ("sync", instruction, barrier, participants or None, deadline)
    ("continuation", instruction, point, deadline)
    ("parallel", instruction, units of the arms)

A fiber without such a tuple ended its turn, or waits for the next tick after a
`goto` that goes round.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

Moment = int | float

# Who can end a wait: time, the host, or only the other channels.
TIME, HOST, CHANNELS = "time", "host", "channels"


def deadline(waiting: tuple[Any, ...] | None) -> Moment | None:
    """The moment at which a wait is over by itself; None when it has no such moment."""
    if waiting is None or waiting[0] == "parallel":
        return None
    found: Moment | None = waiting[1] if waiting[0] == "wait" else waiting[-1] if waiting[0] != "await" else waiting[3]
    return found


def looks_again(waiting: tuple[Any, ...] | None) -> bool:
    """A condition has to be evaluated again to find out whether the wait is over."""
    if waiting is None:
        return False
    if waiting[0] == "wait":
        return bool(waiting[2])
    return waiting[0] == "await" and bool(waiting[4]) and "until_unit" in waiting[4]


def source(waiting: tuple[Any, ...] | None, external: Collection[str] | None) -> str:
    """Who could end a wait: `time`, `host` or `channels`.

    Args:
        external: signals that the host may send; None when it may send any.
    """
    if waiting is None or waiting[0] in ("await", "continuation"):
        return HOST
    if deadline(waiting) is not None:
        return TIME
    if waiting[0] == "wait":
        return HOST
    if waiting[0] == "signal":
        taken = [address for _, address in waiting[4]]
        left = list(waiting[2])
        for address in taken:
            left.remove(address)
        outside = [channel is None and (external is None or name in external) for channel, name in left]
        # All of them are wanted: one that only a channel can send holds it up.
        return HOST if (all(outside) if waiting[3] else any(outside)) else CHANNELS
    return CHANNELS


def describe(waiting: tuple[Any, ...] | None) -> str:
    """What a wait is for, for messages."""
    if waiting is None:
        return "the next tick"
    kind = waiting[0]
    if kind == "signal":
        names = [f"'@{channel}.{name}'" if channel is not None else f"'{name}'" for channel, name in waiting[2]]
        word = "all of " if waiting[3] else "any of "
        return f"the signal {names[0]}" if len(names) == 1 else f"{word}the signals {', '.join(names)}"
    if kind == "sync":
        return f"the barrier '{waiting[2]}'"
    if kind == "await":
        return "the answer of an action"
    if kind == "continuation":
        return f"the continuation point '{waiting[2]}'"
    return "the arms of 'parallel'" if kind == "parallel" else "a condition" if waiting[2] else "time"
