"""The handlers of a host by action name, and what wraps them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple, Protocol

from abml.actions import ActionSpec, ParamSpec, find_action, forbidden_code
from abml.errors import AbmlError

from .call import Action, ActionContext, Done, Failed, Handler, Outcome

Policy = Literal["record", "ignore", "error"]
POLICIES: tuple[Policy, ...] = ("record", "ignore", "error")

CATCH_ALL = "*"
"""The name of the handler that takes what no other one does."""


# Names may be made at run time, by a drive for one; caches must not grow with them.
_CACHED_NAMES = 4096
_ALLOWED, _FORBIDDEN, _BY_TOPIC = 0, 1, 2


class ActionRegistryError(AbmlError, ValueError):
    """A handler or policy that cannot be registered; the message says why."""


class Proceed(Protocol):
    """The rest of the pipeline: the next middleware, and the handler at the end."""

    def __call__(self, action: Action, context: ActionContext) -> Outcome: ...


class Middleware:
    """Wraps every action of a registry, whoever asked for it. Override what is of interest."""

    def around(self, action: Action, context: ActionContext, proceed: Proceed) -> Outcome:
        """Called for each action before it is performed.

        To perform it, return `proceed(action, context)`, with a changed action
        perhaps; to keep it from happening, return an outcome. Must not raise.
        """
        return proceed(action, context)

    def settled(self, action: Action, outcome: Done | Failed) -> None:
        """Called once per action with its final outcome, for pending ones when it has come."""


class Entry(NamedTuple):
    """One registered handler.

    Attributes:
        name: the action, or `*`.
        spec: its parameters, for tools and for the one who drives an actor by hand.
    """

    name: str
    handler: Handler
    spec: ActionSpec


class ActionRegistry:
    """The actions a host performs. One per world; handlers run on the thread that ticks.

    Attributes:
        policy: what becomes of actions nobody handles: `record` (they count as
            done and stay visible as effects), `ignore`, or `error` (`unknown_action`).
        routes: path -> name of the action behind it.
        pipeline: the composed middleware, made by `dispatch`; None after a change.

    Args:
        forbidden: further names that no document may use, compared without case.
    """

    __slots__ = ("policy", "routes", "pipeline", "_middleware", "_entries", "_forbidden", "_resolved", "_verdicts")

    def __init__(self, policy: Policy = "record", *, forbidden: Iterable[str] = ()) -> None:
        if policy not in POLICIES:
            raise ActionRegistryError(f"unknown policy {policy!r}: one of {', '.join(POLICIES)}")
        self.policy: Policy = policy
        self._middleware: tuple[Middleware, ...] = ()
        self.pipeline: Proceed | None = None
        self.routes: dict[str, str] = {}
        self._entries: dict[str, Entry] = {}
        self._forbidden = frozenset(name.lower() for name in forbidden)
        # Name -> entry or None, so that a name is split and looked up once.
        self._resolved: dict[str, Entry | None] = {}
        self._verdicts: dict[str, int] = {}

    def register(
        self,
        name: str,
        handler: Handler,
        *,
        params: Mapping[str, Any] | None = None,
        spec: ActionSpec | None = None,
        route: str | None = None,
    ) -> None:
        """Perform an action by `handler(action, context)`; a later handler of a name replaces the earlier.

        Args:
            name: the action; `a.b` is found before `b`; `*` takes what nobody else does.
            params: their names and specifications (`ParamSpec` or a declared type as text).
            spec: the whole specification instead; by default that of the standard action of the name.
            route: a path such as `/ledger/append` by which `call` may reach it.

        Raises:
            ActionRegistryError: the name is forbidden or the handler cannot be called.
        """
        if not isinstance(name, str) or not name:
            raise ActionRegistryError(f"an action needs a name, got {name!r}")
        if self.is_forbidden(name, {}):
            raise ActionRegistryError(
                f"'{name}' is a forbidden action name: register what it is for under its own name"
            )
        if not callable(handler):
            raise ActionRegistryError(f"the handler of '{name}' cannot be called: {type(handler).__name__}")
        if spec is None:
            spec = _spec(name, params)
        self._entries[name] = Entry(name, handler, spec)
        if route is not None:
            if not route.startswith("/"):
                raise ActionRegistryError(f"the route of '{name}' must start with '/', got {route!r}")
            self.routes[route] = name
        self._resolved.clear()

    def register_all(self, handlers: Mapping[str, Handler]) -> None:
        """Register a mapping of names to handlers, as `abml.run(handlers=...)` takes it."""
        for name, handler in handlers.items():
            self.register(name, handler)

    def unregister(self, name: str) -> bool:
        """Take a handler away; False when there was none."""
        self._resolved.clear()
        for route in [path for path, target in self.routes.items() if target == name]:
            del self.routes[route]
        return self._entries.pop(name, None) is not None

    @property
    def middleware(self) -> tuple[Middleware, ...]:
        """What wraps every action, outermost first."""
        return self._middleware

    def use(self, middleware: Middleware, *, outermost: bool = False) -> None:
        """Wrap every action in a middleware, inside those that are there or outside of all."""
        self._middleware = (middleware, *self._middleware) if outermost else (*self._middleware, middleware)
        self.pipeline = None

    def remove(self, middleware: Middleware) -> None:
        """Take a middleware away; nothing happens when it is not there."""
        self._middleware = tuple(one for one in self._middleware if one is not middleware)
        self.pipeline = None

    def find(self, name: str) -> Entry | None:
        """Who performs an action: its name, the part after its first dot, or `*`; None for nobody."""
        if name in self._resolved:
            return self._resolved[name]
        entry = self._entries.get(name)
        if entry is None and "." in name:
            entry = self._entries.get(name.split(".", 1)[1])
        if entry is None:
            entry = self._entries.get(CATCH_ALL)
        if len(self._resolved) < _CACHED_NAMES:
            self._resolved[name] = entry
        return entry

    def is_forbidden(self, name: str, params: Mapping[str, Any]) -> bool:
        """Whether nobody may do this, whatever was registered or checked (language 8.1)."""
        verdict = self._verdicts.get(name)
        if verdict is None:
            last = name.rsplit(".", 1)[-1].lower()
            if forbidden_code(name) is not None or last in self._forbidden or name.lower() in self._forbidden:
                verdict = _FORBIDDEN
            else:
                verdict = _BY_TOPIC if last == "publish" else _ALLOWED
            if len(self._verdicts) < _CACHED_NAMES:
                self._verdicts[name] = verdict
        return verdict == _FORBIDDEN or (verdict == _BY_TOPIC and "topic" in params)

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)


def _spec(name: str, params: Mapping[str, Any] | None) -> ActionSpec:
    if params is None:
        return find_action(name) or ActionSpec(name)
    made: dict[str, ParamSpec] = {}
    for param, given in params.items():
        made[param] = given if isinstance(given, ParamSpec) else ParamSpec(param, type=str(given))
    return ActionSpec(name, made)
