"""Limits are set by name; none goes below its minimum."""

from __future__ import annotations

from typing import Any

import pytest

import abml
from abml.environment import EnvironmentFault, Limits

from .support import HEAD

DOCUMENT = HEAD + "flows: {main: [noop]}"

# Appendix A: name -> (default, minimum).
TABLE: dict[str, tuple[int, int]] = {
    "max_document_bytes": (4 * 1024 * 1024, 64 * 1024),
    "max_nodes": (200_000, 1_000),
    "max_constants": (65_536, 256),
    "max_strings": (65_536, 256),
    "max_flows": (4_096, 16),
    "max_channels": (64, 4),
    "max_locals": (256, 32),
    "max_expression_depth": (100, 16),
    "max_function_args": (16, 16),
    "max_call_depth": (128, 16),
    "max_gotos": (10_000, 1),
    "max_loop_iterations": (10_000, 1),
    "max_instructions_per_turn": (100_000, 1_000),
    "max_instructions_per_tick": (1_000_000, 1_000),
    "max_channel_cycles": (10_000, 10),
    "max_mailbox": (256, 8),
    "max_list": (100_000, 1_000),
    "max_map": (100_000, 1_000),
    "max_text": (1024 * 1024, 4 * 1024),
    "max_log_entries": (10_000, 16),
    "max_intents": (10_000, 16),
    "max_effects": (10_000, 16),
}


def test_defaults() -> None:
    limits = Limits()
    assert {name: getattr(limits, name) for name in TABLE} == {name: default for name, (default, _) in TABLE.items()}
    assert limits.global_timeout is None and limits.wait_timeout is None and limits.expression_cache == 10_000


@pytest.mark.parametrize("name", TABLE)
def test_minimum(name: str) -> None:
    least = TABLE[name][1]
    assert abml.run(DOCUMENT, limits={name: least}).status == "completed"
    for call in (abml.run, abml.compile, abml.check):
        with pytest.raises(ValueError, match=name):
            call(DOCUMENT, limits={name: least - 1})  # type: ignore[operator]


@pytest.mark.parametrize(
    "data", [{"max_fun": 4}, {"max_list": 4000.0}, {"max_list": True}, {"max_list": "4000"}, {"wait_timeout": "soon"}]
)
def test_refused(data: dict[str, Any]) -> None:
    with pytest.raises(EnvironmentFault):
        abml.run(DOCUMENT, limits=data)


def test_limits_themselves_are_accepted() -> None:
    assert abml.run(DOCUMENT, limits=Limits(max_gotos=3)).status == "completed"
    assert Limits.strict_profile().wait_timeout is not None
