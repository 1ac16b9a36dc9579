"""Middleware for every host: audit, taps, metrics, limits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from .call import Action, ActionContext, Done, Failed, Outcome, Unhandled
from .registry import Middleware, Proceed


class AuditRecord(NamedTuple):
    """One action that was performed, refused, or failed.

    Attributes:
        outcome: `done`, `failed`, `denied` or `unhandled`.
        detail: kind of the failure or reason of the refusal.
    """

    action: Action
    outcome: str
    detail: str | None


def _word(outcome: Done | Failed) -> tuple[str, str | None]:
    if isinstance(outcome, Failed):
        return "failed", outcome.kind
    if isinstance(outcome, Unhandled):
        return "unhandled", None
    reason = getattr(outcome, "reason", None)
    return ("denied", reason) if hasattr(outcome, "gate_map") else ("done", None)


class Audit(Middleware):
    """Tells a sink of every action with its final outcome.

    Args:
        sink: called with each record, on the thread that settles the action.
    """

    def __init__(self, sink: Callable[[AuditRecord], None]) -> None:
        self.sink = sink

    def settled(self, action: Action, outcome: Done | Failed) -> None:
        word, detail = _word(outcome)
        self.sink(AuditRecord(action, word, detail))


class Tap(Middleware):
    """Lets others watch the actions of single actors. An actor nobody watches costs one lookup."""

    def __init__(self) -> None:
        self._watchers: dict[str | None, list[Callable[[Action, Any], None]]] = {}

    def watch(self, actor_id: str | None, watcher: Callable[[Action, Any], None]) -> Callable[[], None]:
        """Call `watcher(action, outcome)` for each action of an actor; the result ends it.

        `outcome` is None when the action is about to be performed.
        """
        self._watchers.setdefault(actor_id, []).append(watcher)

        def stop() -> None:
            left = [one for one in self._watchers.get(actor_id, ()) if one is not watcher]
            if left:
                self._watchers[actor_id] = left
            else:
                self._watchers.pop(actor_id, None)

        return stop

    def around(self, action: Action, context: ActionContext, proceed: Proceed) -> Outcome:
        for watcher in self._watchers.get(action.actor_id, ()):
            watcher(action, None)
        return proceed(action, context)

    def settled(self, action: Action, outcome: Done | Failed) -> None:
        for watcher in self._watchers.get(action.actor_id, ()):
            watcher(action, outcome)


class Metrics(Middleware):
    """Counts per action name: started, done, failed, denied, unhandled."""

    def __init__(self) -> None:
        self.counts: dict[str, dict[str, int]] = {}

    def _count(self, name: str, word: str) -> None:
        counts = self.counts.get(name)
        if counts is None:
            # Names can be made at run time; from here on they share one entry.
            name = name if len(self.counts) < 1000 else "(other)"
            counts = self.counts.setdefault(name, {})
        counts[word] = counts.get(word, 0) + 1

    def around(self, action: Action, context: ActionContext, proceed: Proceed) -> Outcome:
        self._count(action.name, "started")
        return proceed(action, context)

    def settled(self, action: Action, outcome: Done | Failed) -> None:
        self._count(action.name, _word(outcome)[0])


class ActionLimit(Middleware):
    """Bounds how many actions an actor may have performed within one of its ticks.

    Attributes:
        most: actions per actor and tick; one more is `limit_exceeded`.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        # Actor -> (tick, count so far).
        self._counts: dict[str | None, tuple[int, int]] = {}

    def around(self, action: Action, context: ActionContext, proceed: Proceed) -> Outcome:
        tick, count = self._counts.get(action.actor_id, (action.tick, 0))
        if tick != action.tick:
            count = 0
        if count >= self.most:
            return Failed("limit_exceeded", f"more than {self.most} actions in one tick")
        self._counts[action.actor_id] = (action.tick, count + 1)
        return proceed(action, context)

    def forget(self, actor_id: str | None) -> None:
        """The actor is gone."""
        self._counts.pop(actor_id, None)
