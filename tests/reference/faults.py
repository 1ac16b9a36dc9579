"""Faults and the signals with which action lists are left, for the reference evaluator."""

from __future__ import annotations

from typing import Any

NOT_CATCHABLE = frozenset(
    {
        "no_channels",
        "cancelled",
        "limit_exceeded",
        "deadlock",
        "global_timeout",
        "requirement_not_met",
        "internal_error",
    }
)


class ReferenceFault(Exception):
    """A raised error of the language.

    Attributes:
        kind: word of the list of runtime error kinds.
        message: text for people; no comparison looks at it unless a host gave it.
        extra: further keys of the error value.
    """

    def __init__(self, kind: str, message: str, extra: dict[str, Any] | None = None) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind
        self.message = message
        self.extra = extra or {}
        self.channel: str | None = None

    @property
    def catchable(self) -> bool:
        return self.kind not in NOT_CATCHABLE


class Raised(ReferenceFault):
    """A fault with the place it arose at: flow, action, scope and frame depth."""

    def __init__(
        self, fault: ReferenceFault, flow: str, action: str, line: int, scope: Any, depth: int, channel: str | None
    ) -> None:
        super().__init__(fault.kind, fault.message, fault.extra)
        self.channel = channel
        self.flow = flow
        self.action = action
        self.line = line
        self.scope = scope
        self.depth = depth
        self.handler_error: str | None = None

    def value(self) -> dict[str, Any]:
        result: dict[str, Any] = {
            "message": self.message,
            "kind": self.kind,
            "flow": self.flow,
            "action": self.action,
            "channel": self.channel,
            "line": self.line,
        }
        result.update(self.extra)
        if self.handler_error is not None:
            result["handler_error"] = self.handler_error
        return result


class Leave(Exception):
    """Base of the ways to leave an action list early."""


class GuardStop(Leave):
    """A falsy `condition`: the innermost list ends."""


class LoopBreak(Leave):
    pass


class LoopContinue(Leave):
    pass


class FlowReturn(Leave):
    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


class FlowGoto(Leave):
    """A transfer; `code` is the channel whose code it leads to, for `branch`."""

    def __init__(self, flow: Any, args: dict[str, Any], code: str | None = None) -> None:
        super().__init__()
        self.flow = flow
        self.arguments = args
        self.code = code


class RunSuspended(Leave):
    """The run waits for something that only the outside can give."""
