"""Reads of resource data: every path against the templates of its variable (ABML402, 403, 404, 413, 414)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from abml.builtins import find_builtin
from abml.diagnostics import Fix, Note
from abml.resource_paths import PathNode, Step, follow, listed, path_text, suggestions
from abml.resource_templates import PSEUDO_KEYS, ResourceTemplateSpec, fixed_type
from abml.source import Span
from abml.syntax import ast
from abml.syntax.walk import children

from .facts import Site, Use
from .inspection import Inspection
from .loaded import check_loaded
from .resources import Resources, check_declared, check_filters, check_names, check_unused, loop_of
from .tracking import tracked_variables

# Functions whose result has the elements of the list they are given.
_SAME_ELEMENTS = frozenset(
    ("filter", "reject", "sort", "sort_by", "sort_by_desc", "reverse", "unique", "shuffle", "sample", "slice", "take")
)


def check_resources(ins: Inspection) -> None:
    """All checks that compare what a document reads with templates."""
    resources = Resources(ins)
    ins.model.automatic = [declared.names if declared.is_automatic else {} for declared in resources.declared]
    ins.model.tracked = tracked_variables(resources)
    check_declared(resources)
    check_filters(resources)
    check_names(resources)
    reads = _Reads(resources)
    for use in ins.facts.uses:
        if type(use.expr) is not ast.Literal:
            reads.visit(use)
    check_unused(resources)
    if resources.loads and not resources.is_bare:
        check_loaded(ins, resources)


class _Candidate(NamedTuple):
    """A variable that may hold an entity."""

    name: str


class _Snapshot(NamedTuple):
    """A name under which a snapshot is loaded."""

    name: str


class _Data(NamedTuple):
    """A point inside the data of a template."""

    spec: ResourceTemplateSpec
    node: PathNode


_Place = _Candidate | _Snapshot | _Data | None
_Bound = Mapping[str, _Place]


class _Path(NamedTuple):
    """A chain of steps below a root; `spans` are those of the steps, `node` is the whole of it."""

    node: ast.Expr
    root: ast.Expr
    steps: list[Step]
    spans: list[Span]
    computed: list[ast.Expr]


class _Reads:
    def __init__(self, resources: Resources) -> None:
        self.resources = resources
        self.ins = resources.ins
        self.use: Use | None = None
        self.loops: dict[int, _Place] = {}
        self.doc = 0
        self.site: Site | None = None
        self.stack: list[tuple[ast.Expr, _Bound]] = []

    def visit(self, use: Use) -> None:
        """Check every path of one expression."""
        self.use, self.doc, self.site = use, use.doc, use.site
        self.run(use.expr, {name: None for name in use.locals})

    def run(self, root: ast.Expr, bound: _Bound) -> None:
        outer, self.stack = self.stack, [(root, bound)]
        stack = self.stack
        while stack:
            node, bound = stack.pop()
            kind = type(node)
            if kind is ast.Literal:
                continue
            if kind in (ast.Name, ast.Member, ast.Index, ast.Chain):
                path = _flatten(node)
                if isinstance(path.root, ast.Name):
                    self.path(path, self.root(path.root.name, bound), bound)
                else:
                    self.push([path.root], bound)
                self.push(path.computed, bound)
            elif isinstance(node, (ast.Call, ast.MethodCall)):
                self.call(node, bound)
            elif isinstance(node, ast.Lambda):
                self.push([node.body], {**bound, **dict.fromkeys(node.params)})
            elif isinstance(node, ast.Interpolation) and node.template is not None:
                self.nodes(node.template.nodes, dict(bound))
            else:
                self.push(children(node), bound)
        self.stack = outer

    def push(self, nodes: list[ast.Expr], bound: _Bound) -> None:
        self.stack += [(node, bound) for node in reversed(nodes)]

    # ------------------------------------------------------------------- places

    def root(self, name: str, bound: _Bound) -> _Place:
        """What a root name means where the current expression stands."""
        if name in bound:
            return bound[name]
        loop = loop_of(self.site, name)
        if loop is not None:
            return self.loop_variable(loop, name)
        if name in self.resources.loads:
            return _Snapshot(name)
        return _Candidate(name) if name in self.resources.candidates else None

    def loop_variable(self, loop: Site, name: str) -> _Place:
        """An element of a list of a template, else an entity."""
        if id(loop) not in self.loops:
            assert isinstance(loop.action, ast.ForEach)
            outer, self.site = self.site, loop
            self.loops[id(loop)] = self.element(loop.action.collection, {}) or _Candidate(name)
            self.site = outer
        return self.loops[id(loop)]

    def place(self, node: ast.Expr, bound: _Bound) -> _Place:
        """What an expression gives, where it is a point of a template's data."""
        while isinstance(node, (ast.Call, ast.MethodCall)):
            spec = find_builtin(node.name)
            if spec is None or spec.name not in _SAME_ELEMENTS:
                return None
            inner = node.target if isinstance(node, ast.MethodCall) else next(iter(node.args), None)
            if inner is None:
                return None
            node = inner
        path = _flatten(node)
        if not isinstance(path.root, ast.Name):
            return None
        place = self.root(path.root.name, bound)
        steps: list[Step] = path.steps
        if not steps or isinstance(place, _Data):
            return self.below(place, steps)
        if not isinstance(steps[0], str) or place is None:
            return None
        if isinstance(place, _Candidate) and not self.resources.declared[self.doc].is_automatic:
            return None
        found = self.resources.resolve(self.doc, steps[0])
        tree = None if found is None else self.resources.tree(found)
        return None if tree is None else self.below(_Data(*tree), steps[1:])

    def below(self, place: _Place, steps: list[Step]) -> _Place:
        if not isinstance(place, _Data):
            return place
        found = follow(place.node, steps)
        if found.problem is not None or found.node is None:
            return None
        return _Data(place.spec, found.node)

    def element(self, collection: ast.Expr, bound: _Bound) -> _Place:
        """What the elements of a list are; None for lists of entities and of anything else."""
        place = self.place(collection, bound)
        if isinstance(place, _Data):
            below = place.node.children.get("[]") if place.node.is_list else None
            # An element the registry does not describe is nothing to check.
            return _Data(place.spec, below if below is not None else _anything())
        return None

    # -------------------------------------------------------------------- nodes

    def call(self, node: ast.Call | ast.MethodCall, bound: _Bound) -> None:
        """A call, whose lambdas and property paths read elements of the list it is given."""
        args = node.args
        given = [node.target, *args] if isinstance(node, ast.MethodCall) else args
        spec = find_builtin(node.name)
        plain: list[ast.Expr] = []
        for at, arg in enumerate(given):
            takes = spec is not None and at in spec.takes_function and at > 0
            if takes and isinstance(arg, ast.Lambda) and arg.params:
                # `reduce` hands the sum first and the element last.
                name = arg.params[1] if spec is not None and spec.name == "reduce" and arg.params[1:] else arg.params[0]
                inner = {**bound, **dict.fromkeys(arg.params)}
                inner[name] = self.element(given[0], bound) or _Candidate(name)
                self.stack.append((arg.body, inner))
            elif takes and isinstance(arg, ast.Literal) and isinstance(arg.value, str) and arg.value:
                place = self.element(given[0], bound)
                if isinstance(place, _Data):
                    steps: list[Step] = list(arg.value.split("."))
                    self.data(place, "", steps, [arg.span] * len(steps))
            else:
                plain.append(arg)
        self.push(plain, bound)

    def nodes(self, nodes: list[ast.TemplateNode], bound: dict[str, _Place]) -> None:
        """Template nodes in order; what they bind is added to `bound`."""
        for node in nodes:
            if isinstance(node, ast.TemplateOutput):
                self.run(node.value, dict(bound))
                self.filters(node.filters, bound)
            elif isinstance(node, ast.TemplateIf):
                for condition, inner in node.branches:
                    self.run(condition, dict(bound))
                    self.nodes(inner, bound)
                self.nodes(node.otherwise, bound)
            elif isinstance(node, ast.TemplateCase):
                self.run(node.value, dict(bound))
                for values, inner in node.branches:
                    for value in values:
                        self.run(value, dict(bound))
                    self.nodes(inner, bound)
                self.nodes(node.otherwise, bound)
            elif isinstance(node, ast.TemplateFor):
                for part in (node.collection, node.limit, node.offset):
                    if part is not None:
                        self.run(part, dict(bound))
                element = self.element(node.collection, bound) or _Candidate(node.variable)
                self.nodes(node.body, {**bound, "forloop": None, node.variable: element})
                self.nodes(node.otherwise, bound)
            elif isinstance(node, ast.TemplateAssign):
                self.run(node.value, dict(bound))
                self.filters(node.filters, bound)
                bound[node.name] = None if node.filters else self.place(node.value, bound)
            elif isinstance(node, ast.TemplateCapture):
                self.nodes(node.body, bound)
                bound[node.name] = None

    def filters(self, filters: list[ast.TemplateFilter], bound: _Bound) -> None:
        for item in filters:
            for argument in item.args:
                self.run(argument, dict(bound))

    # -------------------------------------------------------------------- paths

    def path(self, path: _Path, place: _Place, bound: _Bound) -> None:
        """Check one path by what its root is."""
        assert isinstance(path.root, ast.Name)
        name = path.root.name
        if isinstance(place, _Data):
            self.typed(path, self.data(place, name, path.steps, path.spans))
        elif isinstance(place, _Snapshot):
            self.snapshot(path, name)
        elif isinstance(place, _Candidate) and path.steps and isinstance(path.steps[0], str):
            self.candidate(path, name, path.steps[0])

    def snapshot(self, path: _Path, name: str) -> None:
        resources = self.resources
        first = path.steps[0] if path.steps else None
        if not isinstance(first, str):
            # The whole snapshot, or a namespace that is computed.
            resources.uses_all = True
            return
        if first in PSEUDO_KEYS:
            return
        found = resources.resolve(self.doc, first)
        if found is None:
            cased = resources.cased(self.doc, first)
            if cased is None:
                self.unknown_namespace(path, name, first)
                return
            self.other_case(path.spans[0], first, cased)
            found = resources.resolve(self.doc, cased)
            assert found is not None
        resources.used.add(found)
        allowed = resources.loaded(name, self.doc)
        if allowed is not None and found not in allowed:
            if not resources.is_bare:
                self.not_loaded(path, name, first, found)
            return
        self.template(path, found)

    def unknown_namespace(self, path: _Path, name: str, first: str) -> None:
        """ABML403 for a second step that is nothing; only a registry knows all names."""
        resources = self.resources
        if first.startswith("_") and not resources.is_bare:
            # No namespace begins like this, registered or not.
            self.unknown_name(path, name, first, sorted(PSEUDO_KEYS))
            return
        if resources.registry is None or not resources.names(self.doc) or resources.holds_unregistered(name, first):
            return
        kind = fixed_type(first)
        if kind is not None and resources.declared[self.doc].templates:
            # No registry is needed to know whose namespace this is.
            if not resources.is_bare:
                self.not_loaded(path, name, first, kind)
            return
        self.unknown_name(path, name, first, resources.names(self.doc))

    def unknown_name(self, path: _Path, name: str, first: str, names: list[str]) -> None:
        # Each is compared as a whole and by its names.
        close = suggestions(names, first) if self.ins.may_compare(3 * len(names)) else []
        near = listed(close or self.below_namespaces(name, first))
        hint = None if near is None else f"did you mean {near}?"
        text = f"the snapshot '{name}' has no template, namespace or alias '{first}'"
        fix = self.ins.near(path.spans[0], first, names).get("fix")
        self.ins.report(403, path.spans[0], text=text, hint=hint, fix=fix)

    def below_namespaces(self, name: str, first: str) -> list[str]:
        """Paths with their namespaces, where a path was begun without: `dossier.personality.patience`."""
        resources = self.resources
        registry = resources.registry
        if registry is None or not self.ins.may_compare(len(registry.templates)):
            return []
        allowed = resources.loaded(name, self.doc)
        found = []
        for spec in registry:
            tree = resources.tree(spec.type) if allowed is None or spec.type in allowed else None
            if tree is not None and first in tree[1].children:
                found.append(path_text([name, spec.namespace, first]))
        return found[:3]

    def not_loaded(self, path: _Path, name: str, first: str, found: str) -> None:
        """ABML402: a template that is not declared, or that the filter leaves out."""
        declared = self.resources.declared[self.doc].templates
        if found in declared or (not declared and self.resources.is_filtered(name)):
            text = f"{_belonging(first, found)} which the filter of '{name}' leaves out"
            hint = f"add '{found}' to the 'filter' with which '{name}' is loaded"
            self.ins.report(402, path.spans[0], text=text, hint=hint)
        else:
            self.undeclared(path, first, found)

    def candidate(self, path: _Path, name: str, first: str) -> None:
        resources = self.resources
        declared = resources.declared[self.doc]
        found = None if first in PSEUDO_KEYS else resources.resolve(self.doc, first)
        if found is None:
            return
        resources.used.add(found)
        if not declared.is_automatic:
            if not resources.is_bare and self.use is not None and self.ins.first(414, self.use.body, name, first):
                shown = path_text([name, first])
                self.ins.report(414, path.spans[0], path=shown, name=name, mode=declared.mode)
        elif found in declared.templates:
            self.template(path, found)
        elif declared.templates and not resources.is_bare:
            self.undeclared(path, first, found)

    def undeclared(self, path: _Path, first: str, found: str) -> None:
        """ABML402 for a template that the document does not declare."""
        registry = self.resources.registry
        spec = None if registry is None else registry.get(found)
        notes = () if spec is None else registered_note(spec, "")
        text = f"{_belonging(first, found)} which this document does not declare"
        self.ins.report(402, path.spans[0], text=text, type=found, notes=notes)

    def template(self, path: _Path, found: str) -> None:
        tree = self.resources.tree(found)
        if tree is not None:
            assert isinstance(path.root, ast.Name)
            place = _Data(*tree)
            before = path_text([path.root.name, *path.steps[:1]])
            self.typed(path, self.data(place, before, path.steps[1:], path.spans[1:]))

    def typed(self, path: _Path, node: PathNode | None) -> None:
        """Remember the registered type of what a path reads; the checks of types come later."""
        if node is not None:
            self.ins.path_types[id(path.node)] = node.text

    def other_case(self, span: Span, written: str, registered: str) -> None:
        """ABML413."""
        fix = Fix(span, registered) if self.ins.source_text(span) == written else None
        self.ins.report(413, span, path=written, registered=registered, fix=fix)

    def data(self, place: _Data, before: str, steps: list[Step], spans: list[Span]) -> PathNode | None:
        """Steps inside the data of a template (rule 3 of language 11.5); gives what they lead to."""
        found = follow(place.node, steps)
        for at, registered in found.cased:
            self.other_case(spans[at], str(steps[at]), registered)
        if found.problem is None:
            return found.node
        at = found.at
        if found.problem == "scalar":
            whole, scalar = _below(before, steps), _below(before, steps[:at])
            notes = registered_note(place.spec, "" if found.node is None else found.node.path)
            self.ins.report(404, spans[at], path=whole, scalar=scalar, notes=notes)
            return None
        written = _below(place.node.path, steps[: at + 1])
        paths = place.spec.paths
        # A path is compared as a whole and by its names.
        near = suggestions(paths, written) if self.ins.may_compare(3 * len(paths)) else []
        names = [name for name in place.node.children if name != "[]"]
        fix = self.ins.near(spans[at], str(steps[at]), names).get("fix")
        notes = registered_note(place.spec, near[0] if near else "")
        self.ins.report(
            403, spans[at], type=place.spec.type, path=written, suggestions=listed(near), fix=fix, notes=notes
        )
        return None


def registered_note(spec: ResourceTemplateSpec, path: str) -> tuple[Note, ...]:
    """Where a path, or the template itself, is registered; nothing for registries that come from no file."""
    place = spec.place(path)
    if place is None:
        return ()
    what = f"'{path}'" if path else f"'{spec.type}'"
    origin = f", generated from {spec.source}" if spec.source is not None else ""
    return (Note(f"{what} is registered here{origin}", place),)


def _belonging(name: str, kind: str) -> str:
    return f"'{name}' is a template," if name == kind else f"'{name}' belongs to the template '{kind}',"


def _flatten(node: ast.Expr) -> _Path:
    """A chain of steps, outermost node given, as root and steps; guards make no difference."""
    steps: list[Step] = []
    spans: list[Span] = []
    computed: list[ast.Expr] = []
    whole = node
    while True:
        if isinstance(node, ast.Chain):
            node = node.body
        elif isinstance(node, ast.Member):
            steps.append(node.name)
            spans.append(node.name_span or node.span)
            node = node.target
        elif isinstance(node, ast.Index):
            index = node.index
            value = index.value if isinstance(index, ast.Literal) else None
            if isinstance(value, (int, str)) and not isinstance(value, bool):
                steps.append(value)
            else:
                steps.append(None)
                computed.append(index)
            spans.append(node.index.span)
            node = node.target
        else:
            return _Path(whole, node, steps[::-1], spans[::-1], computed[::-1])


def _below(before: str, steps: list[Step]) -> str:
    text = path_text(steps)
    return f"{before}{text}" if not before or not text or text.startswith("[") else f"{before}.{text}"


def _anything() -> PathNode:
    node = PathNode("[]")
    node.type = "any"
    return node
