"""A population: many actors of one program, ticked from columns (runtime 5.6).

A static path such as `${personality.aggression}` is read from a column by the
machine itself. Whatever else is asked, and every path without a column, goes the
scalar way for that row, so that both give the same values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from abml.compiler.bytecode.program import Program
from abml.compiler.bytecode.reads import Read, static_reads
from abml.environment import Limits
from abml.result import Record
from abml.values import ValueFault, copy_value
from abml.vm.binding import BindingKey
from abml.vm.core.machine import ProviderRef, Rows
from abml.vm.faults import HostFault
from abml.vm.host_values import from_host
from abml.vm.random import Random

from .binding import ProviderError
from .registry import ProviderRegistry
from .tables import Table, table_of

MOST_RECORDS = 10_000
"""Records of each kind that a population keeps; the oldest make room."""


class Population:
    """Rows of a program with the columns that they read.

    Args:
        program: a verified program; its entry flow runs for every actor at every tick.
        actors: a binding key for each.
        registry: the namespaces. Its `work` is done here, before each tick.
        inputs: context variable -> `namespace.path` that it is filled from before each tick.
        functions: host functions by name.
        host: asked by name for what no namespace answers: `host(name, row)` gives a value or None.

    Attributes:
        rows: the machine's rows, for variables and intents.
        logs, effects, signals: records, each with the `row` it is about.
        warnings: records of `kind` and `message`; `provider` is what namespaces could not give.

    Not safe for two threads at once.
    """

    def __init__(
        self,
        program: Program,
        actors: Sequence[BindingKey],
        registry: ProviderRegistry,
        *,
        inputs: Mapping[str, str] | None = None,
        functions: Mapping[str, Callable[..., Any]] | None = None,
        host: Callable[[str, int], Any] | None = None,
        limits: Limits | None = None,
        seed: int = 0,
        is_columnar: bool = True,
    ) -> None:
        self.program = program
        self.actors = list(actors)
        self.registry = registry
        self.logs: list[Record] = []
        self.warnings: list[Record] = []
        self.effects: list[Record] = []
        self.signals: list[Record] = []
        self._functions = {name.lower(): function for name, function in (functions or {}).items()}
        self._host = host
        self._failing: set[str] = set()
        self.rows = Rows(
            program, len(self.actors), self, limits=limits, random=Random(seed), host_functions=self._functions
        )
        self._inputs = {name: self._input(name, path) for name, path in (inputs or {}).items()}
        found = static_reads(program)
        self._reads: list[Read] = self.rows.watch(found) if is_columnar else []
        self._tables: dict[str, Table] = {}
        wanted: dict[str, list[str]] = {}
        for read in found:
            wanted.setdefault(read.name, []).append(".".join(read.path))
        for namespace, path in self._inputs.values():
            wanted.setdefault(namespace, []).append(".".join(path))
        for namespace in registry:
            spec = registry.spec(namespace)
            if spec is not None:
                self._tables[namespace] = table_of(
                    spec, self.actors, self.warn, registry.cache, wanted.get(namespace, ())
                )
        # Loading is no one's business that the program never mentions.
        mentioned = {slot.name for slot in program.slots}
        self._active = [table for name, table in self._tables.items() if name in mentioned or name in wanted]
        self._is_new = True
        self.tick_count = 0

    def _input(self, name: str, path: str) -> tuple[str, tuple[str, ...]]:
        if name not in self.program.inputs:
            known = ", ".join(self.program.inputs) or "none"
            raise ProviderError(f"the program has no input '{name}'; it has: {known}")
        namespace, *steps = path.split(".")
        if namespace not in self.registry:
            raise ProviderError(f"the input '{name}' reads the namespace '{namespace}', which is not registered")
        if not steps:
            raise ProviderError(f"the input '{name}' reads a whole namespace; name a path in it")
        return namespace, tuple(steps)

    # ------------------------------------------------------------------- ticks

    def refresh(self, now_us: int) -> None:
        """Bring all columns up to date; `tick` does it first."""
        self.registry.work(now_us)
        for table in self._active:
            self._refresh(table, now_us)
        if self._is_new:
            # What was asked for just now is loaded before the first tick, as for a single actor.
            self._is_new = False
            self.registry.work(now_us)
            for table in self._active:
                self._refresh(table, now_us)
        if self._inputs:
            self._fill()

    def _refresh(self, table: Table, now_us: int) -> None:
        if table.refresh(now_us) or self.tick_count == 0:
            for number, read in enumerate(self._reads):
                if read.name == table.spec.namespace:
                    self.rows.connect(number, table.columns.get(".".join(read.path)), table.row_of)

    def _fill(self) -> None:
        """Write the inputs of every row; values that have no column are asked for one by one."""
        columns = []
        left: list[tuple[str, int]] = []
        for name, (namespace, path) in self._inputs.items():
            table = self._tables[namespace]
            column = table.columns.get(".".join(path))
            if column is None:
                left += [(name, row) for row in range(len(self.actors))]
            else:
                columns.append((name, column, table.row_of))
        left += self.rows.fill(columns)
        for name, row in left:
            namespace, path = self._inputs[name]
            self.rows.put(name, row, self.provide(namespace, path, row))

    def tick(self, now_us: int, flow: str | None = None) -> int:
        """Refresh the columns and run a flow to its end for every actor.

        Args:
            now_us: the clock in microseconds.
            flow: qualified name; None: the entry flow.

        Returns:
            How many actors completed; `rows.faults` and `rows.waiting` tell of the others.

        Raises:
            ProviderError: there is no such flow, or no entry.
        """
        flows = self.program.info.get("flows", {})
        unit = self.program.info.get("entry", -1) if flow is None else flows.get(flow, {}).get("unit", -1)
        if unit < 0:
            raise ProviderError("the program has no entry flow" if flow is None else f"there is no flow named '{flow}'")
        self.refresh(now_us)
        done = self.rows.tick(unit, now_us / 1000 if now_us % 1000 else now_us // 1000)
        self.tick_count += 1
        return done

    # ------------------------------------------------------ the machine's host

    def resolve(self, name: str) -> Any:
        """A name that no scope binds."""
        if name in self._tables:
            return ProviderRef(name)
        if name == "args":
            return {}
        return None if self._host is None else from_host(self._host(name, self.rows.row), name)

    def provide(self, name: str, path: tuple[str, ...], row: int | None = None) -> Any:
        """What a namespace has for the row that runs; null when it fails, which is told once."""
        table = self._tables.get(name)
        if table is None:
            return None
        try:
            return from_host(table.value(self.rows.row if row is None else row, path), name)
        except Exception as error:
            if name not in self._failing:
                self._failing.add(name)
                self.warn("provider", f"the provider '{name}' failed: {type(error).__name__}: {error}")
            return None

    def warn(self, kind: str, message: str) -> None:
        """A warning of the machine or of a namespace."""
        self._keep(self.warnings, Record(kind=kind, message=message))

    def log(self, level: str, message: str, data: Any) -> None:
        """A log record of the row that runs."""
        self._keep(self.logs, Record(row=self.rows.row, level=level, message=message, data=data))

    def signal(self, name: str, payload: Any, source: str | None) -> None:
        """A signal sent outside."""
        self._keep(self.signals, Record(row=self.rows.row, name=name, payload=payload))

    def act(self, site: Any, params: dict[str, Any], flow: str | None, channel: str | None) -> tuple[str, Any]:
        """An action is recorded and succeeds; what its answer matters to has to run in an actor of its own."""
        self._keep(self.effects, Record(row=self.rows.row, name=site.name, params=params))
        return "done", None

    def _keep(self, records: list[Record], record: Record) -> None:
        records.append(record)
        if len(records) > MOST_RECORDS:
            del records[0]

    def abandon(self, token: Any) -> None:
        """No action of a row is ever under way."""

    def continuation(self, name: str) -> None:
        """Rows have no extensions."""
        return None

    def call_function(self, name: str, args: list[Any]) -> Any:
        """A host function; what it raises is `action_failed`."""
        try:
            return from_host(self._functions[name.lower()](*(copy_value(arg) for arg in args)), name)
        except Exception as error:
            raise HostFault("action_failed", f"{name}: {error}", type_name=type(error).__name__) from error

    def render(self, text: str, machine: Any) -> str:
        """Texts that are made at run time need an actor of their own."""
        raise ValueFault("template_error", "render: templates are not available to rows")
