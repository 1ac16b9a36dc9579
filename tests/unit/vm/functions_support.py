"""Calls of built-in functions in one line, for the tests of this folder."""

from __future__ import annotations

from typing import Any

import pytest

from abml.environment import Limits
from abml.values import ValueFault
from abml.vm.functions import Context, call, filter_function

NAN = float("nan")
INF = float("inf")
INT_MAX = 2**63 - 1
INT_MIN = -(2**63)
SMALL = Limits(max_list=1_000, max_map=1_000, max_text=4_096)


def run(name: str, *args: Any, ctx: Context | None = None) -> Any:
    """The value of a function for plain arguments."""
    return call(ctx or Context(), name, list(args))


def run_filter(name: str, *args: Any, ctx: Context | None = None) -> Any:
    """The value of a template filter; the first argument is what is filtered."""
    function = filter_function(name)
    assert function is not None, name
    return function(ctx or Context(), list(args))


def fault(kind: str, name: str, *args: Any, says: str = "", ctx: Context | None = None) -> ValueFault:
    """Expect a fault of a kind whose message names the function and holds `says`."""
    with pytest.raises(ValueFault) as caught:
        run(name, *args, ctx=ctx)
    assert caught.value.kind == kind
    assert name in caught.value.message
    assert says in caught.value.message
    return caught.value


def same(got: Any, wanted: Any) -> None:
    """Equal in value and in type at the top; NaN equals NaN."""
    assert type(got) is type(wanted), (got, wanted)
    assert got == wanted or (got != got and wanted != wanted), (got, wanted)
