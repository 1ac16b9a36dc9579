"""What one run carries along: clock, records, mailbox, limits."""

from __future__ import annotations

from typing import Any

from .expressions import Machine
from .faults import ReferenceFault
from .instance import Program
from .scopes import Scope


class Fiber:
    """State of the single fiber of a run and the records it leaves."""

    def __init__(self, program: Program, handlers: dict[str, Any], run_scope: Scope, limits: dict[str, int]) -> None:
        self.program = program
        self.machine: Machine = program.machine
        self.handlers = handlers
        self.run_scope = run_scope
        self.max_gotos = limits.get("max_gotos", 10_000)
        self.max_log_entries = limits.get("max_log_entries", 10_000)
        self.max_intents = limits.get("max_intents", 10_000)
        self.max_effects = limits.get("max_effects", 10_000)
        self.gotos = 0
        self.handling = False
        self.micros = self.machine.now_ms * 1000
        self.logs: list[dict[str, Any]] = []
        self.effects: list[dict[str, Any]] = []
        self.intents: list[dict[str, Any]] = []
        self.signals: list[dict[str, Any]] = []
        self.mailbox: list[dict[str, Any]] = []
        self.machine.on_warning = lambda kind, message: self.log(
            {"level": "warn", "message": message, "data": None, "warning": kind}
        )

    def log(self, record: dict[str, Any]) -> None:
        self.logs.append(record)
        if len(self.logs) > self.max_log_entries:
            del self.logs[0]

    def effect(self, record: dict[str, Any]) -> None:
        if len(self.effects) >= self.max_effects:
            raise ReferenceFault("limit_exceeded", "too many effects")
        self.effects.append(record)

    def intent(self, record: dict[str, Any]) -> None:
        if len(self.intents) >= self.max_intents:
            raise ReferenceFault("limit_exceeded", "too many intents")
        record["order"] = len(self.intents)
        self.intents.append(record)

    def jump(self, micros: int) -> None:
        """Move the virtual clock to a later moment."""
        self.micros = max(self.micros, micros)
        self.machine.now_ms = self.micros // 1000
