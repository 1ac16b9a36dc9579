"""Walking the parts of an action: its bodies, expressions, targets and references.

One function a kind of part, each giving the parts of one action in the order
they are written or evaluated; the checks never look into the fields of actions
they have no question about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from abml.syntax import ast


class Sub(NamedTuple):
    """An action list inside an action.

    Attributes:
        role: `then`, `else`, `case`, `body`, `arm`, `option`, `on_timeout`,
            `on_success`, `on_failure` or `on_error`.
        scoped: it runs in a scope of its own.
        looped: it is the body of a loop.
        test: the condition under which it runs, where there is one.
    """

    role: str
    items: ast.ActionList
    scoped: bool = False
    looped: bool = False
    test: ast.Expr | None = None


class Ref(NamedTuple):
    """A reference to a flow or channel. `place` says where it stands, for messages."""

    place: str
    ref: ast.FlowRef
    kind: str  # call, goto, branch or either (a channel or a flow, entered like a goto)


def bodies(action: ast.Action) -> Iterator[Sub]:
    """The action lists inside an action, handlers last."""
    reader = _BODIES.get(type(action))
    if reader is not None:
        yield from reader(action)
        late = getattr(action, "on_timeout", None)
        if isinstance(late, ast.ActionList):
            yield Sub("on_timeout", late)
    if action.on_error is not None:
        yield Sub("on_error", action.on_error)


def _branches(action: ast.Cond) -> Iterator[Sub]:
    for branch in action.branches:
        yield Sub("then", branch.then, test=branch.condition)
    if action.otherwise is not None:
        yield Sub("else", action.otherwise)


def _rounds(action: ast.ForEach | ast.Repeat) -> Iterator[Sub]:
    scoped = isinstance(action, ast.ForEach) or action.variable is not None
    yield Sub("body", action.body, scoped=scoped, looped=True)


def _cases(action: ast.Switch) -> Iterator[Sub]:
    for case in action.cases:
        yield Sub("case", case.then)
    if action.default is not None:
        yield Sub("else", action.default)


def _arms(action: ast.Parallel) -> Iterator[Sub]:
    for arm in action.arms:
        yield Sub("arm", arm, scoped=True)


def _options(action: ast.Choice) -> Iterator[Sub]:
    for option in action.options:
        if option.then is not None:
            yield Sub("option", option.then)


def _outcomes(action: ast.Qte) -> Iterator[Sub]:
    if action.on_success is not None:
        yield Sub("on_success", action.on_success)
    if action.on_failure is not None:
        yield Sub("on_failure", action.on_failure)


def _no_bodies(action: ast.Action) -> Iterator[Sub]:
    return iter(())


# Every action that has bodies of its own, or a list of actions for its timeout.
_BODIES: dict[type, Callable[[Any], Iterator[Sub]]] = {
    **{kind: _no_bodies for kind in ast.Action.__subclasses__() if "on_timeout" in kind.node_fields()},
    ast.Cond: _branches,
    ast.ForEach: _rounds,
    ast.Repeat: _rounds,
    ast.Switch: _cases,
    ast.Parallel: _arms,
    ast.Choice: _options,
    ast.Qte: _outcomes,
}


def expressions(action: ast.Action) -> Iterator[tuple[str, ast.Expr]]:
    """(role, expression) of what an action evaluates itself, not of its bodies.

    Roles: `condition`, `value`, `text`, `number`, `duration`, `collection`, `until`.
    """
    if action.when is not None:
        yield "condition", action.when
    reader = _READERS.get(type(action))
    if reader is not None:
        yield from reader(action)


def _cond(action: ast.Cond) -> Iterator[tuple[str, ast.Expr]]:
    for branch in action.branches:
        yield "condition", branch.condition


def _switch(action: ast.Switch) -> Iterator[tuple[str, ast.Expr]]:
    yield "value", action.value
    for case in action.cases:
        for match in case.matches:
            yield "case", match


def _guard(action: ast.Guard) -> Iterator[tuple[str, ast.Expr]]:
    yield "condition", action.condition


def _for_each(action: ast.ForEach) -> Iterator[tuple[str, ast.Expr]]:
    yield "collection", action.collection


def _repeat(action: ast.Repeat) -> Iterator[tuple[str, ast.Expr]]:
    yield "number", action.times


def _flow_ref(ref: ast.FlowRef | ast.ActionList | None) -> Iterator[tuple[str, ast.Expr]]:
    if isinstance(ref, ast.FlowRef) and ref.dynamic is not None:
        yield "value", ref.dynamic


def _arguments(arguments: list[ast.Argument]) -> Iterator[tuple[str, ast.Expr]]:
    for argument in arguments:
        yield "value", argument.value


def _target(target: ast.Target | None) -> Iterator[tuple[str, ast.Expr]]:
    if target is not None:
        for step in target.steps:
            if not isinstance(step, ast.Literal):
                yield "value", step


def _until(until: ast.Expr | ast.Address | None) -> Iterator[tuple[str, ast.Expr]]:
    if isinstance(until, ast.Address):
        if until.dynamic is not None:
            yield "value", until.dynamic
    elif until is not None:
        yield "until", until


def _some(role: str, *found: ast.Expr | None) -> Iterator[tuple[str, ast.Expr]]:
    for expr in found:
        if expr is not None:
            yield role, expr


def _call(action: ast.CallFlow) -> Iterator[tuple[str, ast.Expr]]:
    yield from _flow_ref(action.flow)
    yield from _arguments(action.args)
    yield from _target(action.into)


def _goto(action: ast.Goto) -> Iterator[tuple[str, ast.Expr]]:
    yield from _flow_ref(action.flow)
    yield from _arguments(action.args)


def _return(action: ast.Return) -> Iterator[tuple[str, ast.Expr]]:
    yield from _some("value", action.value)


def _branch(action: ast.BranchTo) -> Iterator[tuple[str, ast.Expr]]:
    yield from _flow_ref(action.channel)


def _assign(action: ast.Assign) -> Iterator[tuple[str, ast.Expr]]:
    for assignment in action.assignments:
        yield "assigned", assignment.value
        yield from _target(assignment.target)


def _increment(action: ast.Increment) -> Iterator[tuple[str, ast.Expr]]:
    yield from _some("number", action.by)
    yield from _target(action.target)


def _clear(action: ast.Clear) -> Iterator[tuple[str, ast.Expr]]:
    yield from _target(action.target)


def _state_update(action: ast.StateUpdate) -> Iterator[tuple[str, ast.Expr]]:
    yield from _some("value", action.value)
    yield from _target(action.target)


def _log(action: ast.Log) -> Iterator[tuple[str, ast.Expr]]:
    yield "log", action.message
    yield from _some("value", action.data)


def _wait(action: ast.Wait) -> Iterator[tuple[str, ast.Expr]]:
    yield from _some("duration", action.duration)
    yield from _until(action.until)
    yield from _some("duration", action.timeout)


def _wait_for(action: ast.WaitFor) -> Iterator[tuple[str, ast.Expr]]:
    for address in action.addresses:
        yield from _some("value", address.dynamic)
    yield from _some("duration", action.timeout)
    yield from _flow_ref(action.on_timeout)


def _emit(action: ast.Emit) -> Iterator[tuple[str, ast.Expr]]:
    yield from _flow_ref(action.signal)
    yield from _some("value", action.payload)


def _sync(action: ast.Sync) -> Iterator[tuple[str, ast.Expr]]:
    yield from _some("duration", action.timeout)
    yield from _flow_ref(action.on_timeout)


def _continuation(action: ast.ContinuationPoint) -> Iterator[tuple[str, ast.Expr]]:
    yield "duration", action.timeout
    yield from _flow_ref(action.default_flow)


def _emit_intent(action: ast.EmitIntent) -> Iterator[tuple[str, ast.Expr]]:
    for intent in action.intents:
        yield from _flow_ref(intent.channel)
        yield "value", intent.action
        yield from _some("number", intent.urgency)
        yield from _some("value", intent.target, intent.position, intent.data)
        yield from _arguments(intent.extra)


def _choice(action: ast.Choice) -> Iterator[tuple[str, ast.Expr]]:
    yield from _some("text", action.prompt)
    for option in action.options:
        yield "text", option.label
        yield from _some("text", option.description)
        yield from _some("value", option.value)
        yield from _some("condition", option.condition)
    yield from _some("duration", action.timeout)
    yield from _target(action.result)


def _qte(action: ast.Qte) -> Iterator[tuple[str, ast.Expr]]:
    yield from _arguments(action.params)
    yield from _some("duration", action.timeout)
    yield from _some("value", action.default)
    yield from _target(action.result)


def _domain(action: ast.Domain) -> Iterator[tuple[str, ast.Expr]]:
    yield from _arguments(action.params)
    yield from _until(action.until)
    yield from _some("duration", action.timeout)
    yield from _target(action.result)


_READERS: dict[type, Callable[[Any], Iterator[tuple[str, ast.Expr]]]] = {
    ast.Cond: _cond,
    ast.Switch: _switch,
    ast.Guard: _guard,
    ast.ForEach: _for_each,
    ast.Repeat: _repeat,
    ast.CallFlow: _call,
    ast.Goto: _goto,
    ast.Return: _return,
    ast.BranchTo: _branch,
    ast.Assign: _assign,
    ast.Increment: _increment,
    ast.Clear: _clear,
    ast.StateUpdate: _state_update,
    ast.Log: _log,
    ast.Wait: _wait,
    ast.WaitFor: _wait_for,
    ast.Emit: _emit,
    ast.Sync: _sync,
    ast.ContinuationPoint: _continuation,
    ast.EmitIntent: _emit_intent,
    ast.Choice: _choice,
    ast.Qte: _qte,
    ast.Domain: _domain,
}


def references(action: ast.Action) -> Iterator[Ref]:
    """The flows and channels an action refers to."""
    if isinstance(action, ast.CallFlow):
        yield Ref("call", action.flow, "call")
    elif isinstance(action, ast.Goto):
        yield Ref("goto", action.flow, "goto")
    elif isinstance(action, ast.BranchTo):
        yield Ref("branch", action.channel, "branch")
    elif isinstance(action, ast.ContinuationPoint):
        yield Ref("default_flow", action.default_flow, "goto")
    elif isinstance(action, (ast.WaitFor, ast.Sync)) and isinstance(action.on_timeout, ast.FlowRef):
        yield Ref("on_timeout", action.on_timeout, "either")
    elif isinstance(action, ast.Domain) and action.name == "watch":
        for param in action.params:
            if (
                param.name == "on_change"
                and isinstance(param.value, ast.Literal)
                and isinstance(param.value.value, str)
            ):
                yield Ref("on_change", ast.FlowRef(param.value.span, param.value.value), "event")


def addresses(action: ast.Action) -> Iterator[ast.Address]:
    """The signal addresses an action waits for."""
    if isinstance(action, ast.WaitFor):
        yield from action.addresses
    until = getattr(action, "until", None)
    if isinstance(until, ast.Address):
        yield until


#: Actions after which nothing in the same list runs (language 6.5).
TERMINAL = (ast.Goto, ast.Return, ast.LoopControl, ast.BranchTo, ast.ContinuationPoint)
