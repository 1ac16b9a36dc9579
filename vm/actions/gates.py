"""Gates: actions of an actor that wait until somebody approves them.

A gated action becomes pending with a `GateRequest` as its token. Approved, it
goes through the rest of the pipeline; denied, it is `Denied` and the program
goes on. Nobody may hold an actor up for ever: after `timeout_ms`, and when the
gate or its owner goes away, the action is approved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from abml.vm.host_values import to_host

from .call import Action, ActionContext, Denied, Outcome, Pending
from .registry import Middleware, Proceed

DEFAULT_TIMEOUT_MS = 10_000


class GateRequest:
    """An action that waits for a decision.

    Attributes:
        id: counted from 1 within these gates; a decision has to name it.
        actor_id: whose action it is.
        action: the action with its evaluated parameters.
        deadline_ms: VM clock at which it is approved without a decision.
    """

    __slots__ = ("id", "actor_id", "action", "deadline_ms", "pending", "_proceed", "_context")

    def __init__(self, number: int, action: Action, deadline_ms: int, proceed: Proceed, context: ActionContext) -> None:
        self.id = number
        self.actor_id = action.actor_id
        self.action = action
        self.deadline_ms = deadline_ms
        self.pending = Pending(self)
        self._proceed = proceed
        self._context = context

    def to_map(self) -> dict[str, Any]:
        """What is told to those who may decide."""
        return {
            "request_id": self.id,
            "actor_id": self.actor_id,
            "action_type": self.action.name,
            "parameters": to_host(self.action.params),
            "deadline_ms": self.deadline_ms,
        }

    def _run(self) -> Outcome:
        return self._proceed(self.action, self._context)


class Gates(Middleware):
    """The gates of all actors. Actions of a driving human are never held.

    Attributes:
        timeout_ms: how long a request waits, on the VM clock.
        announce: called with each request when its turn has come; an exception approves it.
    """

    def __init__(
        self, announce: Callable[[GateRequest], None] | None = None, *, timeout_ms: int = DEFAULT_TIMEOUT_MS
    ) -> None:
        self.timeout_ms = timeout_ms
        self.announce = announce
        self._gated: dict[str | None, frozenset[str]] = {}
        # Actor -> its requests in order; only the first is announced and can be decided.
        self._waiting: dict[str | None, list[GateRequest]] = {}
        self._count = 0

    def set_gates(self, actor_id: str | None, names: Iterable[str]) -> None:
        """Hold these actions of an actor from now on; what waits for another name is approved."""
        wanted = frozenset(names)
        if wanted:
            self._gated[actor_id] = wanted
        else:
            self._gated.pop(actor_id, None)
        for request in list(self._waiting.get(actor_id, ())):
            if request.action.name not in wanted:
                self._finish(request, approved=True, reason=None)

    def gates_of(self, actor_id: str | None) -> frozenset[str]:
        """The actions of an actor that are held."""
        return self._gated.get(actor_id, frozenset())

    def clear(self) -> None:
        """No gates any more; everything that waits is approved. For when those who decide are gone."""
        for actor_id in list(self._gated) + list(self._waiting):
            self.set_gates(actor_id, ())

    def request_of(self, actor_id: str | None) -> GateRequest | None:
        """The request of an actor that waits for a decision now."""
        waiting = self._waiting.get(actor_id)
        return waiting[0] if waiting else None

    def around(self, action: Action, context: ActionContext, proceed: Proceed) -> Outcome:
        """Hold the action when it is gated."""
        gated = self._gated.get(action.actor_id)
        if gated is None or action.name not in gated or action.origin == "drive":
            return proceed(action, context)
        self._count += 1
        request = GateRequest(self._count, action, context.now_ms + self.timeout_ms, proceed, context)
        waiting = self._waiting.setdefault(action.actor_id, [])
        waiting.append(request)
        if len(waiting) == 1 and not self._announced(request):
            waiting.remove(request)
            return proceed(action, context)
        return request.pending

    def decide(self, actor_id: str | None, request_id: int, *, approve: bool, reason: str | None = None) -> bool:
        """Decide the request an actor waits for; False for a late, early or repeated decision."""
        request = self.request_of(actor_id)
        if request is None or request.id != request_id:
            return False
        self._finish(request, approved=approve, reason=reason)
        return True

    def expire(self, now_ms: int) -> int:
        """Approve what has waited long enough; how many that were. The host calls it once per tick."""
        due = [request for waiting in self._waiting.values() for request in waiting if request.deadline_ms <= now_ms]
        for request in due:
            self._finish(request, approved=True, reason=None)
        return len(due)

    def discard(self, actor_id: str | None) -> None:
        """Forget what an actor waits for without performing it: it was stopped, paused or reloaded."""
        for request in self._waiting.pop(actor_id, ()):
            request.pending.cancel()

    def _announced(self, request: GateRequest) -> bool:
        if self.announce is None:
            return True
        try:
            self.announce(request)
        except Exception:
            # Whoever decides cannot be reached, and the actor must not wait for that.
            return False
        return True

    def _finish(self, request: GateRequest, *, approved: bool, reason: str | None) -> None:
        waiting = self._waiting.get(request.actor_id, [])
        if request not in waiting:
            return
        was_first = waiting[0] is request
        waiting.remove(request)
        if not waiting:
            self._waiting.pop(request.actor_id, None)
        request.pending.settle(request._run() if approved else Denied(request.action.name, reason))
        following = self.request_of(request.actor_id)
        if was_first and following is not None and not self._announced(following):
            self._finish(following, approved=True, reason=None)
