"""`Program`: a compiled document, immutable, shared by all actors that run it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any, NamedTuple

# Register file, absolute indices: slots, preloaded constants, temporaries.
MAX_REGISTERS = 65_536
# Handlers and other tables use this for "no register".
NO_REGISTER = 65_535


class Handler(NamedTuple):
    """One row of a unit's error table. Rows are searched in order: the first that covers the pc applies.

    Attributes:
        start, end: covered instructions, end excluded, absolute.
        kind: `handle` enters an on_error list; `reraise` covers the code of such a
            list: the original error goes on outwards; `substitute` puts `constant`
            into `register` and goes on at `target`.
        target: absolute instruction to continue at (unused by `reraise`).
        register: `handle`: keeps the error object; `reraise`: where it is kept;
            `substitute`: the destination.
        scopes: scopes open inside the frame at the owner (the frame's own not counted).
        args: arguments pushed inside the frame at the owner.
        resume: `handle` of a flow's on_error: register that receives the number of
            the first instruction of the next top-level action; else NO_REGISTER.
        constant: `substitute`: index into the constant pool.
        warn: `substitute`: log a `template_error` warning with the message.
    """

    start: int
    end: int
    kind: str
    target: int
    register: int
    scopes: int = 0
    args: int = 0
    resume: int = NO_REGISTER
    constant: int = 0
    warn: bool = False


class Unit(NamedTuple):
    """A piece of code that is entered at its start: a flow, a document function or a thunk.

    Attributes:
        kind: `flow` (ends with RET, has its own scope), `function` (arguments go to
            the first registers of its region, ends with FRET, opens no scope),
            `thunk` (no arguments, ends with FRET, opens no scope).
        name: qualified name for people.
        document: index of the owning document.
        start, end: instructions, absolute, end excluded.
        region_start, region_end: temporaries that must survive calls; saved when the
            unit is entered again while active.
        params: flows: slots of the declared parameters; functions: count in `arity`.
        arity: (least, most) arguments of a function. They stand in the first registers
            of its region, missing ones as null; the register after the last parameter
            receives how many were given.
        tops: first instructions of the top-level actions, ascending; the last entry
            is the instruction that ends the body.
        handlers: the error table, innermost first.
        leaves: first instructions of the leaf actions (language 7.4), ascending; a turn
            of a channel or of an arm of `parallel` ends after one of them.
        leaf_ends: instructions right behind the leaf actions, ascending.
    """

    kind: str
    name: str
    document: int
    start: int
    end: int
    region_start: int = 0
    region_end: int = 0
    params: tuple[int, ...] = ()
    arity: tuple[int, int] = (0, 0)
    tops: tuple[int, ...] = ()
    handlers: tuple[Handler, ...] = ()
    leaves: tuple[int, ...] = ()
    leaf_ends: tuple[int, ...] = ()


class Slot(NamedTuple):
    """A variable slot.

    Attributes:
        name: the variable's name; library variables as `alias.name`; hidden slots
            start with `$`.
        kind: `chain` (any name of the dynamic scope chain), `document` (a context
            variable of the root document: always bound), `library` (a context
            variable of an imported document), `hidden`.
        thunk: unit that computes it when it is lazy, or -1.
        mode: `plain`, `source` or `computed`.
        fallback: hidden slot with the default of a `source` variable, or -1.
        type: declared type as text, or None.
        is_readonly: assignments raise readonly_target.
    """

    name: str
    kind: str
    thunk: int = -1
    mode: str = "plain"
    fallback: int = -1
    type: str | None = None
    is_readonly: bool = False


class FunctionRef(NamedTuple):
    """A function as code names it: `unit` of a document function, or -1 and a name bound when a run starts.

    The name is as the author wrote it (any letter case, an alias perhaps): the host's
    functions are asked for it first, then the built-ins. A name that starts with `|`
    is a template filter; `|items` makes the list a template loop goes over from
    (collection, limit, offset, reversed).
    """

    name: str
    unit: int = -1


class Site(NamedTuple):
    """What an instruction with an `x` operand does, beyond its registers.

    Attributes:
        kind: `store call log intent action emit wait_for continuation sync parallel auto`.
        name: action, intent channel, signal, point or level; empty when dynamic
            (then the first popped value is the name); auto: the step after the variable.
        unit: the flow of a call, goto or continuation; -1 when dynamic or missing.
        names: argument or parameter names, in push order; for `intent` the fields
            popped (`target position data` and extra names).
        slots: for calls the slots of `names`; for a store (slot, library slot or -1).
        count: how many values are popped in all.
        flags: words, by kind. store: `set local global clear append increment
            decrement merge remove`. call: `args` (the callee reads the `args` map),
            `dynamic`. log: `data`. action: `await`, `implicit`, `timeout` (pushed
            last), `route`, `primary`, `question` (player input), `text` and `inline`
            (a dialogue reference is looked up; the action has a text of its own), `ahead`
            (no action, but the loads of the loop that follows, for the one value). emit:
            `payload`, `dynamic`. wait_for: `all`, `any`, `timeout` (pushed last). call of
            a GOTO: `branch` (the target is a channel; `data` is its name, or the
            document's prefix when dynamic).
        data: anything else, plain data (wait_for: addresses as [channel, signal];
            sync: names of the participants or None; parallel: units of the arms;
            action: a map, `until` as [channel, signal] or `until_unit`, a thunk;
            `defaults` of parameters that are not written; `spoken`, the parameter
            that says where a text comes from; `ahead`, the `type` of resources, the
            `path` from an element to an id and the `filter` of the loads; auto: `type` of the resource, `sources`
            to load, `aliases` as [name, template type]).
    """

    kind: str
    name: str
    unit: int = -1
    names: tuple[str, ...] = ()
    slots: tuple[int, ...] = ()
    count: int = 0  # type: ignore[assignment]  # hides tuple.count, which nobody calls
    flags: frozenset[str] = frozenset()
    data: Any = None


class Line(NamedTuple):
    """Where an instruction comes from: rows apply from `pc` to the next row.

    `action` is the canonical name of the action, empty outside of actions.
    """

    pc: int
    document: int
    line: int
    column: int
    end_line: int
    end_column: int
    action: str


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """A compiled document.

    Attributes:
        code: instructions, 8 bytes each.
        constants: None, bool, int, float, str or Duration; the first
            `preloaded` of them stand in registers after the slots.
        slots: variables; slot i is register i.
        registers: size of the register file.
        units, functions, sites, lines: see their classes.
        documents: paths of the documents, root first (None for text without a path).
        info: plain data about the rest of the document: `metadata`, `flows`
            (qualified name -> {unit, params, triggers, goap, tags, description}),
            `entry`, `error_unit`, `init_units`, `binding_unit`, `config_unit`,
            `requirements`, `services`, `options`, `events`, `goals`, `channels`,
            `subscriptions`, `perception_filter`, `version`, `bindings`, `world_state`,
            `goap` (whether there is planning data, and how many goals and actions).
    """

    code: bytes
    constants: tuple[Any, ...]
    preloaded: int
    slots: tuple[Slot, ...]
    registers: int
    units: tuple[Unit, ...]
    functions: tuple[FunctionRef, ...]
    sites: tuple[Site, ...]
    lines: tuple[Line, ...]
    documents: tuple[str | None, ...]
    info: dict[str, Any] = field(default_factory=dict)

    @property
    def metadata(self) -> dict[str, Any]:
        """The document's metadata as plain data."""
        return dict(self.info.get("metadata", {}))

    @property
    def flows(self) -> tuple[str, ...]:
        """Qualified names of the flows, the root's first."""
        return tuple(self.info.get("flows", {}))

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the declared channels."""
        return tuple(self.info.get("channels", {}))

    @property
    def goals(self) -> dict[str, Any]:
        """GOAP goals by qualified name: priority, conditions, preconditions, description."""
        return dict(self.info.get("goals", {}))

    @property
    def goap_actions(self) -> dict[str, Any]:
        """What flows say for planning, by qualified name: preconditions, effects, cost and what adds to it."""
        flows = self.info.get("flows", {})
        return {name: flow["goap"] for name, flow in flows.items() if flow.get("goap") is not None}

    @property
    def options(self) -> dict[str, Any] | None:
        """Option types with their options; None for a document without the section."""
        found: dict[str, Any] | None = self.info.get("options")
        return found

    @property
    def actions(self) -> tuple[str, ...]:
        """Names of the domain actions the program may ask for, in order of first mention."""
        inner = ("text", "question")
        return tuple(
            dict.fromkeys(
                site.name for site in self.sites if site.kind == "action" and not site.flags.intersection(inner)
            )
        )

    @property
    def inputs(self) -> dict[str, str]:
        """What a host may give: context variables of the root with their declared types."""
        return {
            slot.name: slot.type or "any" for slot in self.slots if slot.kind == "document" and slot.mode != "computed"
        }

    def to_bytes(self) -> bytes:
        """The program as the bytes of an `.abmc` file; equal programs give equal bytes."""
        from .file import to_bytes

        return to_bytes(self)

    @staticmethod
    def from_bytes(data: bytes) -> Program:
        """The program in the bytes of an `.abmc` file, verified.

        Raises:
            ProgramFormatError: the bytes are no valid program of this version.
        """
        from .file import from_bytes

        return from_bytes(data)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the program to a file; a failed write leaves an older file as it was.

        Raises:
            OSError: the file cannot be written.
        """
        from abml.files import write_atomically

        write_atomically(os.fspath(path), self.to_bytes())

    @staticmethod
    def load(path: str | os.PathLike[str]) -> Program:
        """Read a program from a file.

        Raises:
            AbmlFileError: the file cannot be read.
            ProgramFormatError: it holds no valid program of this version.
        """
        from abml.files import read_file

        return Program.from_bytes(read_file(path))

    def disassemble(self) -> str:
        """A readable listing; source lines stand beside the code when their files can be read."""
        from .disassemble import disassemble, read_sources

        return disassemble(self, read_sources(self))
