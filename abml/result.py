"""What a run did: `RunResult`, and its form as JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

# Lists may hold themselves, and JSON cannot; what lies deeper than this is left out.
_MAX_DEPTH = 200


class Record(dict[str, Any]):
    """One thing that happened: a map whose keys can also be read as attributes.

    Keys, by the list of the `RunResult` that holds it (language 6.7, 6.9, 7.3, 8.1, 8.4):
        logs: level, message, data.
        effects: name, params, channel, flow.
        intents: channel, action, urgency, target, position, data, flow, order.
        signals: name, payload, source.
        error: kind, code, message, flow, action, channel, span, and what the host added.

    A record may hold two more: `order`, its place among everything the run did,
    counted from 0, and `at`, the VM clock in milliseconds when it happened.
    """

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"this record has no {name!r}; it has {', '.join(self)}") from None


@dataclass(slots=True)
class RunResult:
    """The outcome of one run, or of all ticks of one call (language 6.11).

    Attributes:
        status: "completed", "failed" or "suspended".
        value: what `return` gave.
        scope: final variables of the run scope, the document scope and the given layer.
        logs: the newest `max_log_entries` log records, in order.
        effects: domain actions handed to the host, in order.
        intents: in order of emission, not merged.
        signals: what was emitted, in order.
        channel_results: channel name -> what it returned; empty without channels.
        wake_at: VM clock in milliseconds at which a suspended run goes on by itself; None when
            only the outside can wake it, or when it is not suspended.
        reason: what a suspended run waits for: `wait`, `until`, `signal`, `sync`, `continuation`, `goto`,
            or `await` and the names of the actions whose answers are missing: `await knock`. None otherwise.
        error: of a failed run; None otherwise.
        failed_channel: the channel whose error ended the run.
        seed: the seed that gives the same random numbers again.
    """

    status: str
    value: Any = None
    scope: dict[str, Any] = field(default_factory=dict)
    logs: list[Record] = field(default_factory=list)
    effects: list[Record] = field(default_factory=list)
    intents: list[Record] = field(default_factory=list)
    signals: list[Record] = field(default_factory=list)
    channel_results: dict[str, Any] = field(default_factory=dict)
    wake_at: int | None = None
    reason: str | None = None
    error: Record | None = None
    failed_channel: str | None = None
    seed: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values that `json.dumps` takes.

        Durations become their text (`90s`), spans become maps, numbers that
        JSON has no word for (NaN, infinities) become null.
        """
        return {name: jsonable(getattr(self, name)) for name in self.__slots__}


def jsonable(value: Any) -> Any:
    """A value of the language, or a record of a run, as JSON has it. Shared parts are written out twice."""
    return _jsonable(value, [], 0)


def _jsonable(value: Any, open_ids: list[int], depth: int) -> Any:
    if value is None or value is True or value is False or type(value) is str or type(value) is int:
        return value
    if isinstance(value, float):
        return value if value - value == 0 else None
    if isinstance(value, str | int):
        return value
    if isinstance(value, dict | list) or (isinstance(value, tuple) and not hasattr(value, "_asdict")):
        if depth >= _MAX_DEPTH or id(value) in open_ids:
            return None
        open_ids.append(id(value))
        result: Any
        if isinstance(value, dict):
            result = {str(key): _jsonable(item, open_ids, depth + 1) for key, item in value.items()}
        else:
            result = [_jsonable(item, open_ids, depth + 1) for item in value]
        open_ids.pop()
        return result
    if isinstance(value, tuple):
        return dict(value._asdict())  # type: ignore[attr-defined]  # a span
    from abml.values import to_text

    return to_text(value)
