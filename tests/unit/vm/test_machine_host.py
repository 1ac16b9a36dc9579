"""The machine and its host: logs, intents, actions, signals, waits, snapshots, rows."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from abml.compiler.bytecode.program import Site
from abml.values import Duration
from abml.vm.core.machine import Machine, Rows
from abml.vm.faults import Fault
from tests.unit.vm.machine_support import Host, both_forms, fault, machine, program, run, value


def site(
    kind: str, name: str = "", *names: str, count: int = 0, flags: str = "", data: Any = None, unit: int = -1
) -> Site:
    return Site(kind, name, unit, names, (), count, frozenset(flags.split()), data)


def test_logs() -> None:
    host = Host()
    run(
        'flow main\n ARG2 #"hi", #7\n LOG x0\n WARN #"odd"\n RET #null',
        host,
        sites=[site("log", "warn", count=2, flags="data")],
    )
    assert host.logs == [("warn", "hi", 7)]
    assert host.warnings == [("warning", "odd")]


@both_forms
def test_intents(dispatch: str) -> None:
    code = """
    flow main
        INTENT x0, #"wave", #0.25
        INTENT x0, #2, #7
        INTENT x0, #3, #"0.5"
        ARG3 #"ada", #null, #"slow"
        INTENTX x1, #"walk", #-1
        ARG #"Tail"
        INTENTX x2, #1, #true
        RET #null
    """
    sites = [
        site("intent", "Action"),
        site("intent", "movement", "target", "data", "speed", count=3, data=["speed"]),
        site("intent", "", count=1, flags="dynamic"),
    ]
    made = run(code, sites=sites, info={"metadata": {"archetype": "humanoid"}}, dispatch=dispatch)
    found = made.take_intents()
    assert [(i["channel"], i["action"], i["urgency"]) for i in found] == [
        ("action", "wave", 0.25), ("action", 2, 1.0), ("action", 3, 0.5), ("movement", "walk", 0.0), ("Tail", 1, 1.0),
    ]  # fmt: skip
    assert (found[3]["target"], found[3]["data"], found[3]["flow"]) == ("ada", {"speed": "slow"}, "main")
    assert [i["order"] for i in found] == [0, 1, 2, 3, 4]
    assert made.take_intents() == []


def test_intents_are_bounded() -> None:
    code = "flow main\nagain: INTENT x0, #1, #1\n JMP again"
    assert fault(code, sites=[site("intent", "action")], limits={"max_intents": 16}).kind == "limit_exceeded"


def test_actions_finish_fail_or_wait() -> None:
    host = Host()
    code = "flow main\n ARG #3\n ACT t0, x0, -\n RET t0"
    sites = [site("action", "dig", "depth", count=1, flags="await")]
    host.answers["dig"] = ("done", 8)
    assert value(code, host, sites=sites) == 8
    assert host.acts == [("dig", {"depth": 3}, "main")]
    host.answers["dig"] = ("failed", Fault("action_failed", "rock", extra={"code": 3}))
    found = fault(code, host, sites=sites)
    assert (found.kind, found.message, found.flow) == ("action_failed", "rock", "main")
    host.answers["dig"] = ("pending", "token")
    made = machine(code, host, sites=sites)
    made.start(0)
    assert made.resume(0) == "suspended"
    assert (made.reason, made.pending, made.wake_at) == ("await", "token", None)
    assert made.resume(1) == "suspended"
    made.answer("other", 1)
    assert made.resume(2) == "suspended"
    made.answer("token", [1])
    assert made.resume(3) == "completed"
    assert made.value == [1]


def test_fire_and_forget_goes_on() -> None:
    host = Host()
    host.answers["dig"] = ("pending", "token")
    assert value("flow main\n ACT t0, x0, -\n RET t0", host, sites=[site("action", "dig")]) is None


@pytest.mark.parametrize(("label", "expected"), [("late", "late"), ("-", "await_timeout")])
def test_time_limits_of_actions(label: str, expected: str) -> None:
    host = Host()
    host.answers["dig"] = ("pending", "token")
    code = f'flow main\n DEADLINE t1, #2, 0\n ARG t1\n ACT t0, x0, {label}\n RET t0\nlate: RET #"late"'
    made = machine(code, host, sites=[site("action", "dig", count=1, flags="await timeout")])
    made.start(0)
    assert made.resume(100) == "suspended"
    assert made.wake_at == 2100
    assert made.resume(2099) == "suspended"
    status = made.resume(2100)
    assert (made.value if status == "completed" else made.fault.kind) == expected
    assert host.abandoned == ["token"]


def test_failed_answers_are_raised_at_the_action() -> None:
    host = Host()
    host.answers["dig"] = ("pending", "token")
    made = machine("flow main\n ACT t0, x0, -\n RET t0", host, sites=[site("action", "dig", flags="implicit")])
    made.start(0)
    made.resume(0)
    made.fail("token", Fault("action_failed", "no"))
    assert made.resume(1) == "failed"
    assert made.fault.message == "no" and made.fault.flow == "main"


WAIT = (
    'flow main\n DEADLINE t0, #1.5, 0\nagain: JPAST t0, done\n YIELD t0, #null, {every}\n JMP again\ndone: RET #"awake"'
)


def test_waits_for_time() -> None:
    made = machine(WAIT.format(every=0))
    made.start(0)
    assert made.resume(10) == "suspended"
    assert (made.reason, made.wake_at) == ("wait", 1510)
    assert made.resume(1509) == "suspended"
    assert made.resume(1510) == "completed"


@pytest.mark.parametrize(
    ("duration", "unit", "expected"),
    [(2, 0, 2100), (250, 1, 350), ("1m30s", 0, 90_100), ("3", 0, 3100), (Duration(1500), 0, 101.5), (None, 0, None)],
)
def test_deadlines(duration: Any, unit: int, expected: Any) -> None:
    made = machine(f"function f 1\n DEADLINE t0, t0, {unit}\n FRET t0")
    made.set_clock(100)
    assert made.call(0, (duration,)) == expected


def test_signals_are_taken_in_order() -> None:
    host = Host()
    code = """
    slot s
    flow main
        ARG #1
        EMIT x0
        ARG2 #"dyn", #2
        EMIT x1
        WAITFOR t0, x2, -
        GETM t0, t0, #"last"
        GETM t1, t0, #"payload"
        WAITFOR t0, x3, -
        GETM t0, t0, #"first"
        GETM t2, t0, #"payload"
        LIST t0
        APPEND t0, t1
        APPEND t0, t2
        RET t0
    """
    sites = [
        site("emit", "rung", count=1, flags="payload"),
        site("emit", "", count=2, flags="dynamic payload"),
        site("wait_for", flags="all", data=[[None, "dyn"]]),
        site("wait_for", flags="any", data=[[None, "gone"], [None, "rung"]]),
    ]
    assert value(code, host, sites=sites) == [2, 1]
    assert host.signals == [("rung", 1), ("dyn", 2)]


def test_waits_for_signals_time_out_or_are_delivered() -> None:
    code = 'flow main\n DEADLINE t1, #1, 0\n ARG t1\n WAITFOR t0, x0, -\n GETM t0, t0, #"length"\n RET t0'
    sites = [site("wait_for", count=1, flags="all timeout", data=[[None, "a"], [None, "b"]])]
    made = machine(code, sites=sites)
    made.start(0)
    assert made.resume(0) == "suspended" and made.reason == "signal"
    made.deliver("b", 1)
    assert made.resume(1) == "suspended"
    made.deliver("a", 2)
    assert made.resume(2) == "completed" and made.value == 2
    made = machine(code, sites=sites)
    made.start(0)
    made.resume(0)
    assert made.resume(1000) == "failed" and made.fault.kind == "wait_timeout"


def test_mailboxes_drop_the_oldest() -> None:
    host = Host()
    made = machine("flow main\n RET #null", host, limits={"max_mailbox": 8})
    for i in range(9):
        made.deliver("s", i)
    assert len(host.warnings) == 1


def test_continuation_points() -> None:
    host = Host()
    code = 'flow main\n DEADLINE t0, #500, 1\n ARG t0\n CONT x0\nflow rest\n RET #"default"'
    made = machine(code, host, sites=[site("continuation", "gap", count=1, unit=1)])
    made.start(0)
    assert made.resume(0) == "suspended"
    assert (made.reason, made.pending, made.wake_at) == ("continuation", "gap", 500)
    assert made.resume(500) == "completed" and made.value == "default"
    made.end_run()
    made.start(0)
    made.resume(0)
    made.enter_default()
    assert made.resume(1) == "completed"
    host.extensions["gap"] = object()
    made.end_run()
    made.start(0)
    assert made.resume(0) == "suspended" and made.reason == "extension"
    made.drop()


def test_cancelling() -> None:
    made = machine(WAIT.format(every=0))
    made.start(0)
    made.resume(0)
    made.cancel()
    assert made.resume(1) == "failed" and made.fault.kind == "cancelled"

    class Canceller(Host):
        def resolve(self, name: str) -> Any:
            made.cancel()
            return 1

    made = machine("slot q\nflow main\nagain: LOADV t0, q\n JMP again", Canceller())
    made.start(0)
    assert made.resume(0) == "failed" and made.fault.kind == "cancelled"


SUSPENDED = """
    slot d document
    slot x
    slot args
    flow main
        SETV x, #"text that is not interned before"
        LIST t0
        APPEND t0, #1
        ITER t1, t0
        ARG #5
        CALLFLOW t2, x0
        LOADV t3, x
        ARG2 t2, t3
        TEXT t2, 3
        RET t2
    flow callee
        LOCALV x, #2
        YIELD #null, #null, 1
        ADD d, d, #1
        LOADV t0, x
        RET t0
"""


@both_forms
def test_snapshots_continue_on_another_machine(dispatch: str) -> None:
    made = program(SUSPENDED.replace("TEXT t2, 3", "TEXT t2, 2"), sites=[Site("call", "callee", 1, ("args",), (2,), 1)])
    first = Machine(made, Host(), dispatch=dispatch)
    first.set_slot(0, 1, 1)
    first.start(0)
    assert first.resume(0) == "suspended"
    data = pickle.loads(pickle.dumps(first.snapshot()))
    second = Machine(made, Host(), dispatch=dispatch)
    second.restore(data)
    for one in (first, second):
        assert one.resume(1) == "completed", one.fault
        assert one.value == "2text that is not interned before"
        assert one.get("d") == 2
    with pytest.raises(ValueError, match="another program"):
        machine("flow main\n RET #1").restore(data)


def test_snapshots_that_do_not_fit_are_refused() -> None:
    made = machine("flow main\n YIELD #null, #null, 1\n RET #1")
    made.start(0)
    made.resume(0)
    good = made.snapshot()
    for key, wrong in (("frames", [(9, 0, -1, 0, 0, 0, -1, 1)]), ("frames", [(0, 0, -1, 0, 0, 0, -1, 0)]), ("pc", 99)):
        with pytest.raises(ValueError, match="does not fit"):
            made.restore(good | {key: wrong})
    made.restore(good)
    assert made.resume(1) == "completed"


def test_parked_runs_share_the_document() -> None:
    code = """
    slot d document
    slot x
    flow main
        SETV x, #1
        LOCALV d, #100
        YIELD #null, #null, 1
        LOADD t0, d
        LOADV t1, x
        ADD t0, t0, t1
        RET t0
    flow other
        GLOBALV d, #7
        LOADV t0, x
        RET t0
    """
    made = machine(code)
    made.set_slot(0, 1, 1)
    made.start(0)
    assert made.resume(0) == "suspended"
    state = made.park()
    assert made.get("d") == 1 and made.get("x") is None
    made.start(1)
    assert made.resume(0) == "completed" and made.value is None
    made.end_run()
    made.unpark(state)
    assert made.resume(1) == "completed"
    assert made.value == 8
    made.end_run()
    assert made.get("d") == 7


@both_forms
def test_rows_run_one_flow_for_many_actors(dispatch: str) -> None:
    code = """
    slot health document
    slot mood document
    slot scratch
    slot seen
    flow tick
        JLT health, #0, bad
        SETV scratch, health
        MUL health, health, #0.5
        LT t0, health, #1
        MOV mood, t0
        INTENT x0, #4, health
        GLOBALV seen, health
        RET #null
    bad: DIV t0, #1, #0
        RET #null
    """
    made = program(code, sites=[site("intent", "action")])
    rows = Rows(made, 4, Host(), dispatch=dispatch)
    rows.set("health", [1.0, 4.0, -1.0, 8])
    assert rows.tick(0) == 3
    assert list(rows.get("health")) == [0.5, 2.0, -1.0, 4.0]
    assert rows.get("mood") == [True, False, None, False]
    assert rows.get("scratch") == [None] * 4
    assert rows.get("seen") == [0.5, 2.0, None, 4.0]
    assert list(rows.faults) == [2] and rows.faults[2].kind == "division_by_zero"
    numbers, channels, actions, urgencies = rows.intents
    assert list(numbers) == [0, 1, 3] and list(channels) == [0, 0, 0]
    assert list(actions) == [4.0] * 3 and list(urgencies) == [0.5, 1.0, 1.0]
    assert rows.channels == ["action"]
    assert rows.tick(0) == 3


def test_rows_that_wait_are_reported() -> None:
    rows = Rows(program("slot x document\nflow tick\n JT x, on\n YIELD #null, #null, 1\non: RET #null"), 3, Host())
    rows.set("x", [True, False, "text"])
    assert rows.tick(0) == 2
    assert rows.waiting == [1]
    assert rows.get("x") == [True, False, "text"]


def test_rows_restore_sources_and_collect() -> None:
    from dataclasses import replace

    from abml.compiler.bytecode.program import Slot

    made = program(
        """
        slot lit document
        slot seen document
        slot list document
        flow tick
            LOADV t0, lit
            MOV seen, t0
            SETV lit, #7
            LIST list
            RET #null
        thunk lit
            FRET #1
        """
    )
    made = replace(made, slots=(Slot("lit", "document", 1, "source"), *made.slots[1:]))
    rows = Rows(made, 3000, Host())
    for _ in range(3):
        assert rows.tick(0) == 3000
        assert list(rows.get("seen")) == [1.0] * 3000
    assert rows.get("list")[:2] == [[], []]
    lists = program("slot list document\nflow tick\n LIST list\n LIST t0\n LIST t0\n LIST t0\n RET #null")
    rows = Rows(lists, 3000, Host())
    for _ in range(5):
        assert rows.tick(0) == 3000
    assert rows.get("list") == [[]] * 3000
