"""The opcode table: the one place where an instruction is defined.

An instruction is eight bytes, little endian: `op:u16 a:u16 b:u16 c:u16`.
Everything else about opcodes is derived from the rows below: the enum values
(the row's position), the encoding, the assembler, the disassembler, the
verifier, `vm/core/opcodes.h`, `vm/core/opcodes.pxd` and `docs/opcodes.md`.

Operand kinds (one letter each, written in the order a, b, c):

| letter | operand |
| --- | --- |
| `w` | register written: a temporary or a variable slot, never a constant |
| `r` | register read: slot, preloaded constant or temporary |
| `s` | variable slot |
| `k` | index into the constant pool, 16 bits |
| `K` | index into the constant pool, 32 bits in b and c |
| `l` | label: signed 16-bit distance in instructions from the next instruction |
| `L` | label: signed 32-bit distance in b and c |
| `x` | index into the site table; the row names the kind of site |
| `f` | index into the function references |
| `i` | unsigned 16-bit number |
| `-` | unused, must be zero |

Flags: `calls` (another unit may run before the next instruction, so no scratch
register survives), `ends` (control never reaches the next instruction),
`raises` (a fault may arise here).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Opcode:
    """One row of the table.

    Attributes:
        number: the encoding; rows are never reordered within a format version.
        operands: operand kinds, at most three letters (`K` and `L` take b and c).
        site: the kind of site an `x` operand refers to, or None.
        flags: see the module's text.
        meaning: one line for `docs/opcodes.md`.
    """

    number: int
    name: str
    operands: str
    meaning: str
    flags: frozenset[str]
    site: str | None

    @property
    def is_jump(self) -> bool:
        """True when an operand is a label."""
        return "l" in self.operands or "L" in self.operands


_rows: list[Opcode] = []


def _op(name: str, operands: str, meaning: str, flags: str = "", site: str | None = None) -> None:
    _rows.append(Opcode(len(_rows), name, operands, meaning, frozenset(flags.split()), site))


# data
_op("NOP", "", "Do nothing.")
_op("MOV", "wr", "a = b.")
_op("LOADK", "wK", "a = constant.")
# arithmetic, language 3.3 and 3.4
_op("ADD", "wrr", "a = b + c.", "raises")
_op("SUB", "wrr", "a = b - c.", "raises")
_op("MUL", "wrr", "a = b * c.", "raises")
_op("DIV", "wrr", "a = b / c, always a float for numbers.", "raises")
_op("MOD", "wrr", "a = b % c, sign of the dividend.", "raises")
_op("NEG", "wr", "a = -b.", "raises")
_op("INC", "wrr", "a = b + c by the increment rule: null counts as 0, an integral result is an int.", "raises")
_op("DEC", "wrr", "a = b - c by the increment rule.", "raises")
_op("MIN", "wrr", "a = min(b, c), or the host's function of that name.", "raises")
_op("MAX", "wrr", "a = max(b, c), or the host's function of that name.", "raises")
# comparison and logic, language 3.2 and 3.5
_op("EQ", "wrr", "a = b == c.")
_op("NE", "wrr", "a = b != c.")
_op("LT", "wrr", "a = b < c.", "raises")
_op("LE", "wrr", "a = b <= c.", "raises")
_op("IN", "wrr", "a = b in c.")
_op("NOT", "wr", "a = not truthy(b).")
_op("BOOL", "wr", "a = truthy(b).")
# jumps
_op("JMP", "-L", "Go to the label.", "ends")
_op("JT", "rL", "Go to the label when a is truthy.")
_op("JF", "rL", "Go to the label when a is falsy.")
_op("JNULL", "rL", "Go to the label when a is null.")
_op("JNOTNULL", "rL", "Go to the label when a is not null.")
_op("JTRUE", "rL", "Go to the label when a is exactly true.")
_op("JLT", "rrl", "Go to the label when a < b.", "raises")
_op("JNLT", "rrl", "Go to the label unless a < b.", "raises")
_op("JLE", "rrl", "Go to the label when a <= b.", "raises")
_op("JNLE", "rrl", "Go to the label unless a <= b.", "raises")
_op("JEQ", "rrl", "Go to the label when a == b.")
_op("JNE", "rrl", "Go to the label unless a == b.")
# access, language 3.7
_op("GETM", "wrk", "a = b.name; the constant c is the name. A provider reference grows its path.", "raises")
_op("GETI", "wrr", "a = b[c]. A provider reference grows its path.", "raises")
_op(
    "PFIN",
    "wr",
    "a = b, where a provider reference is asked for the value at its path (null when absent).",
    "calls raises",
)
# building values
_op("LIST", "w", "a = new empty list.")
_op("APPEND", "rr", "Append b to the list a (a fresh list of this unit).", "raises")
_op("MAP", "w", "a = new empty map.")
_op("PUT", "rrr", "Put c into the map a (a fresh map of this unit) under the text of b.", "raises")
_op("TEXT", "wi", "a = the texts of the top b arguments, joined; null is `null`. Pops them.", "raises")
_op("TBNEW", "w", "a = new text builder.")
_op("TBADD", "rri", "Add the text of b to the builder a; null is empty when c is 0, `null` when c is 1.", "raises")
_op("TBEND", "wr", "a = the text of the builder b.", "raises")
# arguments and functions
_op("ARG", "r", "Push a.")
_op("ARG2", "rr", "Push a, then b.")
_op("ARG3", "rrr", "Push a, then b, then c.")
_op("CALLF", "wfi", "a = function b applied to the top c arguments. Pops them.", "calls raises")
_op(
    "CALLH",
    "wfi",
    "a = higher-order function b over the top c arguments: list, results of its function, rest. Pops them.",
    "raises",
)
_op("FRET", "r", "Return a from a function or thunk.", "ends")
# iteration
_op("ITER", "wr", "a = iterator over b by the for_each rule (`not_iterable`).", "raises")
_op(
    "ITERL",
    "wrf",
    "a = iterator over the list b; null is empty, another kind an argument_error of function c.",
    "raises",
)
_op("NEXT", "rwl", "b = next element of the iterator a, or go to the label when there is none.", "raises")
_op("INDEX", "wr", "a = 0-based position of the element last taken from the iterator b.")
_op("TIMES", "wr", "a = number of rounds `repeat` makes for b: truncated, not below 0.", "raises")
_op(
    "COUNT", "wrl", "a = a + 1; go to the label when a >= b. Counts a loop round against max_loop_iterations.", "raises"
)
# scopes and variables, language 6.3
_op("SCOPE", "", "Enter a child scope.")
_op("UNSCOPE", "i", "Leave a scopes.")
_op(
    "LOADV",
    "ws",
    "a = variable b: innermost binding, else bindings, providers, ambient names, else null. A lazy slot runs its thunk.",
    "calls raises",
)
_op(
    "LOADL", "wss", "a = variable b when the dynamic chain binds it, else the library's own variable c.", "calls raises"
)
_op("LOADD", "ws", "a = variable b as the document scope and the given layer see it.", "calls raises")
_op("SETV", "sr", "Write b to variable a by the set rule.", "raises")
_op(
    "SETL",
    "srs",
    "Write b to variable a when the dynamic chain binds it, else to the library's own variable c.",
    "raises",
)
_op("LOCALV", "sr", "Create or overwrite a in the current scope.")
_op("GLOBALV", "sr", "Create or overwrite a in the document scope.")
_op("CLEARV", "s", "Write null where set would find a; a source variable returns to its binding.")
_op("JBOUND", "sL", "Go to the label when a is bound in the current scope.")
_op("JGIVEN", "sL", "Go to the label when slot a holds a value (is neither unbound nor lazy).")
_op("LAZY", "s", "Make slot a lazy in the document scope: reading runs its thunk.")
_op("STORE", "xr", "Write b through the path whose steps are the top arguments. Pops them.", "raises", "store")
_op("CONVERT", "wrk", "a = b converted to the declared type c when lossless, else b with a warning.", "raises")
# flows, language 6.5
_op(
    "CALLFLOW",
    "wx",
    "Call a flow; a = what it returns. Pops the site's arguments (dynamic: the flow name first).",
    "calls raises",
    "call",
)
_op("GOTO", "x", "Drop all frames and enter a flow. Pops the site's arguments.", "calls ends raises", "call")
_op("RET", "r", "End the flow with a.", "ends")
_op("RESUME", "r", "Go to the instruction whose number a holds; it must start a top-level action of the unit.", "ends")
_op("RAISE", "kr", "Raise the error kind a with the message b.", "ends raises")
# what reaches the host
_op("LOG", "x", "Append to the log: message, then data when the site has it. Pops them.", "raises", "log")
_op("WARN", "k", "Log the constant a as a warning of the runtime.")
_op("INTENT", "xrr", "Append an intent with action b and urgency c (clamped to 0..1).", "raises", "intent")
_op(
    "INTENTX",
    "xrr",
    "As INTENT; target, position, data, then extra fields named by the site are popped.",
    "raises",
    "intent",
)
_op(
    "ACT",
    "wxl",
    "Hand a domain action over; a = its value. Pops the site's parameters. On timeout go to the label when it is not 0.",
    "calls raises",
    "action",
)
_op("EMIT", "x", "Emit a signal; payload (and a dynamic name before it) are popped.", "raises", "emit")
_op(
    "WAITFOR",
    "wxl",
    "Take signals from the mailbox; a = list of them. On timeout go to the label when it is not 0.",
    "calls raises",
    "wait_for",
)
_op(
    "DEADLINE",
    "wri",
    "a = VM clock plus duration b; bare numbers are seconds (c = 0) or milliseconds (c = 1). Null stays null, or with c = 2 becomes the host's limit of waits.",
    "raises",
)
_op("JPAST", "rL", "Go to the label when the VM clock has reached a; never for null.")
_op(
    "YIELD", "rri", "Suspend until the earlier of the deadlines a and b; with c = 1 also resume at every tick.", "calls"
)
_op(
    "CONT",
    "x",
    "Wait at a continuation point, then enter its extension or default flow.",
    "calls ends raises",
    "continuation",
)
_op(
    "SYNC",
    "rxl",
    "Wait at a barrier until the deadline a. On timeout go to the label when it is not 0.",
    "calls raises",
    "sync",
)
_op(
    "PARALLEL",
    "wx",
    "Run the site's arms as fibers in turns until all have ended; a = an error handler in one ends the flow.",
    "calls raises",
    "parallel",
)
_op(
    "AUTO",
    "wrx",
    "a = the snapshot that b stands for (an id, or a map with one and without the site's name), loaded when it is not there; any other b as it is.",
    "calls raises",
    "auto",
)

OPCODES: tuple[Opcode, ...] = tuple(_rows)
BY_NAME: dict[str, Opcode] = {row.name: row for row in OPCODES}

# The numbers by name, for code that builds or reads instructions.
NUMBERS: dict[str, int] = {row.name: row.number for row in OPCODES}
