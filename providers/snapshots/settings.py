"""Settings of snapshots: defaults, ranges, names in the environment and in files (runtime 12.3)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

from abml.errors import AbmlError

from .collectors import Policy

_POLICIES = ("ALL_REQUIRED", "BEST_EFFORT")


class SettingsFault(AbmlError, ValueError):
    """A setting that cannot be.

    Attributes:
        setting: its name as it was given.
        message: what is wrong with it.
    """

    def __init__(self, setting: str, message: str) -> None:
        super().__init__(setting, message)
        self.setting = setting
        self.message = message

    def __str__(self) -> str:
        return f"{self.setting}: {self.message}"


@dataclass(frozen=True, slots=True)
class SnapshotSettings:
    """How snapshots are fetched, kept, watched and stored.

    Attributes:
        default_ttl_minutes: how long the cache keeps data whose template does not say; above 0.
        prefetch_batch_size: resources in one bulk call.
        prefetch_concurrency: fetches of a prefetch at the same time.
        fetch_timeout_ms: for one resource.
        cache_max: bundles in the cache; the least recently used go first.
        negative_ttl_s: how long the cache remembers that there is no such resource.
        stale_factor: data may be served for this many times its TTL when newer cannot be had.
        watch_max_per_actor: resources that one actor may watch.
        refetch_interval_ms: a watched resource is fetched again at most once in this time.
        snapshot_ttl_s: how long a stored snapshot lives when nobody says.
        snapshot_ttl_min_s: the least that can be asked for.
        snapshot_ttl_max_s: the most that can be asked for.
        compression_policy: of archives.
        collector_timeout_s: for one source.

    Raises:
        SettingsFault: a value of the wrong type or outside its range.
    """

    default_ttl_minutes: float = 5.0
    prefetch_batch_size: int = 20
    prefetch_concurrency: int = 5
    fetch_timeout_ms: int = 1_000
    cache_max: int = 10_000
    negative_ttl_s: float = 30.0
    stale_factor: float = 10.0
    watch_max_per_actor: int = 256
    refetch_interval_ms: int = 250
    snapshot_ttl_s: int = 3_600
    snapshot_ttl_min_s: int = 60
    snapshot_ttl_max_s: int = 86_400
    compression_policy: Policy = "ALL_REQUIRED"
    collector_timeout_s: float = 60.0

    def __post_init__(self) -> None:
        for field in fields(self):
            _check(field.name, getattr(self, field.name), type(field.default))
        if not self.snapshot_ttl_min_s <= self.snapshot_ttl_s <= self.snapshot_ttl_max_s:
            raise SettingsFault("snapshot_ttl_s", "the default is not between the least and the most")

    def clamp_ttl_s(self, ttl_s: float | None) -> float:
        """How long a snapshot is stored that somebody wants for so many seconds; None: the default."""
        if ttl_s is None or ttl_s != ttl_s:
            return self.snapshot_ttl_s
        return min(max(ttl_s, self.snapshot_ttl_min_s), self.snapshot_ttl_max_s)


def _check(name: str, value: Any, kind: type, shown: str | None = None) -> None:
    shown = shown or name
    if kind is str:
        if value not in _POLICIES:
            raise SettingsFault(shown, f"expected {' or '.join(_POLICIES)}, found {value!r}")
        return
    allowed = (int,) if kind is int else (int, float)
    if isinstance(value, bool) or not isinstance(value, allowed) or not math.isfinite(value):
        raise SettingsFault(shown, f"expected a {'whole ' if kind is int else ''}number, found {value!r}")
    if value < 1 if kind is int else value <= 0:
        raise SettingsFault(shown, f"expected at least 1, found {value}" if kind is int else f"not above 0: {value}")


class _Name(NamedTuple):
    """A name under which a setting may be given; its value is multiplied by `factor`."""

    name: str
    setting: str
    factor: float = 1


# Of several names of one setting the first is the canonical one.
_NAMES = (
    _Name("ACTOR_RESOURCE_SNAPSHOT_DEFAULT_TTL_MINUTES", "default_ttl_minutes"),
    _Name("ACTOR_RESOURCE_SNAPSHOT_CACHE_TTL_MINUTES", "default_ttl_minutes"),
    _Name("PUPPETMASTER_SNAPSHOT_CACHE_TTL_SECONDS", "default_ttl_minutes", 1 / 60),
    _Name("ACTOR_RESOURCE_SNAPSHOT_PREFETCH_BATCH_SIZE", "prefetch_batch_size"),
    _Name("ABML_SNAPSHOT_PREFETCH_CONCURRENCY", "prefetch_concurrency"),
    _Name("ABML_SNAPSHOT_FETCH_TIMEOUT_MS", "fetch_timeout_ms"),
    _Name("ABML_SNAPSHOT_CACHE_MAX", "cache_max"),
    _Name("ABML_SNAPSHOT_NEGATIVE_TTL_S", "negative_ttl_s"),
    _Name("ABML_PROVIDER_STALE_FACTOR", "stale_factor"),
    _Name("ABML_WATCH_MAX_PER_ACTOR", "watch_max_per_actor"),
    _Name("RESOURCE_SNAPSHOT_DEFAULT_TTL_SECONDS", "snapshot_ttl_s"),
    _Name("RESOURCE_SNAPSHOT_MIN_TTL_SECONDS", "snapshot_ttl_min_s"),
    _Name("RESOURCE_SNAPSHOT_MAX_TTL_SECONDS", "snapshot_ttl_max_s"),
    _Name("RESOURCE_DEFAULT_COMPRESSION_POLICY", "compression_policy"),
    _Name("RESOURCE_COMPRESSION_CALLBACK_TIMEOUT_SECONDS", "collector_timeout_s"),
)
_IN_FILES = (
    _Name("ResourceSnapshotDefaultTtlMinutes", "default_ttl_minutes"),
    _Name("ResourceSnapshotCacheTtlMinutes", "default_ttl_minutes"),
    _Name("SnapshotCacheTtlSeconds", "default_ttl_minutes", 1 / 60),
    _Name("ResourceSnapshotPrefetchBatchSize", "prefetch_batch_size"),
)


def read_settings(
    environment: Mapping[str, str] | None = None, file: Mapping[str, Any] | None = None, **given: Any
) -> SnapshotSettings:
    """Settings from several places: given ones come before the environment, that before a file, then defaults.

    Args:
        environment: such as `os.environ`; other names in it are left alone.
        file: the mapping of a configuration file, under the names of the documentation or of the fields.
        given: fields of `SnapshotSettings`.

    Raises:
        SettingsFault: a value outside its range, or two names of one setting with different values
            in one place; it tells the names as they were given.
    """
    by_field = tuple(_Name(field.name, field.name) for field in fields(SnapshotSettings))
    merged: dict[str, Any] = {}
    merged.update(_read(file or {}, (*_IN_FILES, *by_field)))
    merged.update(_read(environment or {}, _NAMES))
    merged.update(given)
    return SnapshotSettings(**merged)


def _read(place: Mapping[str, Any], names: tuple[_Name, ...]) -> dict[str, Any]:
    kinds = {field.name: type(field.default) for field in fields(SnapshotSettings)}
    found: dict[str, Any] = {}
    spelled: dict[str, str] = {}
    for name, setting, factor in names:
        if name not in place:
            continue
        kind = kinds[setting]
        value = _value(name, place[name], kind)
        if factor != 1:
            value *= factor
        _check(setting, value, kind, name)
        other = spelled.setdefault(setting, name)
        # Minutes made of seconds may be off by the last bit.
        if other != name and not (value == found[setting] or (kind is float and math.isclose(value, found[setting]))):
            raise SettingsFault(name, f"says {place[name]}, and {other} says {place[other]}: they are one setting")
        found.setdefault(setting, value)
    return found


def _value(name: str, value: Any, kind: type) -> Any:
    """The value of a setting; in the environment everything is text."""
    if not isinstance(value, str) or kind is str:
        return value.strip() if isinstance(value, str) else value
    try:
        return kind(value.strip())
    except ValueError:
        raise SettingsFault(name, f"expected a {'whole ' if kind is int else ''}number, found {value!r}") from None
