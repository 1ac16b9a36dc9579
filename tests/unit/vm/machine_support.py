"""A host for machines without an instance, and short forms for tests with hand-written programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from abml.compiler.bytecode.assemble import assemble
from abml.compiler.bytecode.program import FunctionRef, Program, Site
from abml.environment import Limits
from abml.values import ValueFault
from abml.vm.core.machine import Machine
from abml.vm.faults import Fault

both_forms = pytest.mark.parametrize("dispatch", ["goto", "switch"])


class Host:
    """Keeps what it is told and answers from dictionaries."""

    def __init__(self, **names: Any) -> None:
        self.names = names
        self.logs: list[tuple[str, str, Any]] = []
        self.warnings: list[tuple[str, str]] = []
        self.acts: list[tuple[str, dict[str, Any], str | None]] = []
        self.signals: list[tuple[str, Any]] = []
        self.asked: list[tuple[str, tuple[str, ...]]] = []
        self.abandoned: list[Any] = []
        self.answers: dict[str, tuple[str, Any]] = {}
        self.functions: dict[str, Any] = {}
        self.extensions: dict[str, Any] = {}

    def resolve(self, name: str) -> Any:
        return self.names.get(name)

    def provide(self, name: str, path: tuple[str, ...]) -> Any:
        self.asked.append((name, path))
        value = self.names.get("provider_" + name)
        for step in path:
            value = value.get(step) if isinstance(value, dict) else None
        return value

    def log(self, level: str, message: str, data: Any) -> None:
        self.logs.append((level, message, data))

    def warn(self, kind: str, message: str) -> None:
        self.warnings.append((kind, message))

    def act(self, site: Site, params: dict[str, Any], flow: str | None, channel: str | None) -> tuple[str, Any]:
        self.acts.append((site.name, params, flow))
        return self.answers.get(site.name, ("done", None))

    def signal(self, name: str, payload: Any, source: str | None) -> None:
        self.signals.append((name, payload))

    def call_function(self, name: str, args: list[Any]) -> Any:
        return self.functions[name.lower()](*args)

    def continuation(self, name: str) -> Any:
        return self.extensions.get(name)

    def abandon(self, token: Any) -> None:
        self.abandoned.append(token)

    def render(self, text: str, machine: Machine) -> str:
        raise ValueFault("template_error", "no templates here")


def program(
    text: str,
    *,
    sites: Sequence[Site] = (),
    functions: Sequence[str | FunctionRef] = (),
    handlers: dict[str, list[dict[str, Any]]] | None = None,
    info: dict[str, Any] | None = None,
) -> Program:
    refs = [FunctionRef(item) if isinstance(item, str) else item for item in functions]
    return assemble(text, sites=sites, functions=refs, handlers=handlers, info={"entry": -1} | (info or {}))


def machine(source: str | Program, host: Host | None = None, **options: Any) -> Machine:
    """A machine for a listing or program; options of both."""
    rest = {key: options.pop(key) for key in ("sites", "functions", "handlers", "info") if key in options}
    if isinstance(options.get("limits"), dict):
        options["limits"] = Limits(**options["limits"])
    made = program(source, **rest) if isinstance(source, str) else source
    return Machine(made, host if host is not None else Host(), **options)


def run(source: str | Program, host: Host | None = None, *, now: int = 0, **options: Any) -> Machine:
    """A machine that ran the first flow until it stopped; `machine.outcome` cannot be forgotten: it must complete."""
    made = machine(source, host, **options)
    made.start(0)
    assert made.resume(now) == "completed", made.fault
    return made


def value(source: str | Program, host: Host | None = None, **options: Any) -> Any:
    return run(source, host, **options).value


def fault(source: str | Program, host: Host | None = None, **options: Any) -> Fault:
    made = machine(source, host, **options)
    made.start(0)
    assert made.resume(0) == "failed"
    found = made.fault
    assert isinstance(found, Fault)
    return found
