"""The abstract syntax tree: expressions, actions, documents.

Every node has a `span`. Nodes are not changed after parsing; `Node` says how
they are made.

Values and texts of a document are expressions too: a YAML list in a value
field is a `ListExpr`, a mapping a `MapExpr`, a text with `${}` an
`Interpolation`. So everything that is evaluated has one representation.
"""

from __future__ import annotations

from typing import Any

from abml.source import Span

from .nodes import Node, field

# ---------------------------------------------------------------- expressions


class Expr(Node):
    """Base of everything that has a value."""

    span: Span


class Literal(Expr):
    """A constant: None, bool, int, float, str or `abml.values.Duration`.

    Attributes:
        raw: the text as written when a *string* scalar of a value field was read
            as number, bool or null (language 0.4 rule 4); a target declared
            `string` takes `raw` instead of `value`. None otherwise.
        bare: True for a text literal that came from a value field without `${}`
            (so that ABML135 can look at it).
    """

    value: Any
    raw: str | None = None
    bare: bool = False


class Name(Expr):
    """A name, resolved by language 4.3."""

    name: str


class Member(Expr):
    """`target.name`; `guarded` for `?.`. `hyphen`: the name contains a joined `-`."""

    target: Expr
    name: str
    guarded: bool = False
    name_span: Span | None = None


class Index(Expr):
    """`target[index]`, also the steps `.7` and `.${e}`; `guarded` for `?[`."""

    target: Expr
    index: Expr
    guarded: bool = False


class Chain(Expr):
    """A postfix chain with at least one guarded step.

    When a guarded step meets null, the whole chain up to this node is null.
    Parentheses end a chain: `(a?.b).c` is a `Member` over a `Chain`.
    """

    body: Expr


class Call(Expr):
    """`name(args)`, and `x | name(args)` with x as first argument (`piped`)."""

    name: str
    args: list[Expr]
    piped: bool = False
    name_span: Span | None = None


class MethodCall(Expr):
    """`target.name(args)`: `name(target, args)`, or a function of an import alias."""

    target: Expr
    name: str
    args: list[Expr]
    guarded: bool = False
    name_span: Span | None = None


class Lambda(Expr):
    """`x => body`; only ever an argument."""

    params: list[str]
    body: Expr


class Unary(Expr):
    """op is `-` or `!` (`not` is `!`)."""

    op: str
    operand: Expr


class Binary(Expr):
    """op is one of `+ - * / % == != < <= > >= in contains`.

    `x not in y` is `Unary('!', Binary('in', x, y))`. `contains` keeps its order
    of evaluation: left is the container.
    """

    op: str
    left: Expr
    right: Expr


class Logical(Expr):
    """op is `&&`, `||` (both give a bool) or `??`."""

    op: str
    left: Expr
    right: Expr


class Conditional(Expr):
    condition: Expr
    then: Expr
    otherwise: Expr


class ListExpr(Expr):
    items: list[Expr]


class MapExpr(Expr):
    """Keys are expressions; a plain key is a `Literal` string. Later keys win."""

    entries: list[tuple[Expr, Expr]]


class Interpolation(Expr):
    """Text with `${}` (parts are str or Expr) and, in text fields, `{{ }}`/`{% %}`.

    The value is a string, always. A part that is an `Expr` becomes text by
    language 3.6 with null as `null`. `template` is set instead of plain parts
    when the text has `{{` or `{%` and stands in a text field: then `parts` is
    empty and the template's own nodes hold everything, `${}` included.

    Attributes:
        sources: for every Expr in `parts`, its text as written with `${` and
            `}`; `log` shows it when the expression raises. Same length as
            `parts`, None for the str parts.
    """

    parts: list[str | Expr]
    template: Template | None = None
    sources: list[str | None] = field(default_factory=list)


# ------------------------------------------------------------------ templates


class TemplateNode(Node):
    span: Span


class TemplateText(TemplateNode):
    text: str


class TemplateOutput(TemplateNode):
    """`{{ value | filters }}`: null is empty. `interpolation`: it was `${}`, null is `null`."""

    value: Expr
    filters: list[TemplateFilter]
    interpolation: bool = False


class TemplateFilter(TemplateNode):
    name: str
    args: list[Expr]


class TemplateIf(TemplateNode):
    """if/elsif/else, unless (`negate` on its branch) and case/when, already lowered to conditions."""

    branches: list[tuple[Expr, list[TemplateNode]]]
    otherwise: list[TemplateNode]


class TemplateCase(TemplateNode):
    value: Expr
    branches: list[tuple[list[Expr], list[TemplateNode]]]
    otherwise: list[TemplateNode]


class TemplateFor(TemplateNode):
    variable: str
    collection: Expr
    limit: Expr | None
    offset: Expr | None
    reversed: bool
    body: list[TemplateNode]
    otherwise: list[TemplateNode]


class TemplateLoopControl(TemplateNode):
    """`break` or `continue`."""

    kind: str


class TemplateAssign(TemplateNode):
    name: str
    value: Expr
    filters: list[TemplateFilter]


class TemplateCapture(TemplateNode):
    name: str
    body: list[TemplateNode]


class Template(TemplateNode):
    nodes: list[TemplateNode]


# -------------------------------------------------------------------- actions


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


# ------------------------------------------------------------------ documents


class TypeRef(Node):
    """A declared type: name in canonical spelling, arguments, members of an enum."""

    span: Span
    name: str
    args: list[TypeRef] = field(default_factory=list)
    members: list[str] = field(default_factory=list)
    optional: bool = False
    text: str = ""


class Variable(Node):
    span: Span
    name: str
    name_span: Span
    type: TypeRef | None = None
    default: Expr | None = None
    source: Expr | None = None
    computed: Expr | None = None
    readonly: bool = False
    description: str | None = None
    properties: Any = None
    items: Any = None


class Requirement(Node):
    """`is_condition`: the value has `${}` and must be truthy; else the fact must equal it."""

    span: Span
    name: str
    value: Expr
    is_condition: bool


class Service(Node):
    span: Span
    name: str
    required: bool = False


class Import(Node):
    span: Span
    file: str | None
    alias: str | None
    schema: str | None = None
    types: list[str] = field(default_factory=list)
    file_span: Span | None = None
    alias_given: bool = False


class Param(Node):
    span: Span
    name: str
    type: TypeRef | None = None
    default: Expr | None = None


class Trigger(Node):
    """Keys inside one trigger must all hold."""

    span: Span
    event: str | None = None
    condition: Expr | None = None
    time_range: str | None = None
    schedule: str | None = None


class GoapEntry(Node):
    """One condition or effect: the fact, the text as written, and its parsed form.

    Attributes:
        op: conditions `== != < <= > >=`; effects `=`, `+`, `-`.
        value: None, bool, int, float, str, or an Expr (goal conditions with `${}`).
    """

    span: Span
    key: str
    text: str
    op: str
    value: Any
    alternatives: list[tuple[str, Any]] = field(default_factory=list)


class Goap(Node):
    span: Span
    preconditions: list[GoapEntry]
    effects: list[GoapEntry]
    cost: Expr


class Flow(Node):
    span: Span
    name: str
    name_span: Span
    actions: ActionList
    params: list[Param] = field(default_factory=list)
    triggers: list[Trigger] = field(default_factory=list)
    goap: Goap | None = None
    on_error: ActionList | None = None
    description: str | None = None
    tags: list[str] = field(default_factory=list)
    ignored: frozenset[int] = frozenset()


class Channel(Node):
    """`flow` is set for the form that names a flow; start is `auto`, `manual` or None (by the rules of 7.2)."""

    span: Span
    name: str
    name_span: Span
    actions: ActionList | None
    flow: FlowRef | None = None
    on_error: ActionList | None = None
    start: str | None = None
    description: str | None = None


class Option(Node):
    span: Span
    action_id: str
    preference: Expr
    available: Expr
    risk: Expr | None = None
    cooldown_ms: Expr | None = None
    requirements: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)


class EventHandler(Node):
    span: Span
    pattern: Expr
    handler: FlowRef
    condition: Expr | None = None


class PerceptionFilter(Node):
    span: Span
    pattern: str
    conditions: list[Expr]


class Goal(Node):
    span: Span
    name: str
    name_span: Span
    priority: Expr
    conditions: list[GoapEntry]
    description: str | None = None


class Function(Node):
    """A document function: `let` lines as assignments, then the result."""

    span: Span
    name: str
    name_span: Span
    params: list[Param]
    lets: list[tuple[str, Expr]]
    result: Expr
    returns: TypeRef | None = None


class ResourceTemplate(Node):
    span: Span
    type: str
    alias: str | None = None


class Metadata(Node):
    span: Span
    id: str
    type: str = "behavior"
    description: str | None = None
    tags: list[str] = field(default_factory=list)
    deterministic: bool = False
    resource_templates: list[ResourceTemplate] = field(default_factory=list)
    fetch_mode: str = "explicit"
    archetype: str | None = None
    fields: dict[str, Any] = field(default_factory=dict)


class Binding(Node):
    span: Span
    group: str
    name: str
    value: Expr


class Document(Node):
    """One parsed file. Mappings keep declaration order.

    Attributes:
        flows: sugar of the `actions` section is already turned into flows.
        options: type -> options; None when the section is absent.
        ignored: codes silenced by `x-abml-ignore` (numbers without the prefix).
        unread: names in lower case of functions whose definition has errors.
    """

    span: Span
    path: str | None
    version: str
    metadata: Metadata
    imports: list[Import] = field(default_factory=list)
    variables: dict[str, Variable] = field(default_factory=dict)
    requirements: list[Requirement] = field(default_factory=list)
    services: list[Service] = field(default_factory=list)
    config: dict[str, Expr] = field(default_factory=dict)
    bindings: list[Binding] = field(default_factory=list)
    options: dict[str, list[Option]] | None = None
    events: list[EventHandler] = field(default_factory=list)
    subscriptions: list[Expr] = field(default_factory=list)
    perception_filter: list[PerceptionFilter] | None = None
    goals: dict[str, Goal] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)
    entry: FlowRef | None = None
    flows: dict[str, Flow] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    on_error: FlowRef | None = None
    ignored: frozenset[int] = frozenset()
    unread: set[str] = field(default_factory=set)
