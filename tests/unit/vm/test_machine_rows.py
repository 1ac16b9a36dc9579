"""Rows: one program over many actors, against a machine for each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import abml
from abml.vm.core.machine import Machine, Rows
from tests.unit.vm.machine_support import Host, both_forms

LOOK = """
version: "3.0"
metadata: { id: lookout }
variables:
  sails: []
  nearest: null
  seen: []
  count: 0
  note: ""
flows:
  tick:
    - set: { nearest: null }
    - for_each:
        variable: sail
        collection: "${sails}"
        do:
          - if: { condition: "${sail.miles > 9}", then: [ continue ] }
          - if: { condition: "${nearest == null || sail.miles < nearest.miles}", then: [ { set: { nearest: "${sail}" } } ] }
          - if: { condition: "${sail.name == 'raider'}", then: [ break ] }
    - if:
        condition: "${nearest}"
        then:
          - set: { count: "${count + 1}", note: "${nearest.name + ' at ' + nearest.miles}", seen: "${[nearest.name, count]}" }
          - emit_intent: { channel: attention, action: "${[nearest.name]}", urgency: "${1 / (1 + nearest.miles)}" }
    - if: { condition: "${len(sails) == 5}", then: [ { set: { count: "${count / 0}" } } ] }
"""
NAMES = ["sloop", "raider", "barge", "a ship whose name is longer than any symbol may be"]


def sails(row: int) -> list[dict[str, Any]]:
    return [{"name": NAMES[(row + k) % 4], "miles": (row * 7 + k * 5) % 13} for k in range(row % 6)]


@both_forms
def test_rows_are_machines(dispatch: str) -> None:
    """Many collections happen in a tick; every variable, fault and intent is that of a machine of its own."""
    count, names = 1500, ["nearest", "seen", "count", "note"]
    program = abml.compile(LOOK)
    rows = Rows(program, count, Host(), dispatch=dispatch)
    rows.set("sails", [sails(row) for row in range(count)])
    machines = []
    for row in range(count):
        one = Machine(program, Host(), dispatch=dispatch)
        for unit in program.info["init_units"]:
            one.call(unit)
        one.set_slot(one.find("sails"), sails(row), 1)
        machines.append(one)
    for _ in range(3):
        rows.tick(0)
        expected_faults, expected_intents = {}, []
        for row, one in enumerate(machines):
            one.start(0)
            if one.resume(0) == "failed":
                expected_faults[row] = one.fault
            one.end_run()
            expected_intents += [(row, record["action"], record["urgency"]) for record in one.take_intents()]
        assert rows.faults == expected_faults
        found_rows, _, actions, urgencies = rows.intents
        assert list(zip(found_rows.tolist(), actions, urgencies.tolist(), strict=True)) == expected_intents
        for name in names:
            assert list(rows.get(name)) == [one.get(name) for one in machines], name


@both_forms
def test_values_of_rows_outlive_many_ticks(dispatch: str) -> None:
    program = abml.compile(
        'version: "3.0"\nmetadata: { id: stack }\nvariables: { mine: [], fresh: [] }\n'
        'flows:\n  tick:\n    - set: { fresh: "${[[1], [2], [3]]}" }\n'
        '    - if: { condition: "${len(mine) == 0}", then: [ { set: { mine: "${fresh[1]}" } } ] }\n'
    )
    rows = Rows(program, 700, Host(), dispatch=dispatch)
    rows.set("mine", [[row] if row % 2 else [] for row in range(700)])
    for _ in range(20):
        assert rows.tick(0) == 700
    assert rows.get("mine") == [[row] if row % 2 else [2] for row in range(700)]


@both_forms
def test_rows_that_wait_or_fail_are_told(dispatch: str) -> None:
    program = abml.compile(
        'version: "3.0"\nmetadata: { id: mixed }\nvariables: { n: 0, log: [] }\n'
        'flows:\n  tick:\n    - set: { log: "${[n]}" }\n'
        '    - for_each: { variable: x, collection: "${log}", do: [ { set: { n: "${6 / x}" } }, '
        '{ if: { condition: "${x == 3}", then: [ { wait: { duration: 1 } } ] } } ] }\n'
    )
    rows = Rows(program, 5, Host(), dispatch=dispatch)
    rows.set("n", list(range(5)))
    assert rows.tick(0) == 3
    assert {row: fault.kind for row, fault in rows.faults.items()} == {0: "division_by_zero"}
    assert rows.waiting == [3]
    assert list(rows.get("n")) == [0, 6, 3, 2, 1.5]


def test_a_row_that_the_host_writes_in_the_middle_of_a_tick_keeps_its_value() -> None:
    class Writing(Host):
        def resolve(self, name: str) -> object:
            if rows.row == 600:
                rows.put("mine", 3, [["kept"]])
            return 1

    program = abml.compile(
        'version: "3.0"\nmetadata: { id: messy }\nvariables: { mine: null, fresh: [] }\n'
        'flows:\n  tick:\n    - set: { fresh: "${[[1], [2], [outside]]}" }\n',
        lenient=True,
    )
    rows = Rows(program, 1200, Writing())
    for _ in range(2):
        assert rows.tick(0) == 1200
    assert rows.get("mine") == [[["kept"]] if row == 3 else None for row in range(1200)]


def test_columns_are_checked() -> None:
    program = abml.compile('version: "3.0"\nmetadata: { id: one }\nvariables: { n: 0 }\nflows: { tick: [ noop ] }\n')
    rows = Rows(program, 3, Host())
    with pytest.raises(ValueError, match="needs 3 values"):
        rows.set("n", [1])
    with pytest.raises(KeyError):
        rows.set("m", [1, 2, 3])
    with pytest.raises(ValueError, match="not a flow"):
        rows.tick(99)


def test_the_scan_of_the_benchmark() -> None:
    """Its document and the same steps in Python give the same fears and intents."""
    from bench.workloads import watcher_columns

    document = Path(__file__).resolve().parents[3] / "bench/perception_scan.abml.yml"
    count = 300
    rows = Rows(abml.compile(document), count, Host())
    columns = watcher_columns(count)
    for name, values in columns.items():
        rows.set(name, values)
    assert rows.tick(0) == count
    fears, intents = [], []
    for row, (fear, seen) in enumerate(zip(columns["fear"].tolist(), columns["perceptions"], strict=True)):
        threat = best = 0.0
        focus = None
        for p in seen:
            if p["distance"] > 40 or p["type"] == 0:
                continue
            score = p["urgency"] * (1 - p["distance"] * 0.02)
            if p["type"] >= 4:
                threat, score = threat + score, score * 1.5
            if score > best:
                best, focus = score, p
        fears.append(fear * 0.8 + threat * 0.2)
        if focus:
            intents.append((row, 0, float(focus["type"]), min(best, 1.0)))
        if threat > 1.2:
            intents.append((row, 1, 1.0, min(threat * 0.25, 1.0)))
    found = [column.tolist() for column in rows.intents]
    assert rows.get("fear").tolist() == fears
    assert list(zip(*found, strict=True)) == intents
