"""Parts of the scheduler: mailboxes, barriers, what a wait is for; fibers by hand; snapshots."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import Any

import pytest

import abml
from abml.compiler.bytecode.verify import verify
from abml.environment import Limits
from abml.errors import ProgramFormatError
from abml.values import ValueFault
from abml.vm.actor import Actor
from abml.vm.instance import Instance
from abml.vm.scheduler import snapshots, waits
from abml.vm.scheduler.barriers import Barriers
from abml.vm.scheduler.channels import Scheduler, Start
from abml.vm.scheduler.mailbox import Signal, matches, post, take

HEAD = 'version: "3.0"\nmetadata: {id: tracks, type: cutscene}\n'


def started(text: str, **options: Any) -> tuple[Instance, Scheduler]:
    """An instance with its channels, not run yet."""
    program = abml.compile(HEAD + text, lenient=True)
    instance = Instance(program, **options)
    instance.create(0)
    starts = [Start(name, one["unit"]) for name, one in program.info["channels"].items() if one["starts"]]
    return instance, Scheduler(instance, instance.base, starts, sync_points=program.info["sync_points"])


def messages(instance: Instance) -> list[str]:
    return [log.message for log in instance.logs]


# ------------------------------------------------------------------ mailboxes


@pytest.mark.parametrize(
    ("address", "own", "expected"),
    [
        ((None, "s"), "b", True),
        ((None, "s"), "a", False),
        ((None, "s"), None, True),
        ((None, "t"), "b", False),
        (("a", "s"), "b", True),
        (("a", "s"), "a", True),
        (("code", "s"), "b", True),
        (("b", "s"), "b", False),
    ],
)
def test_addresses(address: tuple[str | None, str], own: str | None, expected: bool) -> None:
    assert matches(Signal("s", None, "a", "a", "code"), address, own) is expected


def test_signals_of_the_host_match_whoever_waits() -> None:
    assert matches(Signal("s"), (None, "s"), "a")
    assert matches(Signal("s", None, "a"), (None, "s"), "a")
    assert matches(Signal("s", None, "a"), ("a", "s"), "b")


def test_taking_leaves_the_rest() -> None:
    box = [Signal(name) for name in "xayb"]
    taken: list[Any] = []
    assert not take(box, [(None, "a"), (None, "b"), (None, "c")], True, taken, "own")
    assert [signal.name for signal in box] == ["x", "y"]
    box.append(Signal("c", 3))
    assert take(box, [(None, "a"), (None, "b"), (None, "c")], True, taken, "own")
    assert [signal.to_map() for signal, _ in taken][2] == {"name": "c", "payload": 3, "source": None}


def test_any_takes_one_and_no_more() -> None:
    box = [Signal("b"), Signal("a")]
    taken: list[Any] = []
    assert take(box, [(None, "a"), (None, "b")], False, taken, None)
    assert take(box, [(None, "a"), (None, "b")], False, taken, None)
    assert ([signal.name for signal, _ in taken], [signal.name for signal in box]) == (["b"], ["a"])


def test_a_full_mailbox_drops_the_oldest() -> None:
    box: list[Signal] = []
    assert [post(box, Signal(str(i)), 2) for i in range(3)] == [None, None, Signal("0")]


# ------------------------------------------------------------------- barriers


def test_barriers_open_when_everybody_came() -> None:
    barriers = Barriers({"p": [1, 2]}, {"a": 1, "b": 2, "c": 3})
    assert barriers.participants("p", None) == {"a", "b"}
    assert barriers.participants("p", ["a", "ghost"]) == {"a"}
    barriers.arrive("p", "a", None)
    assert not barriers.is_complete("p", lambda name: False)
    assert barriers.missing("p", lambda name: False) == ["b"]
    assert barriers.is_complete("p", lambda name: name == "b")
    kept = barriers.snapshot()
    barriers.arrive("p", "b", None)
    assert barriers.is_complete("p", lambda name: False)
    assert (barriers.open("p"), barriers.waiting) == (["a", "b"], [])
    assert not barriers.is_complete("p", lambda name: False)
    barriers.restore(kept)
    barriers.leave("a")
    assert barriers.waiting == []


# ---------------------------------------------------------------------- waits


@pytest.mark.parametrize(
    ("waiting", "external", "source", "text"),
    [
        (None, (), waits.HOST, "the next tick"),
        (("wait", 5, False), (), waits.TIME, "time"),
        (("wait", None, True), (), waits.HOST, "a condition"),
        (("await", 1, object(), None, None), (), waits.HOST, "the answer of an action"),
        (("signal", 1, [(None, "s")], True, [], None), (), waits.CHANNELS, "the signal 's'"),
        (("signal", 1, [(None, "s")], True, [], None), None, waits.HOST, "the signal 's'"),
        (("signal", 1, [(None, "s")], True, [], None), {"s"}, waits.HOST, "the signal 's'"),
        (("signal", 1, [("a", "s")], True, [], None), None, waits.CHANNELS, "the signal '@a.s'"),
        (("signal", 1, [("a", "s"), (None, "t")], False, [], None), None, waits.HOST, "any of the signals '@a.s', 't'"),
        (
            ("signal", 1, [("a", "s"), (None, "t")], True, [], None),
            None,
            waits.CHANNELS,
            "all of the signals '@a.s', 't'",
        ),
        (("signal", 1, [("a", "s")], True, [], 7), (), waits.TIME, "the signal '@a.s'"),
        (("sync", 1, "p", None, None), None, waits.CHANNELS, "the barrier 'p'"),
        (("continuation", 1, "c", 7), (), waits.HOST, "the continuation point 'c'"),
        (("parallel", 1, (3,)), None, waits.CHANNELS, "the arms of 'parallel'"),
    ],
)
def test_who_can_end_a_wait(waiting: Any, external: Any, source: str, text: str) -> None:
    assert (waits.source(waiting, external), waits.describe(waiting)) == (source, text)


# --------------------------------------------------------------------- fibers


def test_a_fiber_goes_on_where_it_was() -> None:
    instance, _ = started('channels: {a: [{log: a}]}\nflows: {f: [{set: {x: 1}}, {log: "${x}"}, {return: "${x + 1}"}]}')
    machine = instance.base
    fiber = machine.fiber(0, channel="c", isolated=True)
    assert [machine.turn(fiber, 0, 1000) for _ in range(3)] == ["suspended", "suspended", "completed"]
    assert (fiber.value, fiber.is_active, messages(instance)) == (2, False, ["1"])
    with pytest.raises(ValueError, match="ended"):
        machine.turn(fiber, 0, 1000)
    assert machine.bindings() == {}


def test_a_machine_that_runs_takes_no_fiber() -> None:
    instance, _ = started("channels: {a: [{log: a}]}\nflows: {f: [{wait: 1s}]}")
    machine = instance.base
    fiber = machine.fiber(0)
    machine.start(0)
    machine.resume(0)
    with pytest.raises(ValueError, match="in progress"):
        machine.turn(fiber, 0, 1000)
    with pytest.raises(ValueError, match="not a flow"):
        machine.fiber(-1)


def test_values_of_waiting_fibers_survive_collections() -> None:
    text = """
channels:
  a: [ {set: {keep: "${range(0, 50).map(i => 'kept ' + i)}"}}, {wait_for: "@b.go"}, {log: "${keep.length} ${keep[49]}"} ]
  b:
    - repeat: {times: 200, variable: i, do: [ {set: {junk: "${[i, [i], 'text that is too long to be interned ' + i]}"}} ]}
    - emit: go
"""
    instance, scheduler = started(text)
    assert scheduler.resume(0) == "completed"
    instance.base.collect()
    assert messages(instance) == ["50 kept 49"]


def test_too_many_fibers() -> None:
    instance, _ = started("channels: {a: [{log: a}]}")
    with pytest.raises(ValueFault) as caught:
        for _ in range(5000):
            instance.base.fiber(0)
    assert caught.value.kind == "limit_exceeded"


def test_cancelling_and_dropping() -> None:
    instance, scheduler = started("channels: {a: [{wait: 1s}, {log: never}], b: [{log: b}]}")
    assert scheduler.resume(0) == "suspended"
    assert (scheduler.wake_at, scheduler.reason, scheduler.results) == (1000, "wait", {"b": None})
    scheduler.cancel()
    assert scheduler.resume(500) == "failed"
    assert scheduler.fault is not None and scheduler.fault.kind == "cancelled"
    assert not scheduler.is_active and messages(instance) == ["b"]


def test_a_handler_that_cancels_the_run() -> None:
    instance, scheduler = started(
        "channels: {a: [{repeat: {times: 5, do: [stop]}}, {log: never}], b: [{log: b}, {log: b}]}"
    )
    instance.registry.register("stop", lambda action, context: scheduler.cancel())
    assert scheduler.resume(0) == "failed"
    assert scheduler.fault is not None
    assert (scheduler.fault.kind, scheduler.failed_channel, messages(instance)) == ("cancelled", None, [])


def test_an_interrupt_of_the_host_leaves_the_machine_usable() -> None:
    def interrupt(action: Any, context: Any) -> None:
        raise KeyboardInterrupt

    instance, scheduler = started("channels: {a: [{set: {x: 1}}, halt], b: [{log: b}]}")
    instance.registry.register("halt", interrupt)
    with pytest.raises(KeyboardInterrupt):
        scheduler.resume(0)
    assert instance.base.bindings() == {}
    again = Scheduler(instance, instance.base, [Start("b", instance.info["channels"]["b"]["unit"])])
    assert again.resume(0) == "completed"


@pytest.mark.parametrize(
    "info",
    [
        {"channels": []},
        {"channels": {"a": {"unit": 99, "starts": True}}},
        {"channels": {"a": {"unit": 0}}},
        {"sync_points": {"p": [99]}},
        {"external_signals": [1]},
    ],
)
def test_channels_of_a_program_are_verified(info: dict[str, Any]) -> None:
    program = abml.compile(HEAD + "channels: {a: [{log: a}]}")
    with pytest.raises(ProgramFormatError):
        verify(replace(program, info={**program.info, **info}))


def test_marks_of_turns_are_verified() -> None:
    program = abml.compile(HEAD + "channels: {a: [{log: a}, {log: b}]}")
    unit = program.units[0]
    assert unit.leaves == (0, 2) and unit.leaf_ends == (2, 4)
    for marks in ({"leaves": (99,)}, {"leaf_ends": (2, 2)}, {"leaves": (-1,)}):
        with pytest.raises(ProgramFormatError):
            verify(replace(program, units=(unit._replace(**marks), *program.units[1:])))


# ------------------------------------------------------------------ snapshots

LONG = """
context: {variables: {n: 0}}
channels:
  a:
    - set: {n: 1}
    - for_each: {variable: i, collection: [1, 2], do: [ {parallel: [ {log: "x${i}"}, [ {wait: 1s}, {log: "y${i}"} ] ]} ]}
    - emit: {signal: done, payload: [1]}
    - sync: p
    - return: "${n}"
  b: [ {wait_for: "@a.done"}, {sync: p}, {log: "b ${_signal.payload} ${n} ${random(1, 6)}"}, {global: {n: 9}} ]
  c: [ {return: 3} ]
"""


def finish(instance: Instance, scheduler: Scheduler, now: float) -> list[str]:
    while scheduler.resume(now) == "suspended":
        assert scheduler.wake_at is not None
        now = scheduler.wake_at
    assert scheduler.fault is None
    return messages(instance)


def test_a_snapshot_goes_on_as_the_run_would_have() -> None:
    first, scheduler = started(LONG, seed=3)
    assert scheduler.resume(0) == "suspended"
    data = pickle.loads(pickle.dumps((first.base.snapshot(), snapshots.snapshot(scheduler))))
    before = messages(first)
    expected = finish(first, scheduler, 1000)

    second = Instance(first.program, seed=99)
    second.create(0)
    second.base.restore(data[0])
    again = snapshots.restore(second, second.base, data[1], sync_points=second.info["sync_points"])
    assert (again.wake_at, again.reason, again.results) == (1000, "wait", {"c": 3})
    assert before + finish(second, again, 1000) == expected
    assert again.results == scheduler.results == {"a": 1, "b": None, "c": 3}
    assert second.variables() == first.variables() == {"n": 9}


def test_snapshots_are_checked() -> None:
    instance, scheduler = started(LONG)
    scheduler.resume(0)
    data = snapshots.snapshot(scheduler)
    good = data["channels"][1]["strand"]["fiber"]
    for key, value in [("pc", 1 << 30), ("frames", []), ("temporaries", []), ("bound", [(999, 0, 2)]), ("marks", [99])]:
        with pytest.raises(ValueError, match="program"):
            instance.base.restore_fiber({**good, key: value})
    with pytest.raises(ValueError, match="program"):
        instance.base.restore_fiber({**good, "waiting": ("signal", 1 << 30, [], True, [], None)})
    finish(instance, scheduler, 1000)
    with pytest.raises(ValueError, match="waits"):
        snapshots.snapshot(scheduler)


# ------------------------------------------------------- by ticks of a host


def test_a_host_ticks_and_signals() -> None:
    text = """
channels:
  a: [ {log: a1}, {wait_for: {all_of: [bell, "@b.ready"]}}, {log: "a ${_signals.map(s => s.name) | join(' ')}"} ]
  b: [ {wait: 2s}, {log: "b ${now()}"}, {emit: ready} ]
"""
    actor = Actor(abml.compile(HEAD + text))
    assert actor.tick(0).status == "suspended"
    assert (actor.wake_at, actor.is_waiting) == (2000, True)
    actor.signal("bell", {"x": 1})
    assert actor.tick(1000).status == "suspended"
    assert actor.tick(2500).status == "completed"
    assert [log.message for log in actor.take_records().logs] == ["a1", "b 2500", "a bell ready"]
    assert actor.tick(3000).status == "completed"
    assert actor.take_records().logs == []


def test_a_world_may_always_signal() -> None:
    actor = Actor(abml.compile(HEAD + "channels: {a: [{wait_for: bell}, {log: a}]}"))
    assert (actor.tick(0).status, actor.wake_at) == ("suspended", None)
    actor.signal("horn")
    assert actor.tick(10).status == "suspended"
    actor.signal("bell")
    assert actor.tick(20).status == "completed"


def test_conditions_are_looked_at_once_a_tick() -> None:
    text = """
context: {variables: {open: false}}
channels:
  a: [ {wait: {until: "${open}"}}, {log: "a ${now()}"} ]
  b: [ {log: b}, {global: {open: true}}, {log: b} ]
"""
    actor = Actor(abml.compile(HEAD + text))
    assert actor.tick(0).status == "suspended"
    assert actor.tick(100).status == "completed"
    assert [log.message for log in actor.take_records().logs] == ["b", "b", "a 100"]


def test_stopping_an_actor_ends_what_its_channels_wait_for() -> None:
    from abml.vm.actions.call import Pending
    from abml.vm.actions.registry import ActionRegistry

    pending = Pending()
    registry = ActionRegistry("record")
    registry.register("work", lambda action, context: pending)
    actor = Actor(abml.compile(HEAD + "channels: {a: [{work: {}, await: completion}]}"), registry=registry)
    assert actor.tick(0).status == "suspended"
    actor.stop(1)
    assert pending.outcome is not None and not actor.is_waiting


def test_limits_of_a_tick() -> None:
    text = 'channels: {a: [{repeat: {times: 5000, do: [{repeat: {times: 500, do: [{condition: "${false}"}]}}]}}]}'
    _, scheduler = started(text, limits=Limits(max_instructions_per_turn=1000))
    assert scheduler.resume(0) == "failed"
    assert scheduler.fault is not None
    assert (scheduler.fault.kind, scheduler.failed_channel) == ("limit_exceeded", "a")
    assert "1000 instructions" in scheduler.fault.message
