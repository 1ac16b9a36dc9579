"""Whole documents without channels: entry rules, requirements, the clock, the result."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from abml import values
from abml.syntax import ast

from .expressions import Machine, evaluate
from .faults import Raised, ReferenceFault, RunSuspended
from .fiber import Fiber
from .flows import run_fiber
from .instance import Instance, Program, snapshot
from .scopes import Scope

_STACK = 60_000


@dataclass
class ReferenceResult:
    """What a run did, in the shape of the product's result.

    Attributes:
        status: `completed`, `failed` or `suspended`.
        scope: final variables of run scope, document scope and given layer.
        error: None, or kind, message, flow, action.
        warnings: (kind, message) of what is only logged.
    """

    status: str
    value: Any = None
    scope: dict[str, Any] = field(default_factory=dict)
    logs: list[dict[str, Any]] = field(default_factory=list)
    effects: list[dict[str, Any]] = field(default_factory=list)
    intents: list[dict[str, Any]] = field(default_factory=list)
    signals: list[dict[str, Any]] = field(default_factory=list)
    error: dict[str, Any] | None = None
    warnings: list[tuple[str, str]] = field(default_factory=list)
    now_ms: int = 0


def run_document(
    document: ast.Document,
    *,
    flow: str | None = None,
    scope: dict[str, Any] | None = None,
    handlers: dict[str, Callable[[dict[str, Any]], Any]] | None = None,
    functions: dict[str, Callable[..., Any]] | None = None,
    services: set[str] | None = None,
    documents: Mapping[str, ast.Document] | None = None,
    seed: int = 0,
    now_ms: int = 0,
    limits: dict[str, int] | None = None,
) -> ReferenceResult:
    """Run a document to completion, failure or a wait that only the outside can end.

    `handlers` take the parameters and give the answer; an exception is a
    failure with its text as message. `documents` are the imported files by the
    text of their `file`.
    """
    limits = limits or {}
    machine = Machine(functions, seed, now_ms)
    machine.max_loop_iterations = limits.get("max_loop_iterations", 10_000)
    machine.max_call_depth = limits.get("max_call_depth", 128)
    given = values.copy_value(scope or {})
    layer = Scope(None, {k: v for k, v in given.items() if k not in document.variables and k != "config"})
    program = Program(machine, document, documents or {}, layer)
    fiber = Fiber(program, handlers or {}, Scope(program.root.scope), limits)
    result = ReferenceResult("completed")
    before = sys.getrecursionlimit()
    # A frame of the language costs about fifteen of Python.
    sys.setrecursionlimit(max(before, _STACK))
    try:
        program.initialise(given)
        _requirements(program, given, services)
        instance, body = _entry(program, flow)
        result.value = snapshot(_drive(fiber, instance, body))
    except RunSuspended:
        result.status = "suspended"
    except ReferenceFault as fault:
        result.status = "failed"
        where = (fault.flow, fault.action) if isinstance(fault, Raised) else (None, None)
        result.error = {"kind": fault.kind, "message": fault.message, "flow": where[0], "action": where[1]}
        result.error.update(fault.extra)
    finally:
        sys.setrecursionlimit(before)
    result.scope = snapshot(_final_scope(program, fiber))
    result.logs, result.effects = fiber.logs, fiber.effects
    result.intents, result.signals = fiber.intents, fiber.signals
    result.warnings, result.now_ms = machine.warnings, machine.now_ms
    return result


def _drive(fiber: Fiber, instance: Instance, body: ast.Flow) -> Any:
    steps = run_fiber(fiber, instance, body)
    while True:
        try:
            step = next(steps)
        except StopIteration as done:
            return done.value
        if step[0] != "blocked":
            continue
        if step[1] is not None:
            fiber.jump(step[1])
        elif step[2] == "signal":
            raise ReferenceFault("deadlock", "nobody else can send the signal")
        else:
            raise RunSuspended


def _requirements(program: Program, given: dict[str, Any], services: set[str] | None) -> None:
    for instance in [program.root, *program.loaded.values()]:
        for requirement in instance.document.requirements:
            value = evaluate(requirement.value, instance.names)
            if requirement.is_condition:
                met = values.truthy(value)
            else:
                met = values.equal(given.get(requirement.name), value)
            if not met:
                raise ReferenceFault("requirement_not_met", requirement.name)
        for service in instance.document.services:
            if service.required and services is not None and service.name not in services:
                raise ReferenceFault("requirement_not_met", service.name)


def _entry(program: Program, flow: str | None) -> tuple[Instance, ast.Flow]:
    document = program.root.document
    if flow is not None:
        found = program.root.flow(flow)
        if found is None:
            raise ReferenceFault("flow_not_found", f"no flow '{flow}'")
        return found
    if document.entry is not None:
        found = program.root.flow(document.entry.name or "")
        if found is not None:
            return found
    for name in ("main", "start", "on_tick"):
        if name in document.flows:
            return program.root, document.flows[name]
    for candidate in document.flows.values():
        if not candidate.triggers and candidate.goap is None:
            return program.root, candidate
    raise ReferenceFault("flow_not_found", f"no entry; flows: {', '.join(document.flows)}")


def _final_scope(program: Program, fiber: Fiber) -> dict[str, Any]:
    result = dict(program.given.vars)
    own = program.root.scope
    for name in [*own.declared, *own.vars]:
        try:
            result[name] = own.get(name)
        except (ReferenceFault, values.ValueFault):
            result[name] = None
    result.update(fiber.run_scope.vars)
    return result
