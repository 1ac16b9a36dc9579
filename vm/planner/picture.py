"""Plans as pictures: an SVG with a box for every state and an arrow for every action.

The text of the file depends on the result only. Widths are reckoned in columns
of a font with fixed width, so that no text leaves its box in any viewer.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .explaining import cost_parts, counted, reason_of, shown

if TYPE_CHECKING:
    from .conditions import Conditions
    from .model import GoapAction, PlannedAction, PlanResult
    from .worlds import WorldState

# Pixels: one column of text, one line, and the space around things.
_COLUMN, _LINE, _PAD, _MARGIN = 8, 20, 10, 24
_FONT = 13
# Columns of text that a box and the room above an arrow have at most, and at least.
_MOST_COLUMNS, _LEAST_COLUMNS = 30, 12
_MOST_FACTS = 12
_BOXES_IN_ROW = 4
_GUTTER = 60
# The Okabe-Ito palette, which color-blind readers can tell apart; every color has a second sign beside it.
_INK, _SOFT, _LINES = "#1a1a1a", "#595959", "#8c8c8c"
_BLUE, _ORANGE, _GREEN, _RED = "#0072b2", "#e69f00", "#007a5a", "#b34700"


@dataclass(slots=True)
class _Fact:
    """A line of a box: what is written, and whether the last action changed it or the goal asks for it."""

    text: str
    is_changed: bool = False
    is_absent: bool = False
    is_met: bool | None = None


@dataclass(slots=True)
class _Box:
    """A state: its heading and facts; `kind` is `state`, `goal`, or `missing` for one that is not reached."""

    title: str
    facts: list[_Fact]
    kind: str = "state"

    @property
    def height(self) -> int:
        return _LINE * (len(self.facts) + 1) + 2 * _PAD - 4


@dataclass(slots=True)
class _Arrow:
    """A step between two boxes: its heading, what it costs, and why."""

    title: str
    cost: str
    parts: list[str] = field(default_factory=list)
    is_dashed: bool = False

    @property
    def height(self) -> int:
        return _LINE * (len(self.parts) + 3) + _PAD


def draw_result(result: PlanResult, actions: Sequence[GoapAction] = ()) -> str:
    """A picture of a plan, or of what came nearest when there is none.

    Args:
        actions: those planned with; the facts they speak of are shown.

    Returns:
        A whole SVG file, the same text for the same result.
    """
    boxes, arrows = _planned(result) if result.plan is not None else _unplanned(result, actions)
    return _Page(_heading(result), boxes, arrows).text()


def _heading(result: PlanResult) -> list[str]:
    goal, plan = result.goal, result.plan
    if plan is None:
        first = f"no plan for {goal.id}: {reason_of(result)}"
    elif not plan.actions:
        first = f"{goal.id} holds already"
    else:
        steps = "1 step" if len(plan.actions) == 1 else f"{len(plan.actions)} steps"
        first = f"{goal.id} in {steps}, cost {shown(plan.total_cost)}"
    wanted = [f"{key} {condition}" for key, condition in goal.conditions]
    lines = [first, "wants " + ", ".join(wanted) if wanted else "wants nothing"]
    return [*lines, f"nearest after {counted(result.nearest_steps)}"] if result.nearest_steps else lines


# --------------------------------------------------------------------- contents


def _planned(result: PlanResult) -> tuple[list[_Box], list[_Arrow]]:
    plan = result.plan
    assert plan is not None
    worlds = plan.worlds()
    keys = _keys(plan.goal.conditions, [step.action for step in plan.actions])
    boxes = []
    for number, world in enumerate(worlds):
        is_last = number == len(worlds) - 1
        title = "goal" if is_last else "start" if number == 0 else f"after {number}"
        before = worlds[number - 1] if number else world
        facts = _facts(world, before, keys, plan.goal.conditions if is_last else ())
        boxes.append(_Box(title, facts, "goal" if is_last else "state"))
    return boxes, [_step(number, step) for number, step in enumerate(plan.actions, 1)]


def _step(number: int, step: PlannedAction) -> _Arrow:
    return _Arrow(f"{number}. {step.id}", f"cost {shown(step.cost)}", cost_parts(step.breakdown))


def _unplanned(result: PlanResult, actions: Sequence[GoapAction]) -> tuple[list[_Box], list[_Arrow]]:
    """What came nearest, and the goal that was not reached."""
    keys = _keys(result.goal.conditions, actions)
    nearest = result.nearest
    boxes: list[_Box] = []
    arrows: list[_Arrow] = []
    if nearest is not None:
        steps = len(result.nearest_steps)
        title = f"nearest, after {steps}" if steps else "start"
        boxes.append(_Box(title, _facts(nearest, nearest, keys, ())))
        arrows.append(_Arrow("not reached", result.status.replace("_", " "), is_dashed=True))
    wanted = [
        _Fact(f"{key} {condition}", is_met=nearest is not None and condition.satisfied(nearest.get(key)))
        for key, condition in result.goal.conditions
    ]
    boxes.append(_Box("goal", wanted, "missing"))
    return boxes, arrows


def _keys(conditions: Conditions, actions: Sequence[GoapAction]) -> list[str]:
    """The facts that matter: the goal's, then those the actions need and change."""
    found = dict.fromkeys(key for key, _ in conditions)
    for action in actions:
        found.update(dict.fromkeys(key for key, _ in (*action.preconditions, *action.effects)))
    return list(found)


def _facts(world: WorldState, before: WorldState, keys: list[str], wanted: Conditions) -> list[_Fact]:
    facts = []
    for key in keys[:_MOST_FACTS]:
        value, old = world.get(key), before.get(key)
        is_changed = value != old or type(value) is not type(old)
        met = [condition.satisfied(value) for name, condition in wanted if name == key]
        facts.append(_Fact(f"{key} {shown(value)}", is_changed, value is None, all(met) if met else None))
    others = len(world) - sum(key in world for key in keys[:_MOST_FACTS])
    if others and world is before:
        # They stay as they are; the first box tells of them.
        facts.append(_Fact(f"and {others} more fact{'s' if others > 1 else ''}", is_absent=True))
    return facts


# ----------------------------------------------------------------------- layout


class _Page:
    """Boxes in rows from left to right, arrows between them, one line of text above all."""

    def __init__(self, heading: list[str], boxes: list[_Box], arrows: list[_Arrow]) -> None:
        self._boxes, self._arrows = boxes, arrows
        self._out: list[str] = []
        texts = [box.title + "   " for box in boxes] + [fact.text for box in boxes for fact in box.facts]
        self._box_columns = _bounded(texts)
        self._box_width = self._box_columns * _COLUMN + 2 * _PAD + 14
        self._gap_columns = _bounded([text for arrow in arrows for text in (arrow.title, arrow.cost, *arrow.parts)])
        self._gap_width = self._gap_columns * _COLUMN + 2 * _PAD
        columns = min(len(boxes), _BOXES_IN_ROW)
        least = _MARGIN * 2 + 46 * _COLUMN
        self._width = max(
            least, _MARGIN * 2 + columns * self._box_width + (columns - 1) * (self._gap_width if columns > 1 else 0)
        )
        room = (self._width - 2 * _MARGIN) // _COLUMN
        first, *others = heading
        # The first line stands in larger letters.
        self._heading = [(line, True) for line in _wrapped(first, room * 4 // 5)]
        self._heading += [(line, False) for text in others for line in _wrapped(text, room)]
        self._top = _MARGIN + len(self._heading) * _LINE + _PAD
        self._title = heading[0]

    def text(self) -> str:
        """The file."""
        bottom = self._rows()
        y = _MARGIN + 4
        head: list[str] = []
        for line, is_strong in self._heading:
            size = 15 if is_strong else _FONT
            head.append(
                _text(_MARGIN, y, line, _INK if is_strong else _SOFT, weight="bold" if is_strong else "", size=size)
            )
            y += _LINE
        height = bottom + _MARGIN
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" width="{self._width}" height="{height}" '
                f'viewBox="0 0 {self._width} {height}" role="img" '
                f"font-family=\"'DejaVu Sans Mono', Menlo, Consolas, 'Courier New', monospace\" font-size=\"{_FONT}\">",
                f"<title>{_escaped(self._title)}</title>",
                f'<rect width="{self._width}" height="{height}" fill="#ffffff"/>',
                *head,
                *self._out,
                "</svg>",
                "",
            ]
        )

    def _rows(self) -> int:
        """Draw everything; where it ends."""
        y, bottom = self._top, self._top
        for start in range(0, len(self._boxes), _BOXES_IN_ROW):
            row = range(start, min(start + _BOXES_IN_ROW, len(self._boxes)))
            if start:
                self._around(start - 1, bottom, bottom + _GUTTER)
                y = bottom + _GUTTER
            bottom = y
            for number in row:
                x = self._x(number)
                self._box(self._boxes[number], x, y)
                bottom = max(bottom, y + self._boxes[number].height)
                if number > start:
                    self._across(self._arrows[number - 1], x - self._gap_width, x, y)
                    bottom = max(bottom, y + self._arrows[number - 1].height)
        return bottom

    def _x(self, number: int) -> int:
        return _MARGIN + number % _BOXES_IN_ROW * (self._box_width + self._gap_width)

    def _box(self, box: _Box, x: int, y: int) -> None:
        color = {"state": _LINES, "goal": _GREEN, "missing": _RED}[box.kind]
        dash = ' stroke-dasharray="6 4"' if box.kind == "missing" else ""
        width = 1 if box.kind == "state" else 2
        self._out.append(
            f'<rect x="{x}" y="{y}" width="{self._box_width}" height="{box.height}" rx="6" fill="#fafafa" '
            f'stroke="{color}" stroke-width="{width}"{dash}/>'
        )
        if box.kind == "goal":
            # A second line around it: the goal is told apart without its color too.
            self._out.append(
                f'<rect x="{x - 4}" y="{y - 4}" width="{self._box_width + 8}" height="{box.height + 8}" rx="9" '
                f'fill="none" stroke="{color}" stroke-width="1"/>'
            )
        line = y + _PAD + 14
        self._out.append(
            _text(x + _PAD, line, _clipped(box.title, self._box_columns), color if width > 1 else _SOFT, weight="bold")
        )
        for fact in box.facts:
            line += _LINE
            self._fact(fact, x, line)

    def _fact(self, fact: _Fact, x: int, y: int) -> None:
        if fact.is_changed:
            self._out.append(f'<rect x="{x + 5}" y="{y - 13}" width="4" height="17" fill="{_ORANGE}"/>')
        if fact.is_met is not None:
            right = x + self._box_width - _PAD - 8
            mark = f"M{right} {y - 5}l3 4l6 -9" if fact.is_met else f"M{right} {y - 9}l8 8m0 -8l-8 8"
            self._out.append(
                f'<path d="{mark}" fill="none" stroke="{_GREEN if fact.is_met else _RED}" stroke-width="2"/>'
            )
        self._out.append(
            _text(
                x + _PAD + 4,
                y,
                _clipped(fact.text, self._box_columns),
                _SOFT if fact.is_absent else _INK,
                weight="bold" if fact.is_changed else "",
                full=fact.text,
            )
        )

    def _across(self, arrow: _Arrow, left: int, right: int, y: int) -> None:
        """An arrow to the next box, its name above and its costs below."""
        middle = (left + right) // 2
        line = y + _PAD + _LINE + 6
        self._line(f"M{left + 2} {line}H{right - 12}", arrow)
        self._out.append(_head(right - 3, line, right=True, color=_RED if arrow.is_dashed else _BLUE))
        color = _RED if arrow.is_dashed else _BLUE
        title = _clipped(arrow.title, self._gap_columns)
        self._out.append(_text(middle, line - 10, title, color, weight="bold", anchor="middle", full=arrow.title))
        below = line + 20
        self._out.append(_text(middle, below, _clipped(arrow.cost, self._gap_columns), _INK, anchor="middle"))
        for part in arrow.parts:
            below += _LINE - 2
            self._out.append(
                _text(middle, below, _clipped(part, self._gap_columns), _SOFT, anchor="middle", size=12, full=part)
            )

    def _around(self, number: int, top: int, bottom: int) -> None:
        """An arrow to the first box of the next row, with everything about it in one line."""
        arrow = self._arrows[number]
        from_x = self._x(number) + self._box_width // 2
        to_x = _MARGIN + self._box_width // 2
        start = self._boxes_bottom(number, top)
        line = top + _GUTTER // 2 + 4
        self._line(f"M{from_x} {start}V{line}H{to_x}V{bottom - 12}", arrow)
        self._out.append(_head(to_x, bottom - 3, right=False, color=_RED if arrow.is_dashed else _BLUE))
        words = f"{arrow.title}, {arrow.cost}" + (f" ({', '.join(arrow.parts)})" if arrow.parts else "")
        room = max((from_x - to_x) // _COLUMN - 3, _LEAST_COLUMNS)
        self._out.append(_text(to_x + 12, line - 8, _clipped(words, room), _BLUE, weight="bold", full=words))

    def _boxes_bottom(self, number: int, bottom: int) -> int:
        """Where the box that a row ends with does: higher than the row when another one is taller."""
        row = range(number - number % _BOXES_IN_ROW, number + 1)
        heights = [self._boxes[other].height for other in row]
        heights += [self._arrows[other - 1].height for other in row if other % _BOXES_IN_ROW]
        return bottom - (max(heights) - self._boxes[number].height) + 4

    def _line(self, path: str, arrow: _Arrow) -> None:
        dash = ' stroke-dasharray="6 4"' if arrow.is_dashed else ""
        color = _RED if arrow.is_dashed else _BLUE
        self._out.append(f'<path d="{path}" fill="none" stroke="{color}" stroke-width="2"{dash}/>')


# ------------------------------------------------------------------------- text


def _head(x: int, y: int, *, right: bool, color: str) -> str:
    """The head of an arrow whose point is at x, y."""
    path = f"M{x} {y}l-10 -5v10z" if right else f"M{x} {y}l-5 -10h10z"
    return f'<path d="{path}" fill="{color}"/>'


def _text(
    x: int, y: int, text: str, color: str, *, weight: str = "", anchor: str = "", size: int = 0, full: str | None = None
) -> str:
    """A line of text; one that was shortened tells everything when pointed at."""
    more = f' font-weight="{weight}"' if weight else ""
    more += f' text-anchor="{anchor}"' if anchor else ""
    more += f' font-size="{size}"' if size else ""
    inner = _escaped(text)
    if full is not None and full != text:
        inner = f"<title>{_escaped(full)}</title>{inner}"
    return f'<text x="{x}" y="{y}" fill="{color}"{more}>{inner}</text>'


def _escaped(text: str) -> str:
    """The text for XML, which has no room for control characters and halves of surrogate pairs."""
    clean = "".join(
        "\ufffd"
        if ord(char) < 32 or 0x7F <= ord(char) < 0xA0 or 0xD800 <= ord(char) < 0xE000 or ord(char) in (0xFFFE, 0xFFFF)
        else char
        for char in text
    )
    return clean.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _columns(text: str) -> int:
    """How wide a text is: two columns for wide characters, none for marks above others."""
    return sum(_width(char) for char in text)


def _width(char: str) -> int:
    if char < "\u0300":
        return 1
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F", "A") else 1


def _clipped(text: str, room: int) -> str:
    """The text, or as much as fits with an ellipsis behind it."""
    if _columns(text) <= room:
        return text
    kept, taken = [], 0
    for char in text:
        taken += _width(char)
        if taken > room - 1:
            break
        kept.append(char)
    return "".join(kept) + "\u2026"


def _wrapped(text: str, room: int) -> list[str]:
    """Lines that fit; at most four."""
    lines = [""]
    for word in text.split(" "):
        if lines[-1] and _columns(lines[-1]) + 1 + _columns(word) > room:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}" if lines[-1] else word
    if len(lines) > 4:
        lines = [*lines[:3], " ".join(lines[3:])]
    return [_clipped(line, room) for line in lines]


def _bounded(texts: Sequence[str]) -> int:
    """The columns that the widest of the texts gets."""
    widest = max(map(_columns, texts), default=0)
    return min(max(widest, _LEAST_COLUMNS), _MOST_COLUMNS)
