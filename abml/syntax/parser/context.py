"""Context: variables, requirements, services; also `config` and `bindings`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abml.source import Span
from abml.syntax.ast import Binding, Document, Expr, Requirement, Service, TypeRef, Variable
from abml.syntax.cst_nodes import CstMapping, CstScalar
from abml.syntax.types import parse_type

from . import values
from .base import IDENTIFIER, Parser, is_blank, is_null, plain

if TYPE_CHECKING:
    from abml.syntax.cst_nodes import CstNode

_CONTEXT_FIELDS = {"variables": "variables", "requirements": "requirements", "services": "services"}
_DEFINITION = {
    name: name for name in ("type", "default", "source", "computed", "properties", "items", "description", "readonly")
}
_SERVICE_FIELDS = {"name": "name", "required": "required"}


def context(p: Parser, doc: Document, node: CstNode) -> None:
    """The `context` section."""
    for name, (_, inner) in p.fields(p.section(node, "context"), _CONTEXT_FIELDS, "context").items():
        if name == "variables":
            variables(p, doc, inner)
        elif name == "requirements":
            requirements(p, doc, inner)
        else:
            services(p, doc, inner)


# ------------------------------------------------------------------ variables


def variables(p: Parser, doc: Document, node: CstNode) -> None:
    """`context.variables`, and its short form at the top level."""
    for name, key, value in p.section(node, "variables"):
        if not p.name(key, "variable", IDENTIFIER):
            continue
        first = doc.variables.get(name)
        if first is not None:
            p.defined_twice("variable", name, key.span, first.name_span)
            continue
        doc.variables[name] = _variable(p, name, key, value)


def _is_definition(node: CstMapping) -> bool:
    """True when every key belongs to a definition; otherwise the mapping is a default value."""
    keys = [key.text for key, _ in node.entries if not key.text.startswith("x-")]
    return bool(keys) and all(text in _DEFINITION for text in keys)


def _variable(p: Parser, name: str, key: CstScalar, node: CstNode) -> Variable:
    span = key.span.to(node.span)
    variable = Variable(span, name, key.span)
    if not isinstance(node, CstMapping) or not _is_definition(node):
        if not is_null(node):
            variable.default = values.value(p, node)
        return variable
    found = p.fields(p.entries(node), _DEFINITION, "variable")
    given = found.get("type")
    if given is not None:
        variable.type = type_ref(p, given[1])
    given = found.get("default")
    if given is not None:
        string = variable.type is not None and variable.type.name == "string"
        variable.default = values.value(p, given[1], string=string)
    variable.source = _derived(p, found.get("source"), "source")
    variable.computed = _derived(p, found.get("computed"), "computed")
    computed = found.get("computed")
    if computed is not None:
        for other in ("default", "source"):
            if other in found:
                p.report(
                    110,
                    found[other][0].span,
                    field=name,
                    expected=f"'computed' or '{other}'",
                    found="both",
                    text=f"the variable '{name}' has both 'computed' and '{other}'",
                )
    if "description" in found:
        variable.description = p.text(found["description"][1], "description")
    if "readonly" in found:
        variable.readonly = p.flag(found["readonly"][1], "readonly")
    if "properties" in found:
        variable.properties = plain(found["properties"][1])
    if "items" in found:
        variable.items = plain(found["items"][1])
    return variable


def _derived(p: Parser, entry: tuple[CstScalar, CstNode] | None, field: str) -> Expr | None:
    return None if entry is None else values.condition(p, entry[1], f"expression '{field}'")


def type_ref(p: Parser, node: CstNode) -> TypeRef | None:
    """A declared type."""
    if isinstance(node, CstScalar):
        # `type: null` is the type of that name.
        text = node.text.strip()
        return parse_type(text, node, p.reporter) if text else None
    p.shape(node, "type", "a type")
    return None


# ----------------------------------------------------- requirements, services


def requirements(p: Parser, doc: Document, node: CstNode) -> None:
    for name, key, value in p.section(node, "requirements"):
        span = key.span.to(value.span)
        if isinstance(value, CstScalar) and isinstance(value.value, str) and "${" in value.text:
            doc.requirements.append(Requirement(span, name, values.condition(p, value, f"requirement '{name}'"), True))
        else:
            doc.requirements.append(Requirement(span, name, values.value(p, value), False))


def services(p: Parser, doc: Document, node: CstNode) -> None:
    for item in p.items(node, "services"):
        if isinstance(item, CstScalar):
            if is_blank(item):
                p.shape(item, "services", "a name or a mapping with 'name'")
            else:
                doc.services.append(Service(item.span, item.text.strip()))
        elif isinstance(item, CstMapping):
            found = p.fields(p.entries(item), _SERVICE_FIELDS, "services")
            given = found.get("name")
            name = None if given is None else values.literal(p, given[1], "name")
            if given is None:
                p.missing(item.span, "services", "name")
            required = found.get("required")
            if name is not None:
                doc.services.append(Service(item.span, name, required is not None and p.flag(required[1], "required")))
        else:
            p.shape(item, "services", "a name or a mapping with 'name'")


# ----------------------------------------------------------- config, bindings


def config(p: Parser, doc: Document, node: CstNode) -> None:
    """Read-only constants; `config.subscriptions` is an older place of the section (A15)."""
    for name, key, value in p.section(node, "config"):
        if name == "subscriptions":
            p.older_spelling(key, "subscriptions at the top level", is_local=False)
            subscriptions(p, doc, value)
        else:
            doc.config[name] = values.value(p, value)


def subscriptions(p: Parser, doc: Document, node: CstNode) -> None:
    """Topic patterns, texts each."""
    for item in p.items(node, "subscriptions"):
        if is_blank(item):
            p.shape(item, "subscriptions", "a pattern")
        else:
            doc.subscriptions.append(values.text(p, item, "subscriptions"))


def bindings(p: Parser, doc: Document, node: CstNode) -> None:
    """Groups of names, each bound once a run."""
    taken: dict[str, Span] = {}
    for group, _, inner in p.section(node, "bindings"):
        for name, key, value in p.section(inner, f"bindings.{group}"):
            if not p.name(key, "binding", IDENTIFIER):
                continue
            if name in taken:
                p.defined_twice("binding", name, key.span, taken[name])
                continue
            taken[name] = key.span
            doc.bindings.append(Binding(key.span.to(value.span), group, name, values.value(p, value)))
