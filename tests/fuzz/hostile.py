"""Programs that no compiler made: changed instructions that the verifier accepts, executed.

Run as a script in a process of its own, because what is looked for are crashes:

    python -m tests.fuzz.hostile SEED COUNT

It prints how many programs ran. A machine that breaks leaves the last line
`seed N` for the test to report.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import Any

import abml
from abml.compiler.bytecode.encoding import decode, encode
from abml.compiler.bytecode.opcodes import OPCODES
from abml.compiler.bytecode.program import Program
from abml.compiler.bytecode.verify import verify
from abml.environment import Limits
from abml.vm.core.machine import FaultError, Machine
from abml.vm.random import Random

FOLDER = Path(__file__).parents[1] / "golden" / "code"
LIMITS = Limits(max_instructions_per_tick=20_000, max_loop_iterations=500, max_gotos=500, max_call_depth=32)


class Host:
    """Answers everything with something odd."""

    def resolve(self, name: str) -> Any:
        return {"a": [1, {"b": None}], "holes": [1, 2]}.get(name)

    def provide(self, name: str, path: tuple[str, ...]) -> Any:
        return list(path)

    def log(self, level: str, message: Any, data: Any = None, *rest: Any) -> None:
        pass

    def warn(self, kind: str, message: str) -> None:
        pass

    def signal(self, *args: Any) -> None:
        pass

    def act(self, *args: Any) -> Any:
        raise RuntimeError("the host is out")

    def call_function(self, name: str, args: list[Any]) -> Any:
        raise RuntimeError("the host is out")

    def continuation(self, *args: Any) -> Any:
        return None

    def render(self, *args: Any) -> str:
        return ""

    def abandon(self, *args: Any) -> None:
        pass


def changed(program: Program, source: random.Random) -> Program:
    """The program with some instructions replaced by random ones of any kind."""
    code = bytearray(program.code)
    for _ in range(source.randint(1, 6)):
        pc = source.randrange(len(code) // 8)
        op, a, b, c = decode(program.code, pc)
        if source.random() < 0.6:
            op = source.randrange(len(OPCODES))
        fields = [a, b, c]
        for i, kind in enumerate(OPCODES[op].operands):
            top = {
                "w": program.registers,
                "r": program.registers,
                "s": len(program.slots),
                "k": len(program.constants),
                "K": len(program.constants),
                "x": len(program.sites),
                "f": len(program.functions),
                "l": 12,
                "L": 12,
            }.get(kind, 4)
            fields[i] = source.randrange(max(top, 1))
            if kind in "KL":
                fields[2] = 0
        used = len(OPCODES[op].operands) + ("K" in OPCODES[op].operands or "L" in OPCODES[op].operands)
        fields[used:] = [0] * (3 - used)
        code[pc * 8 : pc * 8 + 8] = encode(op, *fields)
    values = {name: getattr(program, name) for name in Program.__dataclass_fields__}
    return Program(**{**values, "code": bytes(code)})


def main(seed: int, count: int) -> int:
    """Try `count` changed programs; the number of those that ran."""
    programs = [abml.compile(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.abml.yml"))]
    ran = 0
    for number in range(seed, seed + count):
        source = random.Random(number)
        program = changed(source.choice(programs), source)
        try:
            verify(program)
        except abml.ProgramFormatError:
            continue
        print(f"seed {number}", flush=True)
        dispatch = source.choice(("goto", "switch"))
        machine = Machine(program, Host(), limits=LIMITS, random=Random(number), dispatch=dispatch)
        for unit, described in enumerate(program.units):
            try:
                if described.kind == "flow":
                    machine.start(unit)
                    for now in (0, 1_000, 60_000):
                        if machine.resume(now) != "suspended":
                            break
                    machine.end_run()
                elif described.arity == (0, 0):
                    machine.call(unit)
            except FaultError:
                continue
        machine.collect()
        ran += 1
    return ran


if __name__ == "__main__":
    print("ran", main(int(sys.argv[1]), int(sys.argv[2])))
