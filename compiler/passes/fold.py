"""Constant folding (language 4.8): operators over constants that cannot raise, and decided jumps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from abml import values
from abml.compiler.ir.blocks import CONST, READS, SLOT, Block, Ins, UnitIR, is_const
from abml.compiler.ir.pool import Pool
from abml.compiler.ir.uses import count_uses

_BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "ADD": values.add,
    "SUB": values.subtract,
    "MUL": values.multiply,
    "DIV": values.divide,
    "MOD": values.remainder,
    "EQ": values.equal,
    "NE": lambda a, b: not values.equal(a, b),
    "LT": values.less,
    "LE": values.less_equal,
    "IN": values.contains,
}
_UNARY: dict[str, Callable[[Any], Any]] = {
    "NEG": values.negate,
    "NOT": lambda a: not values.truthy(a),
    "BOOL": values.truthy,
}
_TESTS: dict[str, Callable[[Any], bool]] = {
    "JT": values.truthy,
    "JF": lambda a: not values.truthy(a),
    "JNULL": lambda a: a is None,
    "JNOTNULL": lambda a: a is not None,
    "JTRUE": lambda a: a is True,
}
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "JLT": values.less,
    "JNLT": lambda a, b: not values.less(a, b),
    "JLE": values.less_equal,
    "JNLE": lambda a, b: not values.less_equal(a, b),
    "JEQ": values.equal,
    "JNE": lambda a, b: not values.equal(a, b),
}

_FOLDED = frozenset((*_BINARY, *_UNARY, *_TESTS, *_COMPARISONS))


def run(unit: UnitIR, pool: Pool) -> None:
    """Fold what is constant in a unit, results of folding included."""
    writes: list[int] = []
    known: dict[int, int] = {}
    for block in unit.blocks:
        kept: list[Ins] = []
        for ins in block.ins:
            if known:
                for field in READS[ins.op]:
                    constant = known.get(getattr(ins, field))
                    if constant is not None:
                        setattr(ins, field, constant)
            if ins.op in _FOLDED:
                folded = _fold(ins, pool)
                if folded is None:
                    continue
                ins = folded
            if ins.op == "MOV" and ins.b >= CONST and ins.a < SLOT:
                # Most units have no such thing; folding itself adds and takes no writes.
                writes = writes or count_uses(unit)[0]
                if writes[ins.a] == 1:
                    # The one write comes before every read in the layout.
                    known[ins.a] = ins.b
            kept.append(ins)
        block.ins = kept
        _cut(block)


def _fold(ins: Ins, pool: Pool) -> Ins | None:
    op = ins.op
    try:
        if op in _BINARY and is_const(ins.b) and is_const(ins.c):
            return _constant(ins, _BINARY[op](pool.value(ins.b), pool.value(ins.c)), pool)
        if op in _UNARY and is_const(ins.b):
            return _constant(ins, _UNARY[op](pool.value(ins.b)), pool)
        if op in _TESTS and is_const(ins.a):
            return _jump(ins, _TESTS[op](pool.value(ins.a)))
        if op in _COMPARISONS and is_const(ins.a) and is_const(ins.b):
            return _jump(ins, _COMPARISONS[op](pool.value(ins.a), pool.value(ins.b)))
    except values.ValueFault:
        # Raised at run time instead, where on_error can see it.
        return ins
    return ins


def _constant(ins: Ins, value: Any, pool: Pool) -> Ins:
    operand = pool.operand(value)
    if operand is None:
        return Ins("LOADK", ins.a, pool.constant(value), 0, None, ins.span, ins.action)
    return Ins("MOV", ins.a, operand, 0, None, ins.span, ins.action)


def _jump(ins: Ins, taken: bool) -> Ins | None:
    return Ins("JMP", 0, 0, 0, ins.target, ins.span, ins.action) if taken else None


def _cut(block: Block) -> None:
    """Nothing after an unconditional jump is reached."""
    for i, ins in enumerate(block.ins):
        if ins.op == "JMP":
            del block.ins[i + 1 :]
            return
