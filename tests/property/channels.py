"""Random documents with channels: signals, waits, barriers, branches, arms, shared variables, errors.

Runs of them end or get stuck: calls, gotos and branches only lead forwards. The
same seed gives the same document.
"""

from __future__ import annotations

import random
from typing import Any

import yaml

from .documents import Documents, Dumper

SIGNALS = ("go", "done", "lit", "rung")
POINTS = ("mark", "mid")
SHARED = ("count", "level", "label", "open", "marks", "lamp", "crew", "given", "src", "shared")


class Channels(Documents):
    """Writes one document with channels.

    Attributes:
        tracks: channels that start by themselves.
        later: channels that are only branched to.
        here: place in `tracks + later` of the channel that is written; flows have none.
    """

    def __init__(self, seed: int) -> None:
        super().__init__(seed, with_parallel=True)
        self.flows = [f"flow{i}" for i in range(self.rng.randrange(0, 4))]
        self.tracks = [f"c{i}" for i in range(self.rng.randrange(2, 6))]
        self.later = [f"out{i}" for i in range(self.rng.randrange(0, 3))]
        self.here: int | None = None
        self.synced = False

    # --------------------------------------------------------------- actions

    def action(self, depth: int) -> Any:
        if not self.chance(0.5):
            return super().action(depth)
        self.budget -= 1
        made = self.rng.choice(
            (
                self.say, self.say, self.emit, self.emit, self.hear, self.hear, self.hear, self.wait_signal,
                self.share, self.share, self.share, self.pause, self.until, self.arms_of, self.go_on,
            )
        )(depth)  # fmt: skip
        if isinstance(made, dict) and self.chance(0.15):
            made["on_error"] = self.handler(depth)
        return made

    def say(self, depth: int) -> Any:
        name = self.rng.choice(SHARED)
        return {"log": f"{self.place()} at ${{now()}}: ${{{name}}} ${{_signal?.payload}} ${{_wait?.reason}}"}

    def place(self) -> str:
        return "flow" if self.here is None else (self.tracks + self.later)[self.here]

    def emit(self, depth: int) -> Any:
        signal = self.rng.choice(SIGNALS)
        if self.chance(0.4):
            return {"emit": signal}
        name = signal if self.chance(0.9) else "${'" + signal + "'}"
        payload = self.rng.choice(("${lamp}", "${count}", "${shared}", self.value()))
        return {"emit": {"signal": name, "payload": payload}}

    def address(self) -> str:
        signal = self.rng.choice(SIGNALS)
        if self.chance(0.55):
            return f"@{self.rng.choice(self.tracks + self.later)}.{signal}"
        return signal if self.chance(0.7) else f"@{signal}"

    def hear(self, depth: int) -> Any:
        rng = self.rng
        if self.chance(0.05):
            return {"wait_for": self.address()}
        made: dict[str, Any] = {
            rng.choice(("any_of", "all_of")): [self.address() for _ in range(rng.randrange(1, 4))],
        }
        if self.chance(0.93):
            made["timeout"] = rng.choice(("0s", "500ms", "1s", 1, "2s", "${count % 3}", "3s"))
            roll = rng.random()
            if roll < 0.75:
                made["on_timeout"] = [{"log": f"{self.place()} hears nobody at ${{now()}}"}, *self.few(depth)]
            elif roll < 0.85 and not self.arms and self.ahead():
                made["on_timeout"] = rng.choice(self.ahead())
        return {"wait_for": made}

    def few(self, depth: int) -> list[Any]:
        return [self.action(0)] if self.chance(0.3) and self.budget > 0 else []

    def wait_signal(self, depth: int) -> Any:
        made: dict[str, Any] = {"until": "@" + self.address().lstrip("@")}
        if self.chance(0.5):
            made["duration"] = self.rng.choice(("1s", "2s", 0))
        if self.chance(0.5) or "duration" not in made:
            made["timeout"] = self.rng.choice(("1s", "1500ms"))
            if self.chance(0.6):
                made["on_timeout"] = [{"log": f"{self.place()} is late"}]
        return {"wait": made}

    def until(self, depth: int) -> Any:
        made: dict[str, Any] = {"until": self.expr("bool", 1) if self.chance(0.5) else "${open == (count > 2)}"}
        if self.chance(0.9):
            made[self.rng.choice(("timeout", "duration"))] = self.rng.choice(("1s", "700ms"))
        return {"wait": made}

    def pause(self, depth: int) -> Any:
        return {"wait": self.rng.choice(("1s", "250ms", 2, 0, "500ms"))}

    def share(self, depth: int) -> Any:
        """A write to what all channels see, into it or over it."""
        rng = self.rng
        word = rng.choice(("set", "set", "set", "global", "global", "local"))
        roll = rng.random()
        if roll < 0.4:
            return {word: {rng.choice(SHARED): self.value()}}
        if roll < 0.6:
            target = rng.choice(("lamp.mood", "lamp.k.v", "crew[0].w", "marks[0]", "shared.n", "given.w"))
            return {word: {"variable": target, "value": self.value("num")}}
        if roll < 0.7:
            return {"increment": rng.choice(("count", "level", "lamp.w", "shared.n", "marks[1]"))}
        if roll < 0.8:
            return {"clear": rng.choice(("count", "src", "label", "lamp.mood", "shared", "given"))}
        if roll < 0.9:
            operation = rng.choice(("append", "append", "remove", "merge", "set"))
            changes: list[tuple[str, Any]] = [("marks", 3), ("marks", 9), ("shared.rows", 1), ("lamp", "w")]
            path, value = rng.choice(changes)
            if operation == "merge":
                path, value = "lamp", {"w": 4, "extra": "${count}"}
            return {"state_update": {"path": path, "operation": operation, "value": value}}
        inner = [{"set": {"variable": "item.w", "value": "${count}"}}, {"log": "${item} ${crew}"}]
        return {"for_each": {"variable": "item", "collection": "${crew}", "do": inner}}

    def arms_of(self, depth: int) -> Any:
        return self.parallel(depth) if depth > 0 and self.budget > 0 else self.say(depth)

    def ahead(self) -> list[str]:
        """Where a branch may lead: channels further on, or flows further on."""
        if self.here is None:
            return self.flows[self.current + 1 :]
        first = max(0, self.here + 1 - len(self.tracks))
        return self.later[first:] + self.flows

    def go_on(self, depth: int) -> Any:
        if self.arms or depth > 1 or not self.ahead() or not self.chance(0.6):
            return self.say(depth)
        target = self.rng.choice(self.ahead())
        if self.chance(0.2):
            target = "${'" + (target if self.chance(0.7) else "nobody") + "'}"
        branch = {"branch": target}
        return {"cond": [{"when": self.expr("bool"), "then": [branch]}]} if self.chance(0.5) else branch

    def sync(self) -> Any:
        made: dict[str, Any] = {"point": self.rng.choice(POINTS)}
        if self.chance(0.5):
            made["timeout"] = self.rng.choice(("1s", "2s", 3, 0))
            roll = self.rng.random()
            if roll < 0.5:
                made["on_timeout"] = [{"log": f"{self.place()} stands alone"}]
            elif roll < 0.6 and self.ahead():
                made["on_timeout"] = self.rng.choice(self.ahead())
        if len(made) == 1 and self.chance(0.5):
            return {"sync": made["point"]}
        return {"sync": made}

    # -------------------------------------------------------------- document

    def channel(self, place: int) -> Any:
        self.here, self.current, self.loops, self.budget = place, -1, 0, 9
        body = self.actions(2, 2, 6)
        if self.synced and self.chance(0.7):
            body.insert(self.rng.randrange(len(body) + 1), self.sync())
        if self.chance(0.5):
            body.insert(self.rng.randrange(len(body) + 1), {"emit": self.rng.choice(SIGNALS)})
        if self.chance(0.7):
            body.append(self.say(0))
        if self.chance(0.4):
            body.append({"return": {"value": self.value()}})
        made: dict[str, Any] = {}
        if self.chance(0.65):
            made["on_error"] = self.handler(1)
        if place >= len(self.tracks) and self.chance(0.3):
            made["start"] = "auto" if self.chance(0.3) else "manual"
        if not made and self.chance(0.6):
            return body
        return {**made, "actions": body}

    def document(self) -> dict[str, Any]:
        made: dict[str, Any] = {
            "version": "3.0",
            "metadata": {"id": "generated", "type": self.rng.choice(("cutscene", "timeline"))},
            "context": {"variables": {**self.variables(), "shared": {"default": {"n": 1, "rows": [1]}}}},
        }
        if self.functions:
            made["functions"] = {"twice": {"params": ["v"], "body": "half = v\nreturn half + v"}}
        self.synced = self.chance(0.4)
        made["channels"] = {name: self.channel(place) for place, name in enumerate(self.tracks + self.later)}
        self.here = None
        made["flows"] = {name: self.flow(index) for index, name in enumerate(self.flows)}
        if self.flows and self.chance(0.15):
            made["channels"]["runner"] = self.rng.choice(self.flows)
        for name in self.later:
            made["channels"][name] = self.manual(made["channels"][name])
        if self.chance(0.35):
            self.current, self.budget = len(self.flows), 3
            made["on_error"] = "rescue"
            made["flows"]["rescue"] = self.handler(1) or ["noop"]
        return made

    def manual(self, channel: Any) -> Any:
        """A channel that nobody branches to would start by itself; most of them must not."""
        if isinstance(channel, list):
            return {"start": "manual", "actions": channel}
        return channel if "start" in channel else {"start": "manual", **channel}


def channel_document(seed: int) -> str:
    """The text of the document of a seed."""
    made = Channels(seed).document()
    return yaml.dump(made, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=10_000)


def host_channels(seed: int, flows: list[str]) -> dict[str, str] | None:
    """Flows that the host starts as channels, for some seeds; None: the document's channels."""
    rng = random.Random(seed ^ 0xC4A7)
    if len(flows) < 2 or rng.random() < 0.85:
        return None
    names = rng.sample(("one", "two", "three", flows[0]), rng.randrange(2, 4))
    return {name: rng.choice(flows) for name in names}
