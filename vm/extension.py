"""Extensions at continuation points: another program goes on below the same document scope (language 6.10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from abml.compiler.bytecode.program import Program

from .core.machine import FaultError, Machine

if TYPE_CHECKING:
    from .runner import Runner


def enter(runner: Runner, program: Program) -> str:
    """Run an extension in the place of the suspended run, to its end.

    The extension's machine starts with the suspended instance's variables;
    its `global` writes come back to them. The suspended run is dropped.

    Returns:
        The status of the run; on failure the runner's `fault` says why.
    """
    suspended = runner.machine
    suspended.drop()
    instance = runner.instance
    inner = Machine(
        program,
        instance,
        limits=instance.limits,
        random=instance.random,
        host_functions=instance.functions,
    )
    inner.set_clock(runner.now_ms)
    below: dict[str, tuple[Any, int]] = suspended.bindings()
    for name, (value, depth) in below.items():
        number = inner.find(name)
        if number is not None and "." not in name:
            inner.set_slot(number, value, 1 if depth == 1 else 0)
    try:
        for unit in program.info.get("init_units", ()):
            inner.call(unit)
        inner.start(_entry(program))
    except FaultError as error:
        runner.fault = error.fault
        return "failed"
    runner.machine = instance.machine = inner
    status = runner.resume()
    runner.machine = instance.machine = suspended
    for name, (value, depth) in inner.bindings().items():
        number = suspended.find(name)
        if depth == 1 and number is not None and "." not in name:
            suspended.set_slot(number, value, 1)
    runner.intents += _records(inner)
    if status == "failed":
        runner.fault = runner.fault or inner.fault
    return status


def _entry(program: Program) -> int:
    from .runner import flow_unit

    unit = int(program.info.get("entry", -1))
    return unit if unit >= 0 else flow_unit(program.info, "main")


def _records(machine: Machine) -> list[Any]:
    from abml.result import Record

    return [Record(record) for record in machine.take_intents()]
