"""Settings of snapshots: names, precedence, ranges."""

from __future__ import annotations

from typing import Any

import pytest

from abml.providers.snapshots.settings import SettingsFault, SnapshotSettings, read_settings

CANONICAL = "ACTOR_RESOURCE_SNAPSHOT_DEFAULT_TTL_MINUTES"
ALIAS = "ACTOR_RESOURCE_SNAPSHOT_CACHE_TTL_MINUTES"
LEGACY = "PUPPETMASTER_SNAPSHOT_CACHE_TTL_SECONDS"


def test_res_048_defaults() -> None:
    settings = read_settings({})
    assert settings == SnapshotSettings()
    assert (settings.default_ttl_minutes, settings.prefetch_batch_size, settings.prefetch_concurrency) == (5, 20, 5)
    assert (settings.fetch_timeout_ms, settings.cache_max, settings.negative_ttl_s) == (1000, 10_000, 30)


def test_res_048_names_in_the_environment() -> None:
    environment = {
        "ACTOR_RESOURCE_SNAPSHOT_PREFETCH_BATCH_SIZE": " 7 ",
        "ABML_SNAPSHOT_PREFETCH_CONCURRENCY": "2",
        "ABML_SNAPSHOT_FETCH_TIMEOUT_MS": "300",
        "ABML_SNAPSHOT_CACHE_MAX": "11",
        "ABML_SNAPSHOT_NEGATIVE_TTL_S": "1.5",
        "ABML_PROVIDER_STALE_FACTOR": "3",
        "ABML_WATCH_MAX_PER_ACTOR": "4",
        "RESOURCE_SNAPSHOT_DEFAULT_TTL_SECONDS": "100",
        "RESOURCE_SNAPSHOT_MIN_TTL_SECONDS": "10",
        "RESOURCE_SNAPSHOT_MAX_TTL_SECONDS": "1000",
        "RESOURCE_DEFAULT_COMPRESSION_POLICY": "BEST_EFFORT",
        "RESOURCE_COMPRESSION_CALLBACK_TIMEOUT_SECONDS": "5",
        "PATH": "/bin",
    }
    assert read_settings(environment) == SnapshotSettings(
        prefetch_batch_size=7,
        prefetch_concurrency=2,
        fetch_timeout_ms=300,
        cache_max=11,
        negative_ttl_s=1.5,
        stale_factor=3,
        watch_max_per_actor=4,
        snapshot_ttl_s=100,
        snapshot_ttl_min_s=10,
        snapshot_ttl_max_s=1000,
        compression_policy="BEST_EFFORT",
        collector_timeout_s=5,
    )


@pytest.mark.parametrize(
    "environment",
    [
        {CANONICAL: "8"},
        {ALIAS: "8"},
        {LEGACY: "480"},
        {CANONICAL: "8", ALIAS: "8.0"},
        {CANONICAL: "8", ALIAS: "8", LEGACY: "480"},
    ],
)
def test_res_038_the_alias_works(environment: dict[str, str]) -> None:
    assert read_settings(environment).default_ttl_minutes == 8


def test_res_038_one_setting_in_a_file_has_two_names_as_well() -> None:
    for name in ("ResourceSnapshotDefaultTtlMinutes", "ResourceSnapshotCacheTtlMinutes", "default_ttl_minutes"):
        assert read_settings(file={name: 8}).default_ttl_minutes == 8
    with pytest.raises(SettingsFault, match="ResourceSnapshotCacheTtlMinutes: says 9"):
        read_settings(file={"ResourceSnapshotDefaultTtlMinutes": 8, "ResourceSnapshotCacheTtlMinutes": 9})


@pytest.mark.parametrize(
    ("environment", "names"),
    [
        ({CANONICAL: "8", ALIAS: "9"}, (ALIAS, CANONICAL)),
        ({CANONICAL: "8", LEGACY: "300"}, (LEGACY, CANONICAL)),
        ({ALIAS: "8", LEGACY: "481"}, (LEGACY, ALIAS)),
    ],
)
def test_res_038_different_values_are_an_error(environment: dict[str, str], names: tuple[str, str]) -> None:
    with pytest.raises(SettingsFault) as caught:
        read_settings(environment)
    assert caught.value.setting == names[0]
    assert names[1] in str(caught.value) and "one setting" in str(caught.value)


def test_res_038_the_store_has_a_time_to_live_of_its_own() -> None:
    settings = read_settings({CANONICAL: "8"})
    assert settings.snapshot_ttl_s == 3_600 and settings.default_ttl_minutes == 8


def test_precedence() -> None:
    environment, file = {CANONICAL: "8"}, {"ResourceSnapshotCacheTtlMinutes": 9, "cache_max": 50}
    settings = read_settings(environment, file)
    assert (settings.default_ttl_minutes, settings.cache_max) == (8, 50)
    assert read_settings(environment, file, default_ttl_minutes=7.0).default_ttl_minutes == 7


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({CANONICAL: "soon"}, f"{CANONICAL}: expected a number, found 'soon'"),
        ({CANONICAL: "0"}, f"{CANONICAL}: not above 0: 0.0"),
        ({CANONICAL: "-1"}, f"{CANONICAL}: not above 0"),
        ({CANONICAL: "nan"}, f"{CANONICAL}: expected a number"),
        ({CANONICAL: "inf"}, f"{CANONICAL}: expected a number"),
        ({"ABML_SNAPSHOT_CACHE_MAX": "1.5"}, "ABML_SNAPSHOT_CACHE_MAX: expected a whole number, found '1.5'"),
        ({"ABML_SNAPSHOT_CACHE_MAX": "0"}, "ABML_SNAPSHOT_CACHE_MAX: expected at least 1, found 0"),
        ({"RESOURCE_DEFAULT_COMPRESSION_POLICY": "some"}, "expected ALL_REQUIRED or BEST_EFFORT, found 'some'"),
        ({"RESOURCE_SNAPSHOT_MIN_TTL_SECONDS": "4000"}, "snapshot_ttl_s: the default is not between"),
    ],
)
def test_values_outside_their_range(environment: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsFault) as caught:
        read_settings(environment)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "given", [{"cache_max": True}, {"cache_max": "5"}, {"compression_policy": 3}, {"stale_factor": 0}]
)
def test_given_values_outside_their_range(given: dict[str, Any]) -> None:
    with pytest.raises(SettingsFault):
        read_settings(**given)
