"""The machine: fused sequences give what their single instructions give, for values of every kind."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from abml.values import ValueFault, add, equal, less, less_equal, multiply, subtract, truthy
from abml.vm.core.machine import FaultError, Machine
from tests.unit.vm.machine_support import Host, both_forms, machine, program

VALUES: list[Any] = [
    None,
    True,
    False,
    0,
    3,
    -(2**47),
    2**47 - 1,
    2**60,
    0.5,
    -0.0,
    float("inf"),
    float("nan"),
    "2",
    "x",
    [],
]
ARITHMETIC = {"ADD": add, "SUB": subtract, "MUL": multiply}
JUMPS = {
    "JNLT": lambda a, b: not less(a, b),
    "JNLE": lambda a, b: not less_equal(a, b),
    "JLT": less,
    "JLE": less_equal,
    "JEQ": equal,
    "JNE": lambda a, b: not equal(a, b),
}


def outcome(function: Any, *args: Any) -> Any:
    try:
        result = function(*args)
    except ValueFault as found:
        return found.kind
    except FaultError as found:
        return found.fault.kind
    return type(result).__name__, repr(result)


def called(made: Machine) -> Any:
    return lambda *args: made.call(0, args)


@both_forms
@pytest.mark.parametrize("first", ARITHMETIC)
@pytest.mark.parametrize("second", ARITHMETIC)
@pytest.mark.parametrize("operands", ["t0, t2", "t2, t0", "t0, t0"])
def test_pairs_of_arithmetic(first: str, second: str, operands: str, dispatch: str) -> None:
    made = machine(f"function f 3\n {first} t0, t0, t1\n {second} t4, {operands}\n FRET t4", dispatch=dispatch)

    def expected(a: Any, b: Any, c: Any) -> Any:
        d = ARITHMETIC[first](a, b)
        left, right = ({"t0": d, "t2": c}[name] for name in operands.split(", "))
        return ARITHMETIC[second](left, right)

    for a, b, c in itertools.product(VALUES[::2], VALUES[1::2], VALUES):
        assert outcome(called(made), a, b, c) == outcome(expected, a, b, c), (a, b, c)


@both_forms
@pytest.mark.parametrize("second", ARITHMETIC)
@pytest.mark.parametrize("jump", ["JT", "JF", "JNLT"])
def test_jumps_over_one_computation(jump: str, second: str, dispatch: str) -> None:
    operands = "t0, t1" if jump == "JNLT" else "t0"
    made = machine(f"function f 3\n {jump} {operands}, on\n {second} t2, t2, t1\non: NOP\n FRET t2", dispatch=dispatch)

    def expected(a: Any, b: Any, c: Any) -> Any:
        skips = not less(a, b) if jump == "JNLT" else truthy(a) == (jump == "JT")
        return c if skips else ARITHMETIC[second](c, b)

    for a, b, c in itertools.product(VALUES, repeat=3):
        assert outcome(called(made), a, b, c) == outcome(expected, a, b, c), (a, b, c)


@both_forms
@pytest.mark.parametrize("constant", [None, "#0", "#3", "#-7"])
@pytest.mark.parametrize("copies", [1, 2])
@pytest.mark.parametrize("jump", ["JNLT", "JNLE"])
def test_jumps_over_copies(jump: str, copies: int, constant: str | None, dispatch: str) -> None:
    number = None if constant is None else int(constant[1:])
    for operands in [("t0", constant or "t1"), (constant or "t1", "t0")]:
        body = " MOV t2, t0\n" + " MOV t3, #9\n" * (copies - 1)
        code = f"function f 3\n {jump} {operands[0]}, {operands[1]}, on\n{body}on: NOP\n LIST t5\n APPEND t5, t2\n APPEND t5, t3\n FRET t5"
        made = machine(code, dispatch=dispatch)
        for a, b in itertools.product(VALUES, VALUES if constant is None else [None]):
            other = b if constant is None else number
            pair = (a, other) if operands[0] == "t0" else (other, a)

            def expected(a: Any = a, pair: Any = pair) -> Any:
                return ["c", 3] if JUMPS[jump](*pair) else [a, 9 if copies == 2 else 3]

            assert outcome(called(made), a, b, "c") == outcome(expected), (operands, pair)


@both_forms
@pytest.mark.parametrize("jump", JUMPS)
def test_comparisons_with_a_constant(jump: str, dispatch: str) -> None:
    for code, swap in (("t0, #3", False), ("#3, t0", True)):
        made = machine(f"function f 1\n {jump} {code}, yes\n NOP\n FRET #0\nyes: FRET #1", dispatch=dispatch)
        for a in VALUES:
            pair = (3, a) if swap else (a, 3)
            assert outcome(called(made), a) == outcome(lambda p=pair: 1 if JUMPS[jump](*p) else 0), (code, a)


@both_forms
@pytest.mark.parametrize("jump", ["JNLT", "JNLE"])
def test_jumps_over_a_jump(jump: str, dispatch: str) -> None:
    made = machine(f"function f 2\n {jump} t0, t1, on\n JMP out\non: NOP\n FRET #1\nout: FRET #2", dispatch=dispatch)
    for a, b in itertools.product(VALUES, repeat=2):
        expected = outcome(lambda x, y: 1 if JUMPS[jump](x, y) else 2, a, b)
        assert outcome(called(made), a, b) == expected, (a, b)


@both_forms
def test_adding_a_constant_and_jumping(dispatch: str) -> None:
    made = machine(
        "function f 1\n ADD t0, t0, #5\n JMP on\n NOP\non: SUB t0, t0, #2\n NOP\n FRET t0", dispatch=dispatch
    )
    for a in VALUES:
        assert outcome(called(made), a) == outcome(lambda x: subtract(add(x, 5), 2), a), a


@both_forms
def test_cases_of_a_switch(dispatch: str) -> None:
    code = """
    function f 1
        JEQ t0, #0, zero
        JEQ t0, #"0", zero
        JEQ t0, #1, one
        JEQ t0, #"1", one
        JEQ t0, #2, two
        JEQ t0, #"2", two
        FRET #"other"
    zero: FRET #"zero"
    one: FRET #"one"
    two: FRET #"two"
    """
    made = machine(code, dispatch=dispatch)
    for value, expected in [
        (0, "zero"),
        (1.0, "one"),
        ("1", "one"),
        (2, "two"),
        ("2", "two"),
        (True, "other"),
        (None, "other"),
        (-0.0, "zero"),
        (7, "other"),
    ]:
        assert made.call(0, (value,)) == expected, value


@both_forms
@pytest.mark.parametrize("start", [0.9, 1, "0.9", None, 0.1])
def test_repeats_with_a_break(start: Any, dispatch: str) -> None:
    code = """
    function f 1
        MOV t2, #0
        TIMES t3, #4
        MOV t4, #-1
    next: COUNT t4, t3, end
        JNLE t0, #0.25, on
        JMP end
    on: MUL t5, t0, #0.75
        SUB t0, t5, #0.05
        ADD t2, t2, #1
        JMP next
    end: LIST t5
        APPEND t5, t2
        APPEND t5, t0
        FRET t5
    """
    x, rounds = start, 0
    while rounds < 4 and not less_equal(x, 0.25):
        x, rounds = subtract(multiply(x, 0.75), 0.05), rounds + 1
    assert machine(code, dispatch=dispatch).call(0, (start,)) == [rounds, x]


@both_forms
def test_calls_that_return_past_a_jump_keep_their_place_for_handlers(dispatch: str) -> None:
    from abml.compiler.bytecode.program import Site

    code = """
    slot n document
    flow main
    from: CALLFLOW t0, x0
        JMP on
    to: RET #"never"
    on: RET #"fine"
    catch: RET #"caught"
    flow callee
        JT n, bad
        MOV n, #1
        RET #null
    bad: DIV t0, #1, #0
        RET #null
    """
    row = {"start": 0, "end": 1, "kind": "handle", "target": "catch", "register": "t0"}
    made = program(code, sites=[Site("call", "callee", 1)], handlers={"main": [row]})
    one = Machine(made, Host(), dispatch=dispatch)
    for expected in ("fine", "caught"):
        one.start(0)
        assert one.resume(0) == "completed"
        assert one.value == expected
        one.end_run()
