"""Facts: what one walk over all documents records, as flat lists.

The checks go over these lists instead of walking the tree again: bodies and
their edges, sites of actions, uses of expressions, reads of names, calls, and
everything that binds a name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from abml.source import Span
from abml.syntax import ast

from . import walk


class Body:
    """Code that runs in a frame of its own: a flow or a declared channel.

    Attributes:
        kind: `flow` or `channel`.
        index: into the model's flows or channels.
        edges: the bodies it refers to literally.
        callers: edges that lead here.
        dynamic: it also transfers or calls to a computed name.
    """

    __slots__ = ("callers", "doc", "dynamic", "edges", "index", "kind", "name", "node", "sites")

    def __init__(self, kind: str, index: int, doc: int, name: str, node: ast.Flow | ast.Channel) -> None:
        self.kind = kind
        self.index = index
        self.doc = doc
        self.name = name
        self.node = node
        self.sites: list[Site] = []
        self.edges: list[Edge] = []
        self.callers: list[Edge] = []
        self.dynamic = False


class Site:
    """One action where it stands.

    Attributes:
        parent: the action whose body it is in; None at the top of a body.
        role: of the list it stands in, as in `walk.Sub`; `top` or `on_error` at the top.
        items, at: the list and its place there.
        scopes: identities of the enclosing actions that open a scope, outermost
            first; a loop's own variable lives in the loop's scope.
        order: running number within the body, in the order of the text.
    """

    __slots__ = ("action", "at", "body", "in_loop", "items", "order", "parent", "role", "scopes", "test")

    def __init__(
        self,
        action: ast.Action,
        body: Body,
        parent: Site | None,
        sub: walk.Sub,
        at: int,
        scopes: tuple[int, ...],
        in_loop: bool,
    ) -> None:
        self.action = action
        self.body = body
        self.parent = parent
        self.role = sub.role
        self.test = sub.test
        self.items = sub.items.items
        self.at = at
        self.scopes = scopes
        self.in_loop = in_loop
        self.order = len(body.sites)

    def enclosing(self) -> Iterator[Site]:
        """The actions around this one, innermost first."""
        site = self.parent
        while site is not None:
            yield site
            site = site.parent


class Edge(NamedTuple):
    """A literal reference from one body to another. `kind`: call, goto, branch, either or event."""

    kind: str
    source: Body
    target: Body
    site: Site
    ref: ast.FlowRef


class Unresolved(NamedTuple):
    """A literal reference that names nothing."""

    place: str
    kind: str
    ref: ast.FlowRef
    doc: int


class Use:
    """An expression at the place where it is evaluated.

    Attributes:
        role: as in `walk.expressions`, or the kind of declaration (`computed`,
            `source`, `default`, `requirement`, `option`, `trigger`, …).
        place: `flow` when the locals of a run are visible, `document` when only the
            document scope is, `function` inside a document function.
        locals: names bound inside the declaration itself (parameters of a function).
    """

    __slots__ = ("body", "doc", "expr", "locals", "owner", "place", "role", "site")

    def __init__(
        self,
        expr: ast.Expr,
        role: str,
        doc: int,
        place: str,
        body: Body | None = None,
        site: Site | None = None,
        locals: frozenset[str] = frozenset(),
        owner: str | None = None,
    ) -> None:
        self.expr = expr
        self.role = role
        self.doc = doc
        self.place = place
        self.body = body
        self.site = site
        self.locals = locals
        self.owner = owner


class Read(NamedTuple):
    """A read of a root name that no lambda parameter or template variable binds."""

    node: ast.Name
    use: Use


class CallUse(NamedTuple):
    """A call of a function; `bound` are the lambda and template names around it."""

    node: ast.Call | ast.MethodCall
    use: Use
    bound: frozenset[str]


class Bind(NamedTuple):
    """A place that gives a name a value.

    Attributes:
        how: `set`, `local`, `global`, `loop`, `param`, `arg`, `result` or `snapshot`.
        scopes: of the scope it may create the name in.
        target: for assignments; None for declarations such as loop variables.
    """

    name: str
    how: str
    doc: int
    body: Body
    site: Site | None
    scopes: tuple[int, ...]
    span: Span
    target: ast.Target | None = None


class Facts:
    """Everything the walk found, in the order of the program."""

    def __init__(self) -> None:
        self.bodies: list[Body] = []
        self.flows: dict[int, Body] = {}
        self.channels: dict[int, Body] = {}
        self.sites: list[Site] = []
        self.uses: list[Use] = []
        self.reads: list[Read] = []
        self.calls: list[CallUse] = []
        self.members: list[tuple[ast.Member, Use]] = []
        # `alias.name` and the document that the alias means
        self.foreign: list[tuple[ast.Member, int, Use]] = []
        self.literals: list[tuple[ast.Literal, Use]] = []
        self.interpolations: list[tuple[ast.Interpolation, Use]] = []
        self.filters: list[tuple[ast.TemplateFilter, Use]] = []
        self.binds: list[Bind] = []
        # id of a body -> its part of `binds`
        self.binds_of: dict[int, list[Bind]] = {}
        self.unresolved: list[Unresolved] = []
        # id of an action -> the reference it makes
        self.edge_of: dict[int, Edge] = {}
        self.dynamic_docs: set[int] = set()
        self.dynamic_signals = False
        self.keys: set[str] = set()
        # (doc, path of aliases) that occur in references, for unused imports.
        self.used_aliases: set[tuple[int, str]] = set()

    def bound_names(self) -> set[str]:
        return {bind.name for bind in self.binds}
