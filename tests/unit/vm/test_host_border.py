"""What crosses the border of the VM: values, faults, clocks, host functions."""

from __future__ import annotations

import datetime
import enum
from collections import OrderedDict
from types import MappingProxyType
from typing import Any

import pytest

from abml.errors import AbmlError
from abml.source import Span
from abml.values import Duration, Provider, ValueFault
from abml.vm.clock import HostClock, VirtualClock
from abml.vm.faults import ActionError, Fault, HostFault
from abml.vm.functions.host import HostFunctionError, HostFunctions, arity
from abml.vm.host_values import HostValueError, from_host, to_host
from abml.vm.protocols import Clock

# --------------------------------------------------------------------- values


class Tide(enum.IntEnum):
    LOW = 1


class Name(str):
    """A text class of a host."""

    __slots__ = ()


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (Tide.LOW, 1),
        (Name("x"), "x"),
        (OrderedDict(a=1), {"a": 1}),
        (MappingProxyType({"a": (1, 2)}), {"a": [1, 2]}),
        (datetime.timedelta(days=-1, seconds=1, microseconds=5), Duration(-86_399_000_000 + 5)),
        (-(2**63) - 1, float(-(2**63))),
        (-(10**400), float("-inf")),
        ("naïve 😀", "naïve 😀"),
        ({Name("k"): Tide.LOW}, {"k": 1}),
    ],
)
def test_from_host(value: Any, wanted: Any) -> None:
    found = from_host(value)
    assert found == wanted
    assert type(found) is type(wanted)
    if isinstance(found, dict):
        assert all(type(key) is str for key in found)


def test_from_host_reads_numpy_values() -> None:
    numpy = pytest.importorskip("numpy")
    found = from_host({"a": numpy.arange(3), "b": [numpy.float32(0.5), numpy.int64(7), numpy.bool_(True)]})
    assert found == {"a": [0, 1, 2], "b": [0.5, 7, True]}
    assert [type(item) for item in found["b"]] == [float, int, bool]
    many = from_host([numpy.arange(2) for _ in range(50)] + [numpy.arange(3)])
    assert many == [[0, 1]] * 50 + [[0, 1, 2]]


def test_sharing_is_kept_and_cycles_only_go_out() -> None:
    shared = [1]
    found = from_host({"a": shared, "b": shared})
    assert found["a"] is found["b"] and found["a"] is not shared
    loop: list[Any] = []
    loop.append(loop)
    out = to_host(loop)
    assert out is not loop and out[0] is out
    with pytest.raises(HostValueError, match="contains itself"):
        from_host(loop)


def test_from_host_does_not_explode_on_sharing() -> None:
    value: Any = []
    for _ in range(150):
        value = [value, value]
    assert len(from_host(value)) == 2


def test_from_host_limits() -> None:
    with pytest.raises(HostValueError, match="more than 1000000 elements"):
        from_host([[0] * 600_000, [0] * 600_000])
    with pytest.raises(HostValueError, match=r"scope\.a\[0\]: set is no value") as caught:
        from_host({"a": [{1}]}, "scope")
    assert isinstance(caught.value, AbmlError)


def test_to_host_gives_the_root_of_a_provider() -> None:
    class Crew(Provider):
        def root(self) -> Any:
            return {"size": 4}

    assert to_host(Crew()) == {"size": 4}
    assert from_host(Crew()) == {"size": 4}


# --------------------------------------------------------------------- faults


def test_fault_as_map_and_back() -> None:
    fault = Fault(
        "action_failed", "no oil", "main", "lamp", "left", Span("a.yml", 4, 1, 4, 2), "OSError", {"status_code": 7}
    )
    error = fault.with_handler_error("worse").to_map()
    assert error["line"] == 4 and error["handler_error"] == "worse" and error["status_code"] == 7
    assert Fault.from_map(error, fault.span) == fault.with_handler_error("worse")
    assert "handler_error" not in fault.to_map()
    raised = fault.to_exception()
    assert (raised.kind, raised.code, raised.message, raised.details) == (
        "action_failed",
        "ABML910",
        "no oil",
        {"status_code": 7},
    )


@pytest.mark.parametrize(
    ("kind", "code", "is_catchable"),
    [("type_error", "ABML903", True), ("limit_exceeded", "ABML921", False), ("what", "ABML929", False)],
)
def test_fault_kinds(kind: str, code: str, is_catchable: bool) -> None:
    fault = Fault(kind, "")
    assert (fault.code, fault.is_catchable) == (code, is_catchable)


def test_fault_of_operators_and_hosts() -> None:
    fault = Fault.from_value_fault(ValueFault("type_error", "no"), flow="main")
    assert (fault.kind, fault.message, fault.flow, fault.type_name) == ("type_error", "no", "main", None)
    fault = Fault.from_value_fault(HostFault("action_failed", "no", type_name="OSError", extra={"a": 1}), action="x")
    assert (fault.type_name, fault.extra, fault.action) == ("OSError", {"a": 1}, "x")


# --------------------------------------------------------------------- clocks


def test_virtual_clock() -> None:
    clock = VirtualClock(5)
    clock.advance(1_999)
    assert (clock.now_us(), clock.now_ms()) == (6_999, 6)
    clock.advance_to(6_000)
    assert clock.micros == 6_999
    clock.advance_to(7_000)
    assert clock.now_ms() == 7
    with pytest.raises(ValueError, match="does not go back"):
        clock.advance(-1)
    assert isinstance(clock, Clock) and isinstance(HostClock(), Clock)
    assert abs(HostClock().now_us() / 1000 - HostClock().now_ms()) < 60_000


# ------------------------------------------------------------- host functions


class Scale:
    def weigh(self, load: Any, unit: str = "kg") -> str:
        return f"{load}{unit}"

    def __call__(self, load: Any) -> Any:
        return load


@pytest.mark.parametrize(
    ("function", "wanted"),
    [
        (lambda: 1, (0, 0)),
        (lambda a, b=1: 1, (1, 2)),
        (lambda a, *rest: 1, (1, None)),
        (Scale().weigh, (1, 2)),
        (Scale(), (1, 1)),
        (len, (0, None)),
    ],
)
def test_arity(function: Any, wanted: tuple[int, int | None]) -> None:
    assert arity(function) == wanted


def test_host_functions_get_copies() -> None:
    seen: list[Any] = []

    def tally(items: Any) -> Any:
        seen.append(items)
        return items

    functions = HostFunctions({"Tally": tally})
    given = [1]
    found = functions.call("TALLY", [given])
    assert found == [1] and found is not given and seen[0] is not given and found is not seen[0]
    assert "tally" in functions and functions.names() == {"tally"} and functions.arity("tally") == (1, 1)


def host_fault(function: Any, *args: Any) -> ValueFault:
    with pytest.raises(ValueFault) as caught:
        HostFunctions({"f": function}).call("f", list(args))
    return caught.value


def test_failures_of_host_functions() -> None:
    fault = host_fault(lambda x: 1 / x, 0)
    assert isinstance(fault, HostFault) and fault.kind == "action_failed"
    assert fault.message == "f: division by zero" and fault.type_name == "ZeroDivisionError"

    def refuses() -> None:
        raise ActionError("closed", status_code=423)

    fault = host_fault(refuses)
    assert isinstance(fault, HostFault) and fault.extra == {"status_code": 423} and fault.message == "f: closed"
    assert host_fault(lambda: {1}).message == "f(): set is no value of the language"
    assert host_fault(lambda: 1, 1).kind == "argument_error"
    assert host_fault(lambda a, *b: 1).message == "f takes at least 1 arguments, got 0"

    async def slow() -> None:
        """Never runs."""

    assert "awaitable" in host_fault(slow).message
    with pytest.raises(ValueFault) as caught:
        HostFunctions().call("f", [])
    assert caught.value.kind == "unknown_function"


def test_impossible_host_functions() -> None:
    with pytest.raises(HostFunctionError, match="case"):
        HostFunctions({"a": len, "A": len})
    with pytest.raises(HostFunctionError, match="called"):
        HostFunctions({"a": 5})  # type: ignore[dict-item]
