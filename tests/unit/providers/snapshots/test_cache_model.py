"""The cache of a service against a plain model: a dict of what the backend has, and the times at which it was read."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from abml.environment import TemplateRegistry
from abml.providers.snapshots.decoded import Reading
from abml.providers.snapshots.events import EventMapping, EventMappings
from abml.providers.snapshots.service import SnapshotResources
from abml.providers.snapshots.settings import SnapshotSettings
from abml.vm.clock import VirtualClock
from abml.vm.protocols import SnapshotRequest
from tests.unit.providers.snapshots.snapshot_support import bundle

SECOND = 1_000_000
TTL_S = {"harbor-lamp": 60, "harbor-crew": 120, "harbor-log": 300}
TYPES = list(TTL_S)
IDS = ["a", "b", "c"]
NEGATIVE_S = 30

REGISTRY = TemplateRegistry.from_data(
    {"templates": [{"type": name, "ttl_minutes": ttl / 60} for name, ttl in TTL_S.items() if ttl != 300]}
)


class Model:
    """What is known of one resource: the values of one load, or that it does not exist."""

    def __init__(self, values: dict[str, int] | None, now: int) -> None:
        self.values = values
        self.loaded = now
        self.outdated: set[str] = set()

    def is_fresh(self, wanted: list[str] | None, now: int) -> bool:
        if self.values is None:
            return now < self.loaded + NEGATIVE_S * SECOND and not self.outdated
        names = list(self.values) if wanted is None else wanted
        return all(now < self.loaded + TTL_S[name] * SECOND and name not in self.outdated for name in names)

    def is_usable(self, name: str, now: int) -> bool:
        return self.values is not None and name in self.values and now < self.loaded + 10 * TTL_S[name] * SECOND


class CacheMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.clock = VirtualClock()
        self.real: dict[str, dict[str, int]] = {"a": {name: 0 for name in TYPES}}
        self.down = False
        self.loads = 0
        self.model: dict[str, Model] = {}
        mappings = [EventMapping(f"{name}.changed", "harbor", "id", name) for name in TYPES]
        mappings.append(EventMapping("harbor.deleted", "harbor", "id", None, is_deletion=True))
        self.service = SnapshotResources(
            self, self.clock, Reading(REGISTRY), SnapshotSettings(), EventMappings(mappings)
        )

    # The backend.
    def load(self, kind: str, resource_type: str, resource_id: str) -> Any:
        self.loads += 1
        if self.down:
            raise OSError("down")
        values = self.real.get(resource_id)
        if not values:
            return None
        made = bundle({name: {"n": values[name]} for name in TYPES if name in values}, resource_id)
        return type(made)(made.kind, made.bundle_id, "harbor", resource_id, made.entries, made.created_at)

    @rule(one=st.sampled_from(IDS), name=st.sampled_from(TYPES), value=st.integers(0, 99), tells=st.booleans())
    def change(self, one: str, name: str, value: int, tells: bool) -> None:
        self.real.setdefault(one, {})[name] = value
        if tells:
            self.service.on_event(f"{name}.changed", {"id": one})
            known = self.model.get(one)
            if known is not None:
                # Of a source that was not there nobody knows anything, so everything is old.
                has = known.values is not None and name in known.values
                known.outdated |= {name} if has else set(TYPES)

    @rule(one=st.sampled_from(IDS), tells=st.booleans())
    def delete(self, one: str, tells: bool) -> None:
        self.real.pop(one, None)
        if tells:
            self.service.on_event("harbor.deleted", {"id": one})
            self.model.pop(one, None)

    @rule(seconds=st.sampled_from([1, 29, 30, 59, 60, 61, 120, 299, 600, 1_200, 3_000]))
    def wait(self, seconds: int) -> None:
        self.clock.advance(seconds * SECOND)

    @rule()
    def sweep(self) -> None:
        self.service.cache.sweep()

    @rule(down=st.booleans())
    def turn(self, down: bool) -> None:
        self.down = down

    @rule(one=st.sampled_from(IDS), wanted=st.none() | st.lists(st.sampled_from(TYPES), min_size=1, unique=True))
    def fetch(self, one: str, wanted: list[str] | None) -> None:
        now = self.clock.now_us()
        known = self.model.get(one)
        is_hit = known is not None and known.is_fresh(wanted, now)
        loads = self.loads
        request = SnapshotRequest("harbor", one, None if wanted is None else tuple(wanted))
        view: Any = self.service.fetch(request)
        assert self.loads - loads == (0 if is_hit else 1)
        shown = TYPES if wanted is None else wanted
        expected: dict[str, int] = {}
        kind: str | None = None
        if not is_hit and not self.down:
            values = self.real.get(one)
            known = self.model[one] = Model(dict(values) if values else None, now)
        if not is_hit and self.down:
            kind = "unavailable"
            if known is not None:
                expected = {name: known.values[name] for name in shown if known.is_usable(name, now)}  # type: ignore[index]
            assert view.get(("_stale",)) is bool(expected)
        else:
            assert known is not None
            if known.values is None:
                kind = "not_found"
            else:
                expected = {name: known.values[name] for name in shown if name in known.values}
                if wanted is not None and len(expected) < len(wanted):
                    kind = "partial"
            assert view.get(("_stale",)) is False
        assert {name: view.get((name, "n")) for name in TYPES if view.get((name,)) is not None} == expected
        assert view.get(("_error", "kind")) == kind

    @precondition(lambda self: not self.down)
    @rule(ids=st.lists(st.sampled_from(IDS)))
    def prefetch(self, ids: list[str]) -> None:
        now = self.clock.now_us()
        for one in dict.fromkeys(ids):
            known = self.model.get(one)
            if known is None or not known.is_fresh(None, now):
                values = self.real.get(one)
                self.model[one] = Model(dict(values) if values else None, now)
        found = sum(self.model[one].values is not None for one in set(ids))
        assert self.service.prefetch("harbor", ids) == (found, len(set(ids)))

    @invariant()
    def keeps_no_more_than_the_resources(self) -> None:
        assert len(self.service.cache) <= len(IDS)


CacheMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestCacheModel = CacheMachine.TestCase
