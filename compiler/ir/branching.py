"""Lowering of branches and loops (language 6.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abml.compiler import ahead
from abml.compiler.bytecode.program import Site
from abml.syntax import ast

from .blocks import Block
from .builder import Loop

if TYPE_CHECKING:
    from .actions import Actions


def cond(a: Actions, node: ast.Cond) -> None:
    b = a.b
    after = Block()
    for branch in node.branches:
        following = Block()
        a.branch(branch.condition, following, False)
        a.body(branch.then)
        b.jump("JMP", after)
        b.start(following)
    if node.otherwise is not None:
        a.body(node.otherwise)
    b.start(after)


def switch(a: Actions, node: ast.Switch) -> None:
    b = a.b
    # Every test comes before the first body, so a variable can be read in place.
    subject = a.value(node.value)
    after = Block()
    bodies: list[tuple[Block, ast.ActionList]] = []
    texts: list[tuple[ast.Literal, Block]] = []
    for case in node.cases:
        hit = Block()
        bodies.append((hit, case.then))
        for match in case.matches:
            with b.at(match.span):
                b.jump("JEQ", hit, subject, a.value(match))
            if case.from_key and isinstance(match, ast.Literal) and match.raw not in (None, match.value):
                texts.append((match, hit))
    # A text equal to the text of a key matches too: case 3 takes "3". No value can
    # meet both kinds of tests, so these can wait until the others failed.
    for match, hit in texts:
        with b.at(match.span):
            b.jump("JEQ", hit, subject, b.const(match.raw))
    if node.default is not None:
        a.body(node.default)
    b.jump("JMP", after)
    for hit, body in bodies:
        b.start(hit)
        a.body(body)
        b.jump("JMP", after)
    b.start(after)


def guard(a: Actions, node: ast.Guard) -> None:
    a.branch(node.condition, a.b.list_ends[-1], False)


def for_each(a: Actions, node: ast.ForEach) -> None:
    b = a.b
    collection = a.value(node.collection)
    iterator = b.into("ITER", collection)
    if a.fetches_ahead:
        _fetch_ahead(a, node, collection)
    again, leave = Block(), Block()
    b.start(again)
    element = b.new()
    b.emit("NEXT", iterator, element, 0, leave)
    b.start()
    with b.scope():
        b.emit("LOCALV", b.slot(node.variable), element)
        if node.index is not None:
            b.emit("LOCALV", b.slot(node.index), b.into("INDEX", iterator))
        _loop_body(a, node.body, Loop(leave, Block(), b.scopes - 1, b.scopes))
    b.jump("JMP", again)
    b.start(leave)


def _fetch_ahead(a: Actions, node: ast.ForEach, collection: int) -> None:
    """Code that has the library fetch what the rounds will load, each kind of load once."""
    b = a.b
    done: list[dict[str, object]] = []
    for found in ahead.find(node):
        if found.data in done:
            continue
        done.append(found.data)
        with b.at(found.load.name_span):
            b.push([collection])
            flags = frozenset({"ahead", "implicit"})
            site = Site("action", "load_snapshot", names=("collection",), count=1, flags=flags)
            b.emit("ACT", b.new(), b.pool.site(site._replace(data={"ahead": found.data})), 0, None)
            b.start()


def repeat(a: Actions, node: ast.Repeat) -> None:
    b = a.b
    times = node.times.value if isinstance(node.times, ast.Literal) else None
    is_count = isinstance(times, int) and not isinstance(times, bool) and times >= 0
    limit = b.const(times) if is_count else b.into("TIMES", a.value(node.times))
    counter = b.into("MOV", b.const(-1))
    again, leave = Block(), Block()
    b.start(again)
    b.emit("COUNT", counter, limit, 0, leave)
    b.start()
    if node.variable is None:
        _loop_body(a, node.body, Loop(leave, Block(), b.scopes, b.scopes))
    else:
        with b.scope():
            b.emit("LOCALV", b.slot(node.variable), counter)
            _loop_body(a, node.body, Loop(leave, Block(), b.scopes - 1, b.scopes))
    b.jump("JMP", again)
    b.start(leave)


def _loop_body(a: Actions, body: ast.ActionList, loop: Loop) -> None:
    a.b.loops.append(loop)
    a.body(body)
    a.b.loops.pop()
    a.b.start(loop.again)


def loop_control(a: Actions, node: ast.LoopControl) -> None:
    b = a.b
    loop = b.loops[-1]
    if node.name == "break":
        b.leave_scopes(loop.leave_scopes)
        b.jump("JMP", loop.leave)
    else:
        b.leave_scopes(loop.again_scopes)
        b.jump("JMP", loop.again)
