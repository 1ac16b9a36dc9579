"""Nodes of documents: flows, variables, options, goals, and the rest of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from abml.source import Span
from abml.syntax.nodes import Node, field

if TYPE_CHECKING:
    from .actions import ActionList, FlowRef
    from .expressions import Expr


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


class CostModifier(Node):
    """What a personality or the surroundings add to the cost of an action, while `when` holds."""

    span: Span
    add: Expr
    when: Expr | None = None


class Goap(Node):
    """The planning data of a flow.

    Attributes:
        action_type: what a director's overrides call the action; None: its id.
        violations: what a conscience looks at; None: the tags, and without those the id.
    """

    span: Span
    preconditions: list[GoapEntry]
    effects: list[GoapEntry]
    cost: Expr
    tags: list[str] = field(default_factory=list)
    action_type: str | None = None
    violations: list[str] | None = None
    cost_modifiers: list[CostModifier] = field(default_factory=list)


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
    preconditions: list[GoapEntry] = field(default_factory=list)
    description: str | None = None


class WorldFact(Node):
    """A fact of the world that an expression tells, asked once per planning request."""

    span: Span
    name: str
    name_span: Span
    value: Expr


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
    alias_span: Span | None = None


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
    world_state: dict[str, WorldFact] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)
    entry: FlowRef | None = None
    flows: dict[str, Flow] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    on_error: FlowRef | None = None
    ignored: frozenset[int] = frozenset()
    unread: set[str] = field(default_factory=set)
