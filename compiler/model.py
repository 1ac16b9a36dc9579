"""The model: a checked document set with every name resolved, the input of lowering.

The checker (`compiler.check.check`) builds one `Model` per program. It is plain
data over AST nodes; nothing in it is changed after the check. Documents are
numbered in load order, 0 is the root. Flows, functions, channels and goals are
numbered in program order: those of the root first, then those of the imported
documents in load order, within a document in declaration order.
"""

from __future__ import annotations

from abml.environment import Manifest
from abml.syntax import ast

# Records are made the way of syntax nodes: dataclasses cost too much at every start.
from abml.syntax.nodes import Node as Record
from abml.syntax.nodes import field

#: Names the VM itself supplies (language 4.3); reads of them never need a declaration.
RUNTIME_NAMES = frozenset(
    {
        "args",
        "document",
        "_result",
        "_error",
        "_error_handled",
        "_signal",
        "_signals",
        "_choice",
        "_wait",
    }
)

#: Names through which a document reports to the runtime; these may be assigned (language 6.3).
REPORT_NAMES = frozenset(
    {
        "_error_handled",
        "_feelings_update",
        "_goals_update",
        "_memories_add",
        "_memories_remove",
        "_behavior_change",
        "_actor_exit",
        "_action_status",
        "_plan_suspend",
    }
)

#: Ambient names the host is expected to supply; absent ones read as null (language 4.3).
AMBIENT_NAMES = frozenset(
    {
        "agent",
        "entity",
        "world",
        "event",
        "perception",
        "perceptions",
        "encounter",
        "state",
        "feelings",
        "goals",
        "memories",
        "working_memory",
        "spawn_context",
        "scene",
        "tick_count",
        "dt",
        "config",
    }
)

#: Usual provider roots (language 4.3).
PROVIDER_ROOTS = frozenset(
    {
        "personality",
        "combat",
        "backstory",
        "encounters",
        "quest",
        "faction",
        "location",
        "obligations",
        "seed",
        "transit",
        "divine",
        "spirit",
        "director",
        "currency",
        "inventory",
        "relationships",
        "pacing",
        "social",
    }
)

#: Provider roots that speak of the character an actor drives, and of nothing around it.
SELF_ROOTS = frozenset(
    {
        "personality",
        "combat",
        "backstory",
        "encounters",
        "quest",
        "seed",
        "obligations",
        "currency",
        "inventory",
        "relationships",
    }
)


class ContextVariable(Record):
    """A declared variable of one document.

    Attributes:
        kind: `plain` (host value or default), `source` or `computed`.
        readonly: declared so; `computed` variables are read-only without it.
        node: has `default`, `source` and `computed`.
    """

    name: str
    doc: int
    kind: str
    type: ast.TypeRef | None
    readonly: bool
    node: ast.Variable


class FlowInfo(Record):
    """One flow. `name` is qualified (`pilots.approach`), `node.name` is as declared."""

    index: int
    name: str
    doc: int
    node: ast.Flow


class FunctionInfo(Record):
    """One document function. `name` is qualified; names compare without case."""

    index: int
    name: str
    doc: int
    node: ast.Function


class ChannelInfo(Record):
    """One declared channel.

    Attributes:
        name: as declared for the root's channels, qualified for others.
        starts: it starts by itself when the document's channels start (language
            7.2); never true for channels of imported documents.
        continuation: it is the literal target of a transfer or an event handler.
        flow: index of the flow whose body it runs, for the form that names a flow.
    """

    index: int
    name: str
    doc: int
    node: ast.Channel
    starts: bool
    continuation: bool = False
    flow: int | None = None


class GoalInfo(Record):
    """One goal under its qualified name."""

    index: int
    name: str
    doc: int
    node: ast.Goal


class SyncPoint(Record):
    """Who mentions a barrier, directly or in what they reference literally.

    Attributes:
        channels: indexes of declared channels, in order.
        flows: indexes of flows (a host may start flows as channels), in order.
    """

    name: str
    channels: list[int] = field(default_factory=list)
    flows: list[int] = field(default_factory=list)


class DocumentInfo(Record):
    """One document of the program with its tables.

    Attributes:
        prefix: qualified prefix with its final dot (`pilots.tugs.`); empty for the root.
        aliases: import alias -> document index, in import order.
        flows, channels, goals: name as declared -> index into the model's lists.
        functions: name in lower case -> index into `Model.functions`.
        bindings: name -> binding (the root's only are activated).
    """

    index: int
    path: str | None
    node: ast.Document
    prefix: str
    aliases: dict[str, int] = field(default_factory=dict)
    variables: dict[str, ContextVariable] = field(default_factory=dict)
    bindings: dict[str, ast.Binding] = field(default_factory=dict)
    flows: dict[str, int] = field(default_factory=dict)
    channels: dict[str, int] = field(default_factory=dict)
    goals: dict[str, int] = field(default_factory=dict)
    functions: dict[str, int] = field(default_factory=dict)


class Model(Record):
    """Everything lowering needs to know beside the AST itself.

    Attributes:
        entry: flow that rules 2 and 4 to 7 of language 1.8 choose for a plain
            run; None when rule 3 (channels) applies or nothing can be chosen.
        entry_by: number of the rule that chose (2 to 7), 8 for none.
        tick_entry: the same for a tick (rule 7 left out).
        error_handler: flow of the root's `on_error`.
        bound: every name the program binds dynamically anywhere: root names of
            `set`/`local`/`global`/`clear`-like targets, loop variables and
            indexes, flow parameters, `call`/`goto` arguments, `into` and result
            variables, names registered by `load_snapshot`/`watch`, runtime names.
            Nothing hides a context variable of the root that is not in `bound`:
            a given value of that name *is* the variable. Those of imported
            documents can still be hidden by given values.
        global_targets: root names that `global` writes anywhere.
        snapshots: names that `load_snapshot`/`watch` register anywhere.
        reads: every root name that any expression or template reads (lambda
            parameters and function locals left out).
        uses_render: `render(...)` or a template that is built at run time occurs,
            so that any visible name may be read by text.
        sync_points: barrier name -> who mentions it.
        external_signals: signals that the manifest lets the host send.
        manifest: what the host offers; None when it gave none.
        continuation_points: name -> the action, in program order.
        automatic: by document, second steps of paths that load a snapshot on access
            (fetch modes `auto` and `all`) -> template type.
        tracked: by document, variables whose ids are kept at hand (fetch modes
            `track_on_store` and `all`) -> type of the resources.
    """

    documents: list[DocumentInfo]
    flows: list[FlowInfo] = field(default_factory=list)
    functions: list[FunctionInfo] = field(default_factory=list)
    channels: list[ChannelInfo] = field(default_factory=list)
    goals: list[GoalInfo] = field(default_factory=list)
    entry: int | None = None
    entry_by: int = 8
    tick_entry: int | None = None
    error_handler: int | None = None
    bound: frozenset[str] = frozenset()
    global_targets: frozenset[str] = frozenset()
    snapshots: frozenset[str] = frozenset()
    reads: frozenset[str] = frozenset()
    uses_render: bool = False
    sync_points: dict[str, SyncPoint] = field(default_factory=dict)
    external_signals: frozenset[str] = frozenset()
    manifest: Manifest | None = None
    continuation_points: dict[str, ast.ContinuationPoint] = field(default_factory=dict)
    automatic: list[dict[str, str]] = field(default_factory=list)
    tracked: list[dict[str, str]] = field(default_factory=list)

    @property
    def reads_args(self) -> bool:
        """`args` may be read, so calls must build the map of their arguments."""
        return self.uses_render or "args" in self.reads

    @property
    def reads_result(self) -> bool:
        """`_result` may be read, so calls must bind it."""
        return self.uses_render or "_result" in self.reads

    @property
    def reads_document(self) -> bool:
        """`document` may be read: the map view of the document variables."""
        return self.uses_render or "document" in self.reads

    def alias_of(self, doc_index: int, name: str) -> int | None:
        """The document that `name` is an import alias for in a document, else None."""
        return self.documents[doc_index].aliases.get(name)

    def is_shadowed(self, doc_index: int, name: str) -> bool:
        """True when something that comes before import aliases (language 4.3) may define `name`."""
        doc = self.documents[doc_index]
        return (
            name in doc.variables
            or name in self.documents[0].bindings
            or name in self.bound
            or name in AMBIENT_NAMES
            or name in PROVIDER_ROOTS
        )

    def resolve_document(self, doc_index: int, path: list[str]) -> int | None:
        """Follow import aliases from a document; None when a step is no alias."""
        for alias in path:
            found = self.documents[doc_index].aliases.get(alias)
            if found is None:
                return None
            doc_index = found
        return doc_index

    def resolve_flow(self, doc_index: int, text: str) -> int | None:
        """Index of the flow that a literal reference in a document means, else None."""
        *aliases, name = text.split(".")
        target = self.resolve_document(doc_index, aliases)
        return None if target is None else self.documents[target].flows.get(name)

    def resolve_channel(self, doc_index: int, text: str) -> int | None:
        """Index of the declared channel that a literal reference means, else None.

        A library's own channel comes first; else the root's of that name, because
        channels run under the root's names wherever their code stands.
        """
        *aliases, name = text.split(".")
        target = self.resolve_document(doc_index, aliases)
        found = None if target is None else self.documents[target].channels.get(name)
        return self.documents[0].channels.get(text) if found is None else found

    def resolve_function(self, doc_index: int, name: str, alias: str | None = None) -> int | None:
        """Index of the document function called `name` (without case), else None.

        With `alias` the function of the document imported under it.
        """
        if alias is not None:
            target = self.documents[doc_index].aliases.get(alias)
            if target is None:
                return None
            doc_index = target
        return self.documents[doc_index].functions.get(name.lower())

    def resolve_qualified(self, name: str) -> int | None:
        """Index of the flow with any alias path from the root, as a host names it."""
        return self.resolve_flow(0, name)
