"""One pipeline for every action: registry, middleware, `dispatch`, outcomes."""

from __future__ import annotations

from .call import (
    Action,
    ActionContext,
    Denied,
    Done,
    Failed,
    Handler,
    Outcome,
    Pending,
    Unhandled,
    finish,
    settled,
)
from .dispatch import dispatch, dispatch_route, make_action
from .registry import ActionRegistry, ActionRegistryError, Entry, Middleware, Proceed

__all__ = [
    "Action",
    "ActionContext",
    "ActionRegistry",
    "ActionRegistryError",
    "Denied",
    "Done",
    "Entry",
    "Failed",
    "Handler",
    "Middleware",
    "Outcome",
    "Pending",
    "Proceed",
    "Unhandled",
    "dispatch",
    "dispatch_route",
    "finish",
    "make_action",
    "settled",
]
