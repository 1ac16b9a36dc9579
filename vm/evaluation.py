"""Evaluation of single expressions and templates: a machine without a run."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any

from abml.compiler.bytecode.program import Program
from abml.environment import Limits
from abml.errors import AbmlSyntaxError
from abml.values import ValueFault

from .core.machine import FaultError, Machine
from .faults import HostFault
from .host_values import from_host, to_host
from .random import Random

Functions = Mapping[str, Callable[..., Any]]

# Checked once: an expression costs less than the check.
_LIMITS = Limits()


class ExpressionHost:
    """What an expression may ask for: given values, host functions, templates."""

    def __init__(
        self,
        scope: Mapping[str, Any],
        functions: Functions,
        now_ms: float,
        compile_template: Callable[[str], Program] | None,
    ) -> None:
        self.scope = scope
        self.compile_template = compile_template
        self.functions = {name.lower(): function for name, function in functions.items()}
        self.now_ms = now_ms
        self.warnings: list[tuple[str, str]] = []

    def resolve(self, name: str) -> Any:
        """A name that no variable has."""
        return int(self.now_ms) if name == "now" else None

    def provide(self, name: str, path: tuple[str, ...]) -> Any:
        return None

    def warn(self, kind: str, message: str) -> None:
        self.warnings.append((kind, message))

    def call_function(self, name: str, args: list[Any]) -> Any:
        """A host function; what it raises is an error of the expression."""
        try:
            result = self.functions[name.lower()](*(to_host(arg) for arg in args))
        except Exception as error:
            message = f"{name}: {error}" if str(error) else f"{name}: {type(error).__name__}"
            raise HostFault("action_failed", message, type_name=type(error).__name__) from error
        return from_host(result, f"the result of {name}")

    def render(self, text: str, machine: Machine) -> str:
        """A template built at run time sees the same names; it needs the compiler."""
        if self.compile_template is None:
            raise ValueFault("argument_error", "render: templates built at run time need the compiler")
        try:
            program = self.compile_template(text)
        except AbmlSyntaxError as error:
            raise ValueFault("argument_error", f"render: {error.diagnostics[0].message}") from None
        result: str = evaluate(
            program,
            self.scope,
            functions=self.functions,
            now_ms=self.now_ms,
            compile_template=self.compile_template,
        )
        return result


def evaluate(
    program: Program,
    scope: Mapping[str, Any] | None = None,
    *,
    functions: Functions | None = None,
    seed: int | None = None,
    now_ms: float | None = None,
    compile_template: Callable[[str], Program] | None = None,
) -> Any:
    """The value of unit 0 of a program made from an expression.

    Args:
        scope, functions, seed, now_ms: as for `abml.evaluate`.
        compile_template: turns a template built at run time into a program;
            None where no compiler is.

    Raises:
        AbmlRuntimeError: evaluating it failed.
    """
    now = time.time() * 1000 if now_ms is None else now_ms
    values = scope or {}
    host = ExpressionHost(values, functions or {}, now, compile_template)
    random = Random(secrets.randbits(64) if seed is None else seed)
    machine = Machine(program, host, random=random, limits=_LIMITS, host_functions=host.functions)
    machine.set_clock(now)
    for number, slot in enumerate(program.slots):
        if slot.name in values:
            machine.set_slot(number, from_host(values[slot.name], slot.name), 0)
    try:
        return to_host(machine.call(0))
    except FaultError as error:
        raise error.fault.to_exception() from None
