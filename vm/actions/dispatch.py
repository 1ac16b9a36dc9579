"""The door: every action of everybody passes through `dispatch`.

Bytecode, plan steps, driving humans and directives differ in `Action.origin`
only. Order: forbidden names, then the middleware from outside in, then the
handler; and what comes back is an outcome, never an exception.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from abml.vm.host_values import to_host

from .call import Action, ActionContext, Done, Failed, Outcome, Pending, Unhandled, failure, perform
from .registry import CATCH_ALL, ActionRegistry, Middleware, Proceed


def dispatch(registry: ActionRegistry, action: Action, context: ActionContext) -> Outcome:
    """Have an action performed.

    Args:
        action: its `params` must be deep copies already (`make_action` makes them).

    Returns:
        `Done`, `Failed` or `Pending`; for a pending one the observers of the
        registry hear of the outcome as soon as it is settled.
    """
    if registry.is_forbidden(action.name, action.params):
        refused = Failed("forbidden_action", f"the action '{action.name}' is forbidden")
        # Forbidden actions are not performed, but who watches has to see the attempt.
        _report(registry.middleware, action, refused)
        return refused
    middleware = registry.middleware
    if not middleware:
        return _perform(registry, action, context)
    pipeline = registry.pipeline
    if pipeline is None:
        pipeline = registry.pipeline = _compose(registry)
    outcome = pipeline(action, context)
    if isinstance(outcome, Pending):
        outcome.on_settled(lambda final: _report(middleware, action, final))
    else:
        _report(middleware, action, outcome)
    return outcome


def _report(middleware: tuple[Middleware, ...], action: Action, outcome: Done | Failed) -> None:
    for one in middleware:
        one.settled(action, outcome)


def _compose(registry: ActionRegistry) -> Proceed:
    proceed: Proceed = _End(registry)
    for one in reversed(registry.middleware):
        proceed = _Link(one, proceed)
    return proceed


class _End:
    """The end of the pipeline: the handler."""

    __slots__ = ("registry",)

    def __init__(self, registry: ActionRegistry) -> None:
        self.registry = registry

    def __call__(self, action: Action, context: ActionContext) -> Outcome:
        # A middleware may have given the action another name.
        if self.registry.is_forbidden(action.name, action.params):
            return Failed("forbidden_action", f"the action '{action.name}' is forbidden")
        return _perform(self.registry, action, context)


class _Link:
    """A middleware with the rest of the pipeline behind it."""

    __slots__ = ("middleware", "rest")

    def __init__(self, middleware: Middleware, rest: Proceed) -> None:
        self.middleware = middleware
        self.rest = rest

    def __call__(self, action: Action, context: ActionContext) -> Outcome:
        try:
            return self.middleware.around(action, context, self.rest)
        except Exception as error:
            failed = failure(error)
            return Failed(
                "internal_error", f"{type(self.middleware).__name__} failed: {failed.message}", failed.type_name
            )


def _perform(registry: ActionRegistry, action: Action, context: ActionContext) -> Outcome:
    entry = registry.find(action.name)
    if entry is None or entry.name == CATCH_ALL:
        # The catch-all handler takes what documents ask of the world, not what the runtime does itself.
        own = context.runtime(action.name)
        if own is not None:
            return perform(own, action, context)
    if entry is not None:
        return perform(entry.handler, action, context)
    if registry.policy == "error":
        return Failed("unknown_action", f"no handler for the action '{action.name}'")
    return Unhandled(registry.policy == "record")


def dispatch_route(
    registry: ActionRegistry, route: str, params: Mapping[str, Any], action: Action, context: ActionContext
) -> Outcome:
    """Have the action behind a route performed (`call: /path`); an unknown route is `forbidden_action`."""
    target = registry.routes.get(route)
    if target is None:
        return Failed("forbidden_action", f"the host has no route '{route}'")
    routed = action._replace(name=target, params={name: to_host(value) for name, value in params.items()})
    return dispatch(registry, routed, context)


def make_action(name: str, params: Mapping[str, Any], **more: Any) -> Action:
    """An action with deep copies of parameters that somebody else holds.

    Args:
        more: the other attributes of `Action`.
    """
    return Action(name, {key: to_host(value) for key, value in params.items()}, **more)
