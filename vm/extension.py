"""Extensions at continuation points: another program goes on below the same document scope (language 6.10).

An extension has a machine of its own. Around each of its turns the document
variables are carried over to it and back, so that other runs of the instance
and the host see what it writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from abml.compiler.bytecode.program import Program

from .core.machine import FaultError, Machine
from .faults import Fault

if TYPE_CHECKING:
    from .instance import Instance


class Extension:
    """The rest of a run, or of one fiber of it, that an extension has taken over.

    Attributes:
        machine: runs the extension's program.
        entry: unit of its entry flow.
    """

    def __init__(self, instance: Instance, program: Program) -> None:
        """Prepare an extension; the caller has dropped what it takes over.

        Raises:
            FaultError: a default of the extension failed, or it has no entry flow.
        """
        self.instance = instance
        self.program = program
        before = instance.machine
        self.machine = Machine(
            program,
            instance,
            limits=instance.limits,
            random=instance.random,
            host_functions=instance.functions,
            tick_mode=instance.tick_mode,
        )
        self.machine.set_clock(before.now)
        self.machine.set_order(before.order)
        self.entry = int(program.info.get("entry", -1))
        if self.entry < 0:
            raise FaultError(Fault("flow_not_found", "the extension has no entry flow"))
        instance.machine, instance.extension = self.machine, self
        try:
            self.carry_in()
            for unit in program.info.get("init_units", ()):
                self.machine.call(unit)
            self.carry_out()
        finally:
            instance.machine, instance.extension = instance.base, None

    def take_over(self) -> None:
        """Begin in the place of a run without other fibers."""
        self.instance.machine, self.instance.extension = self.machine, self
        self.machine.start(self.entry)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """A turn of the extension among those of other fibers."""
        instance = self.instance
        instance.machine, instance.extension = self.machine, self
        self.machine.set_order(instance.base.order)
        self.carry_in()
        try:
            yield
        finally:
            self.carry_out()
            instance.base.set_order(self.machine.order)
            instance.extended_intents += self.machine.take_intents()
            instance.machine, instance.extension = instance.base, None

    def carry_in(self) -> None:
        """Give the extension the document variables as they are now."""
        self.machine.forget_providers()
        base, slots = self.instance.base, self.instance.program.slots
        for number, slot in enumerate(self.program.slots):
            if slot.kind not in ("chain", "document") or "." in slot.name:
                continue
            there = base.find(slot.name)
            if there is None:
                if slot.name in self.instance.added:
                    self.machine.set_slot(number, self.instance.added[slot.name], 1)
            elif base.is_bound(there):
                value, depth = base.slot(there)
                self.machine.set_slot(number, value, depth)
                if slots[there].is_readonly:
                    self.machine.protect(number)
            elif slots[there].kind == "document" and slot.kind == "document":
                self.machine.set_slot(number, self.instance.computed(there), 1)

    def carry_out(self) -> None:
        """Give the document scope what the extension wrote to it."""
        base, slots = self.instance.base, self.instance.program.slots
        for name, (value, depth) in self.machine.bindings().items():
            if depth > 1 or "." in name:
                continue
            number = base.find(name)
            if number is None:
                if depth == 1:
                    self.instance.added[name] = value
            elif base.is_bound(number) or slots[number].kind == "chain":
                base.set_slot(number, value, depth)

    def locals(self) -> dict[str, Any]:
        """The variables of the extension's run scope."""
        return {name: value for name, (value, depth) in self.machine.bindings().items() if depth == 2}


def leave_run(machine: Machine) -> None:
    """Drop a run's frames and scopes; what it assigned to source variables stays until the whole run ends."""
    assigned = {name: machine.get(name) for name in machine.assigned_sources}
    machine.drop()
    machine.end_run()
    for name, value in assigned.items():
        machine.set(name, value)
