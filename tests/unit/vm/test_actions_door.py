"""The action pipeline: registration, dispatch, outcomes, middleware, gates."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from abml.actions import FORBIDDEN_ACTIONS, ParamSpec
from abml.errors import AbmlError
from abml.source import Span
from abml.values import Duration
from abml.vm.actions import (
    Action,
    ActionContext,
    ActionRegistry,
    ActionRegistryError,
    Denied,
    Done,
    Failed,
    Middleware,
    Outcome,
    Pending,
    Proceed,
    Unhandled,
    dispatch,
    dispatch_route,
    finish,
    make_action,
    settled,
)
from abml.vm.actions.gates import GateRequest, Gates
from abml.vm.actions.middleware import ActionLimit, Audit, Metrics, Tap
from abml.vm.faults import ActionError
from abml.vm.host_values import HostValueError
from abml.vm.random import Random


def through(registry: ActionRegistry, name: str, params: dict[str, Any] | None = None, **more: Any) -> Outcome:
    """Dispatch an action with a plain context."""
    now_ms = more.pop("now_ms", 0)
    action = Action(name, params or {}, **more)
    return dispatch(registry, action, ActionContext(action, now_ms=now_ms))


def with_handler(handler: Any, name: str = "lamp") -> ActionRegistry:
    registry = ActionRegistry()
    registry.register(name, handler)
    return registry


def failed(outcome: Outcome, kind: str, says: str = "") -> Failed:
    assert isinstance(outcome, Failed), outcome
    assert outcome.kind == kind
    assert says in outcome.message
    return outcome


# ------------------------------------------------------------- what handlers give


def test_value_is_a_copy() -> None:
    kept: dict[str, Any] = {"oil": [1, (2, 3)]}
    outcome = through(with_handler(lambda action, context: kept), "lamp")
    assert isinstance(outcome, Done)
    assert outcome.value == {"oil": [1, [2, 3]]}
    outcome.value["oil"].append(4)
    assert kept == {"oil": [1, (2, 3)]}


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (None, None),
        (True, True),
        (2**63, 2.0**63),
        (10**400, float("inf")),
        ((1, 2), [1, 2]),
        (Duration(5), Duration(5)),
        ([[], {}], [[], {}]),
    ],
)
def test_values_of_handlers(value: Any, wanted: Any) -> None:
    outcome = through(with_handler(lambda action, context: value), "lamp")
    assert isinstance(outcome, Done)
    assert outcome.value == wanted
    assert type(outcome.value) is type(wanted)


def cyclic() -> list[Any]:
    loop: list[Any] = []
    loop.append({"again": loop})
    return loop


def deep() -> list[Any]:
    made: list[Any] = []
    for _ in range(100_000):
        made = [made]
    return made


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (object(), "the result: object is no value"),
        ({"a": [1, {2}]}, "the result.a[1]: set is no value"),
        ({1: "a"}, "the key int 1 is not a text"),
        ({float("nan"): 1}, "the key float nan is not a text"),
        ({"a": {None: 1}}, "the result.a: the key NoneType"),
        (b"bytes", "bytes is no value"),
        ("\ud800", "surrogate"),
        (cyclic(), "[0].again: the value contains itself"),
        (deep(), "nested deeper than"),
        (lambda: None, "function is no value"),
    ],
)
def test_nonsense_of_handlers(value: Any, says: str) -> None:
    outcome = failed(through(with_handler(lambda action, context: value), "lamp"), "action_failed", says)
    assert outcome.type_name == "HostValueError"


class LampError(ActionError):
    """An error class of a host."""


def test_exceptions_of_handlers() -> None:
    def raises(action: Action, context: ActionContext) -> None:
        raise action.params["error"]

    registry = with_handler(raises)
    outcome = failed(through(registry, "lamp", {"error": KeyError("wick")}), "action_failed", "wick")
    assert outcome.type_name == "KeyError"
    assert failed(through(registry, "lamp", {"error": RuntimeError()}), "action_failed").message == "RuntimeError"
    error = LampError("no oil", status_code=404, place={"x": (1, 2)}, bad=object())
    outcome = failed(through(registry, "lamp", {"error": error}), "action_failed", "no oil")
    assert outcome.type_name == "LampError"
    assert outcome.extra["status_code"] == 404
    assert outcome.extra["place"] == {"x": [1, 2]}
    assert "object is no value" in outcome.extra["bad"]


def test_interrupts_pass_through() -> None:
    def interrupt(action: Action, context: ActionContext) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        through(with_handler(interrupt), "lamp")


def test_an_exception_without_a_text() -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise ValueError

    def raises(action: Action, context: ActionContext) -> None:
        raise Mute

    assert failed(through(with_handler(raises), "lamp"), "action_failed").message == "Mute"


def test_a_failure_becomes_a_fault() -> None:
    action = Action("lamp", {}, flow="main", channel="left")
    span = Span("a.yml", 3, 5, 3, 9)
    fault = Failed("action_failed", "no oil", "LampError", {"status_code": 404, "kind": "mine"}).to_fault(action, span)
    assert fault.to_map() == {
        "message": "no oil",
        "kind": "action_failed",
        "code": "ABML910",
        "flow": "main",
        "action": "lamp",
        "channel": "left",
        "line": 3,
        "type": "LampError",
        "status_code": 404,
    }


# ------------------------------------------------------------------- context


def test_context_reads_and_writes_the_scope() -> None:
    scope: dict[str, Any] = {"crew": [1]}
    logs: list[tuple[str, str, Any]] = []

    def handler(action: Action, context: ActionContext) -> Any:
        crew = context.get("crew")
        crew.append(2)
        context.set("seen", (crew, context.now_ms))
        context.log("done", level="debug", data={"n": 1})
        assert context.random.random() == Random(4).random()
        return [context.name, context.actor_id, context.tick, context.flow, context.channel, context.get("none")]

    registry = with_handler(handler, "a.b")
    action = Action("a.b", {}, "guard-1", "plan", 9, "main", "left")
    context = ActionContext(
        action,
        now_ms=70,
        random=Random(4),
        read=scope.get,
        write=scope.__setitem__,
        log=lambda *record: logs.append(record),
    )
    outcome = dispatch(registry, action, context)
    assert isinstance(outcome, Done)
    assert outcome.value == ["a.b", "guard-1", 9, "main", "left", None]
    assert scope == {"crew": [1], "seen": [[1, 2], 70]}
    assert logs == [("debug", "done", {"n": 1})]


def test_context_refuses_nonsense() -> None:
    context = ActionContext(Action("lamp", {}))
    with pytest.raises(HostValueError, match="oil: set is no value"):
        context.set("oil", {1})
    with pytest.raises(ActionError, match="no scope"):
        context.set("oil", 1)
    assert context.get("oil") is None


def test_make_action_copies() -> None:
    params = {"a": [1]}
    action = make_action("lamp", params, origin="drive", tick=3)
    params["a"].append(2)
    assert (action.params, action.origin, action.tick) == ({"a": [1]}, "drive", 3)


# ------------------------------------------------------------------- registry


def test_names_are_found_whole_then_after_the_dot_then_by_the_catch_all() -> None:
    registry = ActionRegistry()
    registry.register("dim", lambda action, context: "dim")
    registry.register("lamp.dim", lambda action, context: "lamp.dim")
    found = [through(registry, name) for name in ("lamp.dim", "torch.dim", "dim", "a.b.dim", "Dim")]
    assert [getattr(outcome, "value", None) for outcome in found] == ["lamp.dim", "dim", "dim", None, None]
    assert isinstance(found[3], Unhandled)
    registry.register("*", lambda action, context: f"any {action.name}")
    assert getattr(through(registry, "a.b.dim"), "value", None) == "any a.b.dim"
    assert registry.unregister("*") and not registry.unregister("*")
    assert isinstance(through(registry, "Dim"), Unhandled)
    assert "dim" in registry and len(registry) == 2
    assert [entry.name for entry in registry] == ["dim", "lamp.dim"]


def test_policies_for_unknown_actions() -> None:
    recorded = through(ActionRegistry(), "nosuch")
    assert isinstance(recorded, Unhandled) and recorded.is_recorded and recorded.value is None
    ignored = through(ActionRegistry("ignore"), "nosuch")
    assert isinstance(ignored, Unhandled) and not ignored.is_recorded
    failed(through(ActionRegistry("error"), "nosuch"), "unknown_action", "'nosuch'")
    with pytest.raises(ActionRegistryError, match="policy"):
        ActionRegistry("maybe")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "name", [*sorted(FORBIDDEN_ACTIONS), "HTTP_Call", "deep.inside.Api_Call", "publish_event", "x.PUBLISH_EVENT"]
)
def test_forbidden_names(name: str) -> None:
    registry = ActionRegistry()
    registry.register("*", lambda action, context: "performed")
    failed(through(registry, name), "forbidden_action", name)
    with pytest.raises(ActionRegistryError, match="forbidden"):
        registry.register(name, lambda action, context: None)


def test_publish_is_refused_with_a_topic_only() -> None:
    registry = with_handler(lambda action, context: "sent", "publish")
    assert isinstance(through(registry, "publish", {"event": "lamp.lit"}), Done)
    failed(through(registry, "publish", {"topic": "a.b"}), "forbidden_action")
    failed(through(registry, "Harbour.Publish", {"topic": "a.b"}), "forbidden_action")


def test_a_host_may_forbid_more() -> None:
    registry = ActionRegistry(forbidden=["Cheat"])
    registry.register("*", lambda action, context: None)
    failed(through(registry, "god.cheat"), "forbidden_action")


def test_registration_errors() -> None:
    registry = ActionRegistry()
    for name, handler in [("", len), (5, len), ("lamp", None), ("lamp", "text")]:
        with pytest.raises(ActionRegistryError):
            registry.register(name, handler)  # type: ignore[arg-type]
    assert issubclass(ActionRegistryError, AbmlError)
    registry.register_all({"a": lambda action, context: 1, "b": lambda action, context: 2})
    assert len(registry) == 2


def test_specs_for_tools() -> None:
    registry = ActionRegistry()
    registry.register("move_to", lambda action, context: None)
    registry.register("weigh", lambda action, context: None, params={"load": "number", "unit": ParamSpec("unit")})
    specs = {entry.name: entry.spec for entry in registry}
    assert specs["move_to"].primary == "target"
    assert [param.type for param in specs["weigh"].params.values()] == ["number", "any"]


def test_routes() -> None:
    registry = ActionRegistry()
    registry.register("ledger_append", lambda action, context: [action.name, action.params], route="/ledger/append")
    asked = Action("call", {}, flow="main")
    context = ActionContext(asked)
    outcome = dispatch_route(registry, "/ledger/append", {"page": 4}, asked, context)
    assert isinstance(outcome, Done)
    assert outcome.value == ["ledger_append", {"page": 4}]
    failed(dispatch_route(registry, "/vault/open", {}, asked, context), "forbidden_action", "/vault/open")
    registry.unregister("ledger_append")
    failed(dispatch_route(registry, "/ledger/append", {}, asked, context), "forbidden_action")
    with pytest.raises(ActionRegistryError, match="must start"):
        registry.register("x", lambda action, context: None, route="vault")


# -------------------------------------------------------------------- pending


async def later(action: Action, context: ActionContext) -> Any:
    await asyncio.sleep(0)
    if "error" in action.params:
        raise ActionError("too late", status_code=408)
    return action.params.get("value")


def test_async_handlers_are_pending() -> None:
    registry = with_handler(later)
    outcome = through(registry, "lamp", {"value": (1, 2)})
    assert isinstance(outcome, Pending)
    final = finish(outcome)
    assert isinstance(final, Done) and final.value == [1, 2]
    assert outcome.outcome is final
    outcome = through(registry, "lamp", {"error": True})
    assert isinstance(outcome, Pending)
    assert failed(asyncio.run(settled(outcome)), "action_failed", "too late").extra == {"status_code": 408}
    outcome = through(registry, "lamp", {"value": {1}})
    assert isinstance(outcome, Pending)
    failed(finish(outcome), "action_failed", "set is no value")


def test_a_handler_may_answer_later() -> None:
    waiting: list[Pending] = []

    def handler(action: Action, context: ActionContext) -> Pending:
        waiting.append(Pending(token=7))
        return waiting[-1]

    outcome = through(with_handler(handler), "lamp")
    assert isinstance(outcome, Pending) and outcome.token == 7 and outcome.outcome is None
    heard: list[Any] = []
    outcome.on_settled(heard.append)
    assert waiting[0].answer((1,))
    assert not waiting[0].answer(2)
    assert [one.value for one in heard] == [[1]]
    outcome.on_settled(heard.append)
    assert len(heard) == 2

    pending = Pending()
    assert pending.fail("broken", status_code=500)
    assert isinstance(pending.outcome, Failed) and pending.outcome.extra == {"status_code": 500}
    failed(finish(Pending()), "action_failed", "without an answer")


def test_cancel_closes_the_coroutine() -> None:
    # An unfinished coroutine would warn, and warnings are errors here.
    outcome = through(with_handler(later), "lamp")
    assert isinstance(outcome, Pending)
    outcome.cancel()
    assert isinstance(outcome.outcome, Failed) and outcome.outcome.kind == "cancelled"


def test_an_awaitable_inside_a_value_is_nonsense() -> None:
    outcome = through(with_handler(lambda action, context: [later(action, context)]), "lamp")
    failed(outcome, "action_failed", "awaitable")


# ----------------------------------------------------------------- middleware


class Note(Middleware):
    """Writes down what passes."""

    def __init__(self, name: str, notes: list[str]) -> None:
        self.name = name
        self.notes = notes

    def around(self, action: Action, context: ActionContext, proceed: Proceed) -> Outcome:
        self.notes.append(f"{self.name} in")
        outcome = proceed(action, context)
        self.notes.append(f"{self.name} out")
        return outcome

    def settled(self, action: Action, outcome: Any) -> None:
        self.notes.append(f"{self.name} {outcome.status}")


def test_order_of_middleware() -> None:
    notes: list[str] = []
    registry = with_handler(lambda action, context: notes.append("handler"))
    inner, outer = Note("inner", notes), Note("outer", notes)
    registry.use(inner)
    registry.use(outer, outermost=True)
    through(registry, "lamp")
    assert notes == ["outer in", "inner in", "handler", "inner out", "outer out", "outer done", "inner done"]
    notes.clear()
    registry.remove(outer)
    through(registry, "nosuch")
    assert notes == ["inner in", "inner out", "inner done"]


def test_middleware_hears_of_late_and_forbidden_outcomes() -> None:
    notes: list[str] = []
    registry = with_handler(later)
    registry.use(Note("n", notes))
    outcome = through(registry, "lamp")
    assert notes == ["n in", "n out"]
    assert isinstance(outcome, Pending)
    finish(outcome)
    assert notes[2:] == ["n done"]
    notes.clear()
    failed(through(registry, "http_call"), "forbidden_action")
    assert notes == ["n failed"]


class Rename(Middleware):
    def around(self, action: Action, context: ActionContext, proceed: Proceed) -> Outcome:
        return proceed(action._replace(name="api_call"), context)


class Broken(Middleware):
    def around(self, action: Action, context: ActionContext, proceed: Proceed) -> Outcome:
        raise OSError("disk")


def test_middleware_cannot_open_the_door_or_break_it() -> None:
    registry = with_handler(lambda action, context: None, "*")
    rename = Rename()
    registry.use(rename)
    failed(through(registry, "lamp"), "forbidden_action")
    registry.remove(rename)
    registry.use(Broken())
    failed(through(registry, "lamp"), "internal_error", "Broken failed: disk")


def test_origins_meet_the_same_handler() -> None:
    seen: list[tuple[str, str]] = []
    registry = with_handler(lambda action, context: seen.append((action.name, action.origin)))
    for origin in ("behavior", "drive", "directive", "plan"):
        assert isinstance(through(registry, "lamp", origin=origin), Done)
    assert [origin for _, origin in seen] == ["behavior", "drive", "directive", "plan"]


def test_audit_metrics_tap_and_limit() -> None:
    registry = ActionRegistry()
    registry.register("lamp", lambda action, context: None)
    registry.register("break", lambda action, context: 1 / 0)
    records: list[Any] = []
    metrics, tap, limit = Metrics(), Tap(), ActionLimit(3)
    for middleware in (Audit(records.append), metrics, tap, limit):
        registry.use(middleware)
    seen: list[Any] = []
    stop = tap.watch("a", lambda action, outcome: seen.append((action.name, outcome and outcome.status)))
    for name in ("lamp", "break", "nosuch", "lamp"):
        through(registry, name, actor_id="a", tick=1)
    assert [(r.action.name, r.outcome, r.detail) for r in records] == [
        ("lamp", "done", None),
        ("break", "failed", "action_failed"),
        ("nosuch", "unhandled", None),
        ("lamp", "failed", "limit_exceeded"),
    ]
    assert metrics.counts["lamp"] == {"started": 2, "done": 1, "failed": 1}
    assert seen[:4] == [("lamp", None), ("lamp", "done"), ("break", None), ("break", "failed")]
    stop()
    seen.clear()
    assert isinstance(through(registry, "lamp", actor_id="a", tick=2), Done)
    assert isinstance(through(registry, "lamp", actor_id="b", tick=1), Done)
    assert seen == []
    limit.forget("a")


# ---------------------------------------------------------------------- gates


def gated(announce: Any = None) -> tuple[ActionRegistry, Gates, list[str]]:
    done: list[str] = []

    def perform(action: Action, context: ActionContext) -> str:
        done.append(action.name)
        return action.name

    registry = ActionRegistry()
    registry.register("*", perform)
    gates = Gates(announce)
    gates.set_gates("guard", ["attack", "steal"])
    registry.use(gates)
    return registry, gates, done


def test_ungated_actions_and_drives_pass() -> None:
    registry, gates, done = gated()
    assert isinstance(through(registry, "walk", actor_id="guard"), Done)
    assert isinstance(through(registry, "attack", actor_id="other"), Done)
    assert isinstance(through(registry, "attack", actor_id="guard", origin="drive"), Done)
    assert done == ["walk", "attack", "attack"]
    assert gates.request_of("guard") is None
    assert gates.gates_of("guard") == {"attack", "steal"}


def test_approve_and_deny() -> None:
    asked: list[dict[str, Any]] = []
    registry, gates, done = gated(lambda request: asked.append(request.to_map()))
    outcome = through(registry, "attack", {"target": "rat"}, actor_id="guard", now_ms=500)
    assert isinstance(outcome, Pending) and isinstance(outcome.token, GateRequest)
    assert asked == [
        {
            "request_id": 1,
            "actor_id": "guard",
            "action_type": "attack",
            "parameters": {"target": "rat"},
            "deadline_ms": 10_500,
        }
    ]
    assert not gates.decide("guard", 2, approve=True)
    assert not gates.decide("other", 1, approve=True)
    assert gates.decide("guard", 1, approve=True)
    assert not gates.decide("guard", 1, approve=False)
    assert isinstance(outcome.outcome, Done) and outcome.outcome.value == "attack"
    outcome = through(registry, "steal", actor_id="guard")
    assert gates.decide("guard", 2, approve=False, reason="no theft today")
    assert isinstance(outcome, Pending) and isinstance(outcome.outcome, Denied)
    assert outcome.outcome.value is None
    assert outcome.outcome.gate_map() == {"denied": True, "action": "steal", "reason": "no theft today"}
    assert done == ["attack"]


def test_one_request_at_a_time() -> None:
    asked: list[int] = []
    registry, gates, done = gated(lambda request: asked.append(request.id))
    first = through(registry, "attack", actor_id="guard")
    second = through(registry, "steal", actor_id="guard")
    assert asked == [1]
    assert not gates.decide("guard", 2, approve=True)
    gates.decide("guard", 1, approve=True)
    assert asked == [1, 2]
    gates.decide("guard", 2, approve=True)
    assert done == ["attack", "steal"]
    assert isinstance(first, Pending) and isinstance(second, Pending) and second.outcome is not None


def test_silence_and_absence_approve() -> None:
    registry, gates, done = gated()
    through(registry, "attack", actor_id="guard", now_ms=0)
    assert gates.expire(9_999) == 0
    assert gates.expire(10_000) == 1
    through(registry, "attack", actor_id="guard")
    gates.set_gates("guard", ["steal"])
    through(registry, "steal", actor_id="guard")
    gates.clear()
    assert done == ["attack", "attack", "steal"]
    assert gates.gates_of("guard") == frozenset()

    def unreachable(request: GateRequest) -> None:
        raise ConnectionError

    registry, gates, done = gated(unreachable)
    assert isinstance(through(registry, "attack", actor_id="guard"), Done)
    assert gates.request_of("guard") is None


def test_discarded_requests_are_not_performed() -> None:
    registry, gates, done = gated()
    outcome = through(registry, "attack", actor_id="guard")
    gates.discard("guard")
    assert isinstance(outcome, Pending) and isinstance(outcome.outcome, Failed)
    assert outcome.outcome.kind == "cancelled"
    assert gates.expire(10**9) == 0 and done == []


def test_an_approved_async_action() -> None:
    registry, gates, _ = gated()
    notes: list[str] = []
    registry.use(Note("n", notes), outermost=True)
    registry.register("attack", later)
    outcome = through(registry, "attack", {"value": 5}, actor_id="guard")
    assert isinstance(outcome, Pending)
    gates.decide("guard", 1, approve=True)
    assert outcome.outcome is None
    final = finish(outcome)
    assert isinstance(final, Done) and final.value == 5
    assert notes == ["n in", "n out", "n done"]
