"""Documents with channels: runs of the product against runs of the judge, drawn at random."""

from __future__ import annotations

import pytest

from tests.differential.channel_cases import compared, difference
from tests.differential.sizes import CHANNELS, LONG_CHANNELS, report

BLOCK = 25

HEAD = 'version: "3.0"\nmetadata: { id: sample, type: cutscene }\n'

ONCE = {
    "a jump past the start of a leaf action": """
channels:
  a:
    - cond:
        - { when: "${busy}", then: [ { log: no } ] }
        - else: [ { global: { lamp: "${(false ? null : null) | is_empty()}" } }, { log: yes } ]
    - log: a
  b: [ { log: 1 }, { log: 2 }, { log: 3 } ]
""",
    "a wait for a signal with duration and time-out": """
channels:
  a: [ { wait: { until: "@b.s", duration: 2s, timeout: 1s, on_timeout: [ { log: late } ] } }, { log: "${_wait}" } ]
  b: [ { wait: { until: "@b.s", duration: 1s, timeout: 2s, on_timeout: [ { log: late } ] } }, { log: "${_wait}" } ]
""",
    "a global path under a given name": """
channels:
  a: [ { global: { variable: given.w, value: 1 } }, { log: "${given}" } ]
""",
    "a time-out of nothing": """
channels:
  a: [ { wait_for: { any_of: [s], timeout: 0, on_timeout: [ { log: late } ] } }, { log: a } ]
  b: [ { log: b }, { emit: s } ]
""",
    "an intent at the start of a leaf action": """
channels:
  a:
    - emit_intent: { channel: action, action: bow, urgency: 0.5 }
    - emit_intent: { channel: stance, action: sit }
""",
    "a handler in an arm that stops": """
channels:
  a:
    - parallel:
        - [ { set: { x: "${1 / 0}" }, on_error: [ { log: stops } ] }, { log: never } ]
        - [ { log: one }, { log: two } ]
    - log: after
""",
}  # fmt: skip


@pytest.mark.parametrize("name", ONCE)
def test_what_once_differed(name: str) -> None:
    found = compared(HEAD + ONCE[name], seed=0, scope={"given": 2.5}, channels=None)
    assert found is None, found


@pytest.mark.parametrize("block", range(CHANNELS // BLOCK))
def test_random_channels(block: int) -> None:
    report([difference(seed) for seed in range(block * BLOCK, (block + 1) * BLOCK)])


@pytest.mark.long
@pytest.mark.parametrize("block", range(LONG_CHANNELS // BLOCK))
def test_many_random_channels(block: int) -> None:
    first = 1_000_000 + block * BLOCK
    report([difference(seed) for seed in range(first, first + BLOCK)])
