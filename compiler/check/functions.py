"""Checks of function calls (ABML204, 205, 801, 802, 803)."""

from __future__ import annotations

from abml.builtins import FilterSpec, arity_text, builtin_names, find_builtin, find_filter
from abml.source import Span
from abml.syntax import ast

from .facts import CallUse
from .infer import Inference
from .inspection import Inspection
from .types import LIST

_PAIRS = ("min", "max")


def check_calls(ins: Inspection) -> None:
    """ABML204 and ABML205 for calls and pipes, by the order of language 4.5."""
    types = Inference(ins)
    most = ins.environment.limits.max_function_args
    for call in ins.facts.calls:
        node, use = call.node, call.use
        span = node.name_span or node.span
        given = len(node.args)
        document, alias = _document_function(ins, call)
        if alias is not None:
            if document is None:
                if node.name.lower() in ins.model.documents[alias].node.unread:
                    continue
                names = [f.node.name for f in ins.model.functions if f.doc == alias]
                ins.report(204, span, name=node.name, **ins.near(span, node.name, names))
                continue
        elif isinstance(node, ast.MethodCall):
            given += 1
        if given > most:
            whose = (
                "document" if document is not None else "host" if ins.environment.function(node.name) else "built-in"
            )
            ins.report(205, span, whose=whose, name=node.name, allowed=_allowed(0, most), given=given)
            continue
        if document is not None:
            _check_document(ins, document, span, given)
            continue
        host = ins.environment.function(node.name)
        if host is not None:
            if given < host.min_args or (host.max_args is not None and given > host.max_args):
                allowed = _allowed(host.min_args, host.max_args)
                ins.report(205, span, whose="host", name=node.name, allowed=allowed, given=given)
            continue
        spec = find_builtin(node.name)
        if spec is None:
            _unknown(ins, use.doc, span, node.name)
        elif given < spec.min_args or given > spec.max_args or (spec.even and given % 2):
            ins.report(205, span, whose="built-in", name=node.name, allowed=arity_text(spec), given=given)
        elif spec.name in _PAIRS and given == 1 and not call.bound:
            types.visit(use)
            only = types.of(node.target if isinstance(node, ast.MethodCall) else node.args[0])
            if only.sure and only.is_known and not only.kinds & LIST and "provider" not in only.kinds:
                allowed = "one list or 2 to 16 numbers"
                ins.report(205, span, whose="built-in", name=node.name, allowed=allowed, given="one number")
    _check_filters(ins)


def _document_function(ins: Inspection, call: CallUse) -> tuple[int | None, int | None]:
    """(index of the document function meant, document of the import alias it is called through)."""
    node, use = call.node, call.use
    if isinstance(node, ast.MethodCall) and isinstance(node.target, ast.Name):
        name = node.target.name
        target = ins.model.alias_of(use.doc, name)
        if target is not None and name not in call.bound and not ins.model.is_shadowed(use.doc, name):
            return ins.model.resolve_function(use.doc, node.name, name), target
    return ins.model.resolve_function(use.doc, node.name), None


def _check_document(ins: Inspection, index: int, span: Span, given: int) -> None:
    function = ins.model.functions[index].node
    most = len(function.params)
    if given > most:
        allowed = _allowed(0, most)
        ins.report(205, span, whose="document", name=function.name, allowed=allowed, given=given)


def _allowed(least: int, most: int | None) -> str:
    if most is None:
        return f"at least {least} arguments"
    if least == most:
        return f"{most} argument{'' if most == 1 else 's'}"
    if least == 0:
        return f"at most {most} argument{'' if most == 1 else 's'}"
    return f"{least} to {most} arguments"


def _unknown(ins: Inspection, doc: int, span: Span, name: str) -> None:
    if ins.fragment and ins.environment.manifest is None:
        return
    if name.lower() in ins.model.documents[doc].node.unread:
        return
    manifest = ins.environment.manifest
    names = [function.node.name for function in ins.model.functions if function.doc == doc]
    names += ins.environment.functions
    if manifest is not None:
        names += manifest.functions
    ins.report(204, span, name=name, **ins.near(span, name, [*names, *builtin_names()]))


def _check_filters(ins: Inspection) -> None:
    """ABML205 for filters of templates; unknown ones are syntax errors of the template."""
    for item, _ in ins.facts.filters:
        spec = find_filter(item.name)
        if spec is None:
            continue
        # A function counts the filtered value as its first argument.
        own = 0 if isinstance(spec, FilterSpec) else 1
        given = len(item.args)
        least, most = max(spec.min_args - own, 0), spec.max_args - own
        if not least <= given <= most:
            text = f"the filter '{item.name}' takes {_allowed(least, most)}, not {given}"
            ins.report(205, item.span, text=text)


def check_determinism(ins: Inspection) -> None:
    """ABML801, 802 and 803: what a deterministic document must know about; once a name."""
    root = ins.docset.root
    if not root.metadata.deterministic:
        return
    for read in ins.facts.reads:
        if read.node.name == "now" and "now" not in ins.model.bound and ins.first(801, "now"):
            ins.report(801, read.node.span, name="now")
    for call in ins.facts.calls:
        node = call.node
        if _document_function(ins, call)[0] is not None:
            continue
        span = node.name_span or node.span
        host = ins.environment.function(node.name)
        if host is not None:
            if not host.deterministic:
                ins.report(802, span, kind="function", name=node.name)
            continue
        spec = find_builtin(node.name)
        if spec is not None and spec.time and ins.first(801, "now"):
            ins.report(801, span, name=f"{spec.name}()")
        elif spec is not None and spec.random and ins.first(803, spec.name):
            ins.report(803, span, name=spec.name)
