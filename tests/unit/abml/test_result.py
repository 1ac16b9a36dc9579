"""RunResult and its form as JSON."""

from __future__ import annotations

import json

import pytest

from abml.result import Record, RunResult, jsonable
from abml.source import Span
from abml.values import Duration


def test_records_are_maps_with_attributes() -> None:
    record = Record(level="info", message="hi", data=None)
    assert record["message"] == record.message == "hi"
    assert record == {"level": "info", "message": "hi", "data": None}
    with pytest.raises(AttributeError, match="no 'span'"):
        _ = record.span


def test_to_dict_is_json() -> None:
    result = RunResult(
        "failed",
        value=Duration(1_500_000),
        scope={"x": [1, 2.5, None, True], "deep": {"d": Duration(90_000_000)}},
        logs=[Record(level="info", message="m", data=float("nan"))],
        error=Record(kind="type_error", code="ABML903", span=Span("a.yml", 1, 2, 1, 4)),
    )
    data = result.to_dict()
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert data["value"] == "1.5s"
    assert data["scope"]["deep"] == {"d": "90s"}
    assert data["logs"] == [{"level": "info", "message": "m", "data": None}]
    assert data["error"]["span"] == {"path": "a.yml", "line": 1, "column": 2, "end_line": 1, "end_column": 4}
    assert list(data)[:4] == ["status", "value", "scope", "logs"]


def test_numbers_without_a_json_form() -> None:
    assert jsonable([float("inf"), float("-inf"), float("nan"), -0.0]) == [None, None, None, -0.0]


def test_a_list_in_itself() -> None:
    loop: list[object] = [1]
    loop.append(loop)
    assert jsonable(loop) == [1, None]


def test_shared_parts_are_written_out() -> None:
    part = [1]
    assert jsonable({"a": part, "b": part}) == {"a": [1], "b": [1]}


def test_very_deep_values_end() -> None:
    deep: list[object] = []
    for _ in range(5_000):
        deep = [deep]
    json.dumps(jsonable(deep))
