"""Actions of an instance on their way to handlers: parameters, spoken texts, questions, pending answers.

What the machine asks for arrives at `Performer.act`; what comes back is a
value, a failure, or a token that the host settles later (language 8.1).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from abml.errors import AbmlRuntimeError
from abml.result import Record
from abml.values import ValueFault, copy_value, truthy

from .actions.call import Action, ActionContext, Denied, Done, Failed, Handler, Pending, Unhandled
from .actions.defaults import completed
from .actions.dispatch import dispatch, dispatch_route
from .actions.gates import Gates
from .actions.registry import CATCH_ALL
from .actions.resources import ResourceActions
from .ahead import fetch_ahead
from .awaiting import Coroutines
from .faults import Fault
from .host_values import HostValueError, from_host
from .questions import Question

if TYPE_CHECKING:
    from .core.machine import Fiber, Machine
    from .instance import Instance

Answer = tuple[str, Any]
"""("done", value), ("failed", fault) or ("pending", token): what the machine takes."""


class Performer:
    """Has the actions of one instance performed.

    Attributes:
        effects: what was handed over, as the documents asked for it.
        pending: answers that are still to come and that a run waits for.
        forgotten: answers that are still to come after their flows went on.
        coroutines: runs those of `async` handlers.
        questions: open questions to the player by their numbers.
        waits: whoever runs coroutines waits until one that is wanted has its answer.
    """

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.effects: list[Record] = []
        self.pending: list[Pending] = []
        self.forgotten: list[Pending] = []
        self.coroutines = Coroutines()
        self.questions: dict[int, Question] = {}
        self.waits = True
        self._resources = ResourceActions(instance.snapshots)
        self._asked = 0
        # The token whose answer the machine has and did not go on with yet.
        self._told: Pending | None = None

    # ----------------------------------------------------------- the machine

    def act(self, site: Any, params: dict[str, Any], flow: str | None, channel: str | None) -> Answer:
        """Have an action performed."""
        if "text" in site.flags:
            return "done", self.instance.speech.find(params, has_inline="inline" in site.flags)
        if "ahead" in site.flags:
            return self._fetch_ahead(site.data["ahead"], params, flow)
        instance = self.instance
        if len(self.effects) >= instance.limits.max_effects:
            raise ValueFault("limit_exceeded", f"more than {instance.limits.max_effects} actions")
        if site.data is not None and "spoken" in site.data:
            _say(params, site.data["spoken"])
        # The handler may change its parameters; the record keeps what was asked.
        effect = Record(
            name=site.name,
            params=copy_value(params),
            channel=channel,
            flow=flow,
            order=instance.machine.next_order(),
            at=instance.machine.now,
        )
        if "question" in site.flags:
            self.effects.append(effect)
            answer = self._ask(site, params, flow, channel)
        else:
            answer = self._perform(site, params, flow, channel, effect)
        if answer[0] == "pending":
            answer[1].action = site.name
        return answer

    def _perform(
        self, site: Any, params: dict[str, Any], flow: str | None, channel: str | None, effect: Record
    ) -> Answer:
        instance = self.instance
        is_handled = instance.registry.find(site.name) is not None or self.runtime(site.name) is not None
        if is_handled or "route" in site.flags:
            defaults = site.data.get("defaults", {}) if site.data is not None else {}
            params = completed(site.name, params, defaults, instance.actor_id, instance.machine.get)
        action = self._action(site.name, params, flow, channel)
        context = self._context(action)
        if "route" in site.flags:
            outcome = dispatch_route(instance.registry, site.name, params, action, context)
        else:
            outcome = dispatch(instance.registry, action, context)
        if isinstance(outcome, Failed):
            if outcome.kind not in ("forbidden_action", "unknown_action"):
                self.effects.append(effect)
            return "failed", outcome.to_fault(action)
        waits = "await" in site.flags or "implicit" in site.flags
        if isinstance(outcome, Unhandled):
            if not outcome.is_recorded:
                return "done", None
            self.effects.append(effect)
            return ("pending", Pending()) if "await" in site.flags else ("done", None)
        self.effects.append(effect)
        if isinstance(outcome, Denied):
            instance.machine.set("_gate", outcome.gate_map())
            return "done", None
        if isinstance(outcome, Pending):
            if outcome.outcome is not None:
                return _settled(outcome.outcome, action)
            if waits:
                self.pending.append(outcome)
            else:
                outcome.on_settled(lambda final: self._late(final, site.name))
                self.forgotten.append(outcome)
            return "pending", outcome
        return "done", outcome.value

    def _fetch_ahead(self, loads: Mapping[str, Any], params: dict[str, Any], flow: str | None) -> Answer:
        """Have the library fetch what a loop is about to load; nobody notices but the library."""
        instance = self.instance
        # Where somebody else performs or holds the loads, it is not for us to go before.
        if self._is_taken("load_snapshot"):
            return "done", None
        later = fetch_ahead(instance.snapshots, loads, next(iter(params.values())), flow)
        if later is None:
            return "done", None
        pending = Pending(awaitable=later)
        pending.action = "load_snapshot"
        self.pending.append(pending)
        return "pending", pending

    def _is_taken(self, name: str) -> bool:
        """Whether a host performs an action of the runtime itself, forbids it, or holds it at a gate."""
        instance = self.instance
        registry = instance.registry
        entry = registry.find(name)
        if (entry is not None and entry.name != CATCH_ALL) or registry.is_forbidden(name, {}):
            return True
        return any(isinstance(one, Gates) and name in one.gates_of(instance.actor_id) for one in registry.middleware)

    def _action(self, name: str, params: dict[str, Any], flow: str | None, channel: str | None) -> Action:
        instance = self.instance
        return Action(name, params, instance.actor_id, "behavior", instance.tick, flow, channel, instance.subject(name))

    def _context(self, action: Action) -> ActionContext:
        instance = self.instance
        machine = instance.machine
        scopes = _Scopes(machine, machine.current)
        return ActionContext(
            action,
            now_ms=int(machine.now),
            random=instance.random,
            read=scopes.read,
            write=scopes.write,
            log=instance.log,
            runtime=self.runtime,
        )

    def runtime(self, name: str) -> Handler | None:
        """What the runtime does itself under an action's name; a handler of the host comes first."""
        return self._resources.find(name)

    def _late(self, outcome: Done | Failed, name: str) -> None:
        """A fire-and-forget action that fails after its flow went on is only logged."""
        if isinstance(outcome, Failed) and outcome.kind != "cancelled":
            self.instance.warn(outcome.kind, f"{name}: {outcome.message}")

    # ------------------------------------------------------ answers to come

    def run_coroutines(self, wanted: Collection[Pending], timeout: float | None) -> None:
        """Run coroutines until one of these actions has its answer; those of the others run beside.

        Args:
            timeout: seconds of real time; None: no limit.
        """
        self.coroutines.run((*self.pending, *self.forgotten), wanted, timeout if self.waits else 0)
        self.forgotten = [one for one in self.forgotten if one.outcome is None]

    def go_on(self) -> None:
        """Let the coroutines that nobody waits for go as far as they can without waiting."""
        running = [token for token in self.forgotten if token.is_running]
        if running:
            self.coroutines.run((*self.pending, *self.forgotten), running, 0)
        self.forgotten = [one for one in self.forgotten if one.outcome is None]

    def rest(self) -> None:
        """Between two ticks: an event loop without coroutines is given up."""
        if not any(token.is_running for token in (*self.pending, *self.forgotten)):
            self.coroutines.close()

    def end_coroutines(self) -> None:
        """The run is over: coroutines nobody waited for run to their ends, what it still waits for is cancelled."""
        self.coroutines.finish(self.forgotten)
        self.forgotten.clear()
        for token in self.pending:
            if token.is_running:
                token.cancel()
        self.pending.clear()
        self.coroutines.close()

    def abandon(self, token: Any) -> None:
        """Nobody waits for an action any more: its time is over, or its run."""
        if isinstance(token, Pending):
            token.cancel()
            self._forget(token)

    def _forget(self, token: Pending) -> None:
        self.pending = [one for one in self.pending if one is not token]
        question = self._question_of(token)
        if question is not None:
            del self.questions[question.id]

    def answer_pending(self) -> bool:
        """Tell the machine of the awaited action's outcome, if it has come or `until` ends it."""
        machine = self.instance.machine
        token = machine.pending
        if not isinstance(token, Pending):
            return False
        if token is self._told:
            return True
        if token.outcome is None:
            if not self._ended(machine.until):
                return False
            # The host hears of it by the cancelled answer.
            self._told = token
            self.abandon(token)
            machine.answer(token, None)
            return True
        self._told = token
        word, answer = self.outcome(token)
        if word == "failed":
            machine.fail(token, answer)
        else:
            machine.answer(token, answer)
        return True

    def outcome(self, token: Pending) -> Answer:
        """How an action that is over ended: ("done", value) or ("failed", fault)."""
        outcome = token.outcome
        if outcome is None:
            raise ValueError("the action has not ended")
        question = self._question_of(token)
        if question is not None and isinstance(outcome, Done) and not question.is_read:
            outcome = _read(question, outcome.value)
        self._forget(token)
        if isinstance(outcome, Failed):
            return "failed", Fault(outcome.kind, outcome.message, type_name=outcome.type_name, extra=outcome.extra)
        return "done", outcome.value

    def _ended(self, until: Any) -> bool:
        """Whether the signal or the condition that ends the awaited action is there."""
        machine = self.instance.machine
        if until is None:
            return False
        if isinstance(until, int):
            return truthy(machine.call(until))
        return bool(machine.take_signal(until[0], until[1]))

    # -------------------------------------------------------------- questions

    def _ask(self, site: Any, params: dict[str, Any], flow: str | None, channel: str | None) -> Answer:
        """A question: its own handler answers it, else a script, else whoever looks at `questions`."""
        instance = self.instance
        self._asked += 1
        question = Question(self._asked, site.name, params)
        action = self._action(site.name, copy_value(params), flow, channel)
        value: Any = None
        # The catch-all handler takes what documents ask of the world, not what they ask the player.
        if site.name in instance.registry:
            outcome = dispatch(instance.registry, action, self._context(action))
            if isinstance(outcome, Pending):
                question.pending.settle(outcome)
                self.pending.append(question.pending)
            elif isinstance(outcome, Failed):
                return "failed", outcome.to_fault(action)
            else:
                value = outcome.value
        elif instance.answers is not None:
            try:
                value = from_host(instance.answers(question), "the answer")
            except HostValueError as error:
                return "failed", Failed("action_failed", error.message, type(error).__name__).to_fault(action)
            except Exception as error:
                return "failed", Failed("action_failed", str(error), type(error).__name__).to_fault(action)
        if value is not None:
            return _settled(_read(question, value), action)
        self.questions[question.id] = question
        return "pending", question.pending

    def answer(self, value: Any, question: int | None = None) -> None:
        """The player's answer; the next tick or resume goes on with it.

        Args:
            value: as `Question.read` takes it.
            question: number of the question; None when exactly one is open.

        Raises:
            AbmlRuntimeError: `argument_error`: nobody asked, or the answer does
                not fit. Nothing has changed then.
        """
        try:
            self._find(question).answer(from_host(value, "the answer"))
        except HostValueError as error:
            raise AbmlRuntimeError("argument_error", error.message) from error
        except ValueFault as error:
            raise AbmlRuntimeError(error.kind, error.message) from None

    def _find(self, number: int | None) -> Question:
        still_open = [one for one in self.questions.values() if one.pending.outcome is None]
        if number is not None:
            still_open = [one for one in still_open if one.id == number]
        if not still_open:
            raise ValueFault("argument_error", "there is no such open question" if number else "no question is open")
        if len(still_open) > 1:
            raise ValueFault("argument_error", "several questions are open; say which one is answered")
        return still_open[0]

    def _question_of(self, token: Pending) -> Question | None:
        return next((one for one in self.questions.values() if one.pending is token), None)


def _settled(outcome: Done | Failed, action: Action) -> Answer:
    if isinstance(outcome, Failed):
        return "failed", outcome.to_fault(action)
    return "done", outcome.value


def _read(question: Question, value: Any) -> Done | Failed:
    """What a handler or a script answered; an answer that does not fit fails the action."""
    try:
        return Done(question.read(value))
    except ValueFault as error:
        return Failed("action_failed", error.message)


def _say(params: dict[str, Any], key: str) -> None:
    """Put the text that was chosen for a spoken line among the parameters, beside where it comes from."""
    chosen = params.get(key)
    if isinstance(chosen, Mapping):
        params[key] = {name: value for name, value in chosen.items() if name != "text"}


class _Scopes:
    """The variables that an action's handler sees: those of the run that asked, also when it answers later."""

    def __init__(self, machine: Machine, fiber: Fiber | None) -> None:
        self.machine = machine
        self.fiber = fiber

    def read(self, name: str) -> Any:
        """A variable by the read rule."""
        fiber = self._waiting()
        return self.machine.get(name) if fiber is None else self.machine.within(fiber, lambda: self.machine.get(name))

    def write(self, name: str, value: Any) -> None:
        """Assign a variable by the set rule."""
        fiber = self._waiting()
        if fiber is None:
            self.machine.set(name, value)
        else:
            self.machine.within(fiber, lambda: self.machine.set(name, value))

    def _waiting(self) -> Fiber | None:
        """The fiber that asked, when it and everybody else is off the machine now."""
        fiber, machine = self.fiber, self.machine
        if fiber is None or not fiber.is_active or machine.current is not None or machine.is_active:
            return None
        return fiber
