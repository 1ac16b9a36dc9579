"""Random planning data as documents write them: goals and actions in every form that the language has."""

from __future__ import annotations

import random
from typing import Any

FACTS = ("oil", "gold", "at", "lit", "lamp.is-new", "mood", "water.level", "n")
TEXTS = ("pier", "north tower", "'quoted text'", "true", "NULL", "0x1F", "1e3", "-2.5", "7", "gold or ore")
SENTENCES = ("Lamp is clean", "the keeper's asleep", "gate 3 is shut!")


class Plans:
    """Writes the planning data of one document.

    Attributes:
        rng: the source of all choices.
    """

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def condition(self) -> Any:
        rng = self.rng
        if self.chance(0.3):
            return rng.choice((True, False, 3, 0.5, -2, None))
        operator = rng.choice((">=", "<=", "==", "!=", "=", ">", "<", ""))
        between = rng.choice(("", " ", "  "))
        return rng.choice(("", " ")) + operator + between + rng.choice(TEXTS)

    def effect(self) -> Any:
        rng = self.rng
        if self.chance(0.3):
            return rng.choice((True, False, 3, 0.5, -2, -0.25))
        if self.chance(0.5):
            return rng.choice("+-") + rng.choice(("", " ")) + rng.choice(("1", "2.5", "1e2"))
        return rng.choice(("", "= ", "=")) + rng.choice(TEXTS)

    def facts(self, value: Any, assignments: tuple[str, ...]) -> Any:
        """A mapping, or a list of texts and one-key mappings."""
        rng = self.rng
        keys = rng.sample(FACTS, rng.randrange(4))
        if self.chance(0.7):
            return {key: value() for key in keys}
        found: list[Any] = []
        for key in keys:
            if self.chance(0.5):
                found.append({key: value()})
            else:
                found.append(f"{key} {rng.choice(assignments)} {rng.choice(('1', '2.5', '7'))}")
        if self.chance(0.5):
            found.insert(0, rng.choice(SENTENCES))
        return found

    def conditions(self) -> Any:
        return self.facts(self.condition, (">=", "<", "==", "!=", "="))

    def goal(self) -> dict[str, Any]:
        made: dict[str, Any] = {"conditions": self.conditions()}
        if self.chance(0.6):
            made["priority"] = self.rng.randrange(1, 101)
        if self.chance(0.4):
            made["preconditions"] = self.conditions()
        if self.chance(0.2):
            made["description"] = "why it matters"
        return made

    def action(self) -> dict[str, Any]:
        rng = self.rng
        made: dict[str, Any] = {}
        if self.chance(0.8):
            made["preconditions"] = self.conditions()
        if self.chance(0.9):
            made["effects"] = self.facts(self.effect, ("+=", "-=", "="))
        if self.chance(0.7):
            made["cost"] = rng.choice((0, 1, 2.5, 10))
        if self.chance(0.3):
            made["tags"] = rng.choice(("work", ["work", "loud"], []))
        if self.chance(0.3):
            made["action_type"] = rng.choice(("labor", "craft"))
        if self.chance(0.3):
            made["violations"] = rng.choice(("theft", ["theft", "deception"], []))
        if self.chance(0.3):
            made["cost_modifiers"] = rng.choice(({"add": 2}, [{"add": -0.5}, {"when": "oil > 2", "add": "${oil * 2}"}]))
        return made

    def document(self) -> dict[str, Any]:
        """A document with its goals, flows with `goap` among others, facts of the world."""
        rng = self.rng
        made: dict[str, Any] = {"version": "3.0", "metadata": {"id": "planned"}, "variables": {"oil": 1}}
        made["goals"] = {f"goal{number}": self.goal() for number in range(rng.randrange(4))}
        made["flows"] = {"main": ["noop"]}
        for number in range(rng.randrange(5)):
            made["flows"][f"flow{number}"] = {"goap": self.action(), "actions": ["noop"]}
        if self.chance(0.5):
            made["world_state"] = {
                key: rng.choice((1, True, "pier", "${oil + 1}")) for key in rng.sample(FACTS, rng.randrange(3))
            }
        return made
