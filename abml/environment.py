"""Environment: what a host tells compiler and VM about itself, as plain data.

The environment is the seam between compile time and run time. It holds the
limits of appendix A, the host manifest of appendix B, the arities of host
functions and the registry of resource templates. Nothing here runs code of the
host, and nothing here imports a stage of the toolchain, so that compiler, VM
and tools all read the same values.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from abml.actions import ActionSpec, ParamSpec, find_action
from abml.errors import EnvironmentFault
from abml.resource_templates import ResourceTemplateSpec, TemplateRegistry, namespace_of
from abml.values import Duration, ValueFault, parse_duration

__all__ = [
    "Environment",
    "EnvironmentFault",
    "FunctionDecl",
    "Limits",
    "Manifest",
    "ResourceTemplateSpec",
    "TemplateRegistry",
    "namespace_of",
]

# The least value of each limit; a field that is not here has no minimum.
_MINIMUM: dict[str, int] = {
    "max_document_bytes": 64 * 1024,
    "max_nodes": 1_000,
    "max_constants": 256,
    "max_strings": 256,
    "max_flows": 16,
    "max_channels": 4,
    "max_locals": 32,
    "max_expression_depth": 16,
    "max_function_args": 16,
    "max_call_depth": 16,
    "max_gotos": 1,
    "max_loop_iterations": 1,
    "max_instructions_per_turn": 1_000,
    "max_instructions_per_tick": 1_000,
    "max_channel_cycles": 10,
    "max_mailbox": 8,
    "max_list": 1_000,
    "max_map": 1_000,
    "max_text": 4 * 1024,
    "max_log_entries": 16,
    "max_intents": 16,
    "max_effects": 16,
    "expression_cache": 0,
}


_NOTHING: dict[str, Any] = {}


class _LimitFields(NamedTuple):
    """The fields of `Limits`."""

    max_document_bytes: int = 4 * 1024 * 1024
    max_nodes: int = 200_000
    max_constants: int = 65_536
    max_strings: int = 65_536
    max_flows: int = 4_096
    max_channels: int = 64
    max_locals: int = 256
    max_expression_depth: int = 100
    max_function_args: int = 16
    max_call_depth: int = 128
    max_gotos: int = 10_000
    max_loop_iterations: int = 10_000
    max_instructions_per_turn: int = 100_000
    max_instructions_per_tick: int = 1_000_000
    max_channel_cycles: int = 10_000
    max_mailbox: int = 256
    max_list: int = 100_000
    max_map: int = 100_000
    max_text: int = 1024 * 1024
    max_log_entries: int = 10_000
    max_intents: int = 10_000
    max_effects: int = 10_000
    expression_cache: int = 10_000
    global_timeout: Duration | None = None
    wait_timeout: Duration | None = None


class Limits(_LimitFields):
    """The limits of appendix A; counts, bytes, and durations of the VM clock.

    Attributes:
        global_timeout: upper bound of a whole run, None for none.
        wait_timeout: upper bound of a wait without its own timeout, None for none.

    Raises:
        EnvironmentFault: a value is not an integer or below its minimum.
    """

    __slots__ = ()

    def __new__(cls, *args: Any, **values: Any) -> Limits:
        limits = super().__new__(cls, *args, **values)
        for name, least in _MINIMUM.items():
            value = getattr(limits, name)
            if type(value) is not int or value < least:
                raise EnvironmentFault(f"limit {name}: {value!r} is below the minimum {least}")
        for name in ("global_timeout", "wait_timeout"):
            value = getattr(limits, name)
            if value is not None and not isinstance(value, Duration):
                raise EnvironmentFault(f"limit {name}: {value!r} is not a duration")
        return limits

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Limits:
        """Limits from a mapping of names to values; timeouts also as seconds or duration text.

        Raises:
            EnvironmentFault: an unknown name, or a value that does not fit.
        """
        known = cls._fields
        values: dict[str, Any] = {}
        for name, value in data.items():
            if name not in known:
                raise EnvironmentFault(f"unknown limit {name!r}")
            values[name] = _duration(name, value) if name.endswith("_timeout") else value
        return cls(**values)

    @classmethod
    def strict_profile(cls) -> Limits:
        """The strict test profile: 30 s for a run, 5 s for a wait."""
        return cls(global_timeout=Duration(30_000_000), wait_timeout=Duration(5_000_000))


def _duration(name: str, value: Any) -> Duration | None:
    if value is None or isinstance(value, Duration):
        return value
    if isinstance(value, str):
        try:
            return parse_duration(value)
        except ValueFault as fault:
            raise EnvironmentFault(f"limit {name}: {fault.message}") from fault
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0:
        return Duration(round(value * 1_000_000))
    raise EnvironmentFault(f"limit {name}: {value!r} is not a duration")


_DEFAULT_LIMITS = Limits()


class FunctionDecl(NamedTuple):
    """A host function: its arity and what a checker may know of it.

    Attributes:
        params: declared type texts by position; may be shorter than `max_args`.
        max_args: None when there is no upper bound.
    """

    name: str
    min_args: int = 0
    max_args: int | None = None
    params: tuple[str, ...] = ()
    returns: str = "any"
    deterministic: bool = True


class Manifest(NamedTuple):
    """What a host offers (appendix B). Mappings keep the order of the file.

    Attributes:
        functions: by lower-case name, since function names ignore case.
        routes: route path -> action name.
        is_strict: the lists are complete; warnings marked in the language
            reference become errors.
    """

    external_signals: frozenset[str] = frozenset()
    facts: frozenset[str] = frozenset()
    providers: Mapping[str, str] = _NOTHING
    functions: Mapping[str, FunctionDecl] = _NOTHING
    events: frozenset[str] = frozenset()
    routes: Mapping[str, str] = _NOTHING
    actions: Mapping[str, ActionSpec] = _NOTHING
    is_strict: bool = False

    def action(self, name: str) -> ActionSpec | None:
        """The declared action of that name, else of the part after its first dot (language 8.1)."""
        spec = self.actions.get(name)
        if spec is None and "." in name:
            spec = self.actions.get(name.split(".", 1)[1])
        return spec

    def merged(self, later: Manifest) -> Manifest:
        """This manifest with the entries of a later one laid over it."""
        return Manifest(
            external_signals=self.external_signals | later.external_signals,
            facts=self.facts | later.facts,
            providers={**self.providers, **later.providers},
            functions={**self.functions, **later.functions},
            events=self.events | later.events,
            routes={**self.routes, **later.routes},
            actions={**self.actions, **later.actions},
            is_strict=self.is_strict or later.is_strict,
        )

    @classmethod
    def from_data(cls, data: Any) -> Manifest:
        """A manifest from the mapping of a YAML or JSON file.

        Raises:
            EnvironmentFault: an entry has the wrong shape.
        """
        top = _mapping("manifest", data)
        for key in top:
            if key not in _MANIFEST_KEYS and not str(key).startswith("x-"):
                raise EnvironmentFault(f"manifest: unknown key {key!r}")
        return cls(
            external_signals=frozenset(_texts("external_signals", top.get("external_signals"))),
            facts=frozenset(_texts("facts", top.get("facts"))),
            providers={str(k): str(v) for k, v in _mapping("providers", top.get("providers")).items()},
            functions={
                str(name).lower(): _function(str(name), entry)
                for name, entry in _mapping("functions", top.get("functions")).items()
            },
            events=frozenset(_texts("events", top.get("events"))),
            routes={str(k): str(v) for k, v in _mapping("routes", top.get("routes")).items()},
            actions={
                str(name): _action(str(name), entry) for name, entry in _mapping("actions", top.get("actions")).items()
            },
            is_strict=top.get("strict") is True,
        )


_MANIFEST_KEYS = frozenset(
    ("external_signals", "facts", "providers", "functions", "events", "routes", "actions", "strict")
)


def _mapping(what: str, value: Any) -> Mapping[Any, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise EnvironmentFault(f"{what}: expected a mapping, found {type(value).__name__}")
    return value


def _texts(what: str, value: Any) -> list[str]:
    if value is None:
        return []
    if isinstance(value, str):
        return [value]
    if not isinstance(value, (list, tuple)):
        raise EnvironmentFault(f"{what}: expected a list of texts, found {type(value).__name__}")
    return [str(item) for item in value]


def _function(name: str, entry: Any) -> FunctionDecl:
    data = _mapping(f"functions.{name}", entry)
    raw = data.get("params")
    if raw is not None and not isinstance(raw, (list, tuple)):
        raise EnvironmentFault(f"functions.{name}.params: expected a list")
    optional = data.get("optional", 0)
    if type(optional) is not int or optional < 0:
        raise EnvironmentFault(f"functions.{name}.optional: expected a count")
    params = tuple(str(item) for item in raw or ())
    return FunctionDecl(
        name=name,
        # Without `params` the host says nothing about the arity.
        min_args=max(len(params) - optional, 0),
        max_args=None if raw is None else len(params),
        params=params,
        returns=str(data.get("returns", "any")),
        deterministic=data.get("deterministic", True) is not False,
    )


def _action(name: str, entry: Any) -> ActionSpec:
    data = _mapping(f"actions.{name}", entry)
    params: dict[str, ParamSpec] = {}
    for key, value in _mapping(f"actions.{name}.params", data.get("params")).items():
        # `page: int` is short for `page: {type: int}`.
        spec = {"type": value} if isinstance(value, str) else _mapping(f"actions.{name}.params.{key}", value)
        type_text = str(spec.get("type", "any"))
        context = str(spec.get("context", "DU" if type_text == "duration" else "VA"))
        if context not in ("VA", "TX", "LI", "DU", "EX"):
            raise EnvironmentFault(f"actions.{name}.params.{key}: unknown context {context!r}")
        params[str(key)] = ParamSpec(
            name=str(key),
            context=context,
            type=type_text,
            required=spec.get("required", False) is True,
            default=spec.get("default"),
            aliases=tuple(_texts(f"actions.{name}.params.{key}.aliases", spec.get("aliases"))),
        )
    primary = data.get("primary")
    if primary is not None and primary not in params:
        raise EnvironmentFault(f"actions.{name}.primary: no parameter {primary!r}")
    mode = data.get("await", "allowed")
    if mode not in ("none", "allowed", "implicit"):
        raise EnvironmentFault(f"actions.{name}.await: expected none, allowed or implicit, found {mode!r}")
    result = data.get("result")
    return ActionSpec(
        name=name,
        params=params,
        primary=primary,
        open=data.get("open", True) is not False,
        await_mode=mode,
        result_type="any" if result is None else str(result),
        document_types=frozenset(_texts(f"actions.{name}.document_types", data.get("document_types"))),
        deterministic=data.get("deterministic", True) is not False,
    )


class Environment(NamedTuple):
    """Everything a check or a compilation may know about the host.

    Attributes:
        manifest: None when the host gave none; then any action is accepted.
        functions: host functions given directly, by lower-case name; they win
            over the manifest's.
        templates: None when no registry was loaded.
        is_strict: warnings marked in the language reference are errors.
        is_lenient: unresolved names are warnings and fail at run time.
    """

    limits: Limits = _DEFAULT_LIMITS
    manifest: Manifest | None = None
    functions: Mapping[str, FunctionDecl] = _NOTHING
    templates: TemplateRegistry | None = None
    is_strict: bool = False
    is_lenient: bool = False

    def function(self, name: str) -> FunctionDecl | None:
        """The host function of that name, any letter case."""
        key = name.lower()
        found = self.functions.get(key)
        if found is None and self.manifest is not None:
            found = self.manifest.functions.get(key)
        return found

    def action(self, name: str) -> ActionSpec | None:
        """The manifest's action of that name, else the standard one of language 8."""
        if self.manifest is not None:
            found = self.manifest.action(name)
            if found is not None:
                return found
        return find_action(name)

    def with_limits(self, limits: Limits) -> Environment:
        return self._replace(limits=limits)
