"""`Instance`: a program with its document variables, and the host the machine asks.

An instance owns one machine. It fills in given values, defaults, configuration
and bindings, checks requirements, answers names that no scope binds, and hands
actions over. It knows nothing of time passing: `abml.vm.runner` drives it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from abml.compiler.bytecode.program import Program
from abml.environment import Limits
from abml.result import Record
from abml.values import ValueFault, copy_value, equal, truthy

from .actions.call import Action, ActionContext, Denied, Done, Failed, Pending, Unhandled
from .actions.dispatch import dispatch, dispatch_route
from .actions.registry import ActionRegistry
from .core.conversion import convert
from .core.machine import FaultError, Machine, ProviderRef
from .faults import Fault, HostFault
from .host_values import HostValueError, from_host
from .random import Random

Functions = Mapping[str, Callable[..., Any]]
TemplateCompiler = Callable[[str], Program]

# Names of the runtime in the scopes of a run; the result leaves them out.
_RUNTIME_NAMES = frozenset(
    ("args", "_result", "_error", "_error_handled", "_signal", "_signals", "_choice", "_wait", "_gate")
)


class Instance:
    """One actor of a program, as the runner and worlds drive it.

    Args:
        program: a verified program.
        scope: given values by name (language 6.3); copied and checked.
        registry: who performs actions.
        functions: host functions by name.
        services: names of the host's services; None checks nothing.
        providers: namespace -> object with `get(path)`, or a mapping.
        seed: of the random functions.
        limits: run-time limits.
        tick_mode: a cycle of gotos goes round once per tick.
        actor_id: who acts, for handlers.
        extensions: continuation point -> program that is entered there.
        templates: compiles the text of a `render` that is built at run time.

    Attributes:
        machine: the machine.
        logs, effects, signals: records since the last `take_records`.
        pending: fire-and-forget actions whose answer is still to come.
        tick: count of ticks, for handlers.
    """

    def __init__(
        self,
        program: Program,
        *,
        scope: Mapping[str, Any] | None = None,
        registry: ActionRegistry | None = None,
        functions: Functions | None = None,
        services: Iterable[str] | None = None,
        providers: Mapping[str, Any] | None = None,
        seed: int = 0,
        limits: Limits | None = None,
        tick_mode: bool = False,
        actor_id: str | None = None,
        extensions: Mapping[str, Program] | None = None,
        templates: TemplateCompiler | None = None,
    ) -> None:
        self.program = program
        self.info: dict[str, Any] = program.info
        self.limits = limits if limits is not None else Limits()
        self.registry = registry if registry is not None else ActionRegistry()
        self.functions = {name.lower(): function for name, function in (functions or {}).items()}
        self.services = None if services is None else frozenset(services)
        self.providers = dict(providers or {})
        self.extensions: dict[str, Program] = dict(extensions or {})
        self.templates = templates
        self.actor_id = actor_id
        self.tick = 0
        self.logs: list[Record] = []
        self.effects: list[Record] = []
        self.signals: list[Record] = []
        self.pending: list[Pending] = []
        self.given: dict[str, Any] = {
            name: from_host(value, name) for name, value in (scope or {}).items() if not name.startswith("$")
        }
        self.random = Random(seed)
        self._config: dict[str, Any] = {}
        self._groups: dict[str, dict[str, Any]] = {}
        self._binding_names: set[str] = set()
        self._provided: dict[tuple[str, tuple[str, ...]], Any] = {}
        self._failing_providers: set[str] = set()
        self.machine = Machine(
            program,
            self,
            limits=self.limits,
            random=self.random,
            host_functions=self.functions,
            tick_mode=tick_mode,
        )

    # -------------------------------------------------------------- variables

    def create(self, now_ms: int | float = 0) -> None:
        """Put given values in place and compute configuration and defaults, once per instance.

        Raises:
            FaultError: a default failed.
        """
        self.machine.set_clock(now_ms)
        self.give(self.given)
        self._configure()
        for unit in self.info.get("init_units", ()):
            self.machine.call(unit)

    def give(self, values: Mapping[str, Any]) -> None:
        """Given values: those of context variables replace their defaults, others lie in the given layer."""
        for name, value in values.items():
            number = self.machine.find(name)
            if number is None or name == "config":
                continue
            slot = self.program.slots[number]
            if slot.kind == "chain":
                self.machine.set_slot(number, value, 0)
            elif slot.kind == "document" and slot.mode != "computed":
                place = number if slot.mode == "plain" or slot.fallback < 0 else slot.fallback
                self.machine.set_slot(place, self._converted(name, value, slot.type), 1)

    def _converted(self, name: str, value: Any, type_text: str | None) -> Any:
        if type_text is None or value is None:
            return value
        converted, fits = convert(value, type_text)
        if not fits:
            self.warn("type_error", f"the given value of '{name}' is not {type_text}; it is kept as it is")
        return converted

    def _configure(self) -> None:
        for name, unit in self.info.get("config", {}).items():
            self._config[name] = self.machine.call(unit)
        given = self.given.get("config")
        if isinstance(given, dict):
            # The host's configuration wins on equal keys.
            self._config.update(given)
        number = self.machine.find("config")
        if number is not None and self._config:
            self.machine.set_slot(number, self._config, 1)
            self.machine.protect(number)

    def begin(self) -> None:
        """Compute the bindings and check the requirements: what stands before every run.

        Raises:
            FaultError: `requirement_not_met`, or what a binding raised.
        """
        self._bind()
        for requirement in self.info.get("requirements", ()):
            value = self.machine.call(requirement["unit"])
            name = requirement["name"]
            if requirement["condition"]:
                met = truthy(value)
            else:
                met = equal(self._fact(name), value)
            if not met:
                raise FaultError(Fault("requirement_not_met", f"the requirement '{name}' is not met"))
        if self.services is not None:
            for service in self.info.get("services", ()):
                if service["required"] and service["name"] not in self.services:
                    raise FaultError(
                        Fault("requirement_not_met", f"the service '{service['name']}' is required and not there")
                    )

    def _fact(self, name: str) -> Any:
        if name in self.given:
            return self.given[name]
        value = self.resolve(name)
        return self.provide(value.name, value.path) if isinstance(value, ProviderRef) else value

    def _bind(self) -> None:
        bindings = self.info.get("bindings") or ()
        if not bindings:
            return
        self._groups = {}
        for item in bindings:
            value = self.machine.call(item["unit"])
            name = item["name"]
            self._groups.setdefault(item["group"], {})[name] = value
            self._binding_names.add(name)
            number = self.machine.find(name)
            if number is not None:
                self.machine.set_slot(number, value, 1)
                self.machine.protect(number)

    def variables(self) -> dict[str, Any]:
        """Final variables: given layer, document scope with everything lazy computed, run scope; copies."""
        found: dict[str, Any] = {}
        for name, value in self.given.items():
            if name != "config" and self.machine.find(name) is None:
                found[name] = copy_value(value)
        bound = self.machine.bindings()
        for number, slot in enumerate(self.program.slots):
            name = slot.name
            if slot.kind in ("hidden", "library") or name in _RUNTIME_NAMES or name in self._binding_names:
                continue
            if name == "config" and self._config:
                continue
            if name in bound:
                found[name] = copy_value(bound[name][0])
            elif slot.kind == "document":
                found[name] = self._lazy(number)
        for name, (value, _) in bound.items():
            if name not in found and "." not in name and self.machine.find(name) is None:
                found[name] = copy_value(value)
        return found

    def _lazy(self, number: int) -> Any:
        thunk = self.program.slots[number].thunk
        if thunk < 0:
            return None
        try:
            return copy_value(self.machine.call(thunk))
        except FaultError:
            # The variable has no value now; the result says so as a read of it would.
            return None

    def document_view(self) -> dict[str, Any]:
        """The document variables as a map: what the name `document` reads."""
        view: dict[str, Any] = {}
        for number, slot in enumerate(self.program.slots):
            if slot.kind == "document":
                value, depth = self.machine.slot(number)
                if depth == 1 and not self.machine.is_bound(number):
                    value = self._lazy(number)
                view[slot.name] = copy_value(value)
        return view

    # ------------------------------------------------- the machine's host: names

    def resolve(self, name: str) -> Any:
        """A name that no scope binds: providers, ambient names and the runtime's own."""
        if name in self.providers:
            return ProviderRef(name)
        if name in self.given and name != "config":
            return self.given[name]
        if name == "bindings":
            return self._groups or None
        if name in self._binding_names:
            return next((group[name] for group in self._groups.values() if name in group), None)
        if name == "config":
            return self._config or None
        if name == "document":
            return self.document_view()
        if name == "now":
            return int(self.machine.now)
        return None

    def provide(self, name: str, path: tuple[str, ...]) -> Any:
        """What a provider has at a path, asked at most once per tick; null when it fails."""
        key = (name, path)
        if key in self._provided:
            return self._provided[key]
        provider = self.providers.get(name)
        try:
            if isinstance(provider, Mapping):
                value: Any = provider
                for step in path:
                    value = value.get(step) if isinstance(value, Mapping) else None
            else:
                value = None if provider is None else provider.get(path)
            value = from_host(value, name)
        except Exception as error:
            if name not in self._failing_providers:
                self._failing_providers.add(name)
                self.warn("provider", f"the provider '{name}' failed: {type(error).__name__}: {error}")
            value = None
        self._provided[key] = value
        return value

    def forget_provided(self) -> None:
        """Ask the providers again: a new tick, or a clock that moved."""
        if self._provided:
            self._provided.clear()

    def call_function(self, name: str, args: list[Any]) -> Any:
        """A host function; what it raises is `action_failed` with its name."""
        try:
            result = self.functions[name.lower()](*(copy_value(arg) for arg in args))
            return from_host(result, name)
        except HostValueError as error:
            raise HostFault("action_failed", f"{name}: {error.message}", type_name=type(error).__name__) from error
        except Exception as error:
            message = f"{name}: {error}" if str(error) else f"{name}: {type(error).__name__}"
            raise HostFault("action_failed", message, type_name=type(error).__name__) from error

    def render(self, text: str, machine: Machine) -> str:
        """A template that is built at run time, over the names that are visible where it is asked for."""
        if self.templates is None:
            raise ValueFault("template_error", "render: templates are not available here")
        try:
            program = self.templates(text)
        except Exception as error:
            raise ValueFault("template_error", f"render: {error}") from error
        inner = Machine(program, self, limits=self.limits, random=self.random, host_functions=self.functions)
        inner.set_clock(machine.now)
        for number, slot in enumerate(program.slots):
            if slot.kind == "chain" and machine.find(slot.name) is not None:
                value = machine.get(slot.name)
                if value is not None:
                    inner.set_slot(number, value, 0)
        result = inner.call(0)
        return result if isinstance(result, str) else str(result)

    # ------------------------------------------------ the machine's host: records

    def log(self, level: str, message: str, data: Any) -> None:
        """A log record; the oldest ones make room."""
        record = Record(level=level, message=message, data=data, order=self.machine.next_order(), at=self.machine.now)
        self._keep_log(record)

    def warn(self, kind: str, message: str) -> None:
        """What the reference calls logged, not raised: a log record with the kind of error."""
        self._keep_log(Record(level="warn", message=message, data=None, kind=kind, at=self.machine.now))

    def _keep_log(self, record: Record) -> None:
        self.logs.append(record)
        if len(self.logs) > self.limits.max_log_entries:
            del self.logs[0]

    def signal(self, name: str, payload: Any, source: str | None) -> None:
        """A signal sent outside."""
        self.signals.append(
            Record(name=name, payload=payload, source=source, order=self.machine.next_order(), at=self.machine.now)
        )

    # ------------------------------------------------ the machine's host: actions

    def act(self, site: Any, params: dict[str, Any], flow: str | None, channel: str | None) -> tuple[str, Any]:
        """Have an action performed: ("done", value), ("failed", fault) or ("pending", token)."""
        if len(self.effects) >= self.limits.max_effects:
            raise ValueFault("limit_exceeded", f"more than {self.limits.max_effects} actions")
        subject = self._subject(site.name)
        action = Action(site.name, params, self.actor_id, "behavior", self.tick, flow, channel, subject)
        context = ActionContext(
            action,
            now_ms=int(self.machine.now),
            random=self.random,
            read=self.machine.get,
            write=self.machine.set,
            log=self.log,
        )
        # The handler may change its parameters; the record keeps what was asked.
        effect = Record(
            name=site.name,
            params=copy_value(params),
            channel=channel,
            flow=flow,
            order=self.machine.next_order(),
            at=self.machine.now,
        )
        if "route" in site.flags:
            outcome = dispatch_route(self.registry, site.name, params, action, context)
        else:
            outcome = dispatch(self.registry, action, context)
        if isinstance(outcome, Failed):
            if outcome.kind not in ("forbidden_action", "unknown_action"):
                self.effects.append(effect)
            return "failed", outcome.to_fault(action)
        waits = "await" in site.flags or "implicit" in site.flags
        if isinstance(outcome, Unhandled):
            if not outcome.is_recorded:
                return "done", None
            self.effects.append(effect)
            return ("pending", Pending()) if "await" in site.flags else ("done", None)
        self.effects.append(effect)
        if isinstance(outcome, Denied):
            self.machine.set("_gate", outcome.gate_map())
            return "done", None
        if isinstance(outcome, Pending):
            if outcome.outcome is not None:
                return self._settled(outcome.outcome, action)
            if not waits:
                outcome.on_settled(lambda final: self._late(final, site.name))
            self.pending.append(outcome)
            return "pending", outcome
        return "done", outcome.value

    def _settled(self, outcome: Done | Failed, action: Action) -> tuple[str, Any]:
        if isinstance(outcome, Failed):
            return "failed", outcome.to_fault(action)
        return "done", outcome.value

    def _subject(self, name: str) -> Any:
        """The binding participant that the first segment of a dotted name means."""
        if "." not in name:
            return None
        participants = self._groups.get("participants")
        return None if participants is None else copy_value(participants.get(name.split(".", 1)[0]))

    def _late(self, outcome: Done | Failed, name: str) -> None:
        """A fire-and-forget action that fails after its flow went on is only logged."""
        if isinstance(outcome, Failed) and outcome.kind != "cancelled":
            self.warn(outcome.kind, f"{name}: {outcome.message}")

    def abandon(self, token: Any) -> None:
        """Nobody waits for an action any more: its time is over."""
        if isinstance(token, Pending):
            token.cancel()
            self.pending = [one for one in self.pending if one is not token]

    def answer_pending(self) -> bool:
        """Tell the machine of the awaited action's outcome, if it has come."""
        token = self.machine.pending
        if not isinstance(token, Pending) or token.outcome is None:
            return False
        outcome = token.outcome
        if isinstance(outcome, Failed):
            fault = Fault(outcome.kind, outcome.message, type_name=outcome.type_name, extra=outcome.extra)
            self.machine.fail(token, fault)
        else:
            self.machine.answer(token, outcome.value)
        self.pending = [one for one in self.pending if one is not token]
        return True

    def continuation(self, name: str) -> Any:
        """The extension that is registered for a continuation point."""
        return self.extensions.get(name)

    # ---------------------------------------------------------------- options

    def evaluate_options(self, now_ms: int | float) -> dict[str, dict[str, Any]]:
        """What the actor could do, by type (language 1.6); an option that fails is left out with a warning."""
        from .options import evaluate_options

        self.machine.set_clock(now_ms)
        return evaluate_options(self.info.get("options") or {}, self.machine.call, self.warn, int(now_ms))
