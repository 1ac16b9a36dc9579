"""Random documents: variables, flows, branches, loops, handlers, assignments, effects.

Runs of them end: calls and gotos only lead to flows further down, loops are
short. The same seed gives the same document.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import yaml

from .expressions import Writer

FUNCTIONS = (
    "min", "max", "abs", "floor", "round", "clamp", "idiv", "mod", "safe_div", "length", "upper", "capitalize",
    "starts_with", "substring", "join", "split", "type_of", "kind_of", "is_null", "is_empty", "to_string",
    "to_number", "coalesce", "if_else", "default", "random_int", "chance", "contains", "first", "last", "keys",
    "values", "get", "merge", "concat", "append", "without", "slice", "reverse", "unique", "index_of", "sum",
    "map", "filter", "find", "any", "all", "count", "sort", "sort_by", "group_by", "reduce", "zip", "pick",
    "shuffle",
)  # fmt: skip

KINDS = {
    "num": ("count", "level", "ratio", "total", "a", "b", "i", "depth"),
    "int": ("count", "level", "i"),
    "text": ("label", "mood", "tag", "s"),
    "bool": ("open", "busy"),
    "list": ("crew", "queue", "rows"),
    "nums": ("marks", "queue"),
    "maps": ("crew",),
    "map": ("lamp", "item", "box", "_result", "args"),
    "any": ("count", "label", "lamp", "crew", "a", "b", "x", "item", "ghost", "_result", "marks", "given", "args.a"),
}

ACTIONS = ("ring", "lift", "hoist.sail", "flaky", "broken", "measure")


class Documents:
    """Writes one document.

    Attributes:
        rng: the source of all choices.
        writer: for expressions over the names the document uses.
    """

    def __init__(self, seed: int, *, with_parallel: bool = False) -> None:
        self.with_parallel = with_parallel
        self.rng = random.Random(seed)
        self.writer = Writer(
            self.rng, {kind: tuple(names) for kind, names in KINDS.items()}, functions=FUNCTIONS, miss=0.015
        )
        self.flows = [f"flow{i}" for i in range(self.rng.randrange(1, 6))]
        self.current = 0
        self.loops = 0
        self.arms = 0
        self.budget = 40
        self.functions = self.chance(0.4)

    # ---------------------------------------------------------------- fields

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def expr(self, kind: str = "any", depth: int = 2) -> str:
        return "${" + self.writer.expression(kind, self.rng.randrange(depth + 1)) + "}"

    def value(self, kind: str = "any") -> Any:
        """A value field: expression, literal, text with parts, list or map."""
        rng = self.rng
        roll = rng.random()
        if roll < 0.04 and self.functions:
            return "${twice(" + self.writer.expression("num", 1) + ")}"
        if roll < 0.55:
            return self.expr(kind)
        if roll < 0.65:
            return rng.choice((1, 2.5, True, None, -3, 0))
        if roll < 0.75:
            return rng.choice(("7", "calm", "true", "0x1F", "-2.5", "null", "a b", "007", " padded "))
        if roll < 0.85:
            before, between = rng.choice(("n=", "", "tide ")), rng.choice(("!", " and ", ""))
            return f"{before}{self.expr('any', 1)}{between}{self.expr('num', 1)}"
        if roll < 0.93:
            return [self.value("num") for _ in range(rng.randrange(4))]
        return {rng.choice(("id", "w", "mood")): self.value() for _ in range(rng.randrange(3))}

    def target(self) -> str:
        rng = self.rng
        return rng.choice(
            ("count", "level", "total", "a", "b", "x", "label", "open", "marks", "lamp", "tag", "given", "src")
        )

    def path(self) -> str:
        rng = self.rng
        root = rng.choice(("lamp", "box", "crew", "marks", "x", "item", "a"))
        steps = [
            rng.choice((".mood", ".w", ".k.v", "[0]", "[1]", "[3]", "[count]", "['odd key']", "[i]")) for _ in range(2)
        ]
        return root + "".join(steps[: rng.randrange(1, 3)])

    # --------------------------------------------------------------- actions

    def actions(self, depth: int, low: int = 1, high: int = 4) -> list[Any]:
        return [self.action(depth) for _ in range(self.rng.randrange(low, high))]

    def action(self, depth: int) -> Any:
        """One action with its modifiers."""
        self.budget -= 1
        rng = self.rng
        leaves: list[Callable[[int], Any]] = [
            self.log, self.log, self.log, self.log, self.assign, self.assign, self.assign, self.path_assign,
            self.increment, self.clear, self.state_update, self.domain, self.domain, self.intent, self.compound,
            self.emit, self.wait,
        ]  # fmt: skip
        blocks: list[Callable[[int], Any]] = [self.cond, self.switch, self.for_each, self.repeat, self.call, self.guard]
        blocks += [self.cond, self.call]
        if self.with_parallel:
            blocks.append(self.parallel)
        if depth > 0 and self.budget > 0 and rng.random() < 0.45:
            made = rng.choice(blocks)(depth - 1)
        elif depth < 2 and self.chance(0.06):
            made = self.leave()
        else:
            made = rng.choice(leaves)(depth)
        if isinstance(made, dict):
            if self.chance(0.05):
                made["when"] = self.expr("bool")
            if self.chance(0.18):
                made["on_error"] = self.handler(depth)
        return made

    def handler(self, depth: int) -> list[Any]:
        """A handler: notes the error, acknowledges or not, may raise or leave itself."""
        rng = self.rng
        made: list[Any] = []
        if self.chance(0.8):
            made.append({"log": "caught ${_error.kind} in ${_error.flow} at ${_error.action}"})
        if self.chance(0.25):
            made.append(self.action(min(depth, 1)))
        if self.chance(0.1):
            made.append({"set": {"ratio": self.expr("num")}})
        if self.chance(0.1):
            made.append({"broken": {"at": "handler"}})
        if self.chance(0.75):
            made.append({"set": {"_error_handled": rng.choice((True, True, True, True, True, "yes", 1))}})
        if self.chance(0.05):
            made.append(self.leave())
        return made

    def log(self, depth: int) -> Any:
        rng = self.rng
        text = f"{rng.choice(('see ', '', 'x='))}{self.expr()} {self.expr('any', 1)}"
        if self.chance(0.15):
            output = self.writer.expression("any", 1)
            condition = self.writer.leaf("bool")
            text = f"{{{{ ({output}) | default: 'none' }}}} {{% if {condition} %}}lit{{% else %}}dark{{% endif %}}"
        if self.chance(0.7):
            return {"log": text}
        return {"log": {"message": text, "level": rng.choice(("debug", "info", "warn", "error")), "data": self.value()}}

    def assign(self, depth: int) -> Any:
        word = self.rng.choice(("set", "set", "set", "local", "global"))
        targets = {self.target(): self.value() for _ in range(self.rng.randrange(1, 3))}
        return {word: targets}

    def path_assign(self, depth: int) -> Any:
        return {self.rng.choice(("set", "set", "local", "global")): {"variable": self.path(), "value": self.value()}}

    def compound(self, depth: int) -> Any:
        op = self.rng.choice(("+=", "-=", "*=", "/="))
        return {"set": f"{self.target()} {op} {self.writer.expression('num', 1)}"}

    def increment(self, depth: int) -> Any:
        word = self.rng.choice(("increment", "decrement"))
        target = self.path() if self.chance(0.25) else self.target()
        if self.chance(0.4):
            return {word: target}
        return {word: {"variable": target, "by": self.expr("num", 1)}}

    def clear(self, depth: int) -> Any:
        return {"clear": self.target()}

    def state_update(self, depth: int) -> Any:
        rng = self.rng
        operation = rng.choice(("set", "append", "increment", "decrement", "merge", "remove"))
        path = rng.choice(("lamp.mood", "marks", "box.rows", "queue", "lamp", "count", "crew", "box.w"))
        value = {"merge": {"w": self.value("num"), "extra": 1}, "remove": rng.choice(("w", self.expr("num")))}.get(
            operation, self.value("num")
        )
        return {"state_update": {"path": path, "operation": operation, "value": value}}

    def domain(self, depth: int) -> Any:
        rng = self.rng
        name = rng.choice(ACTIONS)
        params = {rng.choice(("strokes", "who", "note")): self.value() for _ in range(rng.randrange(3))}
        made: dict[str, Any] = {name: params}
        if name in ("measure", "flaky") and self.chance(0.6):
            made["result_variable"] = rng.choice(("total", "x", "lamp.w"))
        if name in ("measure", "flaky") and self.chance(0.3):
            made["await"] = "completion"
        return made

    def intent(self, depth: int) -> Any:
        rng = self.rng
        one: dict[str, Any] = {
            "channel": rng.choice(("movement", "Stance", "action", "tail")),
            "action": rng.choice(("walk", "bow", self.expr("text", 1))),
        }
        if self.chance(0.5):
            one["urgency"] = self.expr("num", 1) if self.chance(0.5) else rng.choice((0.2, 1, 3))
        if self.chance(0.3):
            one["target"] = self.value()
        if self.chance(0.3):
            one["speed"] = self.value("num")
        return {"emit_intent": one}

    def emit(self, depth: int) -> Any:
        return {"emit": {"signal": self.rng.choice(("rung", "lit")), "payload": self.value()}}

    def hear(self, depth: int) -> Any:
        """Wait for a signal that may have been emitted."""
        made: dict[str, Any] = {"timeout": "2s", "on_timeout": [{"log": "nobody at ${now()}"}]}
        made[self.rng.choice(("any_of", "all_of"))] = self.rng.choice((["rung"], ["lit", "rung"]))
        if self.chance(0.2):
            del made["on_timeout"]
        return {"wait_for": made}

    def parallel(self, depth: int) -> Any:
        """Arms without transfers: those are refused there."""
        saved, self.loops, self.arms = self.loops, 0, self.arms + 1
        arms = [self.actions(min(depth, 1), 1, 3) for _ in range(self.rng.randrange(1, 4))]
        self.loops, self.arms = saved, self.arms - 1
        return {"parallel": arms}

    def wait(self, depth: int) -> Any:
        return {"wait": self.rng.choice(("1s", "250ms", 2, {"duration": "1s", "until": self.expr("bool", 1)}))}

    def leave(self) -> Any:
        rng = self.rng
        roll = rng.random()
        if self.loops and roll < 0.5:
            return rng.choice(("break", "continue"))
        if self.arms:
            return "noop"
        later = self.flows[self.current + 1 :]
        if later and roll < 0.7:
            name = rng.choice(later)
            flow = name if self.chance(0.7) else "${'" + name + "'}"
            return {"goto": {"flow": flow, "args": {"a": self.value("num"), "item": self.value()}}}
        return {"return": {"value": self.value()}}

    # ---------------------------------------------------------------- blocks

    def cond(self, depth: int) -> Any:
        branches: list[Any] = []
        for _ in range(self.rng.randrange(1, 3)):
            branches.append({"when": self.expr("bool"), "then": self.actions(depth, 1, 3)})
        if self.chance(0.6):
            branches.append({"else": self.actions(depth, 1, 3)})
        return {"cond": branches}

    def switch(self, depth: int) -> Any:
        rng = self.rng
        cases = {key: self.actions(depth, 1, 3) for key in rng.sample(("calm", "7", "1", "null", "2.5"), 2)}
        made: dict[str, Any] = {"value": self.expr(rng.choice(("num", "text", "any"))), "cases": cases}
        if self.chance(0.5):
            made["default"] = self.actions(depth, 1, 3)
        return {"switch": made}

    def _body(self, depth: int) -> list[Any]:
        self.loops += 1
        saved, self.budget = self.budget, self.budget - 4
        body = self.actions(min(depth, 1), 1, 4)
        if self.chance(0.2):
            body.insert(0, {"condition": self.expr("bool")})
        if self.chance(0.15):
            body.append({"cond": [{"when": self.expr("bool"), "then": [self.rng.choice(("break", "continue"))]}]})
        self.budget = min(saved, self.budget)
        self.loops -= 1
        return body

    def for_each(self, depth: int) -> Any:
        kind = self.rng.choice(("nums", "maps", "map", "text", "list", "null", "any"))
        made = {
            "variable": self.rng.choice(("item", "a", "x")),
            "collection": "${" + self.writer.expression(kind, 1) + "}",
            "do": self._body(depth),
        }
        if self.chance(0.3):
            made["index"] = "i"
        return {"for_each": made}

    def repeat(self, depth: int) -> Any:
        times: Any = self.rng.choice((1, 2, 3, "${count % 4}", "${2.9}", "${marks.length}"))
        made = {"times": times, "do": self._body(depth)}
        if self.chance(0.4):
            made["variable"] = "i"
        return {"repeat": made}

    def call(self, depth: int) -> Any:
        later = self.flows[self.current + 1 :]
        if not later or self.loops > 1:
            return self.log(depth)
        name = self.rng.choice(later)
        args: dict[str, Any] = {
            n: self.value() for n in self.rng.sample(("a", "item", "label", "depth"), self.rng.randrange(3))
        }
        made: dict[str, Any] = {"flow": name if self.chance(0.85) else "${'" + name + "'}"}
        if self.chance(0.03):
            made["flow"] = "${'no' + 'where'}"
        if args:
            made["args"] = args
        if self.chance(0.4):
            made["into"] = self.rng.choice(("total", "box.got", "x"))
        return {"call": made}

    def guard(self, depth: int) -> Any:
        return {"condition": self.expr("bool")} if self.chance(0.5) else self.log(depth)

    # -------------------------------------------------------------- document

    def variables(self) -> dict[str, Any]:
        rng = self.rng
        made: dict[str, Any] = {
            "count": {"type": "int", "default": rng.choice((0, 3, "5"))},
            "level": {"type": "float", "default": rng.choice((1, 0.25))},
            "label": {"type": "string", "default": rng.choice(("calm", "7", "tide"))},
            "open": {"type": "bool", "default": rng.choice((True, False))},
            "marks": {"type": "list", "default": "${[3, 1, 2]}"},
            "crew": "${[{id: 'x', w: 2}, {id: 'y', w: 5}]}",
            "lamp": {"default": {"mood": "calm", "w": "${count + 1}", "k": {"v": 1}}},
        }
        if self.chance(0.6):
            made["busy"] = {
                "computed": "${" + rng.choice(("count > 2", "marks.length >= level", "open && count < 9")) + "}"
            }
        if self.chance(0.6):
            made["src"] = {
                "source": "${" + rng.choice(("given", "world?.lit", "count * 2", "null")) + "}",
                "default": 4,
            }
        if self.chance(0.3):
            made["mood"] = {"type": "enum(calm, brisk)", "default": "calm"}
        if self.chance(0.3):
            made["ratio"] = {"default": 0.5, "readonly": False}
        return made

    def flow(self, index: int) -> Any:
        self.current, self.loops, self.budget = index, 0, 14
        body = self.actions(2, 2, 6)
        if self.chance(0.8):
            body.append(
                {"log": {"message": "state", "data": ["${" + name + "}" for name in ("count", "a", "x", "lamp")]}}
            )
        if self.chance(0.35):
            body.append({"return": {"value": self.value()}})
        made: dict[str, Any] = {}
        if index and self.chance(0.4):
            made["params"] = ["a", {"name": "item", "default": self.rng.choice((0, "${count}", "calm", {"w": 1}))}]
            if self.chance(0.3):
                made["params"].append({"name": "label", "type": "string", "default": "9"})
        if self.chance(0.3):
            made["on_error"] = self.handler(1)
        if not made and self.chance(0.5):
            return body
        made["actions"] = body
        return made

    def document(self) -> dict[str, Any]:
        made: dict[str, Any] = {
            "version": "3.0",
            "metadata": {"id": "generated", "archetype": "humanoid"},
            "context": {"variables": self.variables()},
        }
        if self.chance(0.3):
            made["config"] = {"step": 2, "names": ["x", "y"]}
        if self.functions:
            made["functions"] = {"twice": {"params": ["v"], "body": "half = v\nreturn half + v"}}
        made["flow"] = self.flows[0]
        made["flows"] = {name: self.flow(index) for index, name in enumerate(self.flows)}
        if self.chance(0.25):
            self.current, self.budget = len(self.flows), 3
            made["on_error"] = "rescue"
            made["flows"]["rescue"] = self.handler(1) or ["noop"]
        return made


class Dumper(yaml.SafeDumper):
    """Writes values out instead of pointing at them."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def document(seed: int, *, with_parallel: bool = False) -> str:
    """The text of the document of a seed."""
    made = Documents(seed, with_parallel=with_parallel).document()
    return yaml.dump(made, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=10_000)


def given(seed: int) -> dict[str, Any]:
    """Values the host gives to the run of a document."""
    rng = random.Random(seed ^ 0x5EED)
    made: dict[str, Any] = {}
    if rng.random() < 0.5:
        made["given"] = rng.choice((1, 2.5, "7", [1, 2], {"w": 3}, None))
    if rng.random() < 0.3:
        made["count"] = rng.choice((4, "6", 2.0))
    if rng.random() < 0.3:
        made["world"] = {"lit": rng.choice((True, 0, None))}
    if rng.random() < 0.2:
        made["marks"] = [5, 4]
    return made


def handlers() -> dict[str, Callable[[dict[str, Any]], Any]]:
    """What the host does with the actions: a script that is the same on every side."""
    calls = {"flaky": 0}

    def flaky(params: dict[str, Any]) -> Any:
        calls["flaky"] += 1
        if calls["flaky"] % 2:
            raise RuntimeError(f"flaky {calls['flaky']}")
        return {"calls": calls["flaky"]}

    def broken(params: dict[str, Any]) -> Any:
        raise ValueError("broken for good")

    return {
        "flaky": flaky,
        "broken": broken,
        "measure": lambda params: {"got": params, "sum": len(params)},
        "ring": lambda params: None,
    }
