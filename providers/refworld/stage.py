"""A stage: actors over one world, ticked together, that hear of its events and speak to each other.

Small on purpose: one thread, no persistence, no pool. Enough to watch a god
and its mortals live; a host with many actors has a world of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from abml.compiler.bytecode.program import Program
from abml.providers.bound import BoundProviders
from abml.providers.registry import ProviderRegistry
from abml.vm.actions import Action, ActionContext, ActionRegistry, Pending
from abml.vm.actor import Actor, Records
from abml.vm.binding import BindingKey
from abml.vm.events import matches
from abml.vm.faults import ActionError

from . import actions, memories
from .events import Event
from .library import Library
from .namespaces import factories
from .time import advance
from .world import Refused, RefWorld

ACTIONS: dict[str, Any] = {
    "answer_query": {
        "params": {"question": {"type": "string", "required": True}, "value": {"type": "any"}},
        "open": False,
    }
}
"""What the stage adds to the manifest of the world's actions."""

Answer = Callable[["Role", dict[str, Any]], Any]
"""Answers a query: the asked role and the parameters in, a plain value, None, or a `Pending` out."""


@dataclass(slots=True)
class Role:
    """An actor on the stage.

    Attributes:
        character: key of the character it drives; None for an event brain.
        topics: patterns of events of the world that it hears.
        bound: its namespaces; None for an event brain.
        wanted: the namespaces that its document mentions.
    """

    name: str
    actor: Actor
    character: str | None
    topics: tuple[str, ...] = ()
    bound: BoundProviders | None = None
    wanted: tuple[str, ...] = ()


@dataclass(slots=True)
class _Question:
    pending: Pending
    target: str
    query: str
    deadline_ms: float


class Stage:
    """Actors over one world.

    Args:
        seed: of the actors' random functions; each has its own from it and its name.
        tick_ms: how far the actors' clock moves in a tick.
        world_s: how many seconds pass in the world in a tick.

    Attributes:
        library: snapshots of the world's characters.
        shelf: what the actors remember.
        roles: by name, in the order in which they came on; ticked in that order.
        answers: custom queries of `actor_query` that the host answers for any role.
    """

    def __init__(
        self,
        world: RefWorld,
        *,
        seed: int = 0,
        tick_ms: int = 100,
        world_s: int = 600,
        library: Library | None = None,
    ) -> None:
        self.world = world
        self.seed = seed
        self.tick_ms = tick_ms
        self.world_s = world_s
        self.now_ms = 0
        self.library = Library(world) if library is None else library
        self.shelf = memories.Shelf()
        self.roles: dict[str, Role] = {}
        self.answers: dict[str, Answer] = {}
        self._registry = ActionRegistry()
        described = actions.manifest()
        for name, handler in {**actions.handlers(world, self.shelf), **self._own()}.items():
            self._registry.register(name, handler)
        self._registry.routes.update(described["routes"])
        self._questions: dict[str, _Question] = {}
        self._asked = 0
        self._providers = ProviderRegistry(factories(world))
        world.events.subscribe("**", self._hear)

    def _own(self) -> dict[str, Callable[[Action, ActionContext], Any]]:
        return {
            "actor_command": self._command,
            "actor_query": self._query,
            "answer_query": self._answer,
            "emit_perception": self._perception,
        }

    # ------------------------------------------------------------------- actors

    def enter(self, name: str, program: Program, character: object = None, **options: Any) -> Role:
        """Let an actor come on.

        Args:
            character: whom it drives, by key or id; None: nobody, an event brain.
            options: further arguments of `Actor`.

        Raises:
            Refused: there is no such character, or an actor of that name.
        """
        if name in self.roles:
            raise Refused(f"there is an actor '{name}' already", status_code=409)
        who = None if character is None else self.world.character(character).key
        bound, wanted = None, [slot.name for slot in program.slots if slot.name in self._providers]
        if who is not None:
            # An event brain is bound to nobody, and observes others by snapshots.
            bound = options["providers"] = self._providers.bind(self._key(name, who), wanted)
        actor = Actor(
            program,
            now_ms=self.now_ms,
            seed=self.seed * 1_000_003 + len(self.roles),
            registry=self._registry,
            actor_id=name,
            resources=self.library.resources,
            **options,
        )
        topics = tuple(str(topic) for topic in program.info.get("subscriptions") or ())
        role = Role(name, actor, who, topics, bound, tuple(wanted))
        self.roles[name] = role
        return role

    def _key(self, name: str, character: str) -> BindingKey:
        who = self.world.characters[character]
        return BindingKey(name, who.id, self.world.realms[who.realm].id, self.world.places[who.place].id)

    def exit(self, name: str) -> None:
        """Let an actor end and go; nothing happens when it is not there."""
        role = self.roles.pop(name, None)
        if role is not None:
            role.actor.stop(self.now_ms)

    def tick(self) -> dict[str, Records]:
        """One tick of everybody, then time passes in the world.

        Returns:
            What each actor did, by name.
        """
        self.now_ms += self.tick_ms
        self._give_up()
        done: dict[str, Records] = {}
        for name, role in list(self.roles.items()):
            self._look(role)
            role.actor.tick(self.now_ms)
            done[name] = role.actor.take_records()
        advance(self.world, seconds=self.world_s)
        return done

    def _look(self, role: Role) -> None:
        """Load what events made old, so that the tick reads the world as it is when it begins."""
        if role.bound is None or role.character not in self.world.characters:
            return
        role.bound.key = self._key(role.name, role.character)
        for namespace in role.wanted:
            self._providers.look(namespace, role.bound.key, self.now_ms * 1000)
        self._providers.work(self.now_ms * 1000)

    def _hear(self, event: Event) -> None:
        self._providers.handle_event(event.topic, event.payload)
        for role in self.roles.values():
            if any(matches(pattern, event.topic) for pattern in role.topics):
                role.actor.perceive({"type": event.topic, "source": "world", "data": event.payload})

    # ----------------------------------------------------------- among each other

    def target(self, params: Mapping[str, Any]) -> tuple[Role | None, str]:
        """Whom `target` or `target_character` names, and the name as it was given."""
        name = params.get("target")
        if name is not None:
            return self.roles.get(str(name)), str(name)
        given = str(params.get("target_character"))
        owner = self.world.owner_of_id(given.lower())
        key = owner[1] if owner is not None and owner[0] == "characters" else given
        found = [role for role in self.roles.values() if role.character == key]
        return min(found, key=lambda role: role.name, default=None), given

    def _command(self, action: Action, context: ActionContext) -> None:
        params = action.params
        role, name = self.target(params)
        command = str(params.get("command"))
        if role is None:
            raise ActionError(f"no actor runs for '{name}'", command=command, target_actor_id=name, status_code=404)
        role.actor.perceive(
            {
                "type": f"command:{command}",
                "source": action.actor_id,
                "urgency": params.get("urgency", 0.7),
                "data": params.get("params") or {},
            }
        )

    def _query(self, action: Action, context: ActionContext) -> Any:
        params = action.params
        role, name = self.target(params)
        query = str(params.get("query"))
        context.set("_query_error", None)
        if role is None:
            context.set("_query_error", {"kind": "not_found", "target": name, "query": query})
            return None
        if query in self.answers:
            return self.answers[query](role, params.get("params") or {})
        options = role.actor.options()
        if query in options:
            return options[query]["options"]
        return self._ask(role, action, query)

    def _ask(self, role: Role, action: Action, query: str) -> Pending:
        """Let the asked actor answer by `answer_query` in a tick of its own."""
        self._asked += 1
        question = _Question(
            Pending(), role.name, query, self.now_ms + milliseconds(action.params.get("timeout"), 1_000)
        )
        number = f"question-{self._asked}"
        self._questions[number] = question
        payload = {"question": number, "params": action.params.get("params") or {}}
        role.actor.perceive({"type": f"query:{query}", "source": action.actor_id, "urgency": 0.7, "data": payload})
        return question.pending

    def _answer(self, action: Action, context: ActionContext) -> None:
        number = str(action.params.get("question"))
        question = self._questions.pop(number, None)
        if question is None:
            raise ActionError(f"nobody waits for an answer to '{number}'", status_code=404)
        question.pending.answer(action.params.get("value"))

    def _give_up(self) -> None:
        late = [number for number, one in self._questions.items() if one.deadline_ms <= self.now_ms]
        for number in late:
            one = self._questions.pop(number)
            one.pending.fail(
                f"'{one.target}' did not answer '{one.query}' in time", target_actor_id=one.target, status_code=408
            )

    def _perception(self, action: Action, context: ActionContext) -> None:
        params = action.params
        role, _ = self.target(params)
        # Perceptions are published, and nobody may be there to perceive.
        if role is not None:
            role.actor.perceive(
                {
                    "type": str(params.get("perception_type")),
                    "source": params.get("source_id"),
                    "urgency": params.get("urgency", 0.8),
                    "data": params.get("data") or {},
                }
            )


def milliseconds(given: object, default: float) -> float:
    """A time limit in milliseconds: a number of them, or a duration."""
    micros = getattr(given, "micros", None)
    if isinstance(micros, int):
        return micros / 1000
    return float(given) if isinstance(given, int | float) and not isinstance(given, bool) else default
