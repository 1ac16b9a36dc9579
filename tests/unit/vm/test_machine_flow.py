"""The machine: scopes, variables, calls, transfers, thunks, nested calls."""

from __future__ import annotations

from typing import Any

import pytest

from abml.compiler.bytecode.assemble import assemble
from abml.compiler.bytecode.program import FunctionRef, Program, Site, Slot
from abml.values import ValueFault
from abml.vm.core.machine import FaultError, Machine
from tests.unit.vm.machine_support import Host, both_forms, fault, machine, program, value


def call(
    name: str, unit: int = -1, *names: str, slots: tuple[int, ...] = (), flags: str = "", data: Any = None
) -> Site:
    words = frozenset(flags.split())
    return Site("call", name, unit, names, slots, len(names) + ("dynamic" in words), words, data)


def with_slots(made: Program, **changes: Slot) -> Program:
    """A program with some slots described anew; for lazy and read-only ones."""
    from dataclasses import replace

    slots = tuple(changes.get(slot.name, slot) for slot in made.slots)
    return replace(made, slots=slots)


# ------------------------------------------------------------------- variables


@both_forms
def test_set_finds_the_innermost_binding(dispatch: str) -> None:
    code = """
    slot x
    slot y
    flow main
        SETV x, #1
        SCOPE
        LOCALV x, #2
        SETV x, #3
        SETV y, #4
        UNSCOPE 1
        LIST t0
        LOADV t1, x
        APPEND t0, t1
        LOADV t1, y
        APPEND t0, t1
        RET t0
    """
    assert value(code, dispatch=dispatch) == [1, None]


@both_forms
def test_global_writes_below_everything(dispatch: str) -> None:
    code = """
    slot g
    slot seen
    flow main
        LOCALV g, #1
        SCOPE
        LOCALV g, #2
        GLOBALV g, #9
        LOADD t1, g
        UNSCOPE 1
        LOADV t0, g
        LIST t2
        APPEND t2, t0
        APPEND t2, t1
        RET t2
    """
    made = machine(code, dispatch=dispatch)
    made.start(0)
    assert made.resume(0) == "completed"
    assert made.value == [1, 9]
    assert made.bindings()["g"] == (1, 2)
    made.end_run()
    assert made.bindings() == {"g": (9, 1)}


def test_clear_and_bound_and_given() -> None:
    code = """
    slot x
    slot out document
    flow main
        CLEARV x
        JBOUND x, bad
        SETV x, #1
        JBOUND x, good
    bad: RET #"bad"
    good: SCOPE
        JBOUND x, bad
        CLEARV x
        UNSCOPE 1
        JGIVEN x, fine
        RET #"unbound"
    fine: LOADV t0, x
        RET t0
    """
    assert value(code) is None


def test_end_of_a_run_forgets_the_run_scope_and_keeps_the_document() -> None:
    made = machine("slot d document\nslot x\nflow main\n SETV x, #1\n ADD d, d, #1\n RET d")
    for expected in (1, 2, 3):
        made.start(0)
        assert made.resume(0) == "completed"
        assert made.value == expected
        assert made.get("x") == 1
        made.end_run()
        assert made.get("x") is None


def test_given_layer_is_outermost() -> None:
    made = machine("slot fuel\nflow main\n SETV fuel, #9\n LOADV t0, fuel\n RET t0")
    made.set_slot(0, 3, 0)
    made.start(0)
    assert made.resume(0) == "completed"
    assert made.bindings() == {"fuel": (9, 0)}
    made.end_run()
    made.drop_given()
    assert made.bindings() == {}


def lazy_program() -> Program:
    made = program(
        """
        slot base document
        slot high document
        slot low document
        flow main
            LOADV t0, high
            LIST t2
            APPEND t2, t0
            LOCALV base, #50
            LOADV t0, high
            APPEND t2, t0
            SETV low, #7
            LOADV t0, low
            APPEND t2, t0
            RET t2
        flow assign
            SETV high, #1
            RET #null
        thunk high
            LOADD t0, base
            ADD t0, t0, #1
            FRET t0
        thunk low
            FRET #2
        """
    )
    return with_slots(
        made, high=Slot("high", "document", 2, "computed", is_readonly=True), low=Slot("low", "document", 3, "source")
    )


@both_forms
def test_lazy_variables_do_not_see_the_readers_locals(dispatch: str) -> None:
    made = Machine(lazy_program(), Host(), dispatch=dispatch)
    made.set_slot(0, 10, 1)
    made.start(0)
    assert made.resume(0) == "completed", made.fault
    assert made.value == [11, 11, 7]
    assert made.get("low") == 7 and made.assigned_sources == ["low"]
    made.end_run()
    assert made.get("low") == 2


def test_computed_variables_are_read_only() -> None:
    made = Machine(lazy_program(), Host())
    made.start(1)
    assert made.resume(0) == "failed"
    assert made.fault.kind == "readonly_target"
    with pytest.raises(ValueFault):
        made.set("high", 3)


def test_protected_slots() -> None:
    made = machine("slot x\nflow main\n SETV x, #1\n RET #null")
    made.set_slot(0, 5, 1)
    made.protect(0)
    made.start(0)
    assert made.resume(0) == "failed"
    assert made.fault.kind == "readonly_target"


def test_library_variables() -> None:
    code = """
    slot n
    slot lib.n library
    flow main
        SETL n, #1, lib.n
        LOADL t0, n, lib.n
        LOCALV n, #5
        SETL n, #6, lib.n
        LOADL t1, n, lib.n
        LIST t2
        APPEND t2, t0
        APPEND t2, t1
        RET t2
    """
    assert value(code) == [1, 6]
    assert value("slot n\nslot m library\nflow main\n LOADL t0, n, m\n RET t0") is None


def store(path: str, *flags: str, slots: tuple[int, int] = (0, -1), count: int = 1) -> Site:
    return Site("store", path, slots=slots, count=count, flags=frozenset(flags))


def test_paths_make_maps_and_write_in_place() -> None:
    code = """
    slot crew
    flow main
        ARG2 #"mood", #"now"
        STORE x0, #"calm"
        ARG #"age"
        STORE x1, #3
        ARG #"age"
        STORE x2, #null
        LOADV t0, crew
        RET t0
    """
    sites = [store("crew.mood.now", "set", count=2), store("crew.age", "increment"), store("crew.age", "clear")]
    assert value(code, sites=sites) == {"mood": {"now": "calm"}, "age": None}


@pytest.mark.parametrize(
    ("start", "step", "kind"),
    [([1], 2, "index_out_of_range"), ([1], -1, "index_out_of_range"), (5, "a", "type_error"), ("s", 0, "type_error")],
)
def test_paths_that_lead_nowhere(start: Any, step: Any, kind: str) -> None:
    text = f'"{step}"' if isinstance(step, str) else step
    made = machine(f"slot x document\nflow main\n ARG #{text}\n STORE x0, #1\n RET #null", sites=[store("x", "set")])
    made.set_slot(0, start, 1)
    made.start(0)
    assert made.resume(0) == "failed"
    assert made.fault.kind == kind


# ----------------------------------------------------------------------- calls


@both_forms
def test_callees_see_the_callers_variables_and_lose_their_own(dispatch: str) -> None:
    code = """
    slot x
    slot y
    flow main
        SETV x, #1
        CALLFLOW t0, x0
        LIST t1
        APPEND t1, t0
        LOADV t2, x
        APPEND t1, t2
        LOADV t2, y
        APPEND t1, t2
        RET t1
    flow callee
        LOADV t0, x
        SETV x, #2
        SETV y, #3
        RET t0
    """
    assert value(code, sites=[call("callee", 1)], dispatch=dispatch) == [1, 2, None]


@both_forms
def test_arguments_are_locals(dispatch: str) -> None:
    code = """
    slot v
    slot args
    flow main
        SETV v, #1
        ARG #5
        CALLFLOW t0, x0
        LOADV t1, v
        LIST t2
        APPEND t2, t0
        APPEND t2, t1
        RET t2
    flow callee
        LOADV t0, args
        RET t0
    """
    assert value(code, sites=[call("callee", 1, "v", slots=(0,), flags="args")], dispatch=dispatch) == [{"v": 5}, 1]


def test_dynamic_calls_and_missing_flows() -> None:
    code = 'flow main\n ARG #"b"\n CALLFLOW t0, x0\n RET t0\nflow b\n RET #7'
    assert value(code, sites=[call("", -1, flags="dynamic", data="")]) == 7
    code = 'flow main\n ARG #"c"\n CALLFLOW t0, x0\n RET t0'
    assert fault(code, sites=[call("", -1, flags="dynamic", data="")]).kind == "flow_not_found"
    assert fault("flow main\n CALLFLOW t0, x0\n RET t0", sites=[call("gone")]).kind == "flow_not_found"


@both_forms
def test_recursion_of_flows_keeps_regions_apart(dispatch: str) -> None:
    code = """
    slot n
    flow main
        LOADV t0, n
        JNLT #0, t0, end
        SUB t1, t0, #1
        ARG t1
        CALLFLOW t1, x0
        ADD t0, t0, t1
        RET t0
    end: RET #0
    """
    made = machine(code, sites=[call("main", 0, "n", slots=(0,))], dispatch=dispatch)
    made.start(0, {"n": 10})
    assert made.resume(0) == "completed"
    assert made.value == 55


@both_forms
def test_goto_drops_all_frames(dispatch: str) -> None:
    code = """
    slot x
    slot y
    flow main
        SETV x, #1
        CALLFLOW t0, x0
        RET #"never"
    flow a
        SETV y, #2
        GOTO x1
    flow b
        LIST t0
        LOADV t1, x
        APPEND t0, t1
        LOADV t1, y
        APPEND t0, t1
        RET t0
    """
    assert value(code, sites=[call("a", 1), call("b", 2)], dispatch=dispatch) == [1, None]


@both_forms
def test_gotos_are_bounded_in_a_run_to_completion(dispatch: str) -> None:
    code = "slot n document\nflow main\n ADD n, n, #1\n JLT n, #5000, on\n RET n\non: GOTO x0"
    assert value(code, sites=[call("main", 0)], dispatch=dispatch) == 5000
    found = fault("flow main\n GOTO x0", sites=[call("main", 0)], dispatch=dispatch)
    assert found.kind == "limit_exceeded" and "10000" in found.message


@both_forms
def test_gotos_go_round_once_per_tick(dispatch: str) -> None:
    code = "slot n document\nflow a\n ADD n, n, #1\n GOTO x1\nflow b\n ARG #4\n GOTO x0"
    made = machine(code, sites=[call("a", 0, "n", slots=(0,)), call("b", 1)], tick_mode=True, dispatch=dispatch)
    made.start(0)
    for _ in range(3):
        assert made.resume(0) == "suspended"
        assert made.reason == "goto" and made.flow == "a"


def test_depth_is_bounded() -> None:
    found = fault("flow main\n CALLFLOW t0, x0\n RET t0", sites=[call("main", 0)], limits={"max_call_depth": 16})
    assert found.kind == "limit_exceeded" and "16" in found.message


# ---------------------------------------------------------------- nested calls


def test_thunks_run_while_a_run_is_suspended() -> None:
    code = """
    slot d document
    slot x
    flow main
        SETV x, #1
        MOV t0, #11
        YIELD #null, #null, 1
        RET t0
    thunk look
        MOV t0, #99
        LOADD t0, d
        FRET t0
    """
    made = machine(code)
    made.set_slot(0, 5, 1)
    made.start(0)
    assert made.resume(0) == "suspended"
    assert made.call(1) == 5
    assert made.get("x") == 1
    assert made.resume(1) == "completed"
    assert made.value == 11


def test_faults_of_nested_calls_are_exceptions() -> None:
    made = machine("flow main\n RET #1\nthunk bad\n DIV t0, #1, #0\n FRET t0")
    with pytest.raises(FaultError) as caught:
        made.call(1)
    assert caught.value.fault.kind == "division_by_zero"
    made.start(0)
    assert made.resume(0) == "completed"


def test_an_expression_cannot_wait() -> None:
    made = machine("thunk bad\n YIELD #null, #null, 1\n FRET #1")
    with pytest.raises(FaultError) as caught:
        made.call(0)
    assert caught.value.fault.kind == "internal_error"


def test_a_host_may_call_back_into_the_machine() -> None:
    class Curious(Host):
        def resolve(self, name: str) -> Any:
            return made.call(1)

    made = machine(
        "slot q\nflow main\n MOV t1, #3\n LOADV t0, q\n ADD t0, t0, t1\n RET t0\nthunk f\n MOV t1, #8\n FRET #4",
        Curious(),
    )
    made.start(0)
    assert made.resume(0) == "completed"
    assert made.value == 7


def test_interrupts_pass_through_and_leave_the_machine_usable() -> None:
    class Interrupted(Host):
        def resolve(self, name: str) -> Any:
            raise KeyboardInterrupt

    made = machine("slot q\nflow main\n LOADV t0, q\n RET t0\nflow fine\n RET #1", Interrupted())
    made.start(0)
    with pytest.raises(KeyboardInterrupt):
        made.resume(0)
    made.end_run()
    made.start(1)
    assert made.resume(0) == "completed"


def test_hostile_code_faults_and_does_not_crash() -> None:
    bad = {
        "APPEND #1, #2": "internal_error",
        "NEXT #1, t0, end": "internal_error",
        "INDEX t0, #1": "internal_error",
        "COUNT t0, #3, end": "internal_error",
        "TEXT t0, 3": "internal_error",
        "UNSCOPE 1": "internal_error",
        "TBADD #1, #2, 0": "internal_error",
        "RESUME #4": "internal_error",
        'RAISE #"nonsense", #"x"': "internal_error",
        "CALLF t0, f0, 2": "internal_error",
    }
    for line, kind in bad.items():
        code = f"flow main\n {line}\nend: RET #null\nfunction g 2\n FRET t0"
        assert fault(code, functions=[FunctionRef("g", 1)]).kind == kind, line
    code = "flow main\nagain: ARG3 #1, #2, #3\n JMP again"
    assert fault(code).kind == "limit_exceeded"
    code = "flow main\nagain: SCOPE\n JMP again"
    assert fault(code).kind == "limit_exceeded"


def test_the_assembler_is_the_one_the_compiler_tests_use() -> None:
    assert value(assemble("flow main\n RET #1", info={"entry": 0})) == 1
