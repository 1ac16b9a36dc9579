"""Checks of declared types: defaults, unknown types, enum members (ABML303, 304, 305)."""

from __future__ import annotations

from abml.loader import LoadedDocument
from abml.source import Span
from abml.syntax import ast
from abml.values import Duration, ValueFault, parse_duration, to_json

from .infer import Inference
from .inspection import Inspection
from .types import DECLARED, NULL, Type, declared_type, fits, kinds_text, type_text

TYPE_NAMES = tuple(name for name in DECLARED if name not in ("enum", "number"))


def check_declarations(ins: Inspection) -> None:
    """Every declared type of every document, with the default beside it."""
    types = Inference(ins)
    for use in ins.facts.uses:
        if use.role in ("default", "param"):
            types.visit(use)
    for loaded in ins.docset.documents:
        node = loaded.document
        for variable in node.variables.values():
            _declaration(ins, types, loaded, variable.type, variable.default)
        for function in node.functions.values():
            for param in function.params:
                _declaration(ins, types, loaded, param.type, param.default)
            if function.returns is not None:
                _known(ins, loaded, function.returns)
        for flow in node.flows.values():
            for param in flow.params:
                _declaration(ins, types, loaded, param.type, param.default)


def _declaration(
    ins: Inspection, types: Inference, loaded: LoadedDocument, ref: ast.TypeRef | None, default: ast.Expr | None
) -> None:
    if ref is not None and _known(ins, loaded, ref) and default is not None:
        _check_default(ins, types, loaded, ref, default)


def _known(ins: Inspection, loaded: LoadedDocument, ref: ast.TypeRef) -> bool:
    """Report ABML304 for every unknown name in a type; True when all are known."""
    known = True
    if ref.name not in DECLARED and ref.name not in loaded.types:
        known = False
        if not _comes_from_broken_schema(loaded, ref.name):
            near = ins.near(ref.span, ref.name, [*TYPE_NAMES, *loaded.types])
            ins.report(304, ref.span, name=ref.name, **near)
    for argument in ref.args:
        known = _known(ins, loaded, argument) and known
    return known


def _comes_from_broken_schema(loaded: LoadedDocument, name: str) -> bool:
    # The import of the type has been reported where it stands.
    return any(entry.schema is not None and name in entry.types for entry in loaded.document.imports)


def _check_default(
    ins: Inspection, types: Inference, loaded: LoadedDocument, ref: ast.TypeRef, default: ast.Expr
) -> None:
    if isinstance(default, ast.ListExpr) and ref.name == "list" and len(ref.args) == 1:
        for item in default.items:
            _check_default(ins, types, loaded, ref.args[0], item)
        return
    if isinstance(default, ast.MapExpr) and ref.name == "map" and len(ref.args) == 2:
        for _, value in default.entries:
            _check_default(ins, types, loaded, ref.args[1], value)
        return
    found = types.of(default)
    members = declared_type(ref, loaded.types).members
    if isinstance(default, ast.Literal) and default.raw is not None and (members or ref.name == "string"):
        # A text that reads as a number stays text for a target that holds texts.
        found = Type(frozenset(("string",)), value=default.raw)
    if members:
        if found.is_constant and found.value is not None and found.value not in members:
            shown = _shown(found.value)
            ins.report(
                305, default.span, value=shown, members=", ".join(members), nearest=_near(ins, found.value, members)
            )
        return
    if not converts(ref, found) or (isinstance(default, ast.MapExpr) and _lacks_parts(ref, default)):
        shown = _shown(found.value) if found.is_constant else f"of type {kinds_text(found.kinds)}"
        ins.report(303, default.span, value=shown, type=type_text(ref))
        return
    if isinstance(default, ast.MapExpr) and ref.name in loaded.types:
        check_properties(ins, loaded, ref.name, default)


def _near(ins: Inspection, value: object, members: tuple[str, ...]) -> str | None:
    return ins.nearest(value, members) if isinstance(value, str) else None


def converts(ref: ast.TypeRef, found: Type) -> bool:
    """Whether a default converts to a declared type without loss, as far as is known."""
    if not found.is_known or found.kinds <= NULL:
        return True
    if not found.is_constant:
        if ref.name == "string":
            return bool(found.kinds & frozenset(("string", "int", "float", "bool", "duration")))
        return fits(ref, found) or ref.name == "bool"
    value = found.value
    match ref.name:
        case "int" | "timestamp":
            return type(value) is int or (isinstance(value, float) and value.is_integer())
        case "float":
            return type(value) in (int, float)
        case "bool":
            return isinstance(value, bool) or (type(value) is int and value in (0, 1))
        case "string":
            return not isinstance(value, (list, dict))
        case "duration":
            return _is_duration(value)
        case "vector3":
            return _is_vector(value)
    return fits(ref, found)


def _is_duration(value: object) -> bool:
    if isinstance(value, str):
        try:
            parse_duration(value)
        except ValueFault:
            return False
        return True
    return isinstance(value, Duration) or (isinstance(value, (int, float)) and not isinstance(value, bool))


def _is_vector(value: object) -> bool:
    parts = [value.get(axis) for axis in "xyz"] if isinstance(value, dict) else value
    if not isinstance(parts, list) or len(parts) != 3:
        return False
    return all(isinstance(part, (int, float)) and not isinstance(part, bool) for part in parts)


def _lacks_parts(ref: ast.TypeRef, default: ast.MapExpr) -> bool:
    """Whether a map written out lacks what its type is about."""
    keys = {key.value for key, _ in default.entries if isinstance(key, ast.Literal)}
    if len(keys) < len(default.entries):
        return False
    if ref.name == "vector3":
        return not {"x", "y", "z"} <= keys
    return ref.name == "entity_ref" and "id" not in keys


def check_properties(ins: Inspection, loaded: LoadedDocument, name: str, value: ast.MapExpr) -> None:
    """ABML301 for properties that a closed imported type does not have."""
    schema = loaded.types[name]
    if schema.kind != "object" or not schema.closed:
        return
    for key, _ in value.entries:
        if isinstance(key, ast.Literal) and isinstance(key.value, str) and key.value not in schema.properties:
            unknown_property(ins, key.span, name, key.value, list(schema.properties))


def unknown_property(ins: Inspection, span: Span, type_name: str, name: str, known: list[str]) -> None:
    """ABML301 for one unknown property of an imported type."""
    near = ins.nearest(name, known)
    hint = f"did you mean '{near}'?" if near is not None else None
    ins.report(301, span, text=f"the type '{type_name}' has no property '{name}'", hint=hint)


def _shown(value: object) -> str:
    return repr(value) if isinstance(value, str) else to_json(value)
