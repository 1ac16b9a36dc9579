"""Lowering of names: which slot a name means, and how it is read and written (language 4.3, 6.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abml.compiler.model import RUNTIME_NAMES
from abml.syntax import ast

from .blocks import SLOT

if TYPE_CHECKING:
    from .expressions import Expressions


def library_slot(e: Expressions, doc: int, name: str) -> int:
    """Slot of a context variable of an imported document."""
    return e.b.slot(e.model.documents[doc].prefix + name)


def is_direct(e: Expressions, name: str) -> bool:
    """The root's context variable `name` is always bound and never lazy: its register can be used as it is."""
    slot = e.b.pool.find_slot(name)
    return slot is not None and slot.kind == "document" and slot.mode == "plain"


def read(e: Expressions, name: str) -> tuple[int, bool]:
    """Code that reads a name: (operand, it may be a provider reference)."""
    b = e.b
    local = b.lexical.get(name)
    if local is not None:
        return local, False
    model = e.model
    own = b.doc != 0 and name in model.documents[b.doc].variables
    if is_direct(e, name) and not own and (not b.document_mode or name not in model.bound):
        return b.slot(name), False
    if b.document_mode:
        if own:
            return b.into("LOADD", library_slot(e, b.doc, name)), False
        return b.into("LOADD", b.slot(name)), not _is_variable(e, name)
    if own:
        return b.into("LOADL", b.slot(name), library_slot(e, b.doc, name)), False
    return b.into("LOADV", b.slot(name)), not _is_variable(e, name)


def _is_variable(e: Expressions, name: str) -> bool:
    """The name is a context variable of the root or the runtime's own, so that it never means a provider."""
    if name in RUNTIME_NAMES:
        return True
    slot = e.b.pool.find_slot(name)
    return slot is not None and slot.kind == "document"


def library_member(e: Expressions, node: ast.Member) -> int | None:
    """`alias.name` of an imported document, if the member is that; else None."""
    path: list[str] = []
    target: ast.Expr = node.target
    while isinstance(target, ast.Member) and not target.guarded:
        path.append(target.name)
        target = target.target
    if not isinstance(target, ast.Name) or node.guarded:
        return None
    path.append(target.name)
    path.reverse()
    b = e.b
    if path[0] in b.lexical or e.model.alias_of(b.doc, path[0]) is None or e.model.is_shadowed(b.doc, path[0]):
        return None
    doc = e.model.resolve_document(b.doc, path)
    if doc is None or node.name not in e.model.documents[doc].variables:
        return None
    # Code that runs in a channel sees the channel's own copy.
    op = "LOADD" if b.document_mode else "LOADV"
    return b.into(op, b.slot(node.name) if doc == 0 else library_slot(e, doc, node.name))


def write(e: Expressions, kind: str, name: str, value: int) -> None:
    """Code for `set`, `local` or `global` of a plain name."""
    b = e.b
    slot = b.slot(name)
    if kind == "local":
        b.emit("LOCALV", slot, value)
    elif kind == "global":
        b.emit("GLOBALV", slot, value)
    elif is_direct(e, name) and not _is_readonly(e, name) and not _is_own(e, name):
        b.move(slot, value)
    elif _is_own(e, name):
        b.emit("SETL", slot, value, library_slot(e, b.doc, name))
    else:
        b.emit("SETV", slot, value)


def destination(e: Expressions, kind: str, name: str) -> int | None:
    """The register an assignment can be computed into, when it is a plain write of one."""
    if kind == "set" and is_direct(e, name) and not _is_readonly(e, name) and not _is_own(e, name):
        return e.b.slot(name)
    return None


def _is_own(e: Expressions, name: str) -> bool:
    return e.b.doc != 0 and name in e.model.documents[e.b.doc].variables


def _is_readonly(e: Expressions, name: str) -> bool:
    slot = e.b.pool.find_slot(name)
    return slot is not None and slot.is_readonly


def store_slots(e: Expressions, name: str) -> tuple[int, int]:
    """(chain slot, library slot or -1) of the root of a path target."""
    b = e.b
    slot = b.slot(name) - SLOT
    return slot, (library_slot(e, b.doc, name) - SLOT if _is_own(e, name) else -1)


def declared_type(e: Expressions, name: str) -> str | None:
    """Declared type of a context variable that a plain name means here, as text."""
    doc = e.b.doc
    for index in (doc, 0):
        variable = e.model.documents[index].variables.get(name)
        if variable is not None:
            return type_text(variable.type)
    return None


def type_text(node: ast.TypeRef | None) -> str | None:
    """Canonical text of a declared type, None when there is none."""
    if node is None:
        return None
    text = node.name
    if node.members:
        text = f"enum({', '.join(node.members)})"
    elif node.args:
        text += f"<{', '.join(type_text(arg) or 'any' for arg in node.args)}>"
    return text + ("?" if node.optional else "")
