"""Checks of values in actions: conditions, assignments, loops, possible nulls (ABML301, 302, 305, 308, 309)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from abml.diagnostics import Note
from abml.syntax import ast
from abml.syntax.walk import children
from abml.values import truthy

from . import walk
from .defaults import unknown_property
from .facts import Site, Use
from .infer import Inference
from .inspection import Inspection
from .types import ALL, DURATION, LIST, MAP, NULL, NUMBER, STRING, Type, declared_type, fits, kinds_text

_ITERABLE = LIST | MAP | STRING | frozenset(("provider",))


def check_values(ins: Inspection) -> None:
    """Types of all expressions, and what their places ask of them."""
    types = Inference(ins)
    for use in ins.facts.uses:
        if use.role in ("default", "param"):
            # Visited, and reported on, with the declarations.
            continue
        found = types.visit(use)
        checker = _PLACES.get(use.role)
        if checker is not None:
            checker(ins, use, found)
    for site in ins.facts.sites:
        _check_site(ins, types, site)
    _check_returns(ins, types)


def _check_condition(ins: Inspection, use: Use, found: Type) -> None:
    """ABML302: conditions that never change. A plain `true` says so on purpose."""
    if not found.is_constant:
        return
    node = use.expr
    if isinstance(node, ast.Literal) and (node.value is True or ins.has_error(node.span)):
        # A condition that could not be read stands here as a literal.
        return
    ins.report(302, node.span, value="true" if truthy(found.value) else "false")


def _check_collection(ins: Inspection, use: Use, found: Type) -> None:
    """ABML308, as a warning of type where only a declaration says so."""
    if not found.is_known or found.kinds & _ITERABLE or found.kinds == NULL:
        return
    shown = kinds_text(found.kinds)
    if found.sure:
        ins.report(308, use.expr.span, found=f"a value of type {shown}")
    else:
        ins.report(301, use.expr.span, expected="a list", found=shown)


def _check_number(ins: Inspection, use: Use, found: Type) -> None:
    if found.is_known and found.kinds - NULL and not found.kinds & (NUMBER | STRING | frozenset(("bool",))):
        ins.report(301, use.expr.span, expected="a number", found=kinds_text(found.kinds))
    elif found.is_constant and isinstance(found.value, str):
        ins.report(301, use.expr.span, expected="a number", found="a string")


def _check_duration(ins: Inspection, use: Use, found: Type) -> None:
    if found.is_known and found.kinds - NULL and not found.kinds & (NUMBER | STRING | DURATION):
        ins.report(301, use.expr.span, expected="a duration", found=kinds_text(found.kinds))


_PLACES: dict[str, Callable[[Inspection, Use, Type], None]] = {
    "condition": _check_condition,
    "until": _check_condition,
    "collection": _check_collection,
    "number": _check_number,
    "duration": _check_duration,
}


# ------------------------------------------------------------------ assignments


def _check_site(ins: Inspection, types: Inference, site: Site) -> None:
    action = site.action
    if isinstance(action, ast.Assign):
        for assignment in action.assignments:
            _check_assignment(ins, types, site, action.name, assignment)
    elif isinstance(action, (ast.CallFlow, ast.Goto)) and action.flow.name is not None:
        index = ins.model.resolve_flow(site.body.doc, action.flow.name)
        if index is not None:
            info = ins.model.flows[index]
            declared = {param.name: param.type for param in info.node.params}
            for argument in action.args:
                ref = declared.get(argument.name)
                if ref is not None:
                    _check_fit(ins, types, info.doc, ref, argument.value, f"for '{argument.name}'")


def _check_assignment(ins: Inspection, types: Inference, site: Site, how: str, assignment: ast.Assignment) -> None:
    target = assignment.target
    doc = 0 if how == "global" else site.body.doc
    variable = ins.model.documents[doc].variables.get(target.name)
    if variable is None or variable.type is None or how == "local" or target.name in types.private:
        return
    if assignment.op != "=":
        return
    if target.steps:
        _check_property(ins, doc, variable.type, target)
    else:
        _check_fit(ins, types, doc, variable.type, assignment.value, f"for '{target.name}'")


def _check_property(ins: Inspection, doc: int, ref: ast.TypeRef, target: ast.Target) -> None:
    schema = ins.docset.documents[doc].types.get(ref.name)
    step = target.steps[0]
    if schema is None or not schema.closed or not isinstance(step, ast.Literal) or not isinstance(step.value, str):
        return
    if step.value not in schema.properties:
        unknown_property(ins, target.span, ref.name, step.value, list(schema.properties))


def _check_fit(ins: Inspection, types: Inference, doc: int, ref: ast.TypeRef, value: ast.Expr, what: str) -> None:
    """ABML301 or ABML305 for a value given to something declared."""
    schemas = ins.docset.documents[doc].types
    found = types.of(value)
    declared = declared_type(ref, schemas)
    if isinstance(value, ast.Literal) and value.raw is not None and (declared.members or ref.name == "string"):
        found = Type(STRING, value=value.raw)
    if declared.members and found.is_constant and found.value is not None:
        if found.value not in declared.members:
            shown = f"'{found.value}'" if isinstance(found.value, str) else str(found.value)
            near = ins.near(value.span, found.value, declared.members) if isinstance(found.value, str) else {}
            ins.report(305, value.span, value=shown, members=", ".join(declared.members), **near)
    elif not fits(ref, found, schemas):
        ins.report(301, value.span, expected=f"{ref.name} {what}", found=kinds_text(found.kinds))


def _check_returns(ins: Inspection, types: Inference) -> None:
    """ABML301: the result of a document function against its `returns`."""
    for info in ins.model.functions:
        returns = info.node.returns
        if returns is None:
            continue
        schemas = ins.docset.documents[info.doc].types
        found = types.of(info.node.result)
        if found.kinds != ALL and not fits(returns, found, schemas):
            expected = f"{returns.name} from '{info.node.name}'"
            ins.report(301, info.node.result.span, expected=expected, found=kinds_text(found.kinds))


# --------------------------------------------------------------- possible nulls


def check_nulls(ins: Inspection) -> None:
    """ABML309: members of variables that may be null; once per variable and document."""
    nullable = _nullable(ins)
    if not any(nullable):
        return
    warned: dict[tuple[int, str], list[ast.Expr]] = {}
    for use in ins.facts.uses:
        names = nullable[use.doc]
        if names:
            safe = frozenset(use.locals) | _safe_names(ins, use)
            for node, name in _unguarded(use.expr, names, safe):
                warned.setdefault((use.doc, name), []).append(node)
    for (_, name), nodes in warned.items():
        first = nodes[0]
        lines = list(dict.fromkeys(str(node.span.line) for node in nodes[1:]))
        notes = (Note(f"also in line {', '.join(lines[:8])}{', …' if len(lines) > 8 else ''}"),) if lines else ()
        suggestion = f"{name}?.{first.name}" if isinstance(first, ast.Member) else f"{name}?[…]"
        ins.report(309, first.span, name=name, suggestion=suggestion, notes=notes)


def _nullable(ins: Inspection) -> list[set[str]]:
    """Per document the variables whose declaration says that they may be null."""
    found: list[set[str]] = []
    for doc in ins.model.documents:
        names = set()
        for variable in doc.variables.values():
            node = variable.node
            if variable.kind == "plain":
                may_be = node.type is not None and node.type.optional and _is_null(node.default)
            else:
                may_be = variable.kind == "source" and node.default is None
            if may_be:
                names.add(variable.name)
        found.append(names)
    return found


def _is_null(default: ast.Expr | None) -> bool:
    return default is None or (isinstance(default, ast.Literal) and default.value is None)


def _unguarded(root: ast.Expr, names: set[str], safe: frozenset[str]) -> Iterator[tuple[ast.Expr, str]]:
    """Member and index steps right on a nullable name that nothing around them tests."""
    stack: list[tuple[ast.Expr, frozenset[str]]] = [(root, safe)]
    while stack:
        node, safe = stack.pop()
        if isinstance(node, (ast.Member, ast.Index)):
            target = node.target
            if isinstance(target, ast.Name) and not node.guarded and target.name in names and target.name not in safe:
                yield node, target.name
        if isinstance(node, ast.Logical) and node.op != "??":
            stack.append((node.right, safe | non_null(node.left, node.op == "&&")))
            stack.append((node.left, safe))
        elif isinstance(node, ast.Conditional):
            stack.append((node.otherwise, safe | non_null(node.condition, False)))
            stack.append((node.then, safe | non_null(node.condition, True)))
            stack.append((node.condition, safe))
        elif isinstance(node, ast.Lambda):
            stack.append((node.body, safe | frozenset(node.params)))
        else:
            stack.extend((child, safe) for child in reversed(children(node)))


def non_null(test: ast.Expr, outcome: bool) -> frozenset[str]:
    """The names that cannot be null when a test has the given outcome."""
    found: set[str] = set()
    stack = [(test, outcome)]
    while stack:
        node, truth = stack.pop()
        if isinstance(node, ast.Unary) and node.op == "!":
            stack.append((node.operand, not truth))
        elif isinstance(node, ast.Logical) and node.op == ("&&" if truth else "||"):
            stack += [(node.left, truth), (node.right, truth)]
        elif isinstance(node, ast.Binary) and node.op in ("==", "!="):
            for one, other in ((node.left, node.right), (node.right, node.left)):
                if isinstance(one, ast.Name) and isinstance(other, ast.Literal):
                    differs = truth == (node.op == "!=")
                    if differs == (other.value is None):
                        found.add(one.name)
        elif isinstance(node, (ast.Call, ast.MethodCall)) and node.name.lower() in ("is_null", "is_empty"):
            arg = node.args[0] if isinstance(node, ast.Call) and node.args else getattr(node, "target", None)
            if isinstance(arg, ast.Name) and not truth:
                found.add(arg.name)
        elif truth:
            while isinstance(node, (ast.Chain, ast.Member, ast.Index)):
                node = node.body if isinstance(node, ast.Chain) else node.target
            if isinstance(node, ast.Name):
                found.add(node.name)
    return frozenset(found)


def _safe_names(ins: Inspection, use: Use) -> frozenset[str]:
    """Names that the actions around and before an expression have tested or assigned."""
    site = use.site
    if site is None:
        return frozenset()
    safe: set[str] = set()
    action = site.action
    if action.when is not None and use.expr is not action.when:
        safe |= non_null(action.when, True)
    if isinstance(action, ast.Cond):
        for branch in action.branches:
            if branch.condition is use.expr:
                break
            safe |= non_null(branch.condition, False)
    here: Site | None = site
    while here is not None:
        for earlier in here.items[: here.at]:
            if isinstance(earlier, ast.Guard):
                safe |= non_null(earlier.condition, True)
            elif isinstance(earlier, ast.Cond) and len(earlier.branches) == 1 and earlier.otherwise is None:
                branch = earlier.branches[0]
                if branch.then.items and isinstance(branch.then.items[-1], walk.TERMINAL):
                    safe |= non_null(branch.condition, False)
        parent = here.parent
        if parent is not None:
            safe |= _tested_by(parent.action, here)
        here = parent
    for bind in ins.facts.binds_of.get(id(site.body), ()):
        if bind.how != "clear" and (bind.site is None or bind.site.order < site.order):
            safe.add(bind.name)
    return frozenset(safe)


def _tested_by(action: ast.Action, inner: Site) -> frozenset[str]:
    safe: frozenset[str] = frozenset()
    if action.when is not None:
        safe |= non_null(action.when, True)
    if isinstance(action, ast.Cond):
        for branch in action.branches:
            if inner.role == "then" and branch.condition is inner.test:
                return safe | non_null(branch.condition, True)
            safe |= non_null(branch.condition, False)
    return safe
