"""Random documents that load snapshots: names, filters, ids that are there or not, paths of ids, errors.

Runs of them end. The same seed gives the same document.
"""

from __future__ import annotations

import random
from typing import Any

import yaml

from .documents import Dumper

DATA: dict[tuple[str, str], dict[str, Any]] = {
    ("character", "mila"): {
        "character-base": {"name": "Mila", "rank": 3, "marks": [1, 2, 3], "id": "m-1"},
        "character-personality": {"patience": 0.25, "traits": {"calm": 2, "bold": None}},
        "character-history": {"roles": [{"title": "baker"}]},
    },
    ("character", "ondrej"): {"character-base": {"name": "Ondrej", "rank": 1}},
    ("character", "vera"): {"character-personality": {"patience": 0.75}},
    ("tower", "keep"): {"tower-crew": {"size": 4, "chief": {"id": "mila"}}},
}
_IDS = ("mila", "ondrej", "vera", "nobody", "keep")
_STEPS = {"one_base": {"default": "base"}, "one_history": {"default": "character-history"}}
_NAMES = ("d", "e", "slim")
_PATHS = {
    "base": ("name", "rank", "marks", "id", "ghost", "name.x"),
    "temper": ("patience", "traits.calm", "traits.bold", "traits", "traits.calm.x"),
    "personality": ("patience", "traits.calm"),
    "character-base": ("rank",),
    "_error": ("kind", "message", "source"),
}


class Loads:
    """Writes one document."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.mode = self.rng.choice(("explicit", "auto", "auto", "all"))
        self.depth = 0

    def document(self) -> str:
        """The text."""
        tree = {
            "version": "3.0",
            "metadata": {
                "id": "loads",
                "fetch_mode": self.mode,
                "resource_templates": ["character-base", {"type": "character-personality", "alias": "temper"}],
            },
            "context": {"variables": {"who": {"default": self.id()}, "all": {"default": list(_IDS)}, **_STEPS}},
            "flows": {
                # Everything is loaded before it is read, as ABML410 wants.
                "main": [*(self.load(name, plain=True) for name in _NAMES), *self.actions(7)],
                "helper": self.actions(3, calls=False),
            },
        }
        return yaml.dump(tree, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=10_000)

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def id(self) -> str:
        return self.rng.choice(_IDS)

    # ------------------------------------------------------------------ actions

    def actions(self, most: int, *, calls: bool = True) -> list[Any]:
        return [self.action(calls) for _ in range(self.rng.randrange(1, most + 1))]

    def action(self, calls: bool) -> Any:
        made = self.rng.choice(
            (self.say, self.say, self.any_load, self.prefetch, self.set, self.cond, self.loop, self.go)
        )
        return made(calls)

    def say(self, calls: bool) -> Any:
        return {"log": f"${{{self.path()}}} ${{{self.path()}}}"}

    def set(self, calls: bool) -> Any:
        name = self.rng.choice(("x", "who", "who"))
        value = self.id() if self.chance(0.2) else {"id": self.id()} if self.chance(0.5) else f"${{{self.path()}}}"
        return {"set": {name: value}, "on_error": self.handler()}

    def any_load(self, calls: bool) -> Any:
        return self.load(self.rng.choice(_NAMES))

    def load(self, name: str, *, plain: bool = False) -> Any:
        given = (
            self.id() if plain or self.chance(0.6) else self.rng.choice(("${who}", "${x}", "${null}", "${all.first()}"))
        )
        params: dict[str, Any] = {
            "resource_type": "tower" if self.chance(0.1) else "character", "resource_id": given, "name": name
        }  # fmt: skip
        if name == "slim":
            params["filter"] = self.rng.choice((["temper"], ["personality"], ["character_personality"]))
        made: dict[str, Any] = {"load_snapshot": params}
        if not plain:
            made["on_error"] = self.handler()
        return made

    def prefetch(self, calls: bool) -> Any:
        ids = self.rng.choice(("${all}", "${null}", "${[]}", "${['mila', who, 'mila']}", "${x}"))
        return {
            "prefetch_snapshots": {"resource_type": "character", "resource_ids": ids},
            "on_error": self.handler(),
        }

    def cond(self, calls: bool) -> Any:
        return {"cond": [{"when": f"${{{self.condition()}}}", "then": [self.say(calls)]}, {"else": [self.say(calls)]}]}

    def loop(self, calls: bool) -> Any:
        load = self.load("d")
        if self.chance(0.6):
            load["load_snapshot"]["resource_id"] = "${one}"
        body = [load, {"cond": [{"when": "${d._error != null}", "then": ["continue"]}]}, self.say(calls)]
        body = body if self.chance(0.6) else [{"log": f"${{{self.of_id('one')}}}"}]
        return {"for_each": {"variable": "one", "collection": "${all}", "do": body}, "on_error": self.handler()}

    def go(self, calls: bool) -> Any:
        return {"call": "helper"} if calls else self.say(calls)

    def handler(self) -> list[Any]:
        settle = [{"set": {"_error_handled": True}}] if self.chance(0.9) else []
        return [{"log": "${_error.kind}"}, *settle]

    # -------------------------------------------------------------- expressions

    def path(self) -> str:
        if self.mode != "explicit" and self.chance(0.4):
            return self.of_id("who")
        return self.of_snapshot(self.rng.choice(_NAMES))

    def of_snapshot(self, name: str) -> str:
        if self.chance(0.15):
            return f"{name}.{self.rng.choice(('_loaded', '_id', '_error == null'))}"
        if self.chance(0.15):
            # A computed step may name what the filter leaves out.
            return self.rng.choice((f"{name}[one_base].rank", f"{name}[one_base]?.name", f"{name}[one_history].roles"))
        first = self.rng.choice(("temper", "personality", "_error") if name == "slim" else tuple(_PATHS))
        guard = "?." if self.chance(0.2) else "."
        return f"{name}.{first}{guard}{self.rng.choice(_PATHS[first])}"

    def of_id(self, name: str) -> str:
        if self.mode == "explicit":
            return name
        first = self.rng.choice(("base", "temper", "personality", "character-base"))
        path = f"{name}.{first}.{self.rng.choice(_PATHS[first])}"
        return self.rng.choice((path, path, f"all.map(one => one.{first}).filter(found => found != null).length"))

    def condition(self) -> str:
        path = self.path()
        return self.rng.choice(
            (f"({path}) == null", f"is_null({path})", f"to_string({path}) != 'Mila'", f"({path}) != 0.25")
        )


def resource_document(seed: int) -> str:
    """The document of a seed."""
    return Loads(seed).document()
