"""Random programs of several files: imports, diamonds, shared library state, calls across documents.

Imports lead to files further on, so there are no circles; calls and gotos lead
forwards inside a file and down the imports. The same seed gives the same program.
"""

from __future__ import annotations

import random
from typing import Any

import yaml

from .channels import Channels
from .documents import Documents, Dumper

PATHS = ("tugs.abml.yml", "gear/lamps.yml", "gear/deep/ropes.yaml")
SPELLED = {
    ("main", 0): "tugs", ("main", 1): "./gear/lamps.yml", ("main", 2): "gear/deep/ropes",
    (0, 1): "gear/lamps", (0, 2): "gear/deep/ropes.yaml", (1, 2): "deep/../deep/ropes.yaml",
}  # fmt: skip
ALIASES = ("lib", "aid", "gear")


class _Imports:
    """What a file imports: alias, index of the file, as it is spelled there."""

    def __init__(self, rng: random.Random, place: int | str, count: int) -> None:
        first = 0 if place == "main" else int(place) + 1
        chosen = [i for i in range(first, count) if (place == "main" and i == 0) or rng.random() < 0.7]
        self.entries: list[tuple[str, int, str]] = []
        for index in chosen:
            self.entries.append((ALIASES[index], index, SPELLED[(place, index)]))
        if chosen and rng.random() < 0.2:
            self.entries.append(("twin", chosen[0], SPELLED[(place, chosen[0])]))

    def section(self) -> list[Any]:
        return [{"file": file, "as": alias} for alias, _, file in self.entries]


class Library(Documents):
    """Writes one imported file.

    Attributes:
        index: its place among the files; variables and signals are named after it.
    """

    def __init__(self, seed: int, index: int, imports: _Imports, flows: dict[int, list[str]]) -> None:
        super().__init__(seed)
        self.index = index
        self.imports = imports
        self.flows_of = flows
        self.flows = flows[index]
        self.functions = False

    def action(self, depth: int) -> Any:
        if self.chance(0.4):
            return self.rng.choice((self.own_state, self.own_state, self.look, self.outward, self.outward))(depth)
        return super().action(depth)

    def own_state(self, depth: int) -> Any:
        rng = self.rng
        word = rng.choice(("set", "set", "set", "local", "global"))
        own = f"own{self.index}"
        return rng.choice(
            (
                {word: {own: self.value("num")}},
                {word: {"count": self.value("num")}},
                {"increment": own},
                {word: {"variable": f"store{self.index}.n", "value": f"${{{own}}}"}},
                {"clear": rng.choice((own, "count"))},
                {"state_update": {"path": f"store{self.index}.rows", "operation": "append", "value": f"${{{own}}}"}},
            )
        )

    def look(self, depth: int) -> Any:
        parts = [f"${{own{self.index}}}", f"${{store{self.index}}}", "${count}", "${a}", "${derived}"]
        for alias, index, _ in self.imports.entries:
            parts.append(f"${{{alias}.own{index}}}")
            parts.append(f"${{{alias}.weigh(count)}}")
        return {"log": f"file {self.index}: " + " ".join(self.rng.sample(parts, 3))}

    def outward(self, depth: int) -> Any:
        return outward(self, self.imports, self.flows_of) or self.look(depth)

    def document(self) -> dict[str, Any]:
        own = f"own{self.index}"
        made: dict[str, Any] = {
            "version": "3.0",
            "metadata": {"id": f"file{self.index}"},
            "imports": self.imports.section(),
            "context": {
                "variables": {
                    own: self.rng.choice((1, "7", {"type": "float", "default": 2})),
                    f"store{self.index}": {"default": {"n": "${" + own + "}", "rows": [1]}},
                    "count": {"type": "int", "default": 70 + self.index},
                    "derived": {"computed": "${" + own + " + 1}"},
                }
            },
            "functions": {"weigh": {"params": ["x", {"name": "by", "default": 2}], "body": f"x * by + {own}"}},
            "flows": {name: self.flow(index) for index, name in enumerate(self.flows)},
        }
        return made


def outward(writer: Documents, imports: _Imports, flows: dict[int, list[str]]) -> Any:
    """A call or goto into an imported file."""
    rng = writer.rng
    if not imports.entries or writer.loops > 1:
        return None
    alias, index, _ = rng.choice(imports.entries)
    name = f"{alias}.{rng.choice(flows[index])}"
    flow = name if rng.random() < 0.8 else "${'" + name + "'}"
    if rng.random() < 0.03:
        flow = "${'" + alias + ".nowhere'}"
    args = {key: writer.value("num") for key in rng.sample(("a", "item", "count"), rng.randrange(3))}
    if rng.random() < 0.12 and not writer.arms:
        return {"goto": {"flow": flow, "args": args}}
    made: dict[str, Any] = {"flow": flow, "args": args}
    if rng.random() < 0.4:
        made["into"] = rng.choice(("total", "x", "box.got"))
    return {"call": made}


def _root(seed: int, base: type[Documents], imports: _Imports, flows: dict[int, list[str]]) -> dict[str, Any]:
    """The entry document: what the base writes, with steps into the other files."""

    class Root(base):  # type: ignore[misc, valid-type]
        def action(self, depth: int) -> Any:
            if self.chance(0.25):
                return outward(self, imports, flows) or self.log(depth)
            if self.chance(0.1):
                parts = [f"${{{alias}.own{index}}} ${{{alias}.derived}}" for alias, index, _ in imports.entries]
                parts += [f"${{{alias}.weigh(count)}}" for alias, _, _ in imports.entries]
                return {"log": "root: " + " ".join(self.rng.sample(parts, min(2, len(parts))))}
            return super().action(depth)

    made: dict[str, Any] = Root(seed).document()
    return {"version": made.pop("version"), "metadata": made.pop("metadata"), "imports": imports.section(), **made}


def program(seed: int) -> tuple[str, dict[str, str]]:
    """The root document of a seed and the files it imports, by path."""
    rng = random.Random(seed ^ 0xF11E)
    count = rng.randrange(1, 4)
    flows = {index: [f"step{index}{i}" for i in range(rng.randrange(1, 4))] for index in range(count)}
    files = {}
    for index in range(count):
        library = Library(seed * 7 + index, index, _Imports(rng, index, count), flows)
        files[PATHS[index]] = _text(library.document())
    base = Channels if seed % 3 == 0 else Documents
    return _text(_root(seed, base, _Imports(rng, "main", count), flows)), files


def _text(made: dict[str, Any]) -> str:
    return yaml.dump(made, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=10_000)
