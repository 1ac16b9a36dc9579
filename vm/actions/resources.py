"""What the runtime itself does for the actions of language 8.6 when the host has no handler of their names."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Sequence
from typing import TYPE_CHECKING

from abml.values import Duration, describe
from abml.vm.faults import HostFault
from abml.vm.protocols import Kind, WatchEntry
from abml.vm.resources import Later

from .call import Action, ActionContext, Handler

if TYPE_CHECKING:
    from abml.vm.protocols import SnapshotView
    from abml.vm.resources import Snapshots

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_ACTIONS = frozenset(("load_snapshot", "prefetch_snapshots", "watch", "unwatch", "track_resource"))
_KINDS: tuple[Kind, ...] = ("snapshot", "archive", "auto")


class ResourceActions:
    """Handlers over the snapshots and watches of one instance."""

    def __init__(self, snapshots: Snapshots) -> None:
        self.snapshots = snapshots

    def find(self, name: str) -> Handler | None:
        """The handler of an action; None for actions that are no matter of the runtime."""
        found: Handler | None = getattr(self, name) if name in _ACTIONS else None
        return found

    def load_snapshot(self, action: Action, context: ActionContext) -> Later[SnapshotView] | None:
        """Register the data of a resource as a provider; what is missing or fails is in the provider."""
        kind, found, name = _type(action), _id(action), _name(action)
        if name is None:
            raise HostFault("resource_error", "load_snapshot: it has no 'name'")
        given = _texts(action, "filter")
        return self.snapshots.load(
            name, self.snapshots.request(kind, found, action.flow, given, _kind(action), _age(action))
        )

    def prefetch_snapshots(self, action: Action, context: ActionContext) -> Later[tuple[int, int]] | None:
        """Have the library load resources; which ones are missing is no error."""
        kind = _type(action)
        given = action.params.get("resource_ids")
        if given is None or given == []:
            return None
        if not isinstance(given, list):
            raise HostFault("resource_error", f"prefetch_snapshots: 'resource_ids' is {describe(given)}, not a list")
        for one in given:
            if not isinstance(one, str) or not one:
                raise HostFault("resource_error", f"prefetch_snapshots: {describe(one)} is not the id of a resource")
        ids = list(dict.fromkeys(given))
        resources = self.snapshots.resources
        if resources is None:
            context.log(f"prefetched 0/{len(ids)} {kind}: there is no source of resources", "debug")
            return None
        sources = self.snapshots.sources(action.flow, kind, _texts(action, "filter"))
        try:
            counted = resources.prefetch(kind, ids, sources)
        except Exception as error:
            self._not_prefetched(kind, ids, error)
            return None
        if isinstance(counted, Awaitable):
            return Later(
                counted,
                lambda counts: self._prefetched(kind, ids, counts, context),
                lambda error: self._not_prefetched(kind, ids, error),
            )
        self._prefetched(kind, ids, counted, context)
        return None

    def _prefetched(self, kind: str, ids: list[str], counts: object, context: ActionContext) -> None:
        if isinstance(counts, tuple) and len(counts) == 2:
            context.log(f"prefetched {counts[0]}/{counts[1]} {kind}", "debug")
        else:
            self._not_prefetched(kind, ids, TypeError(f"the library gave {type(counts).__name__}, not two counts"))

    def _not_prefetched(self, kind: str, ids: list[str], error: Exception) -> None:
        """A cache that stays cold is no error of the document: each load will say what is wrong."""
        message = f"prefetch of {len(ids)} {kind} failed: {type(error).__name__}: {error}"
        self.snapshots.instance.warn("resource_error", message)

    def watch(self, action: Action, context: ActionContext) -> Later[SnapshotView] | None:
        """Be told of changes; with a name the data is loaded and kept up to date."""
        kind, found, name = _type(action), _id(action), _name(action)
        given = _texts(action, "sources")
        sources = frozenset(self.snapshots.sources(action.flow, kind, given) or ()) if given else None
        on_change = action.params.get("on_change")
        if on_change is not None and not isinstance(on_change, str):
            raise HostFault("resource_error", f"watch: 'on_change' is {describe(on_change)}, not the name of a flow")
        self.snapshots.watch(WatchEntry(kind, found, sources, name, on_change))
        if name is None:
            return None
        # `sources` says which changes matter; what is loaded is what the document declares.
        return self.snapshots.load(name, self.snapshots.request(kind, found, action.flow))

    def unwatch(self, action: Action, context: ActionContext) -> None:
        """End a watch, if there is one."""
        self.snapshots.unwatch(_type(action), _id(action))

    def track_resource(self, action: Action, context: ActionContext) -> Later[SnapshotView] | None:
        """Keep the resource warm whose id a variable was given (fetch mode `track_on_store`)."""
        return self.snapshots.track(
            str(action.params.get("variable")), _type(action), action.params.get("resource_id"), action.flow
        )


def _type(action: Action) -> str:
    found = action.params.get("resource_type")
    if found == "":
        raise HostFault("resource_error", f"{action.name}: the type of a resource is empty")
    if not isinstance(found, str):
        raise HostFault("resource_error", f"{action.name}: the type of a resource is a text, not {describe(found)}")
    return found


def _id(action: Action) -> str:
    found = action.params.get("resource_id")
    if found == "":
        raise HostFault("resource_error", f"{action.name}: the id of a resource is empty")
    if not isinstance(found, str):
        raise HostFault("resource_error", f"{action.name}: the id of a resource is a text, not {describe(found)}")
    return found


def _name(action: Action) -> str | None:
    """The name for a provider; names of the runtime are refused like anything that is no identifier."""
    found = action.params.get("name")
    if found is None:
        return None
    if not isinstance(found, str) or not _NAME.fullmatch(found):
        extra = {"reason": "invalid_name"}
        shown = f"'{found}'" if isinstance(found, str) else describe(found)
        raise HostFault("resource_error", f"{action.name}: {shown} cannot be the name of a snapshot", extra=extra)
    return found


def _texts(action: Action, name: str) -> Sequence[str]:
    """A list of texts, or one; empty where there is none."""
    given = action.params.get(name)
    if given is None or given == "":
        return ()
    items = given if isinstance(given, list) else [given]
    for item in items:
        if not isinstance(item, str) or not item:
            raise HostFault("resource_error", f"{action.name}: '{name}' names templates, not {describe(item)}")
    return items


def _kind(action: Action) -> Kind:
    given = action.params.get("kind")
    if given is None:
        return "snapshot"
    for kind in _KINDS:
        if given == kind:
            return kind
    raise HostFault("resource_error", f"{action.name}: 'kind' is one of {', '.join(_KINDS)}, not {describe(given)}")


def _age(action: Action) -> float | None:
    given = action.params.get("max_age_s")
    if given is None:
        return None
    if isinstance(given, Duration):
        given = given.micros / 1_000_000
    if isinstance(given, bool) or not isinstance(given, int | float) or not given >= 0:
        raise HostFault("resource_error", f"{action.name}: 'max_age_s' is a number of seconds, not {describe(given)}")
    return float(given)
