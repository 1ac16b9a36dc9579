"""The phases of a compilation, in order: lower, passes, emit, verify."""

from __future__ import annotations

from abml.compiler.bytecode.program import Program
from abml.compiler.bytecode.verify import verify
from abml.compiler.ir.program import Lowering, ProgramIR, lower
from abml.compiler.model import DocumentInfo, Model
from abml.environment import Limits
from abml.source import NOWHERE
from abml.syntax import ast

from .emit import emit
from .passes import PASSES


def optimize(ir: ProgramIR) -> None:
    """Run every pass over every unit."""
    for unit in ir.units:
        # Lowering leaves a block behind most jumps; every pass walks all of them.
        unit.compact()
        for _, run in PASSES:
            run(unit, ir.pool)


class TooLarge(Exception):
    """A program with more constants or texts than the limits allow; the message says which."""


def compile_model(model: Model, *, level: int = 1, limits: Limits | None = None) -> Program:
    """The program of a checked model.

    Args:
        level: 0 leaves the code as lowered, 1 runs the passes and fetches the loads of loops ahead.
        limits: of constants and texts; None checks nothing.

    Raises:
        TooLarge: see there.
        TooManyRegisters: see `compiler.emit.emit`.
    """
    ir = lower(model, fetches_ahead=level > 0)
    if level > 0:
        optimize(ir)
    program = emit(ir)
    if limits is not None:
        _check_size(program, limits)
    verify(program)
    return program


def _check_size(program: Program, limits: Limits) -> None:
    """Raise `TooLarge` for more constants than `max_constants`, or more texts than `max_strings`."""
    count = len(program.constants)
    if count > limits.max_constants:
        raise TooLarge(f"{count} constants of {limits.max_constants}")
    if count > limits.max_strings:
        texts = sum(isinstance(value, str) for value in program.constants)
        if texts > limits.max_strings:
            raise TooLarge(f"{texts} texts of {limits.max_strings}")


def compile_expression(node: ast.Expr) -> Program:
    """A program whose unit 0 is a thunk that computes one expression."""
    document = ast.Document(NOWHERE, None, "3.0", ast.Metadata(NOWHERE, "expression"))
    low = Lowering(Model([DocumentInfo(0, None, document, "")]))
    low.value_unit("expression", 0, node)
    ir = ProgramIR(low.pool, low.units, [None])
    optimize(ir)
    program = emit(ir)
    verify(program)
    return program
