"""Whatever documents hand over: it happens, or is refused, and the world stays a world."""

from __future__ import annotations

import random

from abml.providers.refworld import Refused, RefWorld, dumps, loads
from abml.providers.refworld.actions import ACTIONS, completed
from abml.providers.refworld.consistency import contradictions
from abml.values import Duration

from .support import village

FITTING = {
    "from": ["ada", "bo", "dock"], "to": ["ada", "bo", "cy"], "item": ["lamp", "mule"], "currency": ["penny"],
    "count": [1], "amount": [1, 3], "character": ["ada", "bo", "cy", "di"], "place": ["mill", "dock", "cove"],
    "trait": ["loyalty"], "delta": [0.1, -0.3], "event": ["flood"], "role": ["hero"], "faction": ["millers", "wardens"],
    "terms": ["words"], "scenario": ["fall", "feast"], "roles": [{"victim": "ada", "friend": "bo"}, {"host": "cy"}],
    "storyline": ["s1", "s2", "s3", "s4"], "quest": ["flour", "q1", "q2", "q3"], "objective": ["carry", "tell"],
    "participants": [["ada", "bo"], ["bo", "cy", "ada"]], "kind": ["talk", "oath"], "strength": [0.5],
    "owner": ["ada"], "obligation": ["o1", "o2"], "state": ["ended", "failed", "fulfilled"], "costs": [{"theft": 3}],
}  # fmt: skip
HOSTILE = [
    None, True, 0, -1, 1.5, float("nan"), float("inf"), 10**18, "", "ada", "x" * 500, "\ud800", "o1", [], {}, b"x",
    ["ada", 3], [None, {}], {3: 4}, {"theft": float("nan")}, {"hasRelationships": 1}, {"minAge": float("nan")},
    {"placeIds": {}}, {"species": [3]}, {"knows": []}, Duration(5),
]  # fmt: skip


def test_no_parameters_harm_the_world() -> None:
    """Random actions with fitting and hostile parameters: refused without a trace, or done with the world intact."""
    chance = random.Random(5)
    world: RefWorld = village()
    done: set[str] = set()
    for step in range(3_000):
        if step % 200 == 0:
            world = village()
        action = chance.choice(list(ACTIONS.values()))
        if action.name == "kill_character" and chance.random() < 0.9:
            continue
        given = {
            name: chance.choice(FITTING[name] if name in FITTING and chance.random() < 0.8 else HOSTILE)
            for name in action.params
            if chance.random() < 0.9
        }
        before = dumps(world) if step % 20 == 0 else None
        try:
            action.perform(world, completed(action, given))
            done.add(action.name)
        except Refused as refused:
            assert refused.message and refused.extra["status_code"] in (400, 404, 409)
            assert before is None or dumps(world) == before, (action.name, given)
        if step % 50 == 0:
            assert list(contradictions(world)) == [], (action.name, given)
            assert loads(dumps(world)) == world, (action.name, given)
    assert len(done) > 15
