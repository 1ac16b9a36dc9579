"""Mutants: one opcode each whose meaning is another one. Derived from the table of opcodes."""

from __future__ import annotations

from typing import NamedTuple

from abml.compiler.bytecode.opcodes import BY_NAME, OPCODES, Opcode

# Shape -> the operands that change places: 1 is b and c, 2 is a and b, which a jump compares.
_SWAPS = {"wrr": 1, "rrr": 1, "rrl": 2}
# Whose result is the same when they do; INC reads both as numbers before it adds.
_COMMUTATIVE = frozenset(("EQ", "NE", "JEQ", "JNE", "MUL", "INC"))


class Mutant(NamedTuple):
    """A changed meaning.

    Attributes:
        opcode: name of the opcode that changes.
        becomes: name of the opcode it is executed as.
        swap: which operands change places; 0 for none.
    """

    opcode: str
    becomes: str
    swap: int = 0

    def __str__(self) -> str:
        return f"{self.opcode} with operands swapped" if self.swap else f"{self.opcode} as {self.becomes}"

    @property
    def rule(self) -> tuple[int, int, int]:
        """What the changed machine reads: two numbers of opcodes and the swap."""
        return BY_NAME[self.opcode].number, BY_NAME[self.becomes].number, self.swap


def mutants() -> list[Mutant]:
    """For every opcode: doing nothing, being its neighbors of the same shape, its operands swapped."""
    found: list[Mutant] = []
    for row in OPCODES:
        if row.name == "NOP":
            continue
        found.append(Mutant(row.name, "NOP"))
        found += [Mutant(row.name, other.name) for other in _neighbors(row)]
        if row.operands in _SWAPS and row.name not in _COMMUTATIVE:
            found.append(Mutant(row.name, row.name, _SWAPS[row.operands]))
    return found


def _neighbors(row: Opcode) -> list[Opcode]:
    """The rows before and after it in the table among those that take the same operands."""
    alike = [one for one in OPCODES if (one.operands, one.site) == (row.operands, row.site) and one.name != "NOP"]
    place = alike.index(row)
    return [*alike[max(place - 1, 0) : place], *alike[place + 1 : place + 2]]
