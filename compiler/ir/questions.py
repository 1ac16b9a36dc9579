"""Lowering of player input: `choice` and `qte` (language 8.7).

A question is ordinary code around one action that is always awaited: before it
the options are made, behind it the answer decides where to go on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from abml.compiler.bytecode.program import Site
from abml.syntax import ast

from . import speech, variables
from .blocks import Block

if TYPE_CHECKING:
    from .actions import Actions


class _Row(NamedTuple):
    """One option: its place in the list and operands of the rest; `available` is None when it always is."""

    place: int
    value: int
    label: int
    available: int | None
    node: ast.ChoiceOption


def choice(a: Actions, node: ast.Choice) -> None:
    b = a.b
    names: list[str] = []
    pushed: list[int] = []
    if node.prompt is not None:
        names.append("prompt")
        pushed.append(a.value(node.prompt))
    options = b.into("LIST")
    rows = [_option(a, index, option, options) for index, option in enumerate(node.options)]
    after = Block()
    if all(row.available is not None for row in rows):
        _nothing_to_choose(a, node, rows, after)
    answer, late = _ask(a, node, [*names, "options"], [*pushed, options])
    join = Block()
    if late is not None:
        b.jump("JMP", join)
        b.start(late)
        if node.on_timeout is not None:
            _choose(a, node.result, _record(a, None, timed_out=True))
            a.body(node.on_timeout)
            b.leap(after)
        else:
            _by_default(a, rows, answer, join)
    b.start(join)
    _choose(a, node.result, answer)
    _go_on(a, rows, answer, after)
    b.start(after)


def _option(a: Actions, index: int, node: ast.ChoiceOption, options: int) -> _Row:
    """Append an option to the list for the host."""
    b = a.b
    with b.at(node.span):
        if node.label_ref is None:
            label = a.value(node.label)
        else:
            found = speech.find(a, ["dialogue_ref"], [b.const(node.label_ref)], has_inline=True)
            label = speech.chosen(a, found, node.label, {})
        description = None if node.description is None else a.value(node.description)
        value = b.const(index) if node.value is None else a.value(node.value)
        available = None if node.condition is None else _truth(a, node.condition)
        record = b.into("MAP")
        for key, operand in (
            ("index", b.const(index)),
            ("label", label),
            ("description", b.const(None) if description is None else description),
            ("value", value),
            ("available", b.const(True) if available is None else available),
            ("default", b.const(node.is_default)),
        ):
            b.emit("PUT", record, b.const(key), operand)
        b.emit("APPEND", options, record)
    return _Row(index, value, label, available, node)


def _truth(a: Actions, node: ast.Expr) -> int:
    b = a.b
    result = b.new()
    no, after = Block(), Block()
    a.branch(node, no, False)
    b.move(result, b.const(True))
    b.jump("JMP", after)
    b.start(no)
    b.move(result, b.const(False))
    b.start(after)
    return result


def _nothing_to_choose(a: Actions, node: ast.Choice, rows: list[_Row], after: Block) -> None:
    """Without an available option nobody is asked."""
    b = a.b
    ask = Block()
    for row in rows:
        if row.available is not None:
            b.jump("JT", ask, row.available)
    b.emit("WARN", b.pool.constant("a choice has no available option"))
    b.emit("LOCALV", b.slot("_choice"), b.const(None))
    if node.result is not None:
        variables.assign_value(a, "set", node.result, b.const(None))
    b.leap(after)
    b.start(ask)


def _ask(a: Actions, node: ast.Choice | ast.Qte, names: list[str], pushed: list[int]) -> tuple[int, Block | None]:
    """Hand the question over: (operand of the answer, where to go when the time is over)."""
    b = a.b
    flags = {"question", "await"}
    deadline = None
    if node.timeout is not None:
        limit = a.value(node.timeout)
        names, pushed = [*names, "timeout"], [*pushed, limit]
        deadline = b.into("DEADLINE", limit, 0)
        flags.add("timeout")
    pushed = pushed if deadline is None else [*pushed, deadline]
    b.push(pushed)
    site = Site("action", node.name, names=tuple(names), count=len(pushed), flags=frozenset(flags))
    late = None if deadline is None else Block()
    answer = b.new()
    b.emit("ACT", answer, b.pool.site(site), 0, late)
    b.start()
    return answer, late


def _record(a: Actions, row: _Row | None, *, timed_out: bool, success: int | None = None, value: int = -1) -> int:
    """A value of `_choice`."""
    b = a.b
    null = b.const(None)
    record = b.into("MAP")
    fields = [
        ("index", null if row is None else b.const(row.place)),
        ("value", value if value >= 0 else null if row is None else row.value),
        ("label", null if row is None else row.label),
        ("timed_out", b.const(timed_out)),
    ]
    if success is not None:
        fields.append(("success", success))
    for key, operand in fields:
        b.emit("PUT", record, b.const(key), operand)
    return record


def _by_default(a: Actions, rows: list[_Row], answer: int, join: Block) -> None:
    """The time is over: the option marked so, else the first available one."""
    b = a.b
    picks: list[tuple[Block, _Row]] = []
    for row in [*(row for row in rows if row.node.is_default), *rows]:
        pick = Block()
        picks.append((pick, row))
        if row.available is None:
            b.jump("JMP", pick)
            break
        b.jump("JT", pick, row.available)
    else:
        # Reached by nobody: a question is asked only when an option is available.
        b.jump("JMP", join)
    for pick, row in picks:
        b.start(pick)
        b.move(answer, _record(a, row, timed_out=True))
        b.jump("JMP", join)


def _choose(a: Actions, result: ast.Target | None, answer: int) -> None:
    """Bind `_choice` and the result variable."""
    b = a.b
    b.emit("LOCALV", b.slot("_choice"), answer)
    if result is not None:
        variables.assign_value(a, "set", result, b.into("GETM", answer, b.pool.constant("value")))


def _go_on(a: Actions, rows: list[_Row], answer: int, after: Block) -> None:
    """The actions of the chosen option."""
    b = a.b
    bodies: list[tuple[Block, ast.ActionList]] = []
    chosen = b.into("GETM", answer, b.pool.constant("index"))
    for row in rows:
        if row.node.then is not None:
            hit = Block()
            bodies.append((hit, row.node.then))
            b.jump("JEQ", hit, chosen, b.const(row.place))
    b.leap(after)
    for hit, body in bodies:
        b.start(hit)
        a.body(body)
        b.leap(after)


# ------------------------------------------------------------------------ qte


def qte(a: Actions, node: ast.Qte) -> None:
    b = a.b
    names = [param.name for param in node.params]
    pushed = [a.value(param.value) for param in node.params]
    if "type" not in names:
        names.append("type")
        pushed.append(b.const("quick_time"))
    default = None if node.default is None else a.value(node.default)
    if default is not None:
        names.append("default")
        pushed.append(default)
    answer, late = _ask(a, node, names, pushed)
    join, after = Block(), Block()
    if late is not None:
        b.jump("JMP", join)
        b.start(late)
        if default is not None:
            success = b.into("NOT", b.into("NOT", default))
            b.move(answer, _record(a, None, timed_out=True, success=success, value=default))
            b.jump("JMP", join)
        else:
            no = b.const(False)
            _choose(a, node.result, _record(a, None, timed_out=True, success=no, value=no))
            body = node.on_failure if node.on_timeout is None else node.on_timeout
            if body is not None:
                a.body(body)
            b.leap(after)
    b.start(join)
    _choose(a, node.result, answer)
    failed = Block()
    b.jump("JF", failed, b.into("GETM", answer, b.pool.constant("success")))
    if node.on_success is not None:
        a.body(node.on_success)
    b.leap(after)
    b.start(failed)
    if node.on_failure is not None:
        a.body(node.on_failure)
    b.start(after)
