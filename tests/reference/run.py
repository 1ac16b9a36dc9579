"""Whole documents: entry rules, requirements, channels, ticks, the result."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from abml import values
from abml.syntax import ast

from .expressions import Machine, evaluate
from .faults import Raised, ReferenceFault, RunSuspended
from .fiber import Fiber, Run
from .instance import Program, entry_flow, snapshot
from .lifecycle import BRAINS, Ticks
from .resources import Data, Shelf
from .schedule import Schedule
from .scopes import ChannelScope, Scope
from .tracks import Body, channel_body, started_channels

_STACK = 60_000


@dataclass
class ReferenceResult:
    """What a run did, in the shape of the product's result.

    Attributes:
        status: `completed`, `failed` or `suspended`.
        scope: final variables of run scope, document scope and given layer.
        error: None, or kind, message, flow, action, channel.
        warnings: (kind, message) of what is only logged.
        channel_results: value of each channel; empty without channels.
    """

    status: str
    value: Any = None
    scope: dict[str, Any] = field(default_factory=dict)
    logs: list[dict[str, Any]] = field(default_factory=list)
    effects: list[dict[str, Any]] = field(default_factory=list)
    intents: list[dict[str, Any]] = field(default_factory=list)
    signals: list[dict[str, Any]] = field(default_factory=list)
    channel_results: dict[str, Any] = field(default_factory=dict)
    failed_channel: str | None = None
    error: dict[str, Any] | None = None
    warnings: list[tuple[str, str]] = field(default_factory=list)
    now_ms: int = 0


def run_document(
    document: ast.Document,
    *,
    flow: str | None = None,
    channels: Mapping[str, str] | None = None,
    scope: dict[str, Any] | None = None,
    handlers: dict[str, Callable[[dict[str, Any]], Any]] | None = None,
    functions: dict[str, Callable[..., Any]] | None = None,
    services: set[str] | None = None,
    documents: Mapping[str, ast.Document] | None = None,
    extensions: dict[str, ast.Document] | None = None,
    seed: int = 0,
    now_ms: int = 0,
    ticks: int | None = None,
    limits: dict[str, int] | None = None,
    resources: Data | None = None,
) -> ReferenceResult:
    """Run a document to completion, failure or a wait that only the outside can end.

    `handlers` take the parameters and give the answer; an exception is a
    failure with its text as message. `documents` are the imported files by
    their path from the root document; `channels` flows to start as channels by
    the channel's name; `extensions` documents by continuation point;
    `resources` data for snapshots.
    """
    limits = limits or {}
    machine = Machine(functions, seed, now_ms)
    machine.max_loop_iterations = limits.get("max_loop_iterations", 10_000)
    machine.max_call_depth = limits.get("max_call_depth", 128)
    machine.shelf = Shelf(document.metadata, resources)
    given = values.copy_value(scope or {})
    layer = Scope(None, {k: v for k, v in given.items() if k not in document.variables and k != "config"})
    program = Program(machine, document, documents or {}, layer)
    run = Run(program, handlers or {}, limits, extensions)
    result = ReferenceResult("completed")
    before = sys.getrecursionlimit()
    # A frame of the language costs about fifteen of Python.
    sys.setrecursionlimit(max(before, _STACK))
    if ticks is None and flow is None and channels is None and document.metadata.type in BRAINS:
        ticks = 1
    try:
        program.initialise(given)
        _requirements(program, given, services)
        if ticks is not None:
            Ticks(run, lambda entry: start(run, entry, None), flow, result).drive(ticks)
        else:
            schedule = start(run, flow, channels)
            schedule.go()
    except RunSuspended:
        result.status = "suspended"
    except ReferenceFault as fault:
        result.status = "failed"
        where = (fault.flow, fault.action) if isinstance(fault, Raised) else (None, None)
        result.error = {"kind": fault.kind, "message": fault.message, "flow": where[0], "action": where[1]}
        result.error["channel"] = result.failed_channel = fault.channel
        result.error.update(fault.extra)
    finally:
        sys.setrecursionlimit(before)
    _finish(result, run)
    return result


def _finish(result: ReferenceResult, run: Run) -> None:
    if run.channels:
        if result.status == "completed":
            result.channel_results = {fiber.name or "": snapshot(fiber.result) for fiber in run.fibers}
    elif result.status == "completed" and run.fibers:
        result.value = snapshot(run.fibers[0].result)
    result.scope = snapshot(_final_scope(run))
    result.logs, result.effects = run.logs, run.effects
    result.intents, result.signals = run.intents, run.signals
    result.warnings, result.now_ms = run.machine.warnings, run.machine.now_ms


def start(run: Run, flow: str | None, channels: Mapping[str, str] | None) -> Schedule:
    """The fibers of a run by the entry rules, ready to go.

    Raises:
        ReferenceFault: `no_channels`, `flow_not_found`.
    """
    root = run.program.root
    document = root.document
    if channels is not None:
        if not channels:
            raise ReferenceFault("no_channels", "no channels")
        return _start_channels(run, {name: _named(run, reference) for name, reference in channels.items()})
    if flow is not None:
        return _start_flow(run, _named(run, flow))
    timed = document.metadata.type in ("cutscene", "timeline") or not document.flows
    if document.entry is None and document.channels and timed:
        return _start_channels(
            run, {channel.name: channel_body(root, channel) for channel in started_channels(document)}
        )
    if document.entry is not None:
        found = root.flow(document.entry.name or "")
        if found is not None:
            return _start_flow(run, found)
    return _start_flow(run, (root, entry_flow(document)))


def _named(run: Run, reference: str) -> Body:
    found = run.program.root.flow(reference)
    if found is None:
        raise ReferenceFault("flow_not_found", f"no flow '{reference}'")
    return found


def _start_flow(run: Run, body: Body) -> Schedule:
    return Schedule(run, [Fiber(run, Scope(run.program.root.scope))], [body], channels=False)


def _start_channels(run: Run, bodies: dict[str, Body]) -> Schedule:
    fibers = [Fiber(run, ChannelScope(run.program.root.scope), name) for name in bodies]
    return Schedule(run, fibers, list(bodies.values()), channels=True)


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


def _final_scope(run: Run) -> dict[str, Any]:
    result = dict(run.program.given.vars)
    own = run.program.root.scope
    for name in [*own.declared, *own.vars]:
        try:
            result[name] = own.get(name)
        except (ReferenceFault, values.ValueFault):
            result[name] = None
    if run.fibers and not run.channels:
        result.update(run.fibers[0].scope.vars)
    return result
