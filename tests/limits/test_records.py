"""What a run may leave behind: `max_log_entries`, `max_intents`, `max_effects`."""

from __future__ import annotations

import abml

from .support import HEAD, action


def times(count: int, body: str) -> str:
    return f"{{repeat: {{times: {count}, variable: i, do: [ {body} ]}}}}"


def test_max_log_entries_drops_the_oldest() -> None:
    text = HEAD + f"flows: {{main: [ {times(20, '{log: ' + repr('${i}') + '}')} ]}}"
    result = abml.run(text, limits={"max_log_entries": 16})
    assert result.status == "completed"
    assert [record.message for record in result.logs] == [str(number) for number in range(4, 20)]


def test_max_intents() -> None:
    limits = {"max_intents": 16}
    one = "{emit_intent: {channel: stance, action: low}}"
    assert action(times(16, one), limits=limits) == "completed"
    assert action(times(17, one), limits=limits) == "limit_exceeded"


def test_max_intents_counts_each_of_several() -> None:
    limits = {"max_intents": 16}
    two = "{multi_emit: {emissions: [ {channel: stance, action: low}, {channel: attention, action: scan} ]}}"
    assert action(times(8, two), limits=limits) == "completed"
    assert action(times(9, two), limits=limits) == "limit_exceeded"


def test_max_effects() -> None:
    limits = {"max_effects": 16}
    for body in ("{ring: {bell: low}}", "{speak: Ahoy}", "wave_flag"):
        assert action(times(16, body), limits=limits) == "completed"
        assert action(times(17, body), limits=limits) == "limit_exceeded"
