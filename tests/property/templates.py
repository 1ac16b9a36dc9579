"""Random templates: outputs with filters, conditions, cases, loops, assignments."""

from __future__ import annotations

import random

from .expressions import NAMES, Writer

FILTERS = (
    "capitalize", "upcase", "lower", "strip", "lstrip", "rstrip", "truncate: 5", "truncate: 3, '~'", "truncatewords: 2",
    "default: 'none'", "date: '%Y-%m-%d %H:%M'", "date: 'yyyy/MM/dd fff'", "date: '%-d %b %j %Q'", "append: '!'",
    "prepend: n", "remove: 'a'", "replace: 'i', 'o'", "replace_first: 'a', ''", "split: ' '", "join: '-'", "first",
    "last", "size", "reverse", "sort", "uniq", "map: 'id'", "where: 'id', 'x'", "concat: l", "compact", "plus: 2",
    "minus: f", "times: 3", "divided_by: 2", "divided_by: 0", "modulo: 4", "round", "round: 1", "floor", "ceil", "abs",
    "at_least: 2", "at_most: 5", "escape", "newline_to_br", "pluralize: 'boat', 'boats'", "ordinal", "is_null",
    "is_empty", "type_of", "to_json", "upper()", "default('x')",
)  # fmt: skip
_TEXTS = ("tide ", "\n", " a < b & 'c' ", "é🌊", "  ", "}", "$ ", "{ }", "100% ", "x.y ")


class Templates:
    """Writes one template."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        # Filters bind to whole outputs, so the expressions of this generator hold no `|`.
        self.writer = Writer(rng, {kind: tuple(names) for kind, names in NAMES.items()}, miss=0.02)
        self.loops = 0

    def expr(self, kind: str = "any", depth: int = 2) -> str:
        text = self.writer.expression(kind, self.rng.randrange(depth + 1))
        # A closing pair of braces would end the output.
        return f"({text})" if text.endswith("}") or text.startswith("{") else text

    def text(self, depth: int = 3) -> str:
        return "".join(self.node(depth) for _ in range(self.rng.randrange(1, 4)))

    def dash(self) -> str:
        return "-" if self.rng.random() < 0.15 else ""

    def tag(self, body: str) -> str:
        return f"{{%{self.dash()} {body} {self.dash()}%}}"

    def filters(self) -> str:
        return "".join(f" | {self.rng.choice(FILTERS)}" for _ in range(self.rng.choice((0, 0, 1, 1, 2, 3))))

    def node(self, depth: int) -> str:
        rng = self.rng
        roll = rng.random()
        if depth <= 0 or roll < 0.25:
            return rng.choice(_TEXTS)
        if roll < 0.6:
            return f"{{{{{self.dash()} {self.expr()}{self.filters()} {self.dash()}}}}}"
        if roll < 0.7:
            word, end = rng.choice((("if", "endif"), ("if", "endif"), ("unless", "endunless")))
            body = self.tag(f"{word} {self.expr('bool')}") + self.text(depth - 1)
            if word == "if" and rng.random() < 0.3:
                body += self.tag(f"{rng.choice(('elsif', 'elseif'))} {self.expr('bool')}") + self.text(depth - 1)
            if rng.random() < 0.4:
                body += self.tag("else") + self.text(depth - 1)
            return body + self.tag(end)
        if roll < 0.76:
            body = self.tag(f"case {self.expr('num')}")
            for _ in range(rng.randrange(1, 3)):
                body += self.tag(f"when {self.writer.leaf('num')}, {self.writer.leaf('text')}") + self.text(depth - 1)
            if rng.random() < 0.5:
                body += self.tag("else") + self.text(depth - 1)
            return body + self.tag("endcase")
        if roll < 0.88:
            return self.loop(depth)
        if roll < 0.93:
            return self.tag(f"assign {rng.choice(('n', 'q', 's'))} = {self.expr()}{self.filters()}")
        if roll < 0.96:
            return self.tag("capture q") + self.text(depth - 1) + self.tag("endcapture") + "{{ q | size }}"
        return rng.choice(("{% comment %} {{ 1 / 0 }} {% endcomment %}", "{% raw %}{{ n }}{% endraw %}"))

    def loop(self, depth: int) -> str:
        rng = self.rng
        kind = rng.choice(("nums", "maps", "map", "text", "null", "any"))
        head = f"for {rng.choice(('e', 'n', 'q'))} in {self.expr(kind)}"
        if rng.random() < 0.3:
            head += f" limit: {rng.choice(('2', 'n', 'z'))}"
        if rng.random() < 0.2:
            head += " offset: 1"
        if rng.random() < 0.2:
            head += " reversed"
        self.loops += 1
        body = self.tag(head) + "{{ e }}{{ forloop.index }}" + self.text(depth - 1)
        if rng.random() < 0.2:
            body += self.tag("if forloop.index == 2") + self.tag(rng.choice(("break", "continue"))) + self.tag("endif")
        body += rng.choice((",", "{{ forloop.last }}", ""))
        self.loops -= 1
        if rng.random() < 0.3:
            body += self.tag("else") + "none"
        return body + self.tag("endfor")


def templates(seed: int, count: int) -> list[str]:
    """`count` template texts of a seed."""
    rng = random.Random(seed)
    return [Templates(rng).text() for _ in range(count)]
