"""Lowering of what is said: texts of speaking actions and labels that have dialogue references (language 8.8).

A reference is looked up by an action site of its own (flag `text`) before the
speaking action. Inline text is code behind a jump, so that it is rendered only
when no file has a text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from abml.compiler.bytecode.program import Site
from abml.compiler.model import AMBIENT_NAMES, RUNTIME_NAMES
from abml.syntax import ast, visitor

from .blocks import Block

if TYPE_CHECKING:
    from .actions import Actions

_SPEAKING = frozenset(("speak", "shout", "narrate"))
SPOKEN = "dialogue"
"""Parameter of a speaking action with a reference: where its text comes from."""


def is_spoken(node: ast.Domain) -> bool:
    """The action says something: `speak`, `shout`, `narrate`, with or without a subject."""
    return node.route is None and node.name.rpartition(".")[2] in _SPEAKING


def parameters(a: Actions, node: ast.Domain) -> tuple[list[str], list[int]]:
    """Names and operands of a speaking action's parameters."""
    given = {param.name: param.value for param in node.params}
    text, reference = given.get("text"), given.get("dialogue_ref")
    if isinstance(text, ast.Literal) and text.value is None:
        text = None
    if reference is None:
        if text is None or not _reads(a, text) & given.keys():
            return list(given), [a.value(value) for value in given.values()]
        # The text is a template over the other parameters too.
        operands = {name: a.value(value) for name, value in given.items() if name != "text"}
        operands["text"] = _inline(a, text, operands)
        return list(given), [operands[name] for name in given]
    operands = {name: a.value(value) for name, value in given.items() if name != "text"}
    found = find(a, list(operands), list(operands.values()), has_inline=text is not None)
    operands["text"] = chosen(a, found, text, operands)
    names = list(dict.fromkeys([*given, "text"]))
    return [*names, SPOKEN], [*(operands[name] for name in names), found]


def find(a: Actions, names: list[str], operands: list[int], *, has_inline: bool) -> int:
    """Look a reference up: the operand holds `{text, source, locale, metadata}`."""
    b = a.b
    b.push(operands)
    flags = frozenset({"text", "inline"}) if has_inline else frozenset({"text"})
    found = b.new()
    b.emit("ACT", found, b.pool.site(Site("action", SPOKEN, names=tuple(names), count=len(operands), flags=flags)))
    b.start()
    return found


def chosen(a: Actions, found: int, text: ast.Expr | None, operands: dict[str, int]) -> int:
    """The text that was found, else the inline text."""
    b = a.b
    result = b.new()
    b.move(result, b.into("GETM", found, b.pool.constant("text")))
    if text is not None:
        there = Block()
        b.jump("JNOTNULL", there, result)
        b.move(result, _inline(a, text, operands))
        b.start(there)
    return result


def _inline(a: Actions, text: ast.Expr, operands: dict[str, int]) -> int:
    """The action's own text; in its templates, parameters give the names that nothing else defines."""
    b = a.b
    before = b.lexical
    b.lexical = {**before, **{name: operands[name] for name in _reads(a, text) if name in operands}}
    result = a.value(text)
    b.lexical = before
    return result


def _reads(a: Actions, text: ast.Expr) -> set[str]:
    """Names in the templates of a text that no variable of the program has."""
    if not isinstance(text, ast.Interpolation) or text.template is None:
        return set()
    names = {
        part.name
        for expr in visitor.template_expressions(text.template.nodes)
        for part in visitor.expression_nodes(expr)
        if isinstance(part, ast.Name)
    }
    model = a.model
    known = model.bound | RUNTIME_NAMES | AMBIENT_NAMES | model.documents[0].variables.keys()
    return {name for name in names if name not in known and name not in model.documents[a.b.doc].variables}
