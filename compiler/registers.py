"""Register allocation: virtual registers become places in the register file.

Two kinds of places. *Scratch* places are shared by all units of a program and
hold values that no other unit can come between. A value that lives across a
call (or a suspension) gets a place in its unit's own *region*, which the
machine saves when the unit is entered again while it is active.

Linear scan over intervals. Blocks covered by a handler keep alive what the
handler reads, because an error can arise at any of their instructions.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from abml.compiler.ir.blocks import (
    CALLS,
    READS_A,
    READS_B,
    READS_C,
    SHAPES,
    SLOT,
    WRITES_A,
    WRITES_B,
    UnitIR,
    successors,
)


@dataclass(slots=True)
class Allocation:
    """Where the virtual registers of one unit are.

    Attributes:
        scratch: virtual register -> number of its scratch place.
        region: virtual register -> number of its place in the unit's region.
        scratch_size, region_size: how many places are used.
    """

    scratch: dict[int, int]
    region: dict[int, int]
    scratch_size: int
    region_size: int


def allocate(unit: UnitIR) -> Allocation:
    """Places for every virtual register of a unit that is used at all."""
    unit.compact()
    blocks = unit.blocks
    live_in, live_out = _liveness(unit)
    starts: dict[int, int] = {}
    ends: dict[int, int] = {}
    calls: list[int] = []

    # Two positions an instruction: it reads at the even one and writes at the odd one.
    # Positions only grow, so the first touch is the start and the last one the end.
    position = 0
    bounds: list[tuple[int, int]] = []
    begun = 0
    for number, block in enumerate(blocks):
        first = position
        for register in _members(live_in[number] & ~begun):
            starts.setdefault(register, position)
        begun |= live_in[number]
        for ins in block.ins:
            shape = SHAPES[ins.op]
            if shape & READS_A and ins.a < SLOT:
                starts.setdefault(ins.a, position)
                ends[ins.a] = position
            if shape & READS_B and ins.b < SLOT:
                starts.setdefault(ins.b, position)
                ends[ins.b] = position
            if shape & READS_C and ins.c < SLOT:
                starts.setdefault(ins.c, position)
                ends[ins.c] = position
            if ins.op in CALLS:
                calls.append(position)
            if shape & WRITES_A and ins.a < SLOT:
                starts.setdefault(ins.a, position + 1)
                ends[ins.a] = position + 1
            elif shape & WRITES_B and ins.b < SLOT:
                starts.setdefault(ins.b, position + 1)
                ends[ins.b] = position + 1
            position += 2
        for register in _members(live_out[number] & ~begun):
            starts.setdefault(register, position)
        begun |= live_out[number]
        bounds.append((first, position))
    ended = 0
    for number in range(len(blocks) - 1, -1, -1):
        # Of each register only the last block it is alive in has anything to say.
        for alive, position in zip((live_out[number], live_in[number]), reversed(bounds[number]), strict=True):
            if alive & ~ended:
                for register in _members(alive & ~ended):
                    ends[register] = max(ends.get(register, position), position)
                ended |= alive
    for row in unit.handlers:
        # The machine writes these when it enters the handler, and needs the error until its end.
        for register in (row.register, row.resume):
            if register >= 0:
                _extend(starts, ends, register, bounds[row.target.number][0])
                if row.kind == "reraise":
                    _extend(starts, ends, register, bounds[row.last.number][0])
    pinned = list(unit.params) if unit.kind == "function" else []
    for register in pinned:
        _extend(starts, ends, register, -1)
    return _assign(starts, ends, calls, pinned)


def _extend(starts: dict[int, int], ends: dict[int, int], register: int, position: int) -> None:
    starts[register] = min(starts.get(register, position), position)
    ends[register] = max(ends.get(register, position), position)


def _members(mask: int) -> Iterator[int]:
    """The registers of a set kept as bits."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def _liveness(unit: UnitIR) -> tuple[list[int], list[int]]:
    """Registers alive at the start and end of every block, each set as the bits of an int."""
    count = len(unit.blocks)
    uses = [0] * count
    defs = [0] * count
    for number, block in enumerate(unit.blocks):
        used = defined = 0
        for ins in block.ins:
            shape = SHAPES[ins.op]
            if shape & READS_A and ins.a < SLOT:
                used |= 1 << ins.a & ~defined
            if shape & READS_B and ins.b < SLOT:
                used |= 1 << ins.b & ~defined
            if shape & READS_C and ins.c < SLOT:
                used |= 1 << ins.c & ~defined
            if shape & WRITES_A and ins.a < SLOT:
                defined |= 1 << ins.a
            elif shape & WRITES_B and ins.b < SLOT:
                defined |= 1 << ins.b
        uses[number], defs[number] = used, defined
    following = _following(unit)
    raising: list[list[int]] = [[] for _ in range(count)]
    for row in unit.handlers:
        if row.kind != "reraise":
            for number in range(row.first.number, row.last.number):
                if unit.blocks[number].ins:
                    raising[number].append(row.target.number)
    live_in = [0] * count
    live_out = [0] * count
    changed = True
    while changed:
        changed = False
        for i in range(count - 1, -1, -1):
            out = caught = 0
            for j in following[i]:
                out |= live_in[j]
            for j in raising[i]:
                caught |= live_in[j]
            into = uses[i] | (out & ~defs[i]) | caught
            out |= caught
            if into != live_in[i] or out != live_out[i]:
                live_in[i], live_out[i] = into, out
                changed = True
    return live_in, live_out


def _following(unit: UnitIR) -> list[list[int]]:
    """Numbers of the blocks that control may enter from each block, handlers left out."""
    found = []
    for i, block in enumerate(unit.blocks):
        numbers = [follower.number for follower in successors(unit, i)]
        if block.ins and block.ins[-1].op == "RESUME":
            numbers += [top.number for top in unit.tops]
        found.append(numbers)
    return found


def _assign(starts: dict[int, int], ends: dict[int, int], calls: list[int], pinned: list[int]) -> Allocation:
    scratch: dict[int, int] = {}
    region: dict[int, int] = {register: i for i, register in enumerate(pinned)}
    crossing = _crossing(starts, ends, calls)
    sizes = [0, len(pinned)]
    order = sorted(zip(starts.values(), starts, strict=True))
    for which, places in ((0, scratch), (1, region)):
        free: list[int] = []
        active: list[tuple[int, int]] = []
        for start, register in order:
            if (register in crossing) != bool(which) or register in region:
                continue
            while active and active[0][0] < start:
                heapq.heappush(free, heapq.heappop(active)[1])
            if free:
                place = heapq.heappop(free)
            else:
                place = sizes[which]
                sizes[which] += 1
            places[register] = place
            heapq.heappush(active, (ends[register], place))
    return Allocation(scratch, region, sizes[0], sizes[1])


def _crossing(starts: dict[int, int], ends: dict[int, int], calls: list[int]) -> set[int]:
    """Registers that live across a call: alive before it and read after it."""
    found = set()
    for register, start in starts.items():
        # The first call at or after the start whose instruction is not the last reader.
        at = bisect_left(calls, start)
        if at < len(calls) and ends[register] > calls[at]:
            # Written by the call itself: start is odd, the call's position is before it.
            found.add(register)
    return found
