"""Lowering of a whole model: its units and the plain data about the rest (`Program.info`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from abml.compiler.bytecode.program import Slot
from abml.compiler.model import ContextVariable, FlowInfo, FunctionInfo, Model
from abml.syntax import ast

from . import names, transfer
from .actions import Actions
from .blocks import SLOT, Block, UnitIR
from .builder import Builder
from .expressions import Expressions
from .info import describe
from .pool import Pool


@dataclass(slots=True, eq=False)
class ProgramIR:
    """Units with virtual registers, what they share, and the document's plain data."""

    pool: Pool
    units: list[UnitIR]
    documents: list[str | None]
    info: dict[str, Any] = field(default_factory=dict)


class Lowering:
    """Lowers one model. Flows come first among the units, then document functions, then thunks.

    Args:
        fetches_ahead: loads of loops are fetched before them (`compiler.ahead`).
    """

    def __init__(self, model: Model, *, fetches_ahead: bool = False) -> None:
        self.model = model
        self.fetches_ahead = fetches_ahead
        self.pool = Pool()
        self.units: list[UnitIR] = []
        self.channel_units: dict[int, int] = {}

    def lower(self) -> ProgramIR:
        """All units of the program."""
        model = self.model
        self._declare_variables()
        self.units = [UnitIR("flow", flow.name, flow.doc) for flow in model.flows]
        self.units += [UnitIR("function", function.name, function.doc) for function in model.functions]
        for channel in model.channels:
            if channel.flow is None:
                self.channel_units[channel.index] = len(self.units)
                self.units.append(UnitIR("flow", channel.name, channel.doc))
            else:
                self.channel_units[channel.index] = channel.flow
        for flow in model.flows:
            self._flow(flow)
        for function in model.functions:
            self._function(function)
        for channel in model.channels:
            unit = self.units[self.channel_units[channel.index]]
            if channel.node.actions is not None:
                self._body(unit, channel.node.actions, channel.node.on_error)
            elif channel.flow is None:
                self._lost(unit, channel.node)
        self._variables()
        documents = [doc.path for doc in model.documents]
        info = describe(self)
        for unit in self.units:
            unit.number()
        return ProgramIR(self.pool, self.units, documents, info)

    # --------------------------------------------------------------- variables

    def _declare_variables(self) -> None:
        """Slots of the context variables come first, the root's before those of the libraries."""
        for doc in self.model.documents:
            for variable in doc.variables.values():
                kind = "document" if doc.index == 0 else "library"
                mode = variable.kind
                fallback = -1
                if mode == "source":
                    fallback = self.pool.declare(Slot(f"${doc.prefix}{variable.name}", "hidden")) - SLOT
                self.pool.declare(
                    Slot(
                        doc.prefix + variable.name,
                        kind,
                        mode=mode,
                        fallback=fallback,
                        type=names.type_text(variable.type),
                        is_readonly=variable.readonly or mode == "computed",
                    )
                )

    def _variables(self) -> None:
        for doc in self.model.documents:
            for variable in doc.variables.values():
                if variable.kind != "plain":
                    slot = self.pool.slot(doc.prefix + variable.name)
                    thunk = self._lazy(variable, doc.prefix)
                    self.pool.change(slot, self.pool.slots[slot - SLOT]._replace(thunk=thunk))

    def _lazy(self, variable: ContextVariable, prefix: str) -> int:
        """The thunk that computes a `source` or `computed` variable."""
        e, number = self.thunk(f"{variable.kind} of {prefix}{variable.name}", variable.doc)
        b = e.b
        node = variable.node
        slot = self.pool.slots[self.pool.slot(prefix + variable.name) - SLOT]
        with b.at(variable.node.span):
            if node.computed is not None:
                b.end("FRET", e.value(node.computed))
                return number
            if node.source is not None:
                value = e.value(node.source)
                fallback = Block()
                b.jump("JNULL", fallback, value)
                b.end("FRET", self._converted(e, value, slot.type))
                b.start(fallback)
            b.end("FRET", slot.fallback + SLOT)
        return number

    def _converted(self, e: Expressions, value: int, type_name: str | None) -> int:
        if type_name in (None, "any", "any?"):
            return value
        return e.b.into("CONVERT", value, self.pool.constant(type_name))

    def init_unit(self, doc_index: int) -> int:
        """The thunk that gives a document's variables their defaults, in order, where the host gave nothing."""
        doc = self.model.documents[doc_index]
        e, number = self.thunk(f"defaults of {doc.prefix or 'the document'}", doc_index)
        b = e.b
        for variable in doc.variables.values():
            slot = self.pool.slot(doc.prefix + variable.name)
            described = self.pool.slots[slot - SLOT]
            place = slot if variable.kind == "plain" else described.fallback + SLOT
            with b.at(variable.node.span):
                if variable.kind != "computed":
                    given = Block()
                    b.jump("JGIVEN", given, place)
                    default = variable.node.default
                    if default is None:
                        b.move(place, b.const(None))
                    else:
                        node = e.typed(default, described.type)
                        value = e.value(node)
                        if not isinstance(node, ast.Literal) or node.value is not None:
                            value = self._converted(e, value, described.type)
                        b.move(place, value)
                    b.start(given)
                if variable.kind != "plain":
                    b.emit("LAZY", slot)
        b.end("FRET", b.const(None))
        return number

    # ------------------------------------------------------------------- units

    def thunk(self, name: str, doc: int) -> tuple[Expressions, int]:
        """A new thunk: something to lower its expression with, and its number."""
        unit = UnitIR("thunk", name, doc)
        self.units.append(unit)
        return Expressions(Builder(self.pool, unit, document_mode=True), self.model), len(self.units) - 1

    def value_unit(self, name: str, doc: int, node: ast.Expr, *, document_mode: bool = True) -> int:
        """A thunk that computes one expression."""
        e, number = self.thunk(name, doc)
        e.b.document_mode = document_mode
        e.b.span = node.span
        e.b.end("FRET", e.value(node))
        return number

    def _flow(self, flow: FlowInfo) -> None:
        unit = self.units[flow.index]
        node = flow.node
        a = self._actions(unit)
        b = a.b
        b.span, b.action = node.name_span, ""
        for param in node.params:
            slot = b.slot(param.name)
            unit.params.append(slot)
            given = Block()
            b.jump("JBOUND", given, slot)
            if param.default is None:
                b.emit("LOCALV", slot, b.const(None))
            else:
                b.emit("LOCALV", slot, a.value(a.typed(param.default, names.type_text(param.type))))
            b.start(given)
        self._finish_body(a, unit, node.actions, node.on_error)

    def _body(self, unit: UnitIR, actions: ast.ActionList, on_error: ast.ActionList | None) -> None:
        self._finish_body(self._actions(unit), unit, actions, on_error)

    def _lost(self, unit: UnitIR, node: ast.Channel) -> None:
        """A channel that runs a flow which does not exist."""
        a = self._actions(unit)
        a.b.span = node.span
        if node.flow is not None:
            transfer.goto(a, ast.Goto(span=node.span, name="goto", name_span=node.name_span, flow=node.flow, args=[]))
        else:
            a.b.end("RET", a.b.const(None))

    def _actions(self, unit: UnitIR) -> Actions:
        a = Actions(Builder(self.pool, unit), self.model)
        a.channel_units = self.channel_units
        a.units = self.units
        a.fetches_ahead = self.fetches_ahead
        return a

    def _finish_body(self, a: Actions, unit: UnitIR, actions: ast.ActionList, on_error: ast.ActionList | None) -> None:
        b = a.b
        first = b.start()
        a.body(actions, tops=unit.tops)
        unit.tops.append(b.start())
        b.span, b.action = actions.span, ""
        b.end("RET", b.const(None))
        if on_error is not None:
            a.handler(first, b.start(), on_error, None)

    def _function(self, function: FunctionInfo) -> None:
        unit = self.units[len(self.model.flows) + function.index]
        node = function.node
        e = Expressions(Builder(self.pool, unit, document_mode=True), self.model)
        b = e.b
        b.span = node.span
        registers = [b.new() for _ in node.params]
        given = b.new()
        unit.params = [*registers, given]
        unit.arity = (0, len(node.params))
        for i, (param, register) in enumerate(zip(node.params, registers, strict=True)):
            if param.default is not None:
                there = Block()
                b.jump("JLT", there, b.const(i), given)
                b.move(register, e.value(e.typed(param.default, names.type_text(param.type))))
                b.start(there)
            b.lexical[param.name] = register
        for name, value in node.lets:
            b.lexical[name] = b.move(b.new(), e.value(value))
        b.end("FRET", e.value(node.result))


def lower(model: Model, *, fetches_ahead: bool = False) -> ProgramIR:
    """Lower a checked program to its intermediate form; see `Lowering`."""
    return Lowering(model, fetches_ahead=fetches_ahead).lower()
