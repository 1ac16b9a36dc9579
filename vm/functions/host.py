"""Functions of the host: called by name with deep copies, their failures as faults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from abml.errors import AbmlError
from abml.values import ValueFault
from abml.vm.faults import ActionError, HostFault
from abml.vm.host_values import HostValueError, from_host, to_host


def arity(function: Callable[..., Any]) -> tuple[int, int | None]:
    """Fewest and most positional arguments of a function, (0, None) when they cannot be told.

    Plain functions, bound methods and objects with such a `__call__` are
    looked at without importing `inspect`.
    """
    # A bound method shows the attributes of its function, so it is asked for first.
    target: Any = getattr(function, "__func__", None)
    skipped = 1
    if target is None and hasattr(function, "__code__"):
        target, skipped = function, 0
    elif target is None:
        target = getattr(type(function), "__call__", None)  # noqa: B004
    code, defaults = getattr(target, "__code__", None), getattr(target, "__defaults__", None)
    if code is None or hasattr(target, "__wrapped__"):
        return 0, None
    most = code.co_argcount - skipped
    fewest = max(most - len(defaults or ()), 0)
    takes_more = bool(code.co_flags & 0x04)
    return fewest, None if takes_more else max(most, 0)


class HostFunctionError(AbmlError, ValueError):
    """Host functions that cannot be offered; the message says which."""


class HostFunctions:
    """The functions a host offers to programs, found by name without regard to case.

    Raises:
        HostFunctionError: (when made) two names differ in case only, or one cannot be called.
    """

    __slots__ = ("_functions",)

    def __init__(self, functions: Mapping[str, Callable[..., Any]] | None = None) -> None:
        self._functions: dict[str, tuple[Callable[..., Any], int, int | None]] = {}
        for name, function in (functions or {}).items():
            key = name.lower()
            if key in self._functions:
                raise HostFunctionError(f"two host functions are named '{name}', names do not differ by case")
            if not callable(function):
                raise HostFunctionError(f"the host function '{name}' cannot be called")
            self._functions[key] = (function, *arity(function))

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._functions

    def names(self) -> frozenset[str]:
        """All names in lower case."""
        return frozenset(self._functions)

    def arity(self, name: str) -> tuple[int, int | None]:
        """Fewest and most arguments of a function; None for no upper bound."""
        return self._functions[name.lower()][1:]

    def call(self, name: str, args: list[Any]) -> Any:
        """The value of a call.

        Raises:
            ValueFault: `unknown_function`, `argument_error` for a wrong count,
                `action_failed` (a `HostFault`) for whatever goes wrong in the host.
        """
        found = self._functions.get(name.lower())
        if found is None:
            raise ValueFault("unknown_function", f"the host has no function '{name}'")
        function, fewest, most = found
        if len(args) < fewest or (most is not None and len(args) > most):
            wanted = f"at least {fewest}" if most is None else str(fewest) if fewest == most else f"{fewest} to {most}"
            raise ValueFault("argument_error", f"{name} takes {wanted} arguments, got {len(args)}")
        try:
            return from_host(function(*[to_host(arg) for arg in args]), f"{name}()")
        except HostValueError as error:
            raise HostFault("action_failed", error.message, type_name=type(error).__name__) from None
        except ActionError as error:
            raise HostFault(
                "action_failed", f"{name}: {error.message}", type_name=type(error).__name__, extra=error.extra
            ) from error
        except Exception as error:
            kind = type(error).__name__
            raise HostFault("action_failed", f"{name}: {str(error) or kind}", type_name=kind) from error
