"""Reads: what one expression reads, calls and spells out."""

from __future__ import annotations

from abml.compiler.model import Model
from abml.syntax import ast
from abml.syntax.walk import children

from .facts import CallUse, Facts, Read, Use


class Scan:
    """Records what one expression reads, calls and spells out.

    It keeps its own stack: side by side, `a + b + …` makes a tree deeper than
    Python may recurse.
    """

    __slots__ = ("facts", "model", "stack", "use")

    def __init__(self, facts: Facts, model: Model, use: Use) -> None:
        self.facts = facts
        self.model = model
        self.use = use
        self.stack: list[tuple[ast.Expr, frozenset[str]]] = []

    def expr(self, root: ast.Expr, bound: frozenset[str]) -> None:
        stack = [(root, bound)]
        outer, self.stack = self.stack, stack
        while stack:
            node, bound = stack.pop()
            kind = type(node)
            if kind is ast.Name:
                if node.name not in bound:  # type: ignore[attr-defined]
                    self.facts.reads.append(Read(node, self.use))  # type: ignore[arg-type]
            elif kind is ast.Literal:
                if node.bare:  # type: ignore[attr-defined]
                    self.facts.literals.append((node, self.use))  # type: ignore[arg-type]
            else:
                self.compound(node, bound)
        self.stack = outer

    def push(self, nodes: list[ast.Expr], bound: frozenset[str]) -> None:
        self.stack.extend([(node, bound) for node in reversed(nodes)])

    def compound(self, node: ast.Expr, bound: frozenset[str]) -> None:
        """Record a node with parts, and put the parts on the stack."""
        facts = self.facts
        if isinstance(node, ast.Member):
            if self.alias_member(node, bound):
                return
            facts.members.append((node, self.use))
        elif isinstance(node, (ast.Call, ast.MethodCall)):
            facts.calls.append(CallUse(node, self.use, bound))
            if isinstance(node, ast.MethodCall) and self.alias_call(node, bound):
                self.push(node.args, bound)
                return
        elif isinstance(node, ast.Lambda):
            bound = bound | frozenset(node.params)
        elif isinstance(node, ast.Interpolation):
            facts.interpolations.append((node, self.use))
            if node.template is not None:
                self.nodes(node.template.nodes, bound)
        elif isinstance(node, ast.MapExpr):
            for key, _ in node.entries:
                if isinstance(key, ast.Literal) and isinstance(key.value, str):
                    facts.keys.add(key.value)
        self.push(children(node), bound)

    def alias_member(self, node: ast.Member, bound: frozenset[str]) -> bool:
        """A read of `alias.name`, through any number of aliases: the name belongs to an imported document."""
        steps: list[ast.Member] = []
        target: ast.Expr = node
        while isinstance(target, ast.Member):
            steps.append(target)
            target = target.target
        if not isinstance(target, ast.Name) or target.name in bound:
            return False
        documents = self.model.documents
        index = documents[self.use.doc].aliases.get(target.name)
        if index is None or self.model.is_shadowed(self.use.doc, target.name):
            return False
        self.facts.used_aliases.add((self.use.doc, target.name))
        while len(steps) > 1 and steps[-1].name in documents[index].aliases:
            name = steps.pop().name
            self.facts.used_aliases.add((index, name))
            index = documents[index].aliases[name]
        self.facts.foreign.append((steps[-1], index, self.use))
        return True

    def alias_call(self, node: ast.MethodCall, bound: frozenset[str]) -> bool:
        """A call of `alias.function(...)`."""
        target = node.target
        aliases = self.model.documents[self.use.doc].aliases
        if not isinstance(target, ast.Name) or target.name in bound or target.name not in aliases:
            return False
        if self.model.is_shadowed(self.use.doc, target.name):
            return False
        self.facts.used_aliases.add((self.use.doc, target.name))
        return True

    def nodes(self, nodes: list[ast.TemplateNode], bound: frozenset[str]) -> frozenset[str]:
        """Template nodes in order; gives the names bound after them."""
        for node in nodes:
            if isinstance(node, ast.TemplateOutput):
                self.expr(node.value, bound)
                self.filter_list(node.filters, bound)
            elif isinstance(node, ast.TemplateIf):
                for condition, inner in node.branches:
                    self.expr(condition, bound)
                    bound |= self.nodes(inner, bound)
                bound |= self.nodes(node.otherwise, bound)
            elif isinstance(node, ast.TemplateCase):
                self.expr(node.value, bound)
                for values, inner in node.branches:
                    for value in values:
                        self.expr(value, bound)
                    bound |= self.nodes(inner, bound)
                bound |= self.nodes(node.otherwise, bound)
            elif isinstance(node, ast.TemplateFor):
                for part in (node.collection, node.limit, node.offset):
                    if part is not None:
                        self.expr(part, bound)
                self.nodes(node.body, bound | {node.variable, "forloop"})
                bound |= self.nodes(node.otherwise, bound)
            elif isinstance(node, ast.TemplateAssign):
                self.expr(node.value, bound)
                self.filter_list(node.filters, bound)
                bound |= {node.name}
            elif isinstance(node, ast.TemplateCapture):
                self.nodes(node.body, bound)
                bound |= {node.name}
        return bound

    def filter_list(self, filters: list[ast.TemplateFilter], bound: frozenset[str]) -> None:
        for item in filters:
            self.facts.filters.append((item, self.use))
            for argument in item.args:
                self.expr(argument, bound)


def template_names(nodes: list[ast.TemplateNode]) -> set[str]:
    """Every name that a template binds anywhere: loop variables, `assign`, `capture`."""
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, (ast.TemplateIf, ast.TemplateCase)):
            for _, inner in node.branches:
                found |= template_names(inner)
            found |= template_names(node.otherwise)
        elif isinstance(node, ast.TemplateFor):
            found |= {node.variable, "forloop"} | template_names(node.body) | template_names(node.otherwise)
        elif isinstance(node, (ast.TemplateAssign, ast.TemplateCapture)):
            found.add(node.name)
    return found
