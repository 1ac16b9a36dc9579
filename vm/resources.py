"""Resource data of one instance: snapshots under the names of a document, watches, what automatic loads found.

A snapshot lasts as long as the runs that may read it; what an actor watches
under a name is there again in every tick (language 8.6, runtime 6.6).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from abml.environment import namespace_of
from abml.errors import AbmlUsageError
from abml.values import member
from abml.vm.faults import HostFault

from .actions.call import Pending
from .protocols import Kind, Path, ResourceChange, Resources, SnapshotRequest, SnapshotView, WatchEntry

if TYPE_CHECKING:
    from .instance import Instance

_Value = TypeVar("_Value")
Sink = Callable[[WatchEntry, ResourceChange], None]

AUTOMATIC = "@"
"""What the provider names of automatic loads begin with; no name of a document does."""

_METHODS = ("fetch", "prefetch", "watch", "unwatch")
_REFRESH = "@refresh"

_anonymous = count(1)


class Absent:
    """The view of a resource of which nothing could be had.

    Args:
        request: what was asked for.
        kind: of `_error` (runtime 6.9).
        message: of `_error`.
    """

    __slots__ = ("_keys",)

    def __init__(self, request: SnapshotRequest, kind: str, message: str) -> None:
        self._keys: dict[str, Any] = {
            "_error": {"kind": kind, "message": message, "source": None},
            "_loaded": False,
            "_partial": False,
            "_stale": False,
            "_type": request.resource_type,
            "_id": request.resource_id,
            "id": request.resource_id,
            "_age": None,
            "_loaded_at": None,
            "_kind": None,
            "_sources": [],
            "_missing": list(request.sources or ()),
        }

    def get(self, path: Path) -> Any:
        """A pseudo key of language 8.6; null for data, nothing but an empty map as a whole."""
        if not path:
            return {}
        value = self._keys.get(path[0])
        for step in path[1:]:
            value = None if value is None else member(value, step)
        return value


class Later(Generic[_Value]):
    """An answer of the library that takes time, with what comes after it.

    Args:
        then: takes the answer.
        failed: takes the exception that came instead.
    """

    __slots__ = ("_failed", "_found", "_then")

    def __init__(
        self, found: Awaitable[_Value], then: Callable[[_Value], None], failed: Callable[[Exception], None]
    ) -> None:
        self._found = found
        self._then = then
        self._failed = failed

    def __await__(self) -> Generator[Any, Any, None]:
        try:
            value = yield from self._found.__await__()
        except Exception as error:
            self._failed(error)
        else:
            self._then(value)

    def close(self) -> None:
        """Nobody will await it."""
        close = getattr(self._found, "close", None) or getattr(self._found, "cancel", None)
        if close is not None:
            close()


class Snapshots:
    """What the actions of language 8.6 work on.

    Args:
        resources: the library; None: every resource is unavailable.

    Attributes:
        watches: by resource type and id.
        sink: told of changes of what is watched; None: nobody is.

    Raises:
        AbmlUsageError: `resources` is no library.
    """

    def __init__(self, instance: Instance, resources: Resources | None) -> None:
        if resources is not None:
            lacking = [name for name in _METHODS if not callable(getattr(resources, name, None))]
            if lacking:
                what = type(resources).__name__
                raise AbmlUsageError(f"resources is a library of resources, but {what} has no {', '.join(lacking)}")
        self.instance = instance
        self.resources = resources
        self.watches: dict[tuple[str, str], WatchEntry] = {}
        self.sink: Sink | None = None
        self._views: dict[str, SnapshotView] = {}
        self._requests: dict[str, SnapshotRequest] = {}
        self._loading: dict[str, Pending] = {}
        self._told: set[str] = set()
        self._actor_id = instance.actor_id
        # Templates by document: `{type, alias}` as they are declared.
        self.declared: Sequence[Sequence[Mapping[str, Any]]] = instance.info.get("resource_templates") or ()

    # --------------------------------------------------------------- providers

    def find(self, name: str) -> SnapshotView | None:
        """The snapshot under a name."""
        return self._views.get(name)

    def __contains__(self, name: str) -> bool:
        return name in self._views

    def register(self, name: str, request: SnapshotRequest, view: SnapshotView) -> None:
        """Put a snapshot under a name; an earlier one of it is gone."""
        self._requests[name] = request
        self._views[name] = view
        self.instance.forget_provider(name)

    def fetch(self, request: SnapshotRequest, then: Callable[[SnapshotView], None]) -> Later[SnapshotView] | None:
        """Hand the view of a resource to `then`; whatever goes wrong is in the view.

        Returns:
            None when that is done, else what has to be awaited first.
        """
        if self.resources is None:
            then(Absent(request, "unavailable", "there is no source of resources"))
            return None
        try:
            found = self.resources.fetch(request)
        except Exception as error:
            then(self._failed(request, error))
            return None
        if isinstance(found, Awaitable):
            return Later(
                found,
                lambda view: then(self._view(request, view)),
                lambda error: then(self._failed(request, error)),
            )
        then(self._view(request, found))
        return None

    def _view(self, request: SnapshotRequest, found: object) -> SnapshotView:
        """What a library gave, when it is a view at all."""
        if callable(getattr(found, "get", None)):
            return cast("SnapshotView", found)
        return self._failed(request, TypeError(f"the library gave {type(found).__name__}, not a view"))

    def _failed(self, request: SnapshotRequest, error: Exception) -> SnapshotView:
        message = _text_of(error)
        self.instance.warn("resource_error", f"{request.resource_type} '{request.resource_id}': {message}")
        return Absent(request, "unavailable", message)

    def load(self, name: str, request: SnapshotRequest) -> Later[SnapshotView] | None:
        """Fetch a resource and register it; what has to be awaited when that takes time."""
        return self.fetch(request, lambda view: self.register(name, request, view))

    # ---------------------------------------------------------------- requests

    def request(
        self,
        resource_type: str,
        resource_id: str,
        flow: str | None = None,
        given: Sequence[str] = (),
        kind: Kind = "snapshot",
        max_age_s: float | None = None,
    ) -> SnapshotRequest:
        """What a flow asks for, with the templates and aliases of its document.

        Args:
            given: types, namespaces or aliases; none: the document's templates.
        """
        aliases = tuple((item["alias"], item["type"]) for item in self._templates_of(flow) if item["alias"] is not None)
        return SnapshotRequest(
            resource_type, resource_id, self.sources(flow, resource_type, given), kind, max_age_s, aliases
        )

    def sources(self, flow: str | None, resource_type: str, given: Sequence[str] = ()) -> tuple[str, ...] | None:
        """The template types a request is for.

        Args:
            flow: who asks; its document's templates count.
            given: types, namespaces or aliases; none: the document's templates.

        Returns:
            None where neither names any: everything.
        """
        declared = self._templates_of(flow)
        if not given:
            return tuple(dict.fromkeys(template["type"] for template in declared)) or None
        names: dict[str, str] = {}
        for template in declared:
            for name in (template["alias"], template["type"], namespace_of(template["type"])):
                names.setdefault(name, template["type"])
        found = []
        for name in given:
            dashed = name.replace("_", "-")
            if name in names:
                found.append(names[name])
            elif dashed in names or dashed.startswith(f"{resource_type}-"):
                found.append(names.get(dashed, dashed))
            else:
                # What the document does not declare the library may know by this name.
                found.append(name)
        return tuple(dict.fromkeys(found))

    def _templates_of(self, flow: str | None) -> Sequence[Mapping[str, Any]]:
        if not self.declared:
            return ()
        found = self.instance.info.get("flows", {}).get(flow)
        return self.declared[0 if found is None else found["document"]]

    # --------------------------------------------------------- automatic loads

    def automatic(self, site: Any, value: Any, can_wait: bool) -> tuple[str | None, Pending | None]:
        """The snapshot that a path reads in the place of a variable (fetch modes `auto` and `all`).

        Args:
            site: says the step that follows, and what to load.
            value: of the variable.
            can_wait: False inside of expressions that cannot be left, such as the code of a `computed` variable.

        Returns:
            Name of the provider, None where the value stands for no resource; and what
            has to be awaited before it is there.
        """
        found = _resource_of(value, site.name, site.data["type"])
        if found is None:
            return None, None
        aliases = tuple((alias, kind) for alias, kind in site.data["aliases"])
        request = SnapshotRequest(*found, sources=tuple(site.data["sources"]) or None, aliases=aliases)
        name = f"{AUTOMATIC}{request.resource_type}/{request.resource_id}"
        if name in self._views:
            return name, None
        later = self.fetch(request, lambda view: self._keep(name, request, view))
        if later is None:
            return name, None
        if not can_wait:
            later.close()
            self._warn_of(request, "it is not loaded yet, and this expression cannot wait")
            # Nobody answers to this name, so that it reads as null; the next read may wait.
            return f"{name}?", None
        pending = Pending(awaitable=later)
        pending.action = "load_snapshot"
        self.instance.performer.pending.append(pending)
        return name, pending

    def _keep(self, name: str, request: SnapshotRequest, view: SnapshotView) -> None:
        self.register(name, request, view)
        error = view.get(("_error",))
        if error is not None:
            self._warn_of(request, error.get("message") if isinstance(error, Mapping) else error)

    def _warn_of(self, request: SnapshotRequest, message: Any) -> None:
        """One warning per resource and run."""
        what = f"{request.resource_type} '{request.resource_id}'"
        if what not in self._told:
            self._told.add(what)
            self.instance.warn("resource_error", f"{what} was not loaded: {message}")

    def track(self, variable: str, resource_type: str, value: Any, flow: str | None) -> Later[SnapshotView] | None:
        """A variable was given an id to track, or something else: the resource of its last id is let go.

        The data of the new one is kept at hand under the variable's name with `_snapshot` behind it.
        """
        alias = f"{variable}_snapshot"
        older = next((entry for entry in self.watches.values() if entry.alias == alias), None)
        if older is not None:
            if (older.resource_type, older.resource_id) == (resource_type, value):
                return None
            self.unwatch(older.resource_type, older.resource_id)
        if not isinstance(value, str) or not value:
            return None
        if (resource_type, value) not in self.watches:
            try:
                self.watch(WatchEntry(resource_type, value, alias=alias))
            except HostFault as error:
                self.instance.warn(error.kind, f"'{variable}' is not tracked: {error.message}")
        return self.load(alias, self.request(resource_type, value, flow))

    # ----------------------------------------------------------------- watches

    def watch(self, entry: WatchEntry) -> None:
        """Be told of changes of a resource; an earlier watch of it ends.

        Raises:
            HostFault: `resource_error`: the library refuses it.
        """
        if self.resources is not None:
            try:
                self.resources.watch(self.actor_id, entry, lambda change: self._changed(entry, change))
            except ValueError as error:
                raise HostFault("resource_error", str(error)) from error
        self.watches[entry.resource_type, entry.resource_id] = entry

    def unwatch(self, resource_type: str, resource_id: str) -> None:
        """End a watch; its provider stays until the run ends. Nothing happens when there is none."""
        self.watches.pop((resource_type, resource_id), None)
        if self.resources is not None:
            self.resources.unwatch(self.actor_id, resource_type, resource_id)

    @property
    def actor_id(self) -> str:
        """By whom watches are known: the actor, or somebody who has no name elsewhere."""
        if self._actor_id is None:
            self._actor_id = f"anonymous-{next(_anonymous)}"
        return self._actor_id

    def _changed(self, entry: WatchEntry, change: ResourceChange) -> None:
        if self.watches.get((entry.resource_type, entry.resource_id)) is not entry:
            return
        if change.deleted:
            del self.watches[entry.resource_type, entry.resource_id]
        if self.sink is not None:
            self.sink(entry, change)

    def end_watches(self) -> None:
        """The actor is over: nobody tells it of changes any more, and nothing is loaded for it."""
        for pending in list(self._loading.values()):
            pending.cancel()
        for resource_type, resource_id in list(self.watches):
            self.unwatch(resource_type, resource_id)

    def saved(self) -> list[dict[str, Any]]:
        """The watches as plain data."""
        return [
            {
                "resource_type": entry.resource_type,
                "resource_id": entry.resource_id,
                "sources": None if entry.sources is None else sorted(entry.sources),
                "alias": entry.alias,
                "on_change": entry.on_change,
            }
            for entry in self.watches.values()
        ]

    def restore(self, saved: Sequence[Mapping[str, Any]]) -> None:
        """Watch again what was watched when `saved` was asked; the next tick has the providers."""
        for item in saved:
            sources = item["sources"]
            self.watch(WatchEntry(**{**item, "sources": None if sources is None else frozenset(sources)}))

    # -------------------------------------------------------------- life times

    def begin_tick(self, *, is_idle: bool) -> None:
        """A new tick: snapshots of runs that are over are gone, watched ones are up to date.

        Args:
            is_idle: no run is in flight that may still read its snapshots.
        """
        if not self._views and not self.watches:
            return
        if self.watches:
            self._refresh_library()
        named = {entry.alias: entry for entry in self.watches.values() if entry.alias is not None}
        if is_idle:
            for name in [name for name in self._views if name not in named]:
                del self._views[name], self._requests[name]
                self.instance.forget_provider(name)
            self._told.clear()
        for name, entry in named.items():
            # What is not there in the middle of a run is being loaded by it.
            if name in self._views or is_idle:
                self._refresh(name, entry)

    def _refresh_library(self) -> None:
        """Have the library fetch again what is watched and old, when it does such a thing."""
        refresh = getattr(self.resources, "refresh", None)
        if refresh is None or _REFRESH in self._loading:
            return
        try:
            found = refresh()
        except Exception as error:
            self._refresh_failed(error)
            return
        if isinstance(found, Awaitable):
            self._load_beside(_REFRESH, Later(found, lambda _: None, self._refresh_failed))

    def _refresh_failed(self, error: Exception) -> None:
        self.instance.warn("resource_error", f"watched resources were not fetched again: {_text_of(error)}")

    def _load_beside(self, name: str, later: Later[Any]) -> None:
        """Have something loaded while ticks go on; they read the data of before until it is there."""
        pending = self._loading[name] = Pending(awaitable=later)
        pending.on_settled(lambda outcome: self._loading.pop(name, None))
        self.instance.performer.forgotten.append(pending)

    def _refresh(self, name: str, entry: WatchEntry) -> None:
        request = self._requests.get(name)
        if request is None or (request.resource_type, request.resource_id) != (entry.resource_type, entry.resource_id):
            request = self.request(entry.resource_type, entry.resource_id)
        if name in self._loading:
            return
        later = self.load(name, request)
        if later is None:
            return
        if name not in self._views:
            self.register(name, request, Absent(request, "unavailable", "it is being loaded"))
        self._load_beside(name, later)


def _text_of(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _resource_of(value: Any, step: str, resource_type: str) -> tuple[str, str] | None:
    """Type and id of the resource that a value stands for before a step; None for any other value."""
    if isinstance(value, str):
        return (resource_type, value) if value else None
    if not isinstance(value, dict) or step in value:
        return None
    found, kind = value.get("id"), value.get("resource_type")
    if not isinstance(found, str) or not found:
        return None
    return (kind if isinstance(kind, str) and kind else resource_type), found
