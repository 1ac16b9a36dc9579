"""What actors remember: a store that all of them share, each with its own shelf in it.

Memories belong to behavior and change all the time, so they are neither read
through a provider nor asked of a service.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from abml.vm.actions import Action, ActionContext

from .changes import text_of
from .world import Refused

MAX_MEMORIES = 1_000
"""Of one actor; the oldest is forgotten for a new one."""

_VALUES = {"key": {"type": "string", "required": True}, "value": {"type": "any"}}
MANIFEST: dict[str, Any] = {
    "remember": {"params": _VALUES, "open": False},
    "recall": {
        "params": {"key": {"type": "string", "required": True}, "default": {"type": "any"}},
        "primary": "key",
        "open": False,
        "result": "any",
    },
    "forget": {"params": {"key": {"type": "string", "required": True}}, "primary": "key", "open": False},
}
"""The actions of this module for a host manifest."""


class Shelf:
    """Memories by actor and key, in the order in which they were last written."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: dict[str, dict[str, Any]] = {}

    def remember(self, actor: str, key: str, value: Any) -> None:
        """Keep a value; one of that key is replaced and counts as new."""
        kept = self._kept.setdefault(actor, {})
        kept.pop(key, None)
        kept[key] = value
        if len(kept) > MAX_MEMORIES:
            del kept[next(iter(kept))]

    def recall(self, actor: str, key: str, default: Any = None) -> Any:
        """The value of a key, else the default."""
        return self._kept.get(actor, {}).get(key, default)

    def forget(self, actor: str, key: str) -> None:
        """Let go of a key; nothing happens when it is not there."""
        self._kept.get(actor, {}).pop(key, None)

    def of(self, actor: str) -> dict[str, Any]:
        """All that an actor remembers, the oldest first; a new mapping of the kept values."""
        return dict(self._kept.get(actor, {}))


def handlers(shelf: Shelf) -> dict[str, Callable[[Action, ActionContext], Any]]:
    """`remember {key, value}`, `recall {key, default}` and `forget {key}` for the acting actor."""

    def remember(action: Action, context: ActionContext) -> None:
        shelf.remember(_actor(action), _key(action), action.params.get("value"))

    def recall(action: Action, context: ActionContext) -> Any:
        return shelf.recall(_actor(action), _key(action), action.params.get("default"))

    def forget(action: Action, context: ActionContext) -> None:
        shelf.forget(_actor(action), _key(action))

    return {"remember": remember, "recall": recall, "forget": forget}


def _actor(action: Action) -> str:
    return action.actor_id or "run"


def _key(action: Action) -> str:
    given = action.params.get("key", action.params.get("value"))
    if given is None:
        raise Refused(f"{action.name} needs 'key'", status_code=400)
    return text_of(given, "key")
