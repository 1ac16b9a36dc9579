"""Templates: text nodes, outputs, conditions, loops."""

from __future__ import annotations

from typing import Any

from abml import values
from abml.diagnostics import Reporter
from abml.source import NOWHERE, Source, Span
from abml.syntax import ast
from abml.values import ValueFault

from .expressions import LocalNames, Names, evaluate, to_text
from .faults import ReferenceFault
from .filters import apply_filter
from .functions import argument


class _Break(Exception):
    pass


class _Continue(Exception):
    pass


class _Whole:
    """A text without a document around it, for the parser's positions."""

    def place(self, start: int, end: int) -> Span:
        return NOWHERE


def render_text(text: str, names: Names) -> str:
    """Parse and render; a malformed text is shown as it is, with a warning."""
    if "{{" not in text and "{%" not in text and "${" not in text:
        return text
    from abml.syntax.templates import parse_template

    reporter = Reporter(Source(text))
    template = parse_template(text, _Whole(), reporter)
    if reporter.has_errors or template is None:
        names.machine.warn("template_error", "malformed template")
        return text
    return render(template, names)


def render(template: ast.Template, names: Names) -> str:
    """The text of a template among names; its own names end with it."""
    out: list[str] = []
    local = LocalNames(names, {})
    try:
        _nodes(template.nodes, local, out)
    except (_Break, _Continue):
        pass
    text = "".join(out)
    if len(text) > values.MAX_TEXT:
        raise ReferenceFault("limit_exceeded", "text too long")
    return text


def _nodes(nodes: list[ast.TemplateNode], names: LocalNames, out: list[str]) -> None:
    for node in nodes:
        _node(node, names, out)


def _quiet(names: Names, compute: Any, otherwise: Any) -> Any:
    """A value, or `otherwise` with a warning when computing it raises."""
    try:
        return compute()
    except ReferenceFault as fault:
        if not fault.catchable:
            raise
        names.machine.warn("template_error", fault.message)
        return otherwise


def _filtered(value: ast.Expr, filters: list[ast.TemplateFilter], names: Names) -> Any:
    result = evaluate(value, names)
    for one in filters:
        result = apply_filter(one.name, result, [argument(arg, names) for arg in one.args], names)
    return result


def _node(node: ast.TemplateNode, names: LocalNames, out: list[str]) -> None:
    if isinstance(node, ast.TemplateText):
        out.append(node.text)
    elif isinstance(node, ast.TemplateOutput):
        if node.interpolation:
            out.append(to_text(evaluate(node.value, names)))
        else:
            out.append(_quiet(names, lambda: to_text(_filtered(node.value, node.filters, names), ""), ""))
    elif isinstance(node, ast.TemplateIf):
        for condition, body in node.branches:
            if _quiet(names, lambda c=condition: values.truthy(evaluate(c, names)), False):
                return _nodes(body, names, out)
        _nodes(node.otherwise, names, out)
    elif isinstance(node, ast.TemplateCase):
        _case(node, names, out)
    elif isinstance(node, ast.TemplateFor):
        _for(node, names, out)
    elif isinstance(node, ast.TemplateAssign):
        names.local[node.name] = _quiet(names, lambda: _filtered(node.value, node.filters, names), None)
    elif isinstance(node, ast.TemplateCapture):
        inner: list[str] = []
        _nodes(node.body, names, inner)
        names.local[node.name] = "".join(inner)
    elif isinstance(node, ast.TemplateLoopControl):
        raise _Break if node.kind == "break" else _Continue
    else:
        raise AssertionError(type(node).__name__)


def _case(node: ast.TemplateCase, names: LocalNames, out: list[str]) -> None:
    failed = object()
    value = _quiet(names, lambda: evaluate(node.value, names), failed)
    if value is not failed:
        for matches, body in node.branches:
            for match in matches:
                if _quiet(names, lambda m=match: values.equal(evaluate(m, names), value), False):
                    return _nodes(body, names, out)
    _nodes(node.otherwise, names, out)


def iterated(value: Any) -> list[Any]:
    """The elements a loop goes over.

    Raises:
        ReferenceFault: `not_iterable`.
    """
    if value is None:
        return []
    if isinstance(value, (list, str)):
        return list(value)
    if isinstance(value, dict):
        return [{"key": key, "value": item} for key, item in value.items()]
    raise ReferenceFault("not_iterable", f"cannot iterate over a {values.kind_of(value)}")


def _count(node: ast.Expr | None, names: Names) -> int | None:
    if node is None:
        return None
    value = evaluate(node, names)
    if value is None:
        return None
    try:
        number = values.num(value)
    except ValueFault as fault:
        raise ReferenceFault(fault.kind, fault.message) from None
    if number != number or number in (float("inf"), float("-inf")):
        raise ReferenceFault("type_error", "not a count")
    return max(int(number), 0)


def _elements(node: ast.TemplateFor, names: Names) -> list[Any]:
    elements = iterated(evaluate(node.collection, names))
    limit, offset = _count(node.limit, names), _count(node.offset, names)
    elements = elements[offset or 0 :]
    if limit is not None:
        elements = elements[:limit]
    return elements[::-1] if node.reversed else elements


def _for(node: ast.TemplateFor, names: LocalNames, out: list[str]) -> None:
    elements = _quiet(names, lambda: _elements(node, names), [])
    if not elements:
        return _nodes(node.otherwise, names, out)
    missing = object()
    saved = {key: names.local.get(key, missing) for key in (node.variable, "forloop")}
    try:
        for position, element in enumerate(elements):
            if position >= names.machine.max_loop_iterations:
                raise ReferenceFault("limit_exceeded", "too many iterations")
            names.local[node.variable] = element
            names.local["forloop"] = {
                "index": position + 1,
                "index0": position,
                "first": position == 0,
                "last": position == len(elements) - 1,
                "length": len(elements),
            }
            try:
                _nodes(node.body, names, out)
            except _Continue:
                continue
            except _Break:
                break
    finally:
        for key, value in saved.items():
            if value is missing:
                names.local.pop(key, None)
            else:
                names.local[key] = value
    return None
