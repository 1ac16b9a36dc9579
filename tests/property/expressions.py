"""Random expressions as text: every operator, step, guard, lambda and function.

`Writer` draws from a `random.Random`; the same seed gives the same texts. It
aims at a kind of value (number, text, list, ...) most of the time, so that
expressions get deep before they raise, and misses on purpose now and then.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

from .signatures import SIGNATURES

SCOPE: dict[str, Any] = {
    "n": 7,
    "neg": -3,
    "top": 9223372036854775807,
    "f": 0.25,
    "huge": 1.7e308,
    "yes": True,
    "off": False,
    "s": "tide",
    "digits": "12",
    "blank": "",
    "wave": "Größe 🌊 é",
    "z": None,
    "l": [3, 1, 2],
    "mixed": [1, "a", None, 2.5, True],
    "none": [],
    "nested": [[1, 2], [], [3, [4]]],
    "m": {"a": 1, "b": {"c": [10, 20]}, "length": 9, "7": "seven", "tower-crew": 4},
    "c": [{"id": "x", "w": 2, "k": {"v": 1}}, {"id": "y", "w": 5, "k": {"v": 0}}, {"id": "z", "w": None}],
}

NAMES: dict[str, Sequence[str]] = {
    "num": ("n", "neg", "f", "n", "f", "top", "huge", "digits"),
    "int": ("n", "neg", "n"),
    "text": ("s", "wave", "blank", "digits", "s"),
    "bool": ("yes", "off"),
    "list": ("l", "mixed", "none", "nested", "c"),
    "nums": ("l", "l", "none"),
    "maps": ("c",),
    "map": ("m",),
    "any": tuple(SCOPE),
}

_TEXTS = (
    "a",
    "id",
    "tide",
    "",
    " x ",
    "12",
    "-2.5",
    "é🌊",
    "a.b",
    "true",
    "1m30s",
    "x y",
    "Harbour Watch",
    "{0}",
    "null",
)
_FLOATS = ("0.5", "2.345", "1e3", "1.5e-7", "0.0", "1e300", "2.5", "12345.678", "1e15", "0.1")
_DURATIONS = ("250ms", "4s", "2.5m", "1h", "3d", "0s", "90s", "1.5s")


class Writer:
    """Writes expression texts.

    Attributes:
        rng: the source of all choices.
        names: kind to names that probably hold a value of it.
        miss: share of sub-expressions of another kind than asked.
        functions: built-in functions to use; by default all that have a signature.
    """

    def __init__(
        self,
        rng: random.Random,
        names: dict[str, Sequence[str]] | None = None,
        *,
        miss: float = 0.04,
        functions: Sequence[str] | None = None,
    ) -> None:
        self.rng = rng
        self.names = NAMES if names is None else names
        self.miss = miss
        self.functions = list(SIGNATURES) if functions is None else list(functions)
        self.locals: list[tuple[str, str]] = []
        self.by_result: dict[str, list[str]] = {}
        for name in self.functions:
            self.by_result.setdefault(SIGNATURES[name][0], []).append(name)

    def expression(self, kind: str = "any", depth: int = 4) -> str:
        """An expression that probably gives a value of the kind, as it stands inside brackets."""
        rng = self.rng
        if rng.random() < self.miss:
            kind = "any"
        if kind == "any":
            if depth > 0 and "any" in self.by_result and rng.random() < 0.12:
                return self.call("any", depth)
            kind = rng.choice(("num", "num", "text", "bool", "bool", "list", "map", "duration", "null", "nums", "maps"))
        if depth <= 0 or rng.random() < 0.12:
            return self.leaf(kind)
        roll = rng.random()
        if roll < 0.30 and kind in self.by_result:
            return self.call(kind, depth)
        if roll < 0.36:
            return f"({self.inner('bool', depth)} ? {self.inner(kind, depth)} : {self.inner(kind, depth)})"
        if roll < 0.41:
            return f"({self.inner(rng.choice((kind, 'null')), depth)} ?? {self.inner(kind, depth)})"
        if roll < 0.47:
            return self.path(kind, depth)
        maker: Callable[[int], str] | None = getattr(self, f"_{kind}", None)
        return self.leaf(kind) if maker is None else maker(depth)

    def inner(self, kind: str, depth: int) -> str:
        return self.expression(kind, depth - 1)

    # -------------------------------------------------------------- leaves

    def leaf(self, kind: str) -> str:
        """A literal or a name."""
        rng = self.rng
        fitting = [name for name, of in self.locals if of in (kind, "any")]
        if fitting and rng.random() < 0.6:
            return rng.choice(fitting)
        if kind in self.names and self.names[kind] and rng.random() < 0.55:
            return rng.choice(self.names[kind])
        if kind in ("num", "int"):
            if kind == "num" and rng.random() < 0.35:
                return rng.choice(_FLOATS)
            return str(
                rng.choice((0, 1, 2, 3, 5, 10, 100, 9223372036854775807, 2**53))
                if rng.random() < 0.6
                else rng.randrange(20)
            )
        if kind == "text":
            return quoted(rng.choice(_TEXTS), rng)
        if kind == "bool":
            return rng.choice(("true", "false"))
        if kind == "duration":
            return rng.choice(_DURATIONS)
        if kind == "nums":
            return "[" + ", ".join(self.leaf("num") for _ in range(rng.randrange(4))) + "]"
        if kind == "list":
            return "[" + ", ".join(self.leaf("any") for _ in range(rng.randrange(3))) + "]"
        if kind == "maps":
            return "[{id: 'p', w: 1}, {id: 'q', w: 3}]"
        if kind == "map":
            return "{a: " + self.leaf("num") + ", 'x y': " + self.leaf("text") + "}"
        if kind == "null":
            return rng.choice(
                ("null", "null", "undefined_name", *(name for name in ("z",) if name in self.names.get("any", ())))
            )
        return self.leaf(rng.choice(("num", "text", "bool", "list", "map", "null", "duration")))

    # ------------------------------------------------------------- operators

    def _num(self, depth: int) -> str:
        rng = self.rng
        roll = rng.random()
        if roll < 0.70:
            op = rng.choice(("+", "-", "*", "/", "%", "+", "-", "*"))
            return f"({self.inner('num', depth)} {op} {self.inner('num', depth)})"
        if roll < 0.78:
            return f"-{self.primary('num', depth)}"
        if roll < 0.84:
            return f"({self.inner('duration', depth)} / {self.inner('duration', depth)})"
        if roll < 0.92:
            return (
                f"{self.primary(rng.choice(('list', 'text', 'map')), depth)}.{rng.choice(('length', 'size', 'count'))}"
            )
        return f"({self.inner('num', depth)} | {rng.choice(('abs', 'round', 'floor', 'ceil', 'sign'))})"

    _int = _num

    def _text(self, depth: int) -> str:
        rng = self.rng
        if rng.random() < 0.5:
            other = rng.choice(("text", "num", "bool", "list", "duration", "null"))
            pair = [self.inner("text", depth), self.inner(other, depth)]
            rng.shuffle(pair)
            return f"({pair[0]} + {pair[1]})"
        if rng.random() < 0.5:
            return f"{self.primary('text', depth)}[{self.inner('int', depth)}]"
        return f"({self.inner('text', depth)} | {rng.choice(('upper', 'lower', 'trim', 'capitalize', 'reverse'))})"

    def _bool(self, depth: int) -> str:
        rng = self.rng
        roll = rng.random()
        if roll < 0.22:
            kind = rng.choice(("num", "num", "text", "duration", "bool"))
            return f"({self.inner(kind, depth)} {rng.choice(('<', '<=', '>', '>='))} {self.inner(kind, depth)})"
        if roll < 0.44:
            kind = rng.choice(("num", "text", "bool", "list", "map", "null", "duration", "any"))
            return f"({self.inner(kind, depth)} {rng.choice(('==', '!='))} {self.inner(kind, depth)})"
        if roll < 0.62:
            op = rng.choice(("&&", "||", "and", "or", "AND", "OR"))
            return f"({self.inner('any' if rng.random() < 0.3 else 'bool', depth)} {op} {self.inner('bool', depth)})"
        if roll < 0.72:
            # `not` binds less than a comparison, so it stands in brackets.
            return f"!{self.primary('any', depth)}" if rng.random() < 0.5 else f"(not {self.inner('bool', depth)})"
        if roll < 0.92:
            op = rng.choice(("in", "not in", "IN"))
            element, container = rng.choice((("num", "nums"), ("text", "text"), ("text", "map"), ("any", "list")))
            return f"({self.inner(element, depth)} {op} {self.inner(container, depth)})"
        return f"({self.inner('text', depth)} contains {self.inner('text', depth)})"

    def _duration(self, depth: int) -> str:
        rng = self.rng
        roll = rng.random()
        if roll < 0.4:
            other = rng.choice(("duration", "num"))
            return f"({self.inner('duration', depth)} {rng.choice('+-')} {self.inner(other, depth)})"
        if roll < 0.7:
            return f"({self.inner('duration', depth)} {rng.choice('*/')} {self.inner('num', depth)})"
        if roll < 0.8:
            return f"({self.inner('duration', depth)} % {self.inner('duration', depth)})"
        return f"-{self.primary('duration', depth)}"

    def _list(self, depth: int) -> str:
        rng = self.rng
        if rng.random() < 0.3:
            return f"({self.inner('list', depth)} + {self.inner('list', depth)})"
        items = ", ".join(self.inner("any", depth) for _ in range(rng.randrange(1, 4)))
        return f"[{items}{',' if rng.random() < 0.1 else ''}]"

    def _nums(self, depth: int) -> str:
        return "[" + ", ".join(self.inner("num", depth) for _ in range(self.rng.randrange(1, 5))) + "]"

    def _maps(self, depth: int) -> str:
        one = [
            f"{{id: {self.inner('text', depth)}, w: {self.inner('num', depth)}}}"
            for _ in range(self.rng.randrange(1, 4))
        ]
        return "[" + ", ".join(one) + "]"

    def _map(self, depth: int) -> str:
        rng = self.rng
        entries = []
        for _ in range(rng.randrange(1, 4)):
            key = rng.choice(("a", "b", "id", "w", "'x y'", "7", "length", f"[{self.leaf('text')}]"))
            entries.append(f"{key}: {self.inner('any', depth)}")
        return "{" + ", ".join(entries) + "}"

    def _null(self, depth: int) -> str:
        return f"{self.primary('any', depth)}?.nothing"

    # ----------------------------------------------------------- steps, calls

    def primary(self, kind: str, depth: int) -> str:
        """An expression that steps and prefix operators bind to."""
        text = self.inner(kind, depth)
        return text if text[0] in "([" or text.isidentifier() else f"({text})"

    def path(self, kind: str, depth: int) -> str:
        """A chain of steps, guarded or not."""
        rng = self.rng
        text = self.primary(rng.choice(("map", "maps", "list", "text", "any", "null")), depth)
        for _ in range(rng.randrange(1, 4)):
            roll = rng.random()
            guard = "?" if rng.random() < 0.45 else ""
            if roll < 0.5:
                name = rng.choice(
                    ("a", "b", "c", "k", "v", "id", "w", "first", "last", "keys", "values", "is_empty", "size", "in")
                )
                text += f"{guard}.{name}"
            elif roll < 0.8:
                index = self.inner(rng.choice(("int", "text", "num")), min(depth, 2))
                text += f"{'?' if guard else ''}[{index}]"
            elif roll < 0.88:
                text += f".{rng.randrange(3)}"
            elif roll < 0.94:
                text += f".${{{self.inner('text', min(depth, 2))}}}"
            else:
                text += f"{guard}.{rng.choice(('length()', 'keys()', 'first()', 'to_string()', 'is_null()'))}"
        return f"({text} ?? {self.inner(kind, depth)})" if rng.random() < 0.4 else text

    def call(self, kind: str, depth: int) -> str:
        """A call of a built-in whose result is of the kind: plain, as method or as filter."""
        rng = self.rng
        name = rng.choice(self.by_result[kind])
        forms = SIGNATURES[name][1]
        args = [self.argument(of, depth) for of in rng.choice(forms)]
        shown = name.upper() if rng.random() < 0.02 else name
        roll = rng.random()
        if args and roll < 0.25:
            first = args[0] if args[0][0] in "([" or args[0].isidentifier() else f"({args[0]})"
            return f"{first}.{shown}({', '.join(args[1:])})"
        if args and roll < 0.4:
            rest = f"({', '.join(args[1:])})" if len(args) > 1 or rng.random() < 0.5 else ""
            return f"({args[0]} | {shown}{rest})"
        return f"{shown}({', '.join(args)})"

    def argument(self, of: str, depth: int) -> str:
        """An argument: a kind, or `fn:KIND` a lambda over elements of that kind."""
        rng = self.rng
        if not of.startswith("fn:"):
            return self.inner(of, depth)
        element, result, *second = of[3:].split(":")
        if element == "map" and rng.random() < 0.35:
            return quoted(rng.choice(("w", "id", "k.v", "nothing")), rng)
        names = [rng.choice("xyuv"), "k2"]
        saved = list(self.locals)
        if second:
            self.locals += [(names[0], second[0]), (names[1], element)]
            head = f"({names[0]}, {names[1]})"
        elif rng.random() < 0.2:
            self.locals += [(names[0], element), (names[1], "num")]
            head = f"({names[0]}, {names[1]})"
        else:
            self.locals.append((names[0], element))
            head = names[0]
        body = self.inner(result, min(depth, 3))
        if element == "map" and rng.random() < 0.7:
            use = f"{names[1] if second else names[0]}.{rng.choice(('w', 'id', 'w'))}"
            body = {
                "num": f"({use} + {body})",
                "bool": f"({use} {rng.choice(('==', '!='))} {body})",
                "text": f"({use} + {body})",
            }.get(result, use)
        self.locals = saved
        return f"{head} => {body}"


def quoted(text: str, rng: random.Random) -> str:
    """A string literal of the expression language."""
    quote = rng.choice("''\"")
    body = text.replace("\\", "\\\\").replace("\n", "\\n").replace(quote, "\\" + quote)
    return f"{quote}{body}{quote}"


def expressions(seed: int, count: int, *, depth: int = 4) -> list[str]:
    """`count` expression texts of a seed."""
    rng = random.Random(seed)
    writer = Writer(rng)
    return [writer.expression("any", rng.randrange(1, depth + 1)) for _ in range(count)]
