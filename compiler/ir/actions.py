"""Lowering of action lists: dispatch by kind, guards, error handlers (language 6.1, 6.9)."""

from __future__ import annotations

from collections.abc import Callable

from abml.compiler.model import Model
from abml.syntax import ast

from . import branching, effects, questions, transfer, variables, waiting
from .blocks import Block, UnitIR
from .builder import Builder
from .expressions import Expressions


class Actions(Expressions):
    """Lowers the actions of one unit."""

    def __init__(self, builder: Builder, model: Model) -> None:
        super().__init__(builder, model)
        self.channel_units: dict[int, int] = {}
        # The units of the whole program: arms of `parallel` are added to them.
        self.units: list[UnitIR] = []
        self.is_arm = False
        # Whether loads of loops are fetched before them (`compiler.ahead`).
        self.fetches_ahead = False

    def inner(self, unit: UnitIR) -> Actions:
        """Something to lower the actions of another unit of the program with."""
        made = Actions(Builder(self.b.pool, unit), self.model)
        made.channel_units = self.channel_units
        made.units = self.units
        made.fetches_ahead = self.fetches_ahead
        return made

    def stop(self) -> None:
        """The flow completes with null; from inside an arm of `parallel` the flow around it (language 6.9)."""
        self.b.end("RET", self.b.const(True if self.is_arm else None))

    def arm(self, actions: ast.ActionList) -> None:
        """The whole code of an arm of `parallel`."""
        self.is_arm = True
        b = self.b
        b.start()
        self.body(actions, tops=b.unit.tops)
        b.unit.tops.append(b.start())
        b.span, b.action = actions.span, ""
        b.end("RET", b.const(None))

    def channel_unit(self, channel: int) -> int:
        """Number of the unit that holds a channel's code."""
        return self.channel_units[channel]

    def body(self, actions: ast.ActionList, *, tops: list[Block] | None = None) -> None:
        """An action list; `tops` collects the blocks at which its actions start."""
        b = self.b
        end = Block()
        b.list_ends.append(end)
        for node in actions.items:
            if tops is not None:
                tops.append(b.start())
            self.action(node)
        b.list_ends.pop()
        b.start(end)

    def action(self, node: ast.Action) -> None:
        """One action with its guard and its handler."""
        b = self.b
        before = b.span, b.action
        b.span, b.action = node.name_span, node.name
        skip = Block()
        if node.on_error is not None:
            first = b.start()
        if node.when is not None:
            self.branch(node.when, skip, False)
        if type(node) in _CONTROL:
            _ACTIONS[type(node)](self, node)
        else:
            self.leaf(node, skip)
        if node.on_error is not None:
            last = b.start()
            b.leap(skip)
            self.handler(first, last, node.on_error, skip)
        b.start(skip)
        b.span, b.action = before

    def leaf(self, node: ast.Action, after: Block) -> None:
        """An action that takes a turn of its channel (language 7.4); `after` stands behind it."""
        b = self.b
        start = b.start() if b.block.ins else b.block
        b.unit.leaves.append(start)
        _ACTIONS[type(node)](self, node)
        if b.block is start and not start.ins:
            b.emit("NOP")
        b.unit.leaf_ends.append(after)

    def handler(self, first: Block, last: Block, actions: ast.ActionList, after: Block | None) -> None:
        """Code of an on_error list for the blocks first..last; `after` is where a settled error goes on.

        Without `after` it is a flow's handler: it resumes at the top-level action
        that follows the failed one.
        """
        b = self.b
        error = b.new()
        resume = b.new() if after is None else -1
        target = b.start()
        self.body(actions)
        handled = b.slot("_error_handled")
        if after is None:
            done = Block()
            b.jump("JTRUE", done, handled)
            self.stop()
            b.start(done)
            b.end("RESUME", resume)
        else:
            b.jump("JTRUE", after, handled)
            self.stop()
        end = b.start()
        b.handle(target, end, "reraise", target, error, scopes=b.scopes)
        b.handle(first, last, "handle", target, error, scopes=b.scopes, resume=resume)

    def condition_unit(self, node: ast.Expr) -> int:
        """A thunk for an expression over the names that are visible while this unit waits."""
        unit = UnitIR("thunk", self.b.unit.name, self.b.unit.document)
        self.units.append(unit)
        inner = self.inner(unit)
        inner.b.span, inner.b.action = node.span, self.b.action
        inner.b.end("FRET", inner.value(node))
        return len(self.units) - 1

    def optional(self, node: ast.Expr | None, default: object = None) -> int:
        """A value, or a constant where there is none."""
        return self.b.const(default) if node is None else self.value(node)


# These take no turn (language 7.4).
_CONTROL = frozenset(
    {
        ast.Cond,
        ast.Switch,
        ast.Guard,
        ast.ForEach,
        ast.Repeat,
        ast.LoopControl,
        ast.CallFlow,
        ast.Return,
        ast.Goto,
        ast.BranchTo,
        ast.Parallel,
    }
)


def _noop(a: Actions, node: ast.Noop) -> None:
    a.b.emit("NOP")


_ACTIONS: dict[type, Callable[..., None]] = {
    ast.Cond: branching.cond,
    ast.Switch: branching.switch,
    ast.Guard: branching.guard,
    ast.ForEach: branching.for_each,
    ast.Repeat: branching.repeat,
    ast.LoopControl: branching.loop_control,
    ast.CallFlow: transfer.call,
    ast.Goto: transfer.goto,
    ast.Return: transfer.return_,
    ast.BranchTo: transfer.branch_to,
    ast.Parallel: transfer.parallel,
    ast.Assign: variables.assign,
    ast.Increment: variables.increment,
    ast.Clear: variables.clear,
    ast.StateUpdate: variables.state_update,
    ast.Log: effects.log,
    ast.Noop: _noop,
    ast.EmitIntent: effects.emit_intent,
    ast.Domain: effects.domain,
    ast.Emit: effects.emit,
    ast.Wait: waiting.wait,
    ast.WaitFor: waiting.wait_for,
    ast.Sync: waiting.sync,
    ast.ContinuationPoint: waiting.continuation_point,
    ast.Choice: questions.choice,
    ast.Qte: questions.qte,
}
