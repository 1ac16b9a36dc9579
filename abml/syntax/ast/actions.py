"""Nodes of action lists and actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abml.source import Span
from abml.syntax.nodes import Node, field

if TYPE_CHECKING:
    from .expressions import Expr


class Target(Node):
    """Where an assignment goes: a root name and steps (`Literal` text or any Expr)."""

    span: Span
    name: str
    steps: list[Expr] = field(default_factory=list)
    text: str = ""


class FlowRef(Node):
    """A flow (or channel) reference: `name` as written, or `dynamic` expression."""

    span: Span
    name: str | None
    dynamic: Expr | None = None


class ActionList(Node):
    span: Span
    items: list[Action]


class Action(Node, kw_only=True):
    """Base of all actions.

    Attributes:
        name: canonical action name (`log`, `set`, `cond`, a domain action's name).
        name_span: the action key as written.
        when: guard; a falsy value skips this one action.
        on_error: action-level handler.
    """

    span: Span
    name: str
    name_span: Span
    id: str | None = None
    description: str | None = None
    when: Expr | None = None
    on_error: ActionList | None = None


class Branch(Node):
    span: Span
    condition: Expr
    then: ActionList


class Cond(Action, kw_only=True):
    """`cond` and `if`: the first truthy branch runs."""

    branches: list[Branch]
    otherwise: ActionList | None = None


class Case(Node):
    """One case; `from_key`: a mapping case, where a string value also matches the key's text `raw`."""

    span: Span
    matches: list[Expr]
    then: ActionList
    from_key: bool = False


class Switch(Action, kw_only=True):
    value: Expr
    cases: list[Case]
    default: ActionList | None = None


class Guard(Action, kw_only=True):
    """`condition`: falsy skips the rest of the innermost action list."""

    condition: Expr


class ForEach(Action, kw_only=True):
    variable: str
    collection: Expr
    body: ActionList
    index: str | None = None


class Repeat(Action, kw_only=True):
    times: Expr
    body: ActionList
    variable: str | None = None


class LoopControl(Action, kw_only=True):
    """`break` or `continue`, by `name`."""


class Argument(Node):
    """A named argument or parameter with its value."""

    span: Span
    name: str
    value: Expr


class CallFlow(Action, kw_only=True):
    flow: FlowRef
    args: list[Argument] = field(default_factory=list)
    into: Target | None = None


class Goto(Action, kw_only=True):
    flow: FlowRef
    args: list[Argument] = field(default_factory=list)


class Return(Action, kw_only=True):
    value: Expr | None = None


class BranchTo(Action, kw_only=True):
    """`branch`: go on with another channel's actions."""

    channel: FlowRef


class Parallel(Action, kw_only=True):
    arms: list[ActionList]


class Assignment(Node):
    """`target op value`; op is `=`, `+=`, `-=`, `*=` or `/=`."""

    span: Span
    target: Target
    value: Expr
    op: str = "="


class Assign(Action, kw_only=True):
    """`set`, `local`, `global` (by `name`): assignments in order."""

    assignments: list[Assignment]


class Increment(Action, kw_only=True):
    """`increment` and `decrement` (by `name`)."""

    target: Target
    by: Expr | None = None


class Clear(Action, kw_only=True):
    target: Target


class StateUpdate(Action, kw_only=True):
    """operation is `set append increment decrement merge remove`."""

    target: Target
    operation: str
    value: Expr | None


class Log(Action, kw_only=True):
    message: Expr
    level: str = "info"
    data: Expr | None = None


class Noop(Action, kw_only=True):
    pass


class Address(Node):
    """A signal address: `@channel.signal` (channel set) or `signal`; or a dynamic text."""

    span: Span
    channel: str | None
    signal: str | None
    dynamic: Expr | None = None


class Wait(Action, kw_only=True):
    """`duration` and `timeout` are expressions; a bare number there counts as seconds."""

    duration: Expr | None = None
    until: Expr | Address | None = None
    timeout: Expr | None = None
    on_timeout: ActionList | None = None


class WaitFor(Action, kw_only=True):
    """mode is `all_of` or `any_of`; `on_timeout` an action list or a channel/flow name."""

    addresses: list[Address]
    mode: str = "all_of"
    timeout: Expr | None = None
    on_timeout: ActionList | FlowRef | None = None


class Emit(Action, kw_only=True):
    signal: FlowRef
    payload: Expr | None = None


class Sync(Action, kw_only=True):
    point: str
    participants: list[str] | None = None
    timeout: Expr | None = None
    on_timeout: ActionList | FlowRef | None = None


class ContinuationPoint(Action, kw_only=True):
    """`timeout`: a bare number is milliseconds (the parser already made it a Duration literal)."""

    point: str
    timeout: Expr
    default_flow: FlowRef


class Intent(Node):
    """One mapping of `emit_intent`/`multi_emit`; `data` is a MapExpr or None, `extra` the collected parameters."""

    span: Span
    channel: FlowRef
    action: Expr
    urgency: Expr | None = None
    target: Expr | None = None
    position: Expr | None = None
    data: Expr | None = None
    extra: list[Argument] = field(default_factory=list)


class EmitIntent(Action, kw_only=True):
    """`emit_intent` (one intent) and `multi_emit` (several)."""

    intents: list[Intent]


class ChoiceOption(Node):
    span: Span
    label: Expr
    value: Expr | None = None
    description: Expr | None = None
    condition: Expr | None = None
    is_default: bool = False
    then: ActionList | None = None
    label_ref: str | None = None


class Choice(Action, kw_only=True):
    prompt: Expr | None
    options: list[ChoiceOption]
    timeout: Expr | None = None
    on_timeout: ActionList | None = None
    result: Target | None = None


class Qte(Action, kw_only=True):
    params: list[Argument]
    timeout: Expr | None = None
    default: Expr | None = None
    on_success: ActionList | None = None
    on_failure: ActionList | None = None
    on_timeout: ActionList | None = None
    result: Target | None = None


class Domain(Action, kw_only=True):
    """Any action the host performs (standard actions of language 8 included).

    Attributes:
        params: in declaration order. Texts of TX parameters are Interpolations,
            durations of DU parameters `Duration` literals or expressions.
        route: for `call: "/route"`; `name` is then the route.
        awaits: `await: completion` was written.
        until: ends the awaited action (address or condition).
        result: where the value goes.
    """

    params: list[Argument] = field(default_factory=list)
    route: str | None = None
    awaits: bool = False
    until: Expr | Address | None = None
    timeout: Expr | None = None
    on_timeout: ActionList | None = None
    result: Target | None = None
