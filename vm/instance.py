"""`Instance`: a program with its document variables, and the host the machine asks.

An instance owns one machine. It fills in given values, defaults, configuration
and bindings, checks requirements, answers names that no scope binds, and hands
actions over. It knows nothing of time passing: `abml.vm.runner` drives it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from abml.compiler.bytecode.program import Program
from abml.environment import Limits
from abml.result import Record
from abml.values import ValueFault, copy_value, equal, truthy

from .actions.registry import ActionRegistry
from .core.conversion import convert
from .core.machine import FaultError, Machine, ProviderRef
from .dialogue import Locale, locale_of
from .faults import Fault, HostFault
from .host_values import HostValueError, from_host
from .performing import Performer
from .protocols import DialogueSource, Providers, Resources
from .questions import Question
from .random import Random
from .resources import Snapshots
from .speech import Speech

if TYPE_CHECKING:
    from .extension import Extension

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
        providers: namespace -> object with `get(path)`, or a mapping; or what pins them
            at the beginning of every tick.
        seed: of the random functions.
        limits: run-time limits.
        tick_mode: a cycle of gotos goes round once per tick.
        actor_id: who acts, for handlers.
        extensions: continuation point -> program that is entered there.
        templates, conditions: compile template and expression texts that come up at run time.
        resources: the library that snapshots of entities come from.
        dialogue: where the files of dialogue references come from.
        locale: the language of spoken texts, with its fallbacks.
        answers: gives a question's answer, or None to leave it open.

    Attributes:
        base: the machine of the program.
        machine: the machine that runs: the base, or that of an extension.
        logs, signals: what the runs recorded.
        snapshots: resource data under the names of the document, and watches.
        performer: performs actions and keeps their records, `effects`.
        injected: continuation point -> extension for its next arrival only.
        ambient: names that the host gives for a while, such as `event` (language 4.3).
        added: document variables that extensions brought along.
        extension: what has taken over the run, if anything.
        entered: continuation points whose extension was entered.
        extended_intents: intents of extensions that nobody took yet.
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
        providers: Mapping[str, Any] | Providers | None = None,
        seed: int = 0,
        limits: Limits | None = None,
        tick_mode: bool = False,
        actor_id: str | None = None,
        extensions: Mapping[str, Program] | None = None,
        templates: TemplateCompiler | None = None,
        conditions: TemplateCompiler | None = None,
        resources: Resources | None = None,
        dialogue: DialogueSource | None = None,
        locale: str | Mapping[str, Any] | Locale | None = None,
        answers: Callable[[Question], Any] | None = None,
    ) -> None:
        self.program = program
        self.info: dict[str, Any] = program.info
        self.limits = limits if limits is not None else Limits()
        self.registry = registry if registry is not None else ActionRegistry()
        self.functions = {name.lower(): function for name, function in (functions or {}).items()}
        self.services = None if services is None else frozenset(services)
        # Providers that are pinned have nothing before the first tick begins.
        self._source = providers if isinstance(providers, Providers) else None
        self.providers: Mapping[str, Any] = {} if isinstance(providers, Providers) else dict(providers or {})
        self.extensions: dict[str, Program] = dict(extensions or {})
        self.injected: dict[str, Program] = {}
        self.templates = templates
        self.conditions = conditions
        self.answers = answers
        self.actor_id = actor_id
        self.tick = 0
        self.logs: list[Record] = []
        self.signals: list[Record] = []
        self.ambient: dict[str, Any] = {}
        self.added: dict[str, Any] = {}
        self.extension: Extension | None = None
        self.entered: list[str] = []
        self.extended_intents: list[dict[str, Any]] = []
        self.tick_mode = tick_mode
        self.given: dict[str, Any] = {
            name: from_host(value, name) for name, value in (scope or {}).items() if not name.startswith("$")
        }
        self.random = Random(seed)
        self._config: dict[str, Any] = {}
        self._groups: dict[str, dict[str, Any]] = {}
        self._binding_names: set[str] = set()
        self._provided: dict[tuple[str, tuple[str, ...]], Any] = {}
        self._failing_providers: set[str] = set()
        self.snapshots = Snapshots(self, resources)
        self.performer = Performer(self)
        self.speech = Speech(self, dialogue, locale_of(locale))
        # What the machine asks of its host about actions goes straight to the performer.
        self.act = self.performer.act
        self.load_automatically = self.snapshots.automatic
        self.abandon = self.performer.abandon
        self.outcome = self.performer.outcome
        self.base = Machine(
            program,
            self,
            limits=self.limits,
            random=self.random,
            host_functions=self.functions,
            tick_mode=tick_mode,
        )
        self.machine = self.base
        self.base.forget_providers()

    # -------------------------------------------------------------- variables

    def create(self, now_ms: int | float = 0) -> None:
        """Put given values in place and compute configuration and defaults, once per instance.

        Raises:
            FaultError: a default failed.
        """
        self.base.set_clock(now_ms)
        self.forget_provided(round(now_ms * 1000))
        self.give(self.given)
        self._configure()
        for unit in self.info.get("init_units", ()):
            self.base.call(unit)

    def give(self, values: Mapping[str, Any]) -> None:
        """Given values: those of context variables replace their defaults, others lie in the given layer."""
        for name, value in values.items():
            number = self.base.find(name)
            if number is None or name == "config":
                continue
            slot = self.program.slots[number]
            if slot.kind == "chain":
                self.base.set_slot(number, value, 0)
            elif slot.kind == "document" and slot.mode != "computed":
                place = number if slot.mode == "plain" or slot.fallback < 0 else slot.fallback
                self.base.set_slot(place, self._converted(name, value, slot.type), 1)

    def _converted(self, name: str, value: Any, type_text: str | None) -> Any:
        if type_text is None or value is None:
            return value
        converted, fits = convert(value, type_text)
        if not fits:
            self.warn("type_error", f"the given value of '{name}' is not {type_text}; it is kept as it is")
        return converted

    def _configure(self) -> None:
        for name, unit in self.info.get("config", {}).items():
            self._config[name] = self.base.call(unit)
        given = self.given.get("config")
        if isinstance(given, dict):
            # The host's configuration wins on equal keys.
            self._config.update(given)
        number = self.base.find("config")
        if number is not None and self._config:
            self.base.set_slot(number, self._config, 1)
            self.base.protect(number)

    def begin(self) -> None:
        """Compute the bindings and check the requirements: what stands before every run.

        Raises:
            FaultError: `requirement_not_met`, or what a binding raised.
        """
        self._bind()
        for requirement in self.info.get("requirements", ()):
            value = self.base.call(requirement["unit"])
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
            value = self.base.call(item["unit"])
            name = item["name"]
            self._groups.setdefault(item["group"], {})[name] = value
            self._binding_names.add(name)
            number = self.base.find(name)
            if number is not None:
                self.base.set_slot(number, value, 1)
                self.base.protect(number)

    @property
    def uses_parallel(self) -> bool:
        """The program has a `parallel`, so that its runs may need several fibers."""
        return any(site.kind == "parallel" for site in self.program.sites)

    def variables(self, bound: Mapping[str, tuple[Any, int]] | None = None) -> dict[str, Any]:
        """Final variables: given layer, document scope with everything lazy computed, run scope; copies.

        Args:
            bound: what is bound outside of frames, as `Machine.bindings` gives it; None: asked now.
        """
        found: dict[str, Any] = {}
        for name, value in self.given.items():
            if name != "config" and self.base.find(name) is None:
                found[name] = copy_value(value)
        if bound is None:
            bound = self.base.bindings()
        for number, slot in enumerate(self.program.slots):
            name = slot.name
            if slot.kind in ("hidden", "library") or name in _RUNTIME_NAMES or name in self._binding_names:
                continue
            if name == "config" and self._config:
                continue
            if name in bound:
                found[name] = copy_value(bound[name][0])
            elif slot.kind == "document":
                found[name] = self.computed(number)
        for name, value in self.added.items():
            found.setdefault(name, copy_value(value))
        for name, (value, _) in bound.items():
            if name not in found and "." not in name and self.base.find(name) is None:
                found[name] = copy_value(value)
        return found

    def computed(self, number: int) -> Any:
        """What a lazy document variable has now; null when it cannot be computed."""
        thunk = self.program.slots[number].thunk
        if thunk < 0:
            return None
        try:
            return copy_value(self.base.call(thunk))
        except FaultError:
            # The variable has no value now; the result says so as a read of it would.
            return None

    def document_view(self) -> dict[str, Any]:
        """The document variables as a map: what the name `document` reads."""
        if self.extension is not None:
            self.extension.carry_out()
        view: dict[str, Any] = {}
        for number, slot in enumerate(self.program.slots):
            if slot.kind == "document":
                value, is_bound = self.base.outer_slot(number)
                if not is_bound:
                    value = self.computed(number)
                view[slot.name] = copy_value(value)
        return view

    # ------------------------------------------------- the machine's host: names

    def resolve(self, name: str) -> Any:
        """A name that no scope binds: providers, ambient names and the runtime's own."""
        if name in self.snapshots or name in self.providers:
            return ProviderRef(name)
        if name in self.ambient:
            return self.ambient[name]
        if name in self.given and name != "config":
            return self.given[name]
        if name in self.added:
            return self.added[name]
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
        if name == "args":
            # The flow a run starts with has none; those of others are bound by their calls.
            return {}
        if self.extension is not None:
            # An extension reads what the program below it computes.
            self.extension.carry_out()
            number = self.base.find(name)
            if number is not None and self.program.slots[number].kind == "document":
                return self.computed(number)
        return None

    def provide(self, name: str, path: tuple[str, ...]) -> Any:
        """What a provider has at a path, asked at most once per tick; null when it fails."""
        key = (name, path)
        if key in self._provided:
            value = self._provided[key]
            # What a document does to a list or map must not reach the next reader.
            return copy_value(value) if isinstance(value, list | dict) else value
        provider = self.snapshots.find(name)
        if provider is None:
            provider = self.providers.get(name)
        try:
            if isinstance(provider, Mapping):
                value = provider
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
        return copy_value(value) if isinstance(value, list | dict) else value

    def forget_provided(self, now_us: int) -> None:
        """Ask the providers again: a new tick, or a clock that moved to so many microseconds."""
        if self._provided:
            self._provided.clear()
        if self._source is not None:
            self.providers = self._source.pin(now_us, self.warn)
        self._ask_again()

    def forget_provider(self, name: str) -> None:
        """Another provider stands under a name, or none any more."""
        for key in [key for key in self._provided if key[0] == name]:
            del self._provided[key]
        self._ask_again()

    def _ask_again(self) -> None:
        self.base.forget_providers()
        if self.machine is not self.base:
            self.machine.forget_providers()

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
        result = self.evaluate(program, machine)
        return result if isinstance(result, str) else str(result)

    def evaluate(self, program: Program, machine: Machine, names: Mapping[str, Any] | None = None) -> Any:
        """The value of a text that was compiled at run time, over the names that a machine's current scope sees.

        Args:
            names: further names, before those of the scope.

        Raises:
            FaultError: it failed.
        """
        inner = Machine(program, self, limits=self.limits, random=self.random, host_functions=self.functions)
        inner.set_clock(machine.now)
        for number, slot in enumerate(program.slots):
            if slot.kind != "chain":
                continue
            if names is not None and slot.name in names:
                inner.set_slot(number, names[slot.name], 0)
            elif machine.find(slot.name) is not None:
                value = machine.get(slot.name)
                if value is not None:
                    inner.set_slot(number, value, 0)
        return inner.call(0)

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

    def subject(self, name: str) -> Any:
        """The binding participant that the first segment of a dotted name means."""
        if "." not in name:
            return None
        participants = self._groups.get("participants")
        return None if participants is None else copy_value(participants.get(name.split(".", 1)[0]))

    def continuation(self, name: str) -> Program | None:
        """The extension for a continuation point: one that was injected, else one registered for every arrival."""
        found = self.injected.get(name)
        return self.extensions.get(name) if found is None else found

    def extend(self, name: str) -> Extension:
        """The extension for a continuation point, made ready; one that was injected is used up.

        Raises:
            FaultError: it cannot be entered.
        """
        from .extension import Extension

        program = self.continuation(name)
        self.injected.pop(name, None)
        if program is None:
            raise FaultError(Fault("internal_error", f"the extension for '{name}' is gone"))
        made = Extension(self, program)
        self.entered.append(name)
        return made

    # ---------------------------------------------------------------- options

    def evaluate_options(self, now_ms: int | float) -> dict[str, dict[str, Any]]:
        """What the actor could do, by type (language 1.6); an option that fails is left out with a warning."""
        from .options import evaluate_options

        self.base.set_clock(now_ms)
        return evaluate_options(self.info.get("options") or {}, self.base.call, self.warn, int(now_ms))
