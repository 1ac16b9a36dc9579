"""Events: the value of one, the patterns that match its type, and the names of implicit handlers (language 1.7)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from .host_values import from_host
from .protocols import ResourceChange, WatchEntry

COMMAND = "command:"
"""What the type of a command perception starts with (language 8.2)."""

CHANGED, DELETED = "watch.changed", "watch.deleted"
"""Types of the events of watched resources (language 8.6)."""

_MANY = ("**", "#")
_OTHER = re.compile(r"[^A-Za-z0-9]+")


def event_type(given: Mapping[str, Any]) -> str | None:
    """The type of an event or perception as a host describes it; None when it names none."""
    found = given.get("type", given.get("perception_type"))
    return found if isinstance(found, str) and found else None


def event_value(given: Mapping[str, Any], now_ms: int | float) -> dict[str, Any]:
    """The map that `event` and `perception` are while it is handled.

    Args:
        given: what the host dispatches: `type`, and perhaps `source`, `urgency`,
            `timestamp` and `data`, the payload; any other key is kept.
        now_ms: the VM clock, for an event without `timestamp`.
    """
    data = given.get("data")
    payload: dict[str, Any] = data if isinstance(data, dict) else {}
    made = dict(payload)
    kind = event_type(given)
    envelope = {
        "type": kind,
        "source": given.get("source", given.get("source_id")),
        "urgency": given.get("urgency"),
        "timestamp": given.get("timestamp", now_ms),
        "data": payload if data is None else data,
    }
    if kind is not None and kind.startswith(COMMAND):
        envelope["params"] = payload
    for key, value in (*envelope.items(), *given.items()):
        made.setdefault(key, value)
    return made


def change_value(entry: WatchEntry, change: ResourceChange, now_ms: int | float) -> dict[str, Any]:
    """The event of a watched resource that changed or is gone (language 8.6, runtime 6.6)."""
    sources = sorted(entry.sources or ()) if change.source_type is None else [change.source_type]
    timestamp = now_ms if change.timestamp is None else change.timestamp
    return event_value(
        {
            "type": DELETED if change.deleted else CHANGED,
            "source": f"{change.resource_type}:{change.resource_id}",
            "urgency": 0.9 if change.deleted else 0.7,
            "timestamp": timestamp,
            "resource_type": change.resource_type,
            "resource_id": change.resource_id,
            "sources": sources,
            "deleted": change.deleted,
            "data": {
                "resourceType": change.resource_type,
                "resourceId": change.resource_id,
                "sourceType": change.source_type,
                "eventTopic": change.topic,
                "eventData": from_host(change.data, "the data of a change"),
                "deleted": change.deleted,
                "timestamp": timestamp,
            },
        },
        now_ms,
    )


@lru_cache(maxsize=4096)
def matches(pattern: str, name: str) -> bool:
    """Whether a pattern matches an event type: `*` is one segment, `**` and `#` any number of them."""
    steps = pattern.split(".")
    segments = name.split(".")
    # reached[k]: the steps so far can match the first k segments.
    reached = [True] + [False] * len(segments)
    for step in steps:
        following = [False] * (len(segments) + 1)
        if step in _MANY:
            seen = False
            for k, before in enumerate(reached):
                seen = seen or before
                following[k] = seen
        else:
            for k, segment in enumerate(segments):
                following[k + 1] = reached[k] and (step == "*" or step == segment)
        reached = following
    return reached[-1]


def handler_names(name: str) -> list[str]:
    """Flows that handle an event type without being asked to, the most special first."""
    names: list[str] = []
    if name.startswith(COMMAND):
        names.append("on_command_" + name[len(COMMAND) :])
    if name in (CHANGED, DELETED):
        names.append("on_resource_" + name.partition(".")[2])
    segments = name.split(".")
    ends = [] if len(segments) == 1 else segments[:1] + segments[-1:]
    for part in (segments, segments[1:], ends, segments[-1:]):
        if part:
            found = "on_" + _OTHER.sub("_", "_".join(part))
            if found not in names:
                names.append(found)
    return names
