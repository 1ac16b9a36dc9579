"""Adapter for the conformance suite that lies beside this project: pure translation over the public API.

Run it with

    python ../shared/conformance/run.py --adapter tests/conformance/outside_adapter.py

The suite's own `adapter.py` defines every input and answer. What is missing
here is not offered by this project yet.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from typing import Any

import abml
from abml.result import jsonable
from abml.values import truthy
from abml.vm import planner
from abml.vm.clock import SteadyClock

# The suite's words for kinds of runtime errors; every other kind is "runtime".
_KINDS = {
    "argument_error": "argument_error",
    "division_by_zero": "division_by_zero",
    "null_access": "null_access",
    "type_error": "type",
    "not_iterable": "type",
    "unknown_function": "unknown_function",
    "limit_exceeded": "limit",
    "deadlock": "deadlock",
    "wait_timeout": "timeout",
    "await_timeout": "timeout",
    "global_timeout": "timeout",
    "cancelled": "cancelled",
}
# ... and for diagnostics; every other code is "syntax".
_CODES = {
    "ABML116": "limit",
    "ABML139": "limit",
    "ABML204": "unknown_function",
    "ABML205": "arity",
    "ABML220": "unresolved_import",
    "ABML221": "circular_import",
    "ABML230": "unresolved_import",
    "ABML804": "limit",
}


class AbmlError(Exception):
    """An error of the language, under the suite's word for its kind."""

    def __init__(self, kind: str, message: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


class HandlerFailure(Exception):
    """What the suite's scripted handlers and functions raise."""


def _translated(error: abml.AbmlError) -> AbmlError:
    if isinstance(error, abml.AbmlRuntimeError):
        return AbmlError(_KINDS.get(error.kind, "runtime"), error.message)
    if isinstance(error, abml.AbmlSyntaxError | abml.CompileError):
        errors = [d for d in error.diagnostics if d.severity == "error"] or error.diagnostics
        kind = _CODES.get(errors[0].code, "syntax") if errors else "syntax"
        return AbmlError(kind, "; ".join(d.message for d in errors))
    if isinstance(error, abml.AbmlPlanningError):
        return AbmlError("syntax" if error.code in ("ABML601", "ABML602") else "type", error.message)
    return AbmlError("runtime", str(error))


def _functions(described: Mapping[str, Mapping[str, Any]] | None) -> dict[str, Callable[..., Any]] | None:
    """The suite's functions, each with the signature it declares."""
    if not described:
        return None
    return {name: _function(spec) for name, spec in described.items()}


def _function(spec: Mapping[str, Any]) -> Callable[..., Any]:
    call = spec["call"]
    least, most = spec.get("min") or 0, spec.get("max")

    def function(*args: Any) -> Any:
        return call(*args)

    kinds = inspect.Parameter
    params = [kinds(f"a{i}", kinds.POSITIONAL_ONLY) for i in range(least)]
    if most is None:
        params.append(kinds("rest", kinds.VAR_POSITIONAL))
    else:
        params += [kinds(f"a{i}", kinds.POSITIONAL_ONLY, default=None) for i in range(least, most)]
    function.__signature__ = inspect.Signature(params)  # type: ignore[attr-defined]
    return function


def _plain(value: Any) -> Any:
    """Values of the language that the suite has no type for come as their text; NaN stays NaN."""
    return value if isinstance(value, float) else jsonable(value)


# --------------------------------------------------------------- expressions


def evaluate(expr: str, scope: Mapping[str, Any], *, functions: Any = None, mode: str = "value") -> Any:
    try:
        value = abml.evaluate(expr, dict(scope), functions=_functions(functions))
    except abml.AbmlError as error:
        raise _translated(error) from error
    return truthy(value) if mode == "condition" else _plain(value)


def render(template: str, scope: Mapping[str, Any]) -> str:
    try:
        return abml.render(template, dict(scope))
    except abml.AbmlError as error:
        raise _translated(error) from error


# ----------------------------------------------------------------- documents


def _resolver(files: Mapping[str, str] | None) -> Any:
    from abml.resolver import MappingResolver

    return MappingResolver(dict(files or {}))


def check(text: str, path: str, *, files: Mapping[str, str] | None = None) -> dict[str, Any]:
    found = abml.check(text, path=path, resolver=_resolver(files))
    words = [(d.severity, {"kind": _CODES.get(d.code, "syntax"), "message": d.message}) for d in found]
    errors = [word for severity, word in words if severity == "error"]
    # The suite has two shelves for what we sort into three.
    return {"ok": not errors, "errors": errors, "warnings": [word for severity, word in words if severity != "error"]}


def describe(text: str, path: str, *, files: Mapping[str, str] | None = None) -> dict[str, Any]:
    from normal_form import normal_form

    from abml.source import Source

    try:
        return normal_form(abml.parse(text, path=path), Source(text, path))
    except abml.AbmlError as error:
        raise AbmlError("load", str(error)) from error


def link(text: str, path: str, *, files: Mapping[str, str] | None = None) -> dict[str, Any]:
    own = describe(text, path)
    try:
        program = abml.compile(text, path=path, resolver=_resolver(files), lenient=True)
    except abml.AbmlError as error:
        raise AbmlError("load", str(error)) from error
    return {
        "version": own["version"],
        "metadata": own["metadata"],
        "flows": {name: own["flows"].get(name, {}) for name in program.flows},
        "goals": {name: dict(goal) for name, goal in program.goals.items()},
    }


# ----------------------------------------------------------------- execution


class _Context:
    """What the suite's handlers are given, over what ours are given."""

    def __init__(self, action: Any, context: Any) -> None:
        self.action = action.name
        self.channel = getattr(action, "channel", None)
        self.get = context.get
        self.set = context.set


def _handler(call: Callable[..., Any]) -> Callable[..., Any]:
    def handler(action: Any, context: Any) -> Any:
        return call(action.params, _Context(action, context))

    return handler


def run(
    text: str,
    *,
    path: str = "main.yml",
    files: Mapping[str, str] | None = None,
    flow: str | None = None,
    channels: Any = None,
    scope: Mapping[str, Any] | None = None,
    functions: Any = None,
    handlers: Any = None,
    options: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    options = dict(options or {})
    cancelled = bool(options.pop("cancelled", False))
    limit = options.pop("wait_timeout_ms", None)
    if options:
        raise NotImplementedError("options of a run: " + ", ".join(options))
    limits = None if limit is None else {"wait_timeout": f"{limit}ms"}
    # The document's own channels start by the entry rules.
    named = None if channels == "document" else channels
    own_functions = _functions(functions)
    try:
        program = abml.compile(text, path=path, resolver=_resolver(files), functions=own_functions, lenient=True)
        result = abml.run(
            program,
            flow=flow,
            channels=named,
            limits=limits,
            cancelled=cancelled,
            scope=dict(scope or {}),
            functions=own_functions,
            handlers={name: _handler(call) for name, call in (handlers or {}).items()},
            lenient=True,
        )
    except abml.AbmlError as error:
        raise _translated(error) from error
    error = result.error
    return {
        "ok": result.status == "completed",
        "value": _plain(result.value),
        "error": None if error is None else f"{error['kind']}: {error['message']}",
        "logs": [{"message": log["message"], "level": log["level"]} for log in result.logs],
        "variables": jsonable(result.scope),
        "intents": [{**(jsonable(i.get("data")) or {}), **jsonable(dict(i))} for i in result.intents],
        "channel_values": jsonable(result.channel_results),
        "failed_channel": result.failed_channel,
    }


def compile_run(text: str, *, path: str = "main.yml", inputs: Any = None, options: Any = None) -> dict[str, Any]:
    try:
        program = abml.compile(text, path=path)
        result = abml.run(program, scope=dict(inputs or {}), seed=(options or {}).get("seed", 0))
    except abml.AbmlError as error:
        raise _translated(error) from error
    best: dict[str, Any] = {}
    for intent in result.intents:
        held = best.get(intent["channel"])
        if held is None or intent["urgency"] >= held["urgency"]:
            best[intent["channel"]] = intent
    return {
        "ok": result.status == "completed",
        "error": None if result.error is None else result.error["message"],
        "outputs": jsonable(result.scope),
        "intents": {
            channel: {key: jsonable(intent[key]) for key in ("action", "urgency", "target")}
            for channel, intent in best.items()
        },
    }


class _Cinematic:
    """One document driven across its continuation points by a clock that the steps move."""

    def __init__(self, text: str, path: str) -> None:
        self.program = abml.compile(text, path=path)
        self.registered: dict[str, Any] = {}
        self.now = 0.0
        self.reset()

    def reset(self) -> dict[str, Any]:
        from abml.vm.actor import Actor

        self.actor = Actor(self.program, now_ms=self.now, extensions=self.registered)
        return self._answer(None)

    def evaluate(self) -> dict[str, Any]:
        report = self.actor.tick(self.now)
        if report.failures:
            return {**self._answer("failed"), "message": report.failures[0].message}
        if self.actor.is_waiting:
            return self._answer("waiting")
        return self._answer("extension_executed" if report.extended else "completed", *report.extended[:1])

    def inject(self, point: str, extension: str) -> dict[str, Any]:
        accepted = self.actor.inject(point, abml.compile(extension))
        return {**self._answer(None), "accepted": accepted}

    def register(self, point: str, extension: str) -> dict[str, Any]:
        self.registered[point] = abml.compile(extension)
        self.actor.register(point, self.registered[point])
        return self._answer(None)

    def force_resume(self) -> dict[str, Any]:
        report = self.actor.force_default()
        return {**self._answer(None), "accepted": report is not None}

    def advance(self, ms: float) -> dict[str, Any]:
        self.now += ms
        self.actor.advance(self.now)
        return self._answer(None)

    def _answer(self, status: str | None, entered: str | None = None) -> dict[str, Any]:
        points = self.actor.continuation_points
        point = next(iter(points), entered)
        wake_at = points.get(point) if point is not None else None
        return {
            "status": status,
            "waiting": bool(points),
            "continuation_point": point,
            "timeout_ms": None if wake_at is None else wake_at - self.now,
            "message": None,
            "accepted": True,
            "outputs": jsonable(self.actor.variables()),
        }


def cinematic(text: str, steps: Any, *, path: str = "main.yml") -> Any:
    try:
        model = _Cinematic(text, path)
        return [
            getattr(model, step["do"])(**{key: step[key] for key in ("point", "extension", "ms") if key in step})
            for step in steps
        ]
    except abml.AbmlError as error:
        raise _translated(error) from error


def evaluate_options(text: str, scope: Mapping[str, Any], *, path: str = "main.yml") -> dict[str, Any]:
    from abml.vm.instance import Instance

    try:
        instance = Instance(abml.compile(text, path=path), scope=scope)
        instance.create()
    except abml.AbmlError as error:
        raise _translated(error) from error
    return {kind: jsonable(found["options"]) for kind, found in instance.evaluate_options(0).items()}


# ------------------------------------------------------------------ dialogue


def _folders(directories: Any) -> list[Any]:
    from abml.providers.folders import Folder

    return [Folder(item["files"], item["priority"]) for item in directories or []]


def _asked(action: Mapping[str, Any], locale: Any, scope: Any, directories: Any, **more: Any) -> Any:
    """A document of one action, run for what it hands to the host."""
    document = {"version": "3.0", "metadata": {"id": "asked"}, "flows": {"main": [action]}}
    try:
        return abml.run(
            json.dumps(document), scope=dict(scope or {}), dialogue=_folders(directories), locale=locale, **more
        )
    except abml.AbmlError as error:
        raise _translated(error) from error


def resolve_dialogue(reference: Any, *, locale: Any, scope: Any = None, directories: Any = None) -> dict[str, Any]:
    params = {"text": reference["text"], "dialogue_ref": reference.get("external") or "${null}"}
    params |= {key: reference[key] for key in ("speaker", "emotion") if key in reference}
    said = _asked({"speak": params}, locale, scope, directories).effects[0].params
    found = said["dialogue"]
    return {
        **{key: said.get(key) for key in ("text", "speaker", "emotion")},
        "source": found["source"],
        "locale": found["locale"],
        "matched_condition": found.get("condition"),
    }


def load_dialogue(external: str, *, directories: Any) -> dict[str, Any] | None:
    from abml.providers.dialogue import DialogueFiles

    file = DialogueFiles(_folders(directories)).load(external, lambda message: None)
    if file is None:
        return None
    return {"localizations": dict(file.localizations), "overrides": [item._asdict() for item in file.overrides]}


def resolve_options(options: Any, *, locale: Any, scope: Any = None, directories: Any = None) -> list[dict[str, Any]]:
    names = {
        "value": "value",
        "label": "label",
        "external": "label_ref",
        "condition": "condition",
        "default": "default",
    }
    rows = [{names[key]: value for key, value in option.items() if key in names} for option in options]
    asked = _asked({"choice": {"options": rows, "timeout": 1}}, locale, scope, directories).effects
    return asked[0].params["options"] if asked else []


def localize(key: str, *, locale: Any, sources: Any) -> dict[str, Any] | None:
    from abml.providers.localization import LocalizedStrings, StringSource

    strings = LocalizedStrings([StringSource(item["name"], item["files"], item["priority"]) for item in sources])
    found = strings.get(key, locale)
    return None if found is None else {"text": found.text, "locale": found.locale, "fallback": found.is_fallback}


# ---------------------------------------------------------------------- GOAP


def goap_condition(condition: Any, value: Any) -> dict[str, Any]:
    return goap_satisfies({"fact": value}, {"fact": condition})


def goap_effect(effect: Any, current: Any) -> Any:
    return goap_apply({"fact": current}, {"fact": effect}).get("fact")


def goap_apply(world: Mapping[str, Any], effects: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return dict(planner.WorldState(world).apply_effects(planner.read_effects(effects)))
    except abml.AbmlError as error:
        raise _translated(error) from error


def goap_satisfies(world: Mapping[str, Any], conditions: Mapping[str, Any]) -> dict[str, Any]:
    try:
        state, found = planner.WorldState(world), planner.read_conditions(conditions)
    except abml.AbmlError as error:
        raise _translated(error) from error
    return {"satisfied": planner.satisfied(found, state), "distance": planner.distance(found, state)}


def plan(world: Any, actions: Any, goal: Any, options: Any = None) -> dict[str, Any]:
    given = dict(options or {})
    is_cancelled = given.pop("cancelled", False)
    try:
        found = planner.search(
            world, goal, actions, options=given, clock=SteadyClock(), cancelled=lambda: bool(is_cancelled)
        )
    except abml.AbmlError as error:
        raise _translated(error) from error
    steps = [] if found.plan is None else [step.id for step in found.plan.actions]
    cost = None if found.plan is None else found.plan.cost
    return {"found": found.plan is not None, "actions": steps, "cost": cost, "nodes_expanded": found.nodes_expanded}


def validate_plan(plan: Any, index: int, world: Any, goals: Any = None) -> dict[str, Any]:
    problem = planner.Problem(planner.read_goal(plan["goal"]), planner.read_actions(plan["actions"]))
    state = planner.WorldState(world)
    steps = planner.plan_of(problem, state, range(len(problem.actions)), None, 0)
    found = planner.validate(steps, index, state, [planner.read_goal(goal) for goal in goals or ()])
    better = None if found.better_goal is None else found.better_goal.id
    return {"valid": found.valid, "reason": found.reason, "suggestion": found.suggestion, "better_goal": better}


def goap_extract(text: str, path: str) -> dict[str, Any]:
    form = describe(text, path)
    actions = [{"id": name, **flow["goap"]} for name, flow in form["flows"].items() if flow["goap"] is not None]
    goals = [{"id": name, **goal} for name, goal in form["goals"].items()]
    return {"goals": goals, "actions": actions, "has_goap": bool(goals or actions)}


def __getattr__(name: str) -> Callable[..., Any]:
    """Everything else that the suite asks for: this project has no door for it yet."""
    if name.startswith("_"):
        raise AttributeError(name)

    def unsupported(*_: Any, **__: Any) -> Any:
        raise NotImplementedError(name)

    return unsupported
