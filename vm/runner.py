"""Runs of one document with one actor: to completion, or by ticks (language 1.8).

With a virtual clock, waits that only need time are run through at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from abml.compiler.bytecode.program import Program
from abml.environment import Limits
from abml.result import Record, RunResult
from abml.values import ValueFault

from .actions.call import Pending
from .actions.registry import ActionRegistry
from .clock import VirtualClock
from .core.machine import FaultError, Machine
from .extension import Extension, leave_run
from .faults import Fault
from .host_values import HostValueError
from .instance import Functions, Instance, TemplateCompiler
from .lifecycle import Lifecycle, needs_ticks
from .protocols import DialogueSource, Providers, Resources
from .questions import Script, ScriptedAnswers
from .random import default_seed
from .scheduler import start, waits
from .scheduler.channels import Scheduler, Start

TICK_MICROS = 100_000
"""How far the virtual clock moves between two ticks."""


def run(
    program: Program,
    *,
    flow: str | None = None,
    channels: Any = None,
    scope: Mapping[str, Any] | None = None,
    handlers: Mapping[str, Callable[..., Any]] | None = None,
    functions: Functions | None = None,
    services: Iterable[str] | None = None,
    providers: Mapping[str, Any] | Providers | None = None,
    seed: int | None = 0,
    clock: Any = None,
    ticks: int | None = None,
    limits: Limits | None = None,
    strict: bool = False,
    registry: ActionRegistry | None = None,
    extensions: Mapping[str, Program] | None = None,
    templates: TemplateCompiler | None = None,
    routes: Mapping[str, str] | None = None,
    answers: Script | None = None,
    resources: Resources | None = None,
    dialogue: DialogueSource | None = None,
    locale: Any = None,
    actor_id: str | None = None,
    external_signals: bool | Iterable[str] = False,
    cancelled: bool = False,
) -> RunResult:
    """Run a program as `abml.run` describes it.

    Args:
        seed: of the random functions; None: the document's own or one of the system (12.2).
        clock: None: a virtual clock from 0; a number: a virtual clock from that many
            milliseconds; else an object with `now_us()`, whose time is not jumped over.
        registry: performs the actions; with it `handlers` and `strict` are not looked at.
        extensions: continuation point -> program.
        templates: compiles texts that `render` gets at run time; None: the package's own.
        routes: path -> name of the action behind it, for `call: /path`.
        answers: to the questions of `choice` and `qte`, in order, or a function of the question.
        resources, dialogue, locale: see `Instance`.
        external_signals: signals that the host may send beside those that the manifest
            declared, or True for any; a wait for one of them is no deadlock.
        cancelled: the host cancelled the run before it started.

    Returns:
        What happened. Errors of the run are in it.
    """
    if registry is None:
        registry = ActionRegistry("error" if strict else "record")
        registry.register_all(dict(handlers or {}))
    if routes:
        registry.routes.update(routes)
    if ticks is None and flow is None and channels is None and needs_ticks(program.info):
        ticks = 1
    if seed is None:
        seed = default_seed(program.info.get("metadata") or {})
    try:
        instance = Instance(
            program,
            scope=scope,
            registry=registry,
            functions=functions,
            services=services,
            providers=providers,
            seed=seed,
            limits=limits,
            tick_mode=ticks is not None,
            actor_id=actor_id,
            extensions=extensions,
            templates=templates if templates is not None else compile_template,
            conditions=compile_condition,
            resources=resources,
            dialogue=dialogue,
            locale=locale,
            answers=None if answers is None else ScriptedAnswers(answers),
        )
    except HostValueError as error:
        fault = Fault("type_error", f"a given value cannot be used: {error.message}")
        return RunResult("failed", error=error_record(fault), seed=seed)
    runner = Runner(instance, clock, seed, external_signals=external_signals)
    if ticks is None:
        return runner.run_once(flow, channels, cancelled)
    return runner.run_ticks(flow, channels, ticks)


def compile_template(text: str) -> Program:
    """The program of a template text; needs the package with its compiler."""
    import importlib

    # By name: the machine runs without the compiler, which only this function wants.
    found: Program = importlib.import_module("abml.compiler.expressions").template_program(text)
    return found


def compile_condition(text: str) -> Program:
    """The program of an expression; needs the package with its compiler."""
    import importlib

    found: Program = importlib.import_module("abml.compiler.expressions").expression_program(text)
    return found


def error_record(fault: Fault) -> Record:
    """The `error` of a result."""
    record = Record(
        kind=fault.kind,
        code=fault.code,
        message=fault.message,
        flow=fault.flow,
        action=fault.action,
        channel=fault.channel,
        span=fault.span,
        type=fault.type_name,
    )
    if fault.handler_error is not None:
        record["handler_error"] = fault.handler_error
    for key, value in fault.extra.items():
        record.setdefault(key, value)
    return record


class Runner:
    """Drives one instance through time and collects the result.

    Attributes:
        micros: the VM clock in microseconds.
        jumps: the clock is virtual, so that waiting costs nothing.
        scheduler: the run in progress when it has several fibers; else None.
        external: signals that the host may send; None when it may send any.
    """

    def __init__(
        self,
        instance: Instance,
        clock: Any,
        seed: int,
        *,
        jumps: bool | None = None,
        external_signals: bool | Iterable[str] = False,
    ) -> None:
        self.instance = instance
        self.scheduler: Scheduler | None = None
        self.external: frozenset[str] | None = None
        if external_signals is not True:
            declared = instance.info.get("external_signals") or ()
            self.external = frozenset(declared).union(external_signals or ())
        self.seed = seed
        self.clock = clock
        self.jumps = clock is None or isinstance(clock, int | float | VirtualClock) if jumps is None else jumps
        if isinstance(clock, int | float):
            self.micros = round(clock * 1000)
        else:
            self.micros = 0 if clock is None else clock.now_us()
        limit = instance.limits.global_timeout
        self.ends_at = None if limit is None else self.micros + limit.micros
        self.intents: list[Record] = []
        self.value: Any = None
        self.fault: Fault | None = None
        self.status = "completed"
        self.wake_at: int | None = None
        self.reason: str | None = None
        self.scope: dict[str, Any] = {}
        self.channel_results: dict[str, Any] = {}
        self.failed_channel: str | None = None

    @property
    def machine(self) -> Machine:
        """The machine that runs: the instance's own, or that of an extension."""
        return self.instance.machine

    @property
    def extension(self) -> Extension | None:
        """What has taken over the run, if anything."""
        return self.instance.extension

    @property
    def now_ms(self) -> int | float:
        """The VM clock in milliseconds, an int when it is whole."""
        return self.micros // 1000 if self.micros % 1000 == 0 else self.micros / 1000

    # ------------------------------------------------------------------- runs

    def run_once(self, flow: str | None, channels: Any, cancelled: bool) -> RunResult:
        """A plain run to its completion."""
        try:
            self.instance.create(self.now_ms)
            entry = self.entry(flow, channels)
            self.instance.begin()
            self.begin(entry)
        except FaultError as error:
            return self.failed(error.fault)
        if cancelled:
            self.cancel()
        self.settle(self.resume())
        return self.finish()

    def begin(self, entry: int | list[Start], names: Mapping[str, Any] | None = None) -> None:
        """Start a run in a flow, or in several channels; `resume` then executes it.

        Args:
            names: further locals of the run, such as `event`.

        Raises:
            FaultError: `limit_exceeded`: there are too many channels.
        """
        if isinstance(entry, int) and not self.instance.uses_parallel:
            self.machine.start(entry, None, names)
            return
        limit = self.instance.limits.global_timeout
        try:
            self.scheduler = Scheduler(
                self.instance,
                self.machine,
                [Start(None, entry)] if isinstance(entry, int) else entry,
                sync_points=self.instance.info.get("sync_points"),
                external=self.external,
                names=names,
                ends_at=None if limit is None else (self.micros + limit.micros) / 1000,
            )
        except ValueFault as error:
            raise FaultError(Fault.from_value_fault(error)) from error

    def cancel(self) -> None:
        """End the run in progress with `cancelled`."""
        if self.scheduler is not None:
            self.scheduler.cancel()
        else:
            self.machine.cancel()

    def entry(self, flow: str | None, channels: Mapping[str, str] | None) -> int | list[Start]:
        """What a plain run starts with: a unit, or channels.

        Raises:
            FaultError: there is none.
        """
        info = self.instance.info
        if channels is not None:
            return start.named(info, channels)
        if flow is not None:
            return flow_unit(info, flow)
        if info.get("entry", -1) >= 0:
            return int(info["entry"])
        if start.has_channels(info):
            return start.declared(info)
        names = [name for name in info.get("flows", {}) if "." not in name]
        hint = f"; flows that can be named: {', '.join(names)}" if names else ""
        raise FaultError(Fault("flow_not_found", f"the document has no entry flow{hint}"))

    def run_ticks(self, flow: str | None, channels: Any, ticks: int) -> RunResult:
        """A run by ticks; the first failed run ends it."""
        try:
            self.instance.create(self.now_ms)
            named = None if flow is None and channels is None else self.entry(flow, channels)
        except FaultError as error:
            return self.failed(error.fault)
        lifecycle = Lifecycle(self, named)
        started = self.micros
        for number in range(ticks):
            if number and self.jumps:
                self.micros = max(self.micros, started + number * TICK_MICROS)
            self.read_clock()
            self.instance.tick = number
            self.instance.forget_provided(self.micros)
            lifecycle.tick()
            if self.status == "failed":
                break
        return self.finish()

    # ------------------------------------------------------------------- time

    def read_clock(self) -> None:
        """Take over the time of a clock that runs by itself."""
        if not self.jumps:
            self.micros = max(self.micros, self.clock.now_us())

    def advance_to(self, moment_ms: float) -> None:
        """Jump to a moment; time never goes back."""
        micros = round(moment_ms * 1000)
        if micros > self.micros:
            self.micros = micros
            self.instance.forget_provided(self.micros)
        if isinstance(self.clock, VirtualClock):
            self.clock.advance_to(self.micros)

    def resume(self) -> str:
        """Go on with the run until it ends or only the outside can wake it."""
        if self.scheduler is not None:
            return self._resume_fibers(self.scheduler)
        while True:
            machine = self.machine
            status = self._turn(machine)
            if status != "suspended":
                return status
            reason, wake_at = machine.reason, machine.wake_at
            if reason == "goto":
                return status
            if reason == "extension":
                if not self.extend():
                    return "failed"
                continue
            if reason == "await" and self.await_answer(wake_at):
                continue
            if wake_at is not None and self.jumps:
                if self.ends_at is not None and round(wake_at * 1000) > self.ends_at:
                    return self.end_with("global_timeout", "the run took longer than the host allows")
                self.advance_to(wake_at)
                continue
            if reason == "signal" and waits.source(machine.waiting, self.external) == waits.CHANNELS:
                what = waits.describe(machine.waiting)
                return self.end_with("deadlock", f"the run waits for {what}, which nobody can send")
            return status

    def _resume_fibers(self, scheduler: Scheduler) -> str:
        """The same for a run of several fibers."""
        is_tick = True
        while True:
            status = scheduler.resume(self.now_ms, is_tick=is_tick)
            if status != "suspended":
                return status
            is_tick = False
            if self._await_answers(scheduler):
                continue
            wake_at = scheduler.wake_at
            if wake_at is None or not self.jumps:
                return status
            if scheduler.ends_at is not None and wake_at > scheduler.ends_at:
                return scheduler.fail(Fault("global_timeout", "the run took longer than the host allows"))
            self.advance_to(wake_at)

    def _await_answers(self, scheduler: Scheduler) -> bool:
        """Run the coroutines of handlers until one of the awaited actions has its answer."""
        performer = self.instance.performer
        tokens = [token for token in scheduler.tokens() if token.is_running]
        if not tokens:
            return False
        timeout = None if scheduler.wake_at is None else max(scheduler.wake_at - self.now_ms, 0) / 1000
        performer.run_coroutines(tokens, timeout)
        return any(token.outcome is not None for token in tokens)

    def _turn(self, machine: Machine) -> str:
        """One resume; an extension's turn begins and ends with the document variables."""
        if machine.reason == "await":
            # An answer that came meanwhile, or what ends the action early.
            self.instance.performer.answer_pending()
        if self.extension is None:
            return machine.resume(self.now_ms)
        self.extension.carry_in()
        status = machine.resume(self.now_ms)
        self.extension.carry_out()
        return status

    def await_answer(self, wake_at: float | None) -> bool:
        """Run the coroutines of handlers until the awaited action has its answer."""
        performer = self.instance.performer
        token = self.machine.pending
        if performer.answer_pending():
            return True
        if not isinstance(token, Pending) or not token.is_running:
            return False
        timeout = None if wake_at is None else max(wake_at - self.now_ms, 0) / 1000
        performer.run_coroutines([token], timeout)
        return performer.answer_pending()

    def extend(self) -> bool:
        """An extension takes the place of the rest of the run (language 6.10); False when it cannot be entered."""
        self.take_intents()
        machine = self.machine
        name = str(machine.pending)
        if self.extension is None:
            leave_run(machine)
        else:
            # An extension of an extension: the outer one is over.
            machine.drop()
        try:
            self.instance.extend(name).take_over()
        except FaultError as error:
            self.fault = error.fault
            self.leave_extension()
            return False
        return True

    def take_off(self) -> Any:
        """Take the suspended run off, so that another one can run; `put_back` takes what it gives."""
        if self.scheduler is not None:
            scheduler, self.scheduler = self.scheduler, None
            return scheduler
        extension = self.extension
        if extension is None:
            return self.machine.park()
        self.leave_extension()
        return extension

    def put_back(self, state: Any) -> None:
        """Put a run back that was taken off."""
        if isinstance(state, Scheduler):
            self.scheduler = state
        elif isinstance(state, Extension):
            self.instance.extension = state
            self.instance.machine = state.machine
        else:
            self.machine.unpark(state)

    def leave_extension(self) -> None:
        """The instance's own machine runs again."""
        self.instance.extension = None
        self.instance.machine = self.instance.base

    def end_with(self, kind: str, message: str) -> str:
        """End the run in progress with an error that no handler sees."""
        self.machine.drop()
        self.fault = Fault(kind, message)
        return "failed"

    # ----------------------------------------------------------------- results

    def settle(self, status: str) -> None:
        """Take over how a run ended or stopped."""
        if self.scheduler is not None:
            self._settle_fibers(self.scheduler, status)
            return
        machine = self.machine
        self.status = status
        self.wake_at = self.reason = None
        if status == "failed":
            self.fault = self.fault or machine.fault
            self.value = None
        elif status == "suspended":
            self.reason = _reason(machine.reason, [machine.pending])
            self.wake_at = None if machine.wake_at is None else int(-(-machine.wake_at // 1))
        else:
            self.value = machine.value
        self.scope = self.instance.variables()
        if self.extension is not None:
            self.scope.update(copy_of(self.extension.locals()))
        self.take_intents()
        if status != "suspended" and self.extension is not None:
            self.leave_extension()

    def _settle_fibers(self, scheduler: Scheduler, status: str) -> None:
        self.status = status
        self.wake_at = self.reason = None
        self.value = scheduler.value
        self.channel_results = scheduler.results
        self.failed_channel = scheduler.failed_channel
        if status == "failed":
            self.fault = scheduler.fault
        elif status == "suspended":
            self.reason = _reason(scheduler.reason, scheduler.tokens())
            self.wake_at = None if scheduler.wake_at is None else int(-(-scheduler.wake_at // 1))
        self.scope = self.instance.variables(scheduler.bindings)
        self.take_intents()
        if status != "suspended":
            self.scheduler = None

    def take_intents(self) -> None:
        """Keep the intents of the machine that runs, and those of extensions beside it, in their order."""
        found = self.machine.take_intents()
        extended = self.instance.extended_intents
        if extended:
            self.instance.extended_intents = []
            found = sorted([*found, *extended], key=lambda record: record["order"])
        self.intents += [Record(record) for record in found]

    def failed(self, fault: Fault) -> RunResult:
        """The result of a run that could not start."""
        self.status, self.fault = "failed", fault
        self.scope = self.instance.variables()
        return self.finish()

    def finish(self) -> RunResult:
        """Wait for fire-and-forget coroutines and put the result together."""
        instance = self.instance
        instance.snapshots.end_watches()
        instance.performer.end_coroutines()
        for record in instance.logs:
            record.setdefault("order", None)
        return RunResult(
            status=self.status,
            value=copy_of(self.value),
            scope=self.scope,
            logs=instance.logs,
            effects=instance.performer.effects,
            intents=self.intents,
            signals=instance.signals,
            channel_results=copy_of(self.channel_results),
            failed_channel=self.failed_channel if self.status == "failed" else None,
            wake_at=self.wake_at,
            reason=self.reason,
            error=None if self.fault is None or self.status != "failed" else error_record(self.fault),
            seed=self.seed,
        )


def _reason(word: str | None, tokens: Iterable[Any]) -> str | None:
    """What a suspended run waits for: the machine's word, and after `await` whose answer."""
    if word != "await":
        return word
    names = dict.fromkeys(token.action for token in tokens if isinstance(token, Pending) and token.action)
    return f"await {', '.join(names)}" if names else word


def copy_of(value: Any) -> Any:
    """A deep copy for the host."""
    from abml.values import copy_value

    return copy_value(value)


def flow_unit(info: Mapping[str, Any], name: str) -> int:
    """The unit of a flow that the host names.

    Raises:
        FaultError: `flow_not_found`, with the flows there are.
    """
    flows = info.get("flows", {})
    if name in flows:
        return int(flows[name]["unit"])
    aliases, names = info.get("aliases"), info.get("flow_names")
    if aliases and names:
        *path, last = name.split(".")
        document: int | None = 0
        for alias in path:
            document = None if document is None else aliases[document].get(alias)
        if document is not None and last in names[document]:
            return int(names[document][last])
    known = f"; there are: {', '.join(flows)}" if flows else ""
    raise FaultError(Fault("flow_not_found", f"there is no flow named '{name}'{known}"))
