"""The verifier: what the machine may take for granted about a program.

It runs behind the emitter in tests and in front of every load. After it, every
operand is in range for its kind, every label leads to an instruction of its own
unit, control cannot run off the end of a unit, and every table refers to what
exists. What only running can tell (what a register holds, how high the argument
stack is) the machine checks itself.
"""

from __future__ import annotations

from typing import Any, NoReturn

from abml.errors import ProgramFormatError

from . import planning
from .encoding import decode, decode_range, signed16, signed32
from .opcodes import OPCODES
from .program import MAX_REGISTERS, NO_REGISTER, Program, Unit

_HANDLERS = frozenset({"handle", "reraise", "substitute"})
_SLOT_KINDS = frozenset({"chain", "document", "library", "hidden"})
_MODES = frozenset({"plain", "source", "computed"})
# Kinds of operands that are fine below a bound; instructions with others are looked at one by one.
_BOUNDED = frozenset("wrskfi-")
_KINDS = [row.operands.ljust(3, "." if "K" in row.operands or "L" in row.operands else "0") for row in OPCODES]
_ENDS_OF_UNITS = {"RET": "flow", "RESUME": "flow", "FRET": "other"}
# Opcodes whose constant must be a text -> which operand it is.
_TEXTS = {"GETM": 2, "RAISE": 0, "CONVERT": 2, "WARN": 0}
_LOOKED_AT = frozenset(
    row.number
    for row in OPCODES
    if not _BOUNDED.issuperset(row.operands)
    or "w" in row.operands[1:]
    or row.name in _ENDS_OF_UNITS
    or row.name in _TEXTS
)


def verify(program: Program) -> None:
    """Check a program.

    Raises:
        ProgramFormatError: naming the first thing that is wrong.
    """
    _Verifier(program).run()


def _wrong(message: str) -> NoReturn:
    raise ProgramFormatError(f"the program is not valid: {message}")


class _Verifier:
    def __init__(self, program: Program) -> None:
        self.p = program
        self.first_temporary = len(program.slots) + program.preloaded
        self.size = len(program.code) // 8
        bounds = {
            "w": program.registers,
            "r": program.registers,
            "s": len(program.slots),
            "k": len(program.constants),
            "f": len(program.functions),
            "0": 1,
            "-": 1,
        }
        # Opcode -> the first value of each operand that is wrong, and of a register that it writes.
        self.bounds = [
            tuple(bounds.get(kind, 0x10000) for kind in kinds)
            + ((len(program.slots), self.first_temporary) if kinds[0] == "w" else (0, 0))
            for kinds in _KINDS
        ]

    def run(self) -> None:
        p = self.p
        if len(p.code) % 8:
            _wrong("its code is cut off")
        if not 0 <= p.preloaded <= len(p.constants) <= 1 << 16:
            _wrong("its constants do not fit")
        if not self.first_temporary <= p.registers < MAX_REGISTERS:
            _wrong("its registers do not fit")
        self._slots()
        self._tables()
        end = 0
        for unit in p.units:
            if unit.start != end or unit.end <= unit.start:
                _wrong(f"unit '{unit.name}' does not follow the one before it")
            end = unit.end
            if end > self.size:
                _wrong(f"unit '{unit.name}' ends behind the code")
            self._unit(unit)
        if end != self.size:
            _wrong("code stands behind the last unit")
        self._lines()
        self._info()

    # ------------------------------------------------------------------ tables

    def _slots(self) -> None:
        p = self.p
        for slot in p.slots:
            if slot.kind not in _SLOT_KINDS or slot.mode not in _MODES:
                _wrong(f"slot '{slot.name}' is of no known kind")
            if slot.thunk >= len(p.units) or (slot.thunk >= 0 and p.units[slot.thunk].kind != "thunk"):
                _wrong(f"slot '{slot.name}' names no thunk")
            if slot.mode != "plain" and slot.thunk < 0:
                _wrong(f"slot '{slot.name}' lacks its thunk")
            if slot.fallback >= len(p.slots):
                _wrong(f"slot '{slot.name}' falls back on nothing")

    def _tables(self) -> None:
        p = self.p
        for ref in p.functions:
            if ref.unit >= len(p.units) or (ref.unit >= 0 and p.units[ref.unit].kind != "function"):
                _wrong(f"function '{ref.name}' names no function")
        for site in p.sites:
            if site.unit >= len(p.units) or (site.unit >= 0 and p.units[site.unit].kind != "flow"):
                _wrong(f"site '{site.name}' names no flow")
            if any(not 0 <= slot < len(p.slots) for slot in site.slots if slot != -1):
                _wrong(f"site '{site.name}' names no variable")
            if site.kind == "store" and (len(site.slots) != 2 or site.slots[0] < 0):
                _wrong("a store has no variable")
            if site.kind == "call" and (len(site.slots) != len(site.names) or -1 in site.slots):
                _wrong("a call has arguments without variables")
            if site.kind in ("call", "action", "intent") and not len(site.names) <= site.count <= len(site.names) + 1:
                _wrong(f"site '{site.name}' takes a wrong number of values")
            if not 0 <= site.count <= 1 << 16:
                _wrong("a site takes too many values")
            self._site_data(site.kind, site.data, site.names)
            if "ahead" in site.flags and (len(site.names) != 1 or not _is_ahead(site.data)):
                _wrong("an action does not say what it fetches")

    def _site_data(self, kind: str, data: Any, names: tuple[str, ...]) -> None:
        """`data` has the shape its kind of site promises."""
        if kind == "wait_for":
            if not isinstance(data, list) or not all(
                item is None
                or (isinstance(item, list) and len(item) == 2 and all(x is None or isinstance(x, str) for x in item))
                for item in data
            ):
                _wrong("a wait has no addresses")
        elif kind == "intent":
            if data is not None and not (
                isinstance(data, list) and len(data) <= len(names) and all(isinstance(x, str) for x in data)
            ):
                _wrong("an intent has wrong parameters")
        elif kind == "action":
            if data is not None and not self._is_of_action(data, names):
                _wrong("an action has wrong data")
        elif kind == "sync":
            if data is not None and not (isinstance(data, list) and all(isinstance(x, str) for x in data)):
                _wrong("a barrier has wrong participants")
        elif kind == "parallel":
            if not isinstance(data, list) or not all(self._is_flow(x) for x in data):
                _wrong("an arm of 'parallel' has no unit")
        elif kind == "auto":
            if not _is_of_load(data):
                _wrong("an automatic load does not say what it loads")
        elif data is not None and not isinstance(data, str):
            _wrong("a site has wrong data")

    def _is_flow(self, number: Any) -> bool:
        units = self.p.units
        return type(number) is int and 0 <= number < len(units) and units[number].kind == "flow"

    def _is_of_action(self, data: Any, names: tuple[str, ...]) -> bool:
        """What an action's site says beside its parameters."""
        if not isinstance(data, dict) or not data.keys() <= {"until", "until_unit", "defaults", "spoken", "ahead"}:
            return False
        defaults, spoken = data.get("defaults", {}), data.get("spoken")
        if not isinstance(defaults, dict) or not all(isinstance(name, str) for name in defaults):
            return False
        if spoken is not None and spoken not in names:
            return False
        return self._is_until(data) if "until" in data or "until_unit" in data else True

    def _is_until(self, data: dict[str, Any]) -> bool:
        """What ends an awaited action early: a signal's address, or a condition's thunk."""
        units = self.p.units
        if "until_unit" in data:
            number = data["until_unit"]
            return type(number) is int and 0 <= number < len(units) and units[number].kind == "thunk"
        address = data.get("until")
        return (
            isinstance(address, list)
            and len(address) == 2
            and (address[0] is None or isinstance(address[0], str))
            and isinstance(address[1], str)
        )

    def _lines(self) -> None:
        before = -1
        for line in self.p.lines:
            if line.pc <= before or line.pc >= self.size or not 0 <= line.document < len(self.p.documents):
                _wrong("its line table is out of order")
            before = line.pc
        if not self.p.documents:
            _wrong("it has no document")

    def _info(self) -> None:
        """Numbers of units in the plain data lead to units; the rest is read with care where it is used."""
        info = self.p.info
        count = len(self.p.units)
        for key in ("entry", "tick_entry", "error_unit"):
            value = info.get(key, -1)
            if isinstance(value, bool) or not isinstance(value, int) or not -2 <= value < count:
                _wrong(f"its {key} is no flow")
            if value >= 0 and self.p.units[value].kind != "flow":
                _wrong(f"its {key} is no flow")
        for key, kind in (("flows", dict), ("init_units", list), ("requirements", list), ("metadata", dict)):
            if not isinstance(info.get(key, kind()), kind):
                _wrong(f"its {key} have the wrong shape")
        for flow in info.get("flows", {}).values():
            unit = flow.get("unit") if isinstance(flow, dict) else None
            if not isinstance(unit, int) or not 0 <= unit < count or self.p.units[unit].kind != "flow":
                _wrong("a flow has no unit")
        self._channels(info.get("channels", {}), info.get("sync_points", {}), info.get("external_signals", []))
        for unit in info.get("init_units", []):
            if not isinstance(unit, int) or not 0 <= unit < count or self.p.units[unit].kind != "thunk":
                _wrong("its defaults have no unit")
        fault = planning.find_fault(info, self._is_thunk)
        if fault is not None:
            _wrong(fault)

    def _is_thunk(self, number: Any) -> bool:
        units = self.p.units
        return type(number) is int and 0 <= number < len(units) and units[number].kind == "thunk"

    def _channels(self, channels: Any, barriers: Any, signals: Any) -> None:
        """Channels start in flows; barriers say which flows mention them."""
        if not isinstance(channels, dict) or not isinstance(barriers, dict) or not isinstance(signals, list):
            _wrong("its channels have the wrong shape")
        for channel in channels.values():
            if (
                not isinstance(channel, dict)
                or not self._is_flow(channel.get("unit"))
                or not isinstance(channel.get("starts"), bool)
            ):
                _wrong("a channel has no unit")
        for units in barriers.values():
            if not isinstance(units, list) or not all(self._is_flow(unit) for unit in units):
                _wrong("a barrier is mentioned by no flow")
        if not all(isinstance(name, str) for name in signals):
            _wrong("its external signals have the wrong shape")

    # ------------------------------------------------------------------- units

    def _unit(self, unit: Unit) -> None:
        p = self.p
        if not 0 <= unit.document < len(p.documents):
            _wrong(f"unit '{unit.name}' belongs to no document")
        if not self.first_temporary <= unit.region_start <= unit.region_end <= p.registers:
            _wrong(f"unit '{unit.name}' has a region outside the registers")
        if any(not 0 <= slot < len(p.slots) for slot in unit.params):
            _wrong(f"unit '{unit.name}' has a parameter that is no variable")
        least, most = unit.arity
        if not 0 <= least <= most or (unit.kind == "function" and unit.region_end - unit.region_start < most + 1):
            _wrong(f"unit '{unit.name}' has no place for its arguments")
        before = unit.start - 1
        for top in unit.tops:
            if not before < top < unit.end:
                _wrong(f"unit '{unit.name}' has top-level actions out of order")
            before = top
        for places in (unit.leaves, unit.leaf_ends):
            before = unit.start - 1
            for place in places:
                if not before < place < unit.end:
                    _wrong(f"unit '{unit.name}' has its actions out of order")
                before = place
        bounds = self.bounds
        for pc, (op, a, b, c) in enumerate(decode_range(p.code, unit.start, unit.end), unit.start):
            if op < len(bounds) and op not in _LOOKED_AT:
                most_a, most_b, most_c, first, behind = bounds[op]
                if a < most_a and b < most_b and c < most_c and not first <= a < behind:
                    continue
            self._instruction(unit, pc)
        last = OPCODES[decode(p.code, unit.end - 1)[0]]
        if "ends" not in last.flags:
            _wrong(f"unit '{unit.name}' runs into the next one")
        for row in unit.handlers:
            if (
                row.kind not in _HANDLERS
                or not unit.start <= row.start < row.end <= unit.end
                or not unit.start <= row.target < unit.end
                or not self.first_temporary <= row.register < p.registers
                or not (row.resume == NO_REGISTER or self.first_temporary <= row.resume < p.registers)
                or not 0 <= row.constant < max(len(p.constants), 1)
                or row.scopes < 0
                or row.args < 0
            ):
                _wrong(f"unit '{unit.name}' has a malformed error handler")

    def _instruction(self, unit: Unit, pc: int) -> None:
        p = self.p
        op, *fields = decode(p.code, pc)
        if op >= len(OPCODES):
            _wrong(f"unknown opcode {op} at {pc}")
        row = OPCODES[op]
        returns = _ENDS_OF_UNITS.get(row.name)
        if returns is not None and (unit.kind == "flow") != (returns == "flow"):
            _wrong(f"{row.name} at {pc} does not belong in a {unit.kind}")
        for i, kind in enumerate(_KINDS[op]):
            value = fields[i]
            good = True
            if kind == "w":
                good = value < p.registers and not len(p.slots) <= value < self.first_temporary
            elif kind == "r":
                good = value < p.registers
            elif kind == "s":
                good = value < len(p.slots)
            elif kind == "k":
                good = value < len(p.constants)
            elif kind == "K":
                good = fields[1] | fields[2] << 16 < len(p.constants)
            elif kind == "x":
                good = value < len(p.sites) and p.sites[value].kind == row.site
            elif kind == "f":
                good = value < len(p.functions)
            elif kind == "l":
                good = value == 0 or unit.start <= pc + 1 + signed16(value) < unit.end
                good = good and unit.start <= pc + 1 + signed16(value) <= unit.end
            elif kind == "L":
                good = unit.start <= pc + 1 + signed32(fields[1], fields[2]) < unit.end
            elif kind in "0-":
                good = value == 0
            if not good:
                _wrong(f"operand {'abc'[i]} of {row.name} at {pc} is out of range")
        at = _TEXTS.get(row.name)
        if at is not None:
            if not isinstance(p.constants[fields[at]], str):
                _wrong(f"{row.name} at {pc} names no text")


def _is_ahead(data: Any) -> bool:
    """What the loads of a loop have in common: type of the resource, steps to an id, filter."""
    ahead = data.get("ahead") if isinstance(data, dict) else None
    if not isinstance(ahead, dict) or ahead.keys() != {"type", "path", "filter"}:
        return False
    lists = [ahead["path"], ahead["filter"]]
    return isinstance(ahead["type"], str) and all(
        isinstance(one, list) and all(isinstance(x, str) for x in one) for one in lists
    )


def _is_of_load(data: Any) -> bool:
    """What an automatic load's site says: type of the resource, template types, aliases."""
    if not isinstance(data, dict) or data.keys() != {"type", "sources", "aliases"}:
        return False
    texts = [data["type"], data["sources"], data["aliases"]]
    return (
        isinstance(texts[0], str)
        and all(isinstance(one, list) for one in texts[1:])
        and all(isinstance(one, str) for one in texts[1])
        and all(isinstance(one, list) and len(one) == 2 and all(isinstance(x, str) for x in one) for one in texts[2])
    )
