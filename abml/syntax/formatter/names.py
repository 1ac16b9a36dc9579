"""What a document says about its names: what a rewrite of an expression has to know (rows E2 to E14)."""

from __future__ import annotations

import re

from abml.syntax import ast
from abml.syntax.visitor import document_actions
from abml.syntax.walk import walk

_MEMBER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(-[A-Za-z_][A-Za-z0-9_]*)*")
_SNAPSHOTS = frozenset(("load_snapshot", "watch"))


class Names:
    """Facts about one document.

    Attributes:
        functions: names of its functions, in small letters: they come before the built-in ones.
        imports: aliases of imported documents.
        defined: names of everything it defines or assigns.
        lazy: variables whose reading may fail.
        snapshots: names under which it loads snapshots, and nothing else.
        templates: resource template type -> alias (row E3).
    """

    __slots__ = ("defined", "functions", "imports", "lazy", "snapshots", "templates")

    def __init__(self, doc: ast.Document) -> None:
        self.functions = {name.lower() for name in doc.functions}
        self.imports = {entry.alias or _stem(entry.file or "") for entry in doc.imports}
        self.lazy = {name for name, item in doc.variables.items() if item.source or item.computed}
        templates = doc.metadata.resource_templates
        self.templates = {item.type: item.alias for item in templates if item.alias and _MEMBER.fullmatch(item.alias)}
        self.defined = {*doc.variables, *doc.config, *self.imports, *(binding.name for binding in doc.bindings)}
        for flow in doc.flows.values():
            self.defined.update(param.name for param in flow.params)
        for function in doc.functions.values():
            self.defined.update(param.name for param in function.params)
            self.defined.update(name for name, _ in function.lets)
        loaded: set[str] = set()
        for action in document_actions(doc):
            self._add(action, loaded)
        self.snapshots = loaded - self.defined

    def _add(self, action: ast.Action, loaded: set[str]) -> None:
        """The names an action gives a value."""
        if isinstance(action, ast.Assign):
            self.defined.update(item.target.name for item in action.assignments)
        elif isinstance(action, (ast.Increment, ast.StateUpdate, ast.Clear)):
            self.defined.add(action.target.name)
        elif isinstance(action, ast.ForEach):
            self.defined.update(name for name in (action.variable, action.index) if name)
        elif isinstance(action, ast.Repeat):
            if action.variable:
                self.defined.add(action.variable)
        elif isinstance(action, (ast.CallFlow, ast.Goto)):
            self.defined.update(argument.name for argument in action.args)
            if isinstance(action, ast.CallFlow) and action.into is not None:
                self.defined.add(action.into.name)
        elif isinstance(action, (ast.Domain, ast.Choice, ast.Qte)):
            if action.result is not None:
                self.defined.add(action.result.name)
            if isinstance(action, ast.Domain) and action.name in _SNAPSHOTS:
                for argument in action.params:
                    if argument.name == "name" and isinstance(argument.value, ast.Literal):
                        loaded.add(str(argument.value.value))


def _stem(file: str) -> str:
    from abml.resolver import default_alias

    return default_alias(file)


def cannot_fail(node: ast.Expr, names: Names) -> bool:
    """Whether evaluating an expression never raises and draws no random number."""
    for part in walk(node):
        if isinstance(part, ast.Name):
            if part.name in names.lazy:
                return False
        elif not isinstance(part, (ast.Literal, ast.ListExpr)):
            return False
    return True
