"""Lowering of waits, barriers and continuation points (language 6.8, 6.10, 7.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from abml.compiler.bytecode.program import Site
from abml.syntax import ast

from .blocks import Block
from .transfer import branch_to

if TYPE_CHECKING:
    from .actions import Actions


def wait(a: Actions, node: ast.Wait) -> None:
    """A wait is a loop over its reasons with a YIELD in it, so `until` is ordinary code."""
    if isinstance(node.until, ast.Address):
        _wait_signal(a, node, node.until)
        return
    b = a.b
    null = b.const(None)
    resume_at = null if node.duration is None else b.into("DEADLINE", a.value(node.duration), 0)
    if node.timeout is not None:
        give_up_at = b.into("DEADLINE", a.value(node.timeout), 0)
    elif node.until is not None and node.duration is None:
        # The host's limit for waits without one of their own.
        give_up_at = b.into("DEADLINE", null, 2)
    else:
        give_up_at = null
    again, by_until, by_time, late, after = Block(), Block(), Block(), Block(), Block()
    b.start(again)
    if node.until is not None:
        a.branch(node.until, by_until, True)
    if node.duration is not None:
        b.jump("JPAST", by_time, resume_at)
    if give_up_at != null:
        b.jump("JPAST", late, give_up_at)
    b.emit("YIELD", resume_at, give_up_at, 1 if node.until is not None else 0)
    b.jump("JMP", again)
    reason = b.new()
    b.start(by_until)
    b.move(reason, b.const("until"))
    b.leap(after)
    b.start(by_time)
    b.move(reason, b.const("duration"))
    b.leap(after)
    b.start(late)
    _timed_out(a, node.on_timeout, reason, after)
    b.start(after)
    _bind_reason(a, reason)


def _timed_out(a: Actions, on_timeout: ast.ActionList | None, reason: int, after: Block) -> None:
    b = a.b
    if on_timeout is None:
        b.end("RAISE", b.pool.constant("wait_timeout"), b.const("the wait timed out"))
        return
    _bind_reason(a, b.const("timeout"))
    a.body(on_timeout)
    b.move(reason, b.const("timeout"))
    b.leap(after)


def _bind_reason(a: Actions, reason: int) -> None:
    b = a.b
    if not a.model.uses_render and "_wait" not in a.model.reads:
        return
    record = b.into("MAP")
    b.emit("PUT", record, b.const("reason"), reason)
    b.emit("LOCALV", b.slot("_wait"), record)


def _wait_signal(a: Actions, node: ast.Wait, address: ast.Address) -> None:
    """`until: "@signal"`, beside a duration perhaps: a wait for the signal whose time limit is no error."""
    b = a.b
    over = None if node.duration is None else b.into("DEADLINE", a.value(node.duration), 0)
    given_up = None if node.timeout is None else b.into("DEADLINE", a.value(node.timeout), 0)
    deadline = over if given_up is None else given_up
    if over is not None and given_up is not None:
        deadline = b.new()
        first = Block()
        b.move(deadline, over)
        b.jump("JNLT", first, given_up, over)
        b.move(deadline, given_up)
        b.start(first)
    late, by_time, after = Block(), Block(), Block()
    reason = b.new()
    _take(a, [address], "all_of", deadline, late if deadline is not None else None)
    b.move(reason, b.const("until"))
    b.leap(after)
    if deadline is not None:
        b.start(late)
        if over is not None and given_up is not None:
            b.jump("JPAST", by_time, over)
        if given_up is not None:
            _timed_out(a, node.on_timeout, reason, after)
        b.start(by_time)
        if over is not None:
            b.move(reason, b.const("duration"))
            b.leap(after)
    b.start(after)
    _bind_reason(a, reason)


def wait_for(a: Actions, node: ast.WaitFor) -> None:
    b = a.b
    deadline = None if node.timeout is None else b.into("DEADLINE", a.value(node.timeout), 0)
    late = Block() if node.on_timeout is not None else None
    after = Block()
    signals = _take(a, node.addresses, node.mode, deadline, late)
    b.emit("LOCALV", b.slot("_signals"), signals)
    b.emit("LOCALV", b.slot("_signal"), b.into("GETM", signals, b.pool.constant("last")))
    b.leap(after)
    if late is not None:
        b.start(late)
        _late(a, node)
    b.start(after)


def _late(a: Actions, node: ast.WaitFor | ast.Sync) -> None:
    """What a wait does when its time is over."""
    if isinstance(node.on_timeout, ast.FlowRef):
        branch_to(a, ast.BranchTo(span=node.span, name=node.name, name_span=node.name_span, channel=node.on_timeout))
    elif node.on_timeout is not None:
        a.body(node.on_timeout)


def _take(a: Actions, addresses: list[ast.Address], mode: str, deadline: int | None, late: Block | None) -> int:
    """WAITFOR: takes signals out of the mailbox; the operand holds the list of them."""
    b = a.b
    pushed: list[int] = []
    data: list[Any] = []
    for address in addresses:
        if address.dynamic is not None:
            data.append(None)
            pushed.append(a.value(address.dynamic))
        else:
            data.append([address.channel, address.signal])
    flags = {"all" if mode == "all_of" else "any"}
    if deadline is not None:
        flags.add("timeout")
        pushed.append(deadline)
    b.push(pushed)
    site = Site("wait_for", "", count=len(pushed), flags=frozenset(flags), data=data)
    signals = b.new()
    b.emit("WAITFOR", signals, b.pool.site(site), 0, late)
    b.start()
    return signals


def sync(a: Actions, node: ast.Sync) -> None:
    b = a.b
    deadline = (
        b.into("DEADLINE", b.const(None), 2) if node.timeout is None else b.into("DEADLINE", a.value(node.timeout), 0)
    )
    late = Block() if node.on_timeout is not None else None
    site = Site("sync", node.point, data=None if node.participants is None else list(node.participants))
    b.emit("SYNC", deadline, b.pool.site(site), 0, late)
    b.start()
    if late is not None:
        after = Block()
        b.leap(after)
        b.start(late)
        _late(a, node)
        b.start(after)


def continuation_point(a: Actions, node: ast.ContinuationPoint) -> None:
    b = a.b
    deadline = b.into("DEADLINE", a.value(node.timeout), 1)
    b.push([deadline])
    unit = a.model.resolve_flow(b.doc, node.default_flow.name or "")
    site = Site("continuation", node.point, -1 if unit is None else unit, count=1, data=node.default_flow.name)
    b.end("CONT", b.pool.site(site))
