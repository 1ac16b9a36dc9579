"""What the units of one program share: constants, slots, sites, function references."""

from __future__ import annotations

from typing import Any

from abml.compiler.bytecode.program import FunctionRef, Site, Slot

from .blocks import CONST, SLOT

# A constant beyond this many direct operands is loaded by LOADK instead.
PRELOAD_LIMIT = 16_384


def _key(value: Any) -> tuple[str, Any]:
    """Equal only for constants that no program can tell apart (1, 1.0, True and -0.0 differ)."""
    kind = type(value).__name__
    return (kind, value.hex() if kind == "float" else value)


class Pool:
    """Interns what instructions refer to by number.

    Attributes:
        constants: in order of first use; `direct` marks those used as operands.
        slots: variables; names are unique per kind of slot.
    """

    def __init__(self) -> None:
        self.constants: list[Any] = []
        self.direct: list[bool] = []
        self.direct_count = 0
        self.slots: list[Slot] = []
        self.sites: list[Site] = []
        self.functions: list[FunctionRef] = []
        self._constants: dict[tuple[str, Any], int] = {}
        self._slots: dict[str, int] = {}
        self._sites: dict[Site, int] = {}
        self._functions: dict[FunctionRef, int] = {}

    def constant(self, value: Any) -> int:
        """Operand of a constant for `k` and `K` fields."""
        key = _key(value)
        found = self._constants.get(key)
        if found is None:
            found = self._constants[key] = len(self.constants)
            self.constants.append(value)
            self.direct.append(False)
        return CONST + found

    def operand(self, value: Any) -> int | None:
        """Operand of a constant that instructions read directly; None when there are too many."""
        operand = self.constant(value)
        at = operand - CONST
        if not self.direct[at]:
            if self.direct_count >= PRELOAD_LIMIT:
                return None
            self.direct[at] = True
            self.direct_count += 1
        return operand

    def value(self, operand: int) -> Any:
        """The constant behind an operand."""
        return self.constants[operand - CONST]

    def slot(self, name: str) -> int:
        """Operand of the slot called `name`; an undeclared name becomes a `chain` slot."""
        found = self._slots.get(name)
        if found is None:
            return self.declare(Slot(name, "chain"))
        return SLOT + found

    def declare(self, slot: Slot) -> int:
        """Add a slot under its name and give its operand."""
        self._slots[slot.name] = len(self.slots)
        self.slots.append(slot)
        return SLOT + len(self.slots) - 1

    def find_slot(self, name: str) -> Slot | None:
        """The slot called `name`, if there is one."""
        found = self._slots.get(name)
        return None if found is None else self.slots[found]

    def change(self, operand: int, slot: Slot) -> None:
        """Replace a slot's description (its thunk is known later than its place)."""
        self.slots[operand - SLOT] = slot

    def site(self, site: Site) -> int:
        """Number of a site; equal sites are one unless they carry data."""
        if site.data is None:
            found = self._sites.get(site)
            if found is not None:
                return found
            self._sites[site] = len(self.sites)
        self.sites.append(site)
        return len(self.sites) - 1

    def function(self, name: str, unit: int = -1) -> int:
        """Number of a function reference."""
        ref = FunctionRef(name, unit)
        found = self._functions.get(ref)
        if found is None:
            found = self._functions[ref] = len(self.functions)
            self.functions.append(ref)
        return found
