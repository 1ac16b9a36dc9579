"""The phases of a compilation, in order: lower, passes, emit, verify."""

from __future__ import annotations

from abml.compiler.bytecode.program import Program
from abml.compiler.bytecode.verify import verify
from abml.compiler.ir.program import Lowering, ProgramIR, lower
from abml.compiler.model import DocumentInfo, Model
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


def compile_model(model: Model, *, level: int = 1) -> Program:
    """The program of a checked model.

    Args:
        level: 0 leaves the code as lowered, 1 runs the passes.

    Raises:
        TooManyRegisters: see `compiler.emit.emit`.
    """
    ir = lower(model)
    if level > 0:
        optimize(ir)
    program = emit(ir)
    verify(program)
    return program


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
