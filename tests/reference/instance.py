"""Documents at run time: variables, imports, functions, and the names code sees."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from posixpath import dirname, join, normpath
from typing import Any

from abml import values
from abml.syntax import ast

from .conversion import convert
from .expressions import LocalNames, Machine, Names, evaluate
from .faults import ReferenceFault
from .scopes import DocumentScope, Scope, own_view


class Instance:
    """One loaded document.

    Attributes:
        prefix: shortest alias path from the root with a dot, empty for the root.
        imports: alias to instance.
    """

    def __init__(
        self, program: Program, document: ast.Document, prefix: str, parent: Scope | None, path: str = ""
    ) -> None:
        self.program = program
        self.document = document
        self.prefix = prefix
        self.path = path
        self.imports: dict[str, Instance] = {}
        self.channel_flows: dict[str, ast.Flow] = {}
        self.scope = DocumentScope(parent, document.variables)
        self.names = DocumentNames(self)
        self.scope.names = self.names

    def read(self, name: str) -> Any:
        """A context variable as another document reads it."""
        if self.scope.has(name):
            return self.scope.get(name)
        return None

    def function(self, name: str) -> Callable[[list[Any]], Any] | None:
        for own, function in self.document.functions.items():
            if own.lower() == name.lower():
                return lambda args: self._call(function, args)
        return None

    def _call(self, function: ast.Function, args: list[Any]) -> Any:
        machine = self.program.machine
        if len(args) > len(function.params):
            raise ReferenceFault("argument_error", f"too many arguments for '{function.name}'")
        if machine.depth >= machine.max_call_depth:
            raise ReferenceFault("limit_exceeded", "too many frames")
        machine.depth += 1
        try:
            names = LocalNames(self.names, {})
            for place, param in enumerate(function.params):
                if place < len(args):
                    names.local[param.name] = args[place]
                else:
                    names.local[param.name] = None if param.default is None else evaluate(param.default, names)
            for name, value in function.lets:
                names.local[name] = evaluate(value, names)
            return evaluate(function.result, names)
        finally:
            machine.depth -= 1

    def initialise(self, given: dict[str, Any]) -> None:
        """Evaluate defaults in order; given values come first and replace them."""
        for name, variable in self.document.variables.items():
            if name in given:
                self.scope.fallback[name] = convert(given[name], variable.type)
                if variable.source is None and variable.computed is None:
                    self.scope.vars[name] = self.scope.fallback[name]
        for name, variable in self.document.variables.items():
            if name in self.scope.fallback or variable.default is None:
                continue
            value = take_text(variable.default, is_text(variable.type), self.names)
            self.scope.fallback[name] = convert(value, variable.type)
            if variable.source is None and variable.computed is None:
                self.scope.vars[name] = self.scope.fallback[name]

    def flow(self, reference: str) -> tuple[Instance, ast.Flow] | None:
        """The flow a reference in this document names."""
        instance: Instance = self
        *aliases, last = reference.split(".")
        for alias in aliases:
            found = instance.imports.get(alias)
            if found is None:
                return None
            instance = found
        flow = instance.document.flows.get(last)
        return None if flow is None else (instance, flow)


class Program:
    """All documents of a run, the root first."""

    def __init__(
        self, machine: Machine, root: ast.Document, documents: Mapping[str, ast.Document], given: Scope
    ) -> None:
        self.machine = machine
        self.given = given
        self.loaded: dict[str, Instance] = {}
        self.config: dict[str, Any] = {}
        self.bindings: dict[str, Any] = {}
        self.binding_groups: dict[str, dict[str, Any]] = {}
        self.root = Instance(self, root, "", given)
        queue = [self.root]
        # Breadth first, so that the first prefix is the shortest.
        while queue:
            instance = queue.pop(0)
            for entry in instance.document.imports:
                if entry.file is None or entry.alias is None:
                    continue
                path = _place(instance.path, entry.file, documents)
                found = self.loaded.get(path)
                if found is None:
                    found = Instance(self, documents[path], f"{instance.prefix}{entry.alias}.", None, path)
                    self.loaded[path] = found
                    queue.append(found)
                instance.imports[entry.alias] = found

    def initialise(self, given: dict[str, Any]) -> None:
        """Config, variables and bindings, in the order the language evaluates them."""
        host = given.get("config")
        for key, expr in self.root.document.config.items():
            self.config[key] = evaluate(expr, self.root.names)
        if isinstance(host, dict):
            self.config.update(host)
        for instance in [*self.loaded.values(), self.root]:
            instance.initialise(given if instance is self.root else {})
        for binding in self.root.document.bindings:
            value = evaluate(binding.value, self.root.names)
            self.bindings[binding.name] = value
            self.binding_groups.setdefault(binding.group, {})[binding.name] = value

    def extension_entry(self, document: ast.Document) -> tuple[Instance, ast.Flow]:
        """Load a document below this program's document scope; the flow it starts with."""
        extension = Program(self.machine, document, {}, self.given)
        own, host = extension.root.scope, self.root.scope
        extension.initialise({})
        for name, variable in document.variables.items():
            if not host.has(name):
                host.declared[name] = variable
                for source, target in ((own.fallback, host.fallback), (own.vars, host.vars)):
                    if name in source:
                        target[name] = source[name]
        extension.root.scope = host
        return extension.root, entry_flow(document)

    def outer(self, name: str) -> Any:
        """Names behind all scopes: snapshots, bindings, config, the clock."""
        if self.machine.shelf is not None and name in self.machine.shelf.loaded:
            return self.machine.shelf.loaded[name]
        if name in self.bindings:
            return self.bindings[name]
        if name == "bindings" and self.binding_groups:
            return self.binding_groups
        if name == "config":
            return self.config or None
        return self.machine.now_ms if name == "now" else None


def entry_flow(document: ast.Document) -> ast.Flow:
    """The flow of a document by rules 2 and 4 to 7 of 1.8.

    Raises:
        ReferenceFault: `flow_not_found`.
    """
    names = [] if document.entry is None else [document.entry.name or ""]
    for name in [*names, "main", "start", "on_tick"]:
        if name in document.flows:
            return document.flows[name]
    for candidate in document.flows.values():
        if not candidate.triggers and candidate.goap is None:
            return candidate
    raise ReferenceFault("flow_not_found", f"no entry; flows: {', '.join(document.flows)}")


def _place(importer: str, file: str, documents: Mapping[str, ast.Document]) -> str:
    """The document that an entry of `imports` means."""
    path = normpath(join(dirname(importer), file.replace("\\", "/")))
    for ending in ("", ".abml.yml", ".abml.yaml", ".abml", ".yml", ".yaml"):
        if path + ending in documents:
            return path + ending
    raise KeyError(f"no document '{path}'")


class DocumentNames(Names):
    """What `source`, `computed`, defaults and function bodies see."""

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance.program.machine)
        self.instance = instance

    def _scope(self, name: str) -> Scope | None:
        own = self.instance.scope
        if own.has(name):
            return own
        given = self.instance.program.given
        return given if given.has(name) else None

    def lookup(self, name: str) -> Any:
        scope = self._scope(name)
        return self.instance.program.outer(name) if scope is None else scope.get(name)

    def holds(self, name: str) -> bool:
        return self._scope(name) is not None or name in self.instance.program.bindings

    def import_named(self, alias: str) -> Any:
        return self.instance.imports.get(alias)

    def document_function(self, name: str) -> Callable[[list[Any]], Any] | None:
        return self.instance.function(name)


class Frame:
    """One activation of a flow."""

    def __init__(self, instance: Instance, flow: ast.Flow, scope: Scope, args: dict[str, Any], depth: int) -> None:
        self.instance = instance
        self.flow = flow
        self.scope = scope
        self.args = args
        self.depth = depth

    @property
    def bottom(self) -> bool:
        return self.depth == 1

    @property
    def flow_name(self) -> str:
        return self.instance.prefix + self.flow.name


class FrameNames(Names):
    """What an expression in an action sees: the scope chain, then the flow's document."""

    def __init__(self, frame: Frame, scope: Scope) -> None:
        super().__init__(frame.instance.program.machine)
        self.frame = frame
        self.scope = scope

    def _found(self, name: str) -> Scope | None:
        found = self.scope.find(name)
        if found is None and self.frame.instance.scope.has(name):
            return own_view(self.scope, self.frame.instance.scope, name)
        return found

    def lookup(self, name: str) -> Any:
        scope = self._found(name)
        if scope is not None:
            return scope.get(name)
        if name == "args":
            return self.frame.args
        if name == "document":
            own = self.frame.instance.scope
            return {key: own.get(key) for key in [*own.declared, *(k for k in own.vars if k not in own.declared)]}
        return self.frame.instance.program.outer(name)

    def holds(self, name: str) -> bool:
        return self._found(name) is not None or name in self.frame.instance.program.bindings

    def import_named(self, alias: str) -> Any:
        return self.frame.instance.imports.get(alias)

    def read_import(self, imported: Instance, name: str) -> Any:
        view = own_view(self.scope, imported.scope, name)
        return imported.read(name) if view is imported.scope else view.get(name)

    def document_function(self, name: str) -> Callable[[list[Any]], Any] | None:
        return self.frame.instance.function(name)


def is_text(declared: ast.TypeRef | None) -> bool:
    return declared is not None and declared.name == "string"


def take_text(expr: ast.Expr, as_text: bool, names: Names) -> Any:
    """The value of a value field; a text target takes a scalar as it was written."""
    if as_text and isinstance(expr, ast.Literal) and expr.raw is not None:
        return expr.raw
    return evaluate(expr, names)


def snapshot(value: Any) -> Any:
    """A deep copy for the outside."""
    return values.copy_value(value)
