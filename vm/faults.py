"""Run-time failures as values: `Fault`, its `_error` map, and what handlers raise.

A fault knows what failed and where in the author's source. Documents see it
as the map `_error` (language 6.9), hosts as `AbmlRuntimeError`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from abml.errors import KINDS, AbmlRuntimeError
from abml.source import Span
from abml.values import ValueFault

_OWN_KEYS = frozenset(
    ("message", "kind", "code", "flow", "action", "channel", "line", "type", "handler_error"),
)


class ActionError(Exception):
    """What a handler raises to fail an action with a message and facts for `on_error`.

    `ActionError("the ledger is closed", status_code=423)` gives the document
    `_error.message` and `_error.status_code`.

    Attributes:
        message: one sentence for the author of the document.
        extra: further keys of `_error`; plain values. The keys that every
            `_error` has (`kind`, `code`, `flow`, ...) cannot be replaced.
    """

    def __init__(self, message: str, /, **extra: Any) -> None:
        super().__init__(message)
        self.message = message
        self.extra = extra


class HostFault(ValueFault):
    """A failure inside code of the host that is reported to the document.

    Attributes:
        type_name: class name of the host's exception; None when there was none.
        extra: further keys for `_error`.
    """

    def __init__(
        self, kind: str, message: str, *, type_name: str | None = None, extra: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(kind, message)
        self.type_name = type_name
        self.extra: dict[str, Any] = dict(extra or {})


@dataclass(frozen=True, slots=True)
class Fault:
    """One raised error of a run.

    Attributes:
        kind: a key of `abml.errors.KINDS`.
        message: one sentence.
        flow: qualified name of the flow in which it arose.
        action: canonical name of the action that failed.
        channel: name of the channel; None without channels.
        span: where in the source.
        type_name: class name of a host exception.
        extra: what the host added, plain values.
        handler_error: message of an error that a handler of this one raised.
    """

    kind: str
    message: str
    flow: str | None = None
    action: str | None = None
    channel: str | None = None
    span: Span | None = None
    type_name: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    handler_error: str | None = None

    @property
    def code(self) -> str:
        """`ABML901` and so on; the code of `internal_error` for an unknown kind."""
        return (KINDS.get(self.kind) or KINDS["internal_error"]).label

    @property
    def is_catchable(self) -> bool:
        """Whether `on_error` handlers are consulted."""
        kind = KINDS.get(self.kind)
        return kind is not None and kind.catchable

    def with_handler_error(self, message: str) -> Fault:
        """This fault after one of its handlers failed with that message."""
        return replace(self, handler_error=message)

    def to_map(self) -> dict[str, Any]:
        """The value of `_error`; a new map at each call."""
        error: dict[str, Any] = {
            "message": self.message,
            "kind": self.kind,
            "code": self.code,
            "flow": self.flow,
            "action": self.action,
            "channel": self.channel,
            "line": self.span.line if self.span is not None else None,
            "type": self.type_name,
        }
        if self.handler_error is not None:
            error["handler_error"] = self.handler_error
        for key, value in self.extra.items():
            if key not in _OWN_KEYS:
                error[key] = value
        return error

    @classmethod
    def from_map(cls, error: Mapping[str, Any], span: Span | None = None) -> Fault:
        """The fault of an `_error` map; the map holds a line only, so the span is given apart."""
        return cls(
            kind=str(error.get("kind") or "internal_error"),
            message=str(error.get("message") or ""),
            flow=error.get("flow"),
            action=error.get("action"),
            channel=error.get("channel"),
            span=span,
            type_name=error.get("type"),
            extra={key: value for key, value in error.items() if key not in _OWN_KEYS},
            handler_error=error.get("handler_error"),
        )

    @classmethod
    def from_value_fault(cls, fault: ValueFault, **place: Any) -> Fault:
        """The fault of an operator or function that could not give a value.

        Args:
            place: `flow`, `action`, `channel`, `span` as far as they are known.
        """
        if isinstance(fault, HostFault):
            return cls(fault.kind, fault.message, type_name=fault.type_name, extra=fault.extra, **place)
        return cls(fault.kind, fault.message, **place)

    def to_exception(self) -> AbmlRuntimeError:
        """The exception that the public API raises for this fault."""
        return AbmlRuntimeError(self.kind, self.message, self.span, dict(self.extra))
