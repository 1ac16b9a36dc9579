"""Action lists and flows: order, guards, loops, transfers and the chain of handlers.

Everything that acts is a generator. It yields `("turn",)` after each leaf
action, so that channels and arms of `parallel` can alternate, and `("blocked",)`
while it waits; the fiber knows what for.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from abml import values
from abml.syntax import ast
from abml.values import ValueFault

from .actions import LEAVES
from .expressions import evaluate
from .faults import FlowGoto, FlowReturn, GuardStop, Leave, LoopBreak, LoopContinue, Raised, ReferenceFault
from .fiber import Fiber, Waiting
from .instance import Frame, FrameNames, Instance, is_text, take_text
from .scopes import Scope
from .targets import assign
from .templates import iterated
from .tracks import branch_target

Steps = Generator[tuple[Any, ...], None, Any]
_CONTROL = frozenset(
    ("cond", "if", "switch", "condition", "for_each", "repeat", "break", "continue")
    + ("call", "return", "goto", "branch", "parallel")
)


class FlowStop(Leave):
    """A handler did not acknowledge: the flow that contains it completes with null."""


def run_list(fiber: Fiber, actions: ast.ActionList, scope: Scope, frame: Frame) -> Steps:
    try:
        for action in actions.items:
            yield from run_action(fiber, action, scope, frame)
    except GuardStop:
        return


def run_action(fiber: Fiber, action: ast.Action, scope: Scope, frame: Frame) -> Steps:
    leaf = action.name not in _CONTROL
    try:
        try:
            if action.when is not None and not values.truthy(evaluate(action.when, FrameNames(frame, scope))):
                return
            if leaf:
                if fiber.acting:
                    # The turn's action failed, and this is the first one of its handler.
                    yield ("turn",)
                fiber.acting = True
            yield from perform(fiber, action, scope, frame)
        except ValueFault as fault:
            raise ReferenceFault(fault.kind, fault.message) from None
    except ReferenceFault as fault:
        raised = fault
        if not isinstance(raised, Raised):
            raised = Raised(fault, frame.flow_name, action.name, action.span.line, scope, frame.depth, fiber.name)
        if not raised.catchable or action.on_error is None:
            raise raised from None
        yield from handle(fiber, action.on_error, raised, scope, frame)
    if leaf and fiber.acting:
        fiber.acting = False
        yield ("turn",)


def handle(fiber: Fiber, handler: ast.ActionList, raised: Raised, scope: Scope, frame: Frame) -> Steps:
    """Run a handler of levels 1 to 3; returns when execution goes on after its owner."""
    fiber.run.machine.depth = frame.depth
    scope.vars["_error"] = raised.value()
    scope.vars["_error_handled"] = None
    try:
        yield from run_list(fiber, handler, scope, frame)
    except Raised as new:
        if not new.catchable:
            raise
        raised.handler_error = new.message
        # The frames inside the handler's owner are left.
        raised.scope, raised.depth = scope, frame.depth
        raise raised from None
    if scope.vars.get("_error_handled") is not True:
        raise FlowStop


def run_flow(fiber: Fiber, frame: Frame) -> Steps:
    """The body of a flow with its own handler; in the bottom frame the document's too."""
    handler = frame.flow.on_error
    try:
        for action in frame.flow.actions.items:
            try:
                yield from run_action(fiber, action, frame.scope, frame)
            except Raised as raised:
                if not raised.catchable:
                    raise
                try:
                    if handler is None:
                        raise
                    yield from handle(fiber, handler, raised, frame.scope, frame)
                except Raised as still:
                    if not still.catchable or not frame.bottom:
                        raise
                    yield from document_handler(fiber, still)
                fiber.run.machine.depth = frame.depth
    except FlowReturn as done:
        return done.value
    except (FlowStop, GuardStop):
        return None
    return None


def document_handler(fiber: Fiber, raised: Raised) -> Steps:
    """Level 5: returns when the bottom flow goes on, stops it or raises the original error."""
    root = fiber.run.program.root
    reference = root.document.on_error
    found = root.flow(reference.name) if reference is not None and reference.name is not None else None
    if found is None or fiber.handling:
        raise raised
    scope = Scope(raised.scope, {"_error": raised.value(), "_error_handled": None})
    frame = Frame(found[0], found[1], scope, {}, raised.depth + 1)
    fiber.handling = True
    try:
        yield from enter(fiber, frame)
    except Raised as new:
        if not new.catchable:
            raise
        raise raised from None
    finally:
        fiber.handling = False
    if scope.vars.get("_error_handled") is not True:
        raise FlowStop


def enter(fiber: Fiber, frame: Frame) -> Steps:
    """Run a called flow: parameter defaults, depth, then the body."""
    machine = fiber.run.machine
    if frame.depth > machine.max_call_depth:
        raise ReferenceFault("limit_exceeded", "too many frames")
    before = machine.depth
    machine.depth = frame.depth
    try:
        fill_defaults(frame)
        return (yield from run_flow(fiber, frame))
    finally:
        machine.depth = before


def fill_defaults(frame: Frame) -> None:
    names = FrameNames(frame, frame.scope)
    for param in frame.flow.params:
        if param.name not in frame.args:
            value = None if param.default is None else take_text(param.default, is_text(param.type), names)
            frame.scope.vars[param.name] = value


def run_fiber(fiber: Fiber, instance: Instance, flow: ast.Flow) -> Steps:
    """The bottom frame and what `goto` puts in its place."""
    frame = Frame(instance, flow, fiber.scope, {}, 1)
    fiber.entered.add(id(flow))
    try:
        return (yield from enter(fiber, frame))
    except FlowGoto as jump:
        return (yield from _go_on(fiber, jump, 1))


def _go_on(fiber: Fiber, jump: FlowGoto, depth: int) -> Steps:
    """The flows that transfers lead to, one after the other, in fresh frames."""
    while True:
        target, body = jump.flow
        fiber.code = jump.code
        frame = Frame(target, body, Scope(fiber.scope, dict(jump.arguments)), jump.arguments, depth)
        yield from _pause(fiber, body)
        try:
            return (yield from enter(fiber, frame))
        except FlowGoto as further:
            jump = further


class NextTick(Waiting):
    """A flow that goes to itself goes on in the next tick."""

    def resumed(self) -> None:
        self.ready = True


def _pause(fiber: Fiber, target: ast.Flow) -> Steps:
    """By ticks, a flow is entered once between two suspensions."""
    if not fiber.run.by_ticks:
        return
    if id(target) in fiber.entered:
        fiber.waiting = wait = NextTick(fiber, None)
        while not wait.ready:
            yield ("blocked",)
        fiber.waiting = None
        fiber.gotos = 0
        fiber.entered = set()
    fiber.entered.add(id(target))


# --------------------------------------------------------------------- actions


def perform(fiber: Fiber, action: ast.Action, scope: Scope, frame: Frame) -> Steps:
    names = FrameNames(frame, scope)
    if isinstance(action, ast.Cond):
        for branch in action.branches:
            if values.truthy(evaluate(branch.condition, names)):
                yield from run_list(fiber, branch.then, scope, frame)
                return
        if action.otherwise is not None:
            yield from run_list(fiber, action.otherwise, scope, frame)
    elif isinstance(action, ast.Switch):
        chosen = _choose(action, names)
        if chosen is not None:
            yield from run_list(fiber, chosen, scope, frame)
    elif isinstance(action, ast.Guard):
        if not values.truthy(evaluate(action.condition, names)):
            raise GuardStop
    elif isinstance(action, ast.ForEach):
        yield from _for_each(fiber, action, scope, frame)
    elif isinstance(action, ast.Repeat):
        yield from _repeat(fiber, action, scope, frame)
    elif isinstance(action, ast.LoopControl):
        raise LoopBreak if action.name == "break" else LoopContinue
    elif isinstance(action, ast.Return):
        raise FlowReturn(None if action.value is None else evaluate(action.value, names))
    elif isinstance(action, ast.CallFlow):
        yield from _call(fiber, action, scope, frame)
    elif isinstance(action, ast.Goto):
        found, args = _transfer(action, names, frame)
        fiber.transfer()
        raise FlowGoto(found, args)
    elif isinstance(action, ast.BranchTo):
        jump = branch_target(action.channel, frame, scope)
        fiber.transfer()
        raise jump
    elif isinstance(action, ast.Parallel):
        yield from _parallel(fiber, action, scope, frame)
    else:
        steps = LEAVES[type(action)](fiber, action, scope, frame)
        if steps is not None:
            after = yield from steps
            if isinstance(after, ast.ActionList):
                yield from run_list(fiber, after, scope, frame)


def _choose(action: ast.Switch, names: FrameNames) -> ast.ActionList | None:
    value = evaluate(action.value, names)
    for case in action.cases:
        for match in case.matches:
            if values.equal(evaluate(match, names), value):
                return case.then
            if case.from_key and isinstance(value, str) and isinstance(match, ast.Literal) and match.raw == value:
                return case.then
    return action.default


def _iterate(fiber: Fiber, body: ast.ActionList, scope: Scope, frame: Frame) -> Generator[Any, None, bool]:
    """One iteration; false when the loop ends."""
    try:
        yield from run_list(fiber, body, scope, frame)
    except LoopContinue:
        return True
    except LoopBreak:
        return False
    return True


def _for_each(fiber: Fiber, action: ast.ForEach, scope: Scope, frame: Frame) -> Steps:
    elements = iterated(evaluate(action.collection, FrameNames(frame, scope)))
    for place, element in enumerate(elements):
        if place >= fiber.run.machine.max_loop_iterations:
            raise ReferenceFault("limit_exceeded", "too many iterations")
        inner = Scope(scope, {action.variable: element})
        if action.index is not None:
            inner.vars[action.index] = place
        if not (yield from _iterate(fiber, action.body, inner, frame)):
            return


def _repeat(fiber: Fiber, action: ast.Repeat, scope: Scope, frame: Frame) -> Steps:
    times = evaluate(action.times, FrameNames(frame, scope))
    if times is None:
        raise ReferenceFault("type_error", "times is null")
    number = values.num(times)
    if number != number:
        raise ReferenceFault("type_error", "times is not a number")
    count = int(min(number, 2.0**62)) if number > 0 else 0
    for place in range(count):
        if place >= fiber.run.machine.max_loop_iterations:
            raise ReferenceFault("limit_exceeded", "too many iterations")
        inner = scope if action.variable is None else Scope(scope, {action.variable: place})
        if not (yield from _iterate(fiber, action.body, inner, frame)):
            return


def _transfer(
    action: ast.CallFlow | ast.Goto, names: FrameNames, frame: Frame
) -> tuple[tuple[Instance, ast.Flow], dict[str, Any]]:
    reference = action.flow.name
    if reference is None:
        assert action.flow.dynamic is not None
        reference = evaluate(action.flow.dynamic, names)
    found = frame.instance.flow(reference) if isinstance(reference, str) else None
    texts = {param.name for param in found[1].params if is_text(param.type)} if found is not None else set()
    args = {arg.name: take_text(arg.value, arg.name in texts, names) for arg in action.args}
    if found is None:
        raise ReferenceFault("flow_not_found", f"no flow '{reference}'")
    return found, args


def _call(fiber: Fiber, action: ast.CallFlow, scope: Scope, frame: Frame) -> Steps:
    (instance, flow), args = _transfer(action, FrameNames(frame, scope), frame)
    called = Frame(instance, flow, Scope(scope, dict(args)), args, frame.depth + 1)
    value = yield from enter(fiber, called)
    scope.vars["_result"] = value
    if action.into is not None:
        assign(frame, scope, action.into, value)


def _arm(fiber: Fiber, body: ast.ActionList, scope: Scope, frame: Frame) -> Steps:
    """An arm, and what a flow it calls goes on to: a `goto` drops the frames of the arm alone."""
    try:
        yield from run_list(fiber, body, scope, frame)
    except FlowGoto as jump:
        # Deeper than the bottom, because the document's handler does not look at arms.
        yield from _go_on(fiber, jump, 2)


def _parallel(fiber: Fiber, action: ast.Parallel, scope: Scope, frame: Frame) -> Steps:
    """Arms in turn, one leaf action each; the first error ends the others."""
    fiber.arms = arms = [fiber.arm() for _ in action.arms]
    steps = [_arm(arm, body, Scope(scope), frame) for arm, body in zip(arms, action.arms, strict=True)]
    try:
        while not all(arm.done for arm in arms):
            acted = False
            for arm, one in zip(arms, steps, strict=True):
                if arm.ready():
                    acted = arm.step(one) == "turn" or acted
            if acted:
                yield ("turn",)
            elif not all(arm.done for arm in arms):
                yield ("blocked",)
    except Raised as raised:
        # It is raised from the `parallel`: what the arm had bound is gone.
        raised.scope, raised.depth = scope, frame.depth
        raise
    finally:
        fiber.arms = []
        for one in steps:
            one.close()
