"""The scheduler: channels and arms of `parallel` take turns on one machine (language 7.2 to 7.6).

Everything is in declaration order: turns, time-outs, deliveries. A run without
channels that uses `parallel` is a scheduler with one nameless channel, which
takes no turns itself and whose assignments reach the document.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol

from abml.environment import Limits
from abml.values import ValueFault
from abml.vm.actions.call import Pending
from abml.vm.core.machine import FaultError, Fiber, Machine
from abml.vm.faults import Fault

from . import waits
from .barriers import Barriers
from .mailbox import Signal, post, take


class Start(NamedTuple):
    """A channel that starts: its identity (None for a run without channels) and its first flow."""

    name: str | None
    unit: int


class Extended(Protocol):
    """An extension that goes on in the place of a fiber.

    Attributes:
        entry: unit of its machine's program.
    """

    machine: Machine
    entry: int

    def at_work(self) -> AbstractContextManager[None]:
        """Around each turn of it."""


class Host(Protocol):
    """What the scheduler asks the instance."""

    limits: Limits

    def warn(self, kind: str, message: str) -> None:
        """Log a warning of the runtime."""

    def abandon(self, token: Any) -> None:
        """Nobody waits for an action any more."""

    def outcome(self, token: Any) -> tuple[str, Any]:
        """How an action that is over ended: ("done", value) or ("failed", fault)."""

    def continuation(self, name: str) -> Any:
        """The extension for a continuation point, or None."""

    def extend(self, name: str) -> Extended:
        """The extension for a continuation point, ready to run; raises `FaultError`."""


class Strand:
    """A fiber in its place: the channel it belongs to, the arms it has started.

    Attributes:
        arms: arms that have not ended, in order; the fiber stands at its `parallel` then.
        is_resting: it went round by `goto` and goes on at the next tick.
        may_look: the condition it waits for has not been looked at since the run was resumed.
        extension: whose code the fiber runs; None for the document's own.
    """

    __slots__ = ("arms", "channel", "extension", "fiber", "is_resting", "may_look", "parent")

    def __init__(self, fiber: Fiber, channel: Channel, parent: Strand | None = None) -> None:
        self.fiber = fiber
        self.channel = channel
        self.parent = parent
        self.extension: Extended | None = None if parent is None else parent.extension
        self.arms: list[Strand] = []
        self.is_resting = False
        self.may_look = False

    def leaves(self) -> Iterator[Strand]:
        """The fibers that run or wait themselves: this one, or those of its arms."""
        if not self.arms:
            yield self
        for arm in self.arms:
            yield from arm.leaves()


class Channel:
    """One channel of a run.

    Attributes:
        name: its identity; None in a run without channels.
        unit: the flow it started in.
        has_ended: it finished; `result` is what it returned.
    """

    __slots__ = ("has_ended", "mailbox", "name", "result", "strand", "unit")

    def __init__(self, name: str | None, unit: int, fiber: Fiber) -> None:
        self.name = name
        self.unit = unit
        self.mailbox: list[Signal] = fiber.mailbox
        self.strand = Strand(fiber, self)
        self.has_ended = False
        self.result: Any = None


class Scheduler:
    """A run of several fibers.

    Args:
        starts: the channels, in declaration order.
        external: signals that the host may send; None when it may send any.
        names: locals of every fiber, as for `Machine.start`.
        ends_at: VM clock in milliseconds at which the host's time for the run is over.

    Attributes:
        reason, wake_at: what a suspended run waits for, as the machine's.
        value: what a run without channels returned.
        fault, failed_channel: why the run failed.

    Raises:
        ValueFault: `limit_exceeded`: there are too many channels.
    """

    def __init__(
        self,
        host: Host,
        machine: Machine,
        starts: Collection[Start],
        *,
        sync_points: Mapping[str, Collection[int]] | None = None,
        external: Collection[str] | None = (),
        names: Mapping[str, Any] | None = None,
        ends_at: float | None = None,
    ) -> None:
        self.host = host
        self.machine = machine
        self.limits = host.limits
        self.external = external
        self.ends_at = ends_at
        if len(starts) > self.limits.max_channels:
            raise ValueFault("limit_exceeded", f"more than {self.limits.max_channels} channels")
        self.channels: list[Channel] = []
        for start in starts:
            fiber = machine.fiber(
                start.unit, channel=start.name, isolated=start.name is not None, names=dict(names or {})
            )
            self.channels.append(Channel(start.name, start.unit, fiber))
        self.set_barriers(sync_points or {})
        self.reason: str | None = None
        self.wake_at: int | float | None = None
        self.value: Any = None
        self.fault: Fault | None = None
        self.failed_channel: str | None = None
        self._now: int | float = 0
        self._current: Strand | None = None
        self._turn_left = 0
        self._tick_left = 0
        self._is_cancelled = False
        self._default_points: set[str] = set()

    def set_barriers(self, sync_points: Mapping[str, Collection[int]]) -> None:
        """Find out who takes part in which barrier, once the channels are known."""
        units = {channel.name: channel.unit for channel in self.channels if channel.name is not None}
        self.has_channels = bool(units)
        self.barriers = Barriers(sync_points, units)

    # ------------------------------------------------------------------ drive

    @property
    def results(self) -> dict[str, Any]:
        """Channel -> what it returned, of the channels that have finished."""
        return {channel.name: channel.result for channel in self.channels if channel.name and channel.has_ended}

    @property
    def is_active(self) -> bool:
        """The run has neither completed nor failed."""
        return self.fault is None and not all(channel.has_ended for channel in self.channels)

    @property
    def bindings(self) -> dict[str, tuple[Any, int]] | None:
        """What a run without channels has bound outside of frames, as `Machine.bindings`; None with channels."""
        if self.has_channels:
            return None
        strand = self.channels[0].strand
        fiber = strand.fiber
        machine = self._machine(strand)
        found: dict[str, tuple[Any, int]] = machine.bindings_of(fiber) if fiber.is_active else fiber.bound
        return found

    @property
    def point(self) -> str | None:
        """The continuation point at which the run waits, the first one in order."""
        for strand in self._strands():
            if strand.fiber.reason == "continuation":
                return str(strand.fiber.pending)
        return None

    def resume(self, now_ms: int | float, *, is_tick: bool = True) -> str:
        """Go on in cycles until the run completes, fails, or every channel has to wait.

        Args:
            is_tick: a new tick has begun, in which cycles of gotos go round once more.

        Returns:
            "completed", "failed" (see `fault`) or "suspended" (see `reason` and `wake_at`).
        """
        self._now = now_ms
        if self.ends_at is not None and now_ms > self.ends_at:
            return self.fail(Fault("global_timeout", "the run took longer than the host allows"))
        self._tick_left = self.limits.max_instructions_per_tick
        self.reason = self.wake_at = None
        self.machine.post = self.deliver
        cycles = 0
        if is_tick:
            self.machine.begin_cycles()
        for strand in self._strands():
            if is_tick and strand.extension is not None:
                strand.extension.machine.begin_cycles()
            strand.may_look = True
            strand.is_resting = strand.is_resting and not is_tick
        while self.fault is None:
            if self._is_cancelled:
                return self.fail(Fault("cancelled", "the host cancelled the run"))
            if all(channel.has_ended for channel in self.channels):
                if not self.has_channels:
                    self.value = self.channels[0].result
                return "completed"
            self._examine()
            if not any(self._is_ready(strand) for strand in self._strands()):
                return self._stuck()
            cycles += 1
            if self.has_channels and cycles > self.limits.max_channel_cycles:
                limit = self.limits.max_channel_cycles
                return self.fail(Fault("limit_exceeded", f"more than {limit} cycles of the channels without a pause"))
            self._cycle()
        return "failed"

    def deliver(self, signal: Signal) -> None:
        """Put a signal into the mailbox of every channel that has not finished; waits take it at once."""
        for channel in self.channels:
            if channel.has_ended:
                continue
            dropped = post(channel.mailbox, signal, self.limits.max_mailbox)
            if dropped is not None:
                self.host.warn("mailbox", f"the mailbox is full: the signal '{dropped.name}' was dropped")
            for strand in channel.strand.leaves():
                if strand is not self._current:
                    self._offer(strand)

    def cancel(self) -> None:
        """End the run with `cancelled`, at once when it runs now, else at its next resume."""
        self._is_cancelled = True
        if self._current is not None:
            self.machine.cancel()

    def drop(self) -> None:
        """Forget the run; what its actions still do is ended."""
        for channel in self.channels:
            self._forget(channel.strand)

    def fail(self, fault: Fault, channel: str | None = None) -> str:
        """End the run with an error that nobody handles; all channels are cancelled."""
        self.fault = fault
        self.failed_channel = channel
        self.drop()
        return "failed"

    def enter_default(self, name: str) -> None:
        """Let the fibers at a continuation point go on with its default flow at the next resume."""
        self._default_points.add(name)

    def tokens(self) -> list[Pending]:
        """The actions whose answers the run waits for, in order."""
        found = [strand.fiber.pending for strand in self._strands()]
        return [token for token in found if isinstance(token, Pending) and token.outcome is None]

    def _strands(self) -> Iterator[Strand]:
        for channel in self.channels:
            if not channel.has_ended:
                yield from channel.strand.leaves()

    # ------------------------------------------------------------------ cycles

    def _examine(self) -> None:
        """Time-outs and answers of actions, in declaration order (language 7.4)."""
        for strand in self._strands():
            fiber = strand.fiber
            waiting = fiber.waiting
            if waiting is None or fiber.answered is not None:
                continue
            kind = waiting[0]
            if kind == "await" and isinstance(waiting[2], Pending) and waiting[2].outcome is not None:
                fiber.answered = self.host.outcome(waiting[2])
                continue
            if kind not in ("await", "signal", "sync") or (kind == "signal" and self._has_all(fiber)):
                continue
            limit = waits.deadline(waiting)
            if limit is not None and self._now >= limit:
                fiber.answered = ("expired", None)
                if kind == "sync":
                    self._leave_barrier(strand)

    def _cycle(self) -> None:
        """One turn for every channel that is ready."""
        for channel in self.channels:
            if self.fault is not None or self._is_cancelled:
                return
            if not channel.has_ended:
                self._turn_left = self.limits.max_instructions_per_turn
                self._turn(channel.strand)

    def _turn(self, strand: Strand) -> None:
        """A turn of a fiber, or of each of its arms."""
        if strand.arms:
            self._arms(strand)
            if strand.arms or self.fault is not None:
                return
        if self._is_ready(strand):
            self._go_on(strand)

    def _arms(self, strand: Strand) -> None:
        for arm in list(strand.arms):
            # An error in an arm cancels those behind it.
            if arm in strand.arms:
                self._turn(arm)

    def _is_ready(self, strand: Strand) -> bool:
        fiber = strand.fiber
        waiting = fiber.waiting
        if strand.is_resting:
            return False
        if waiting is None or fiber.answered is not None:
            return True
        kind = waiting[0]
        if kind == "signal":
            return self._has_all(fiber)
        if kind == "continuation":
            name, limit = waiting[2], waiting[3]
            is_asked = name in self._default_points
            return is_asked or limit is None or self._now >= limit or self.host.continuation(name) is not None
        if strand.may_look and waits.looks_again(waiting):
            return True
        limit = waits.deadline(waiting)
        return kind == "wait" and limit is not None and self._now >= limit

    def _has_all(self, fiber: Fiber) -> bool:
        _, _, addresses, every, taken, _ = fiber.waiting
        return len(taken) == len(addresses) if every else bool(taken)

    def _go_on(self, strand: Strand) -> None:
        """Let one fiber run until its turn is over."""
        fiber = strand.fiber
        in_turns = self.has_channels or strand.parent is not None
        strand.may_look = False
        while True:
            self._current = strand
            try:
                budget = min(self._turn_left, self._tick_left) if in_turns else self._tick_left
                status = self._run(strand, max(budget, 0), in_turns)
            finally:
                self._current = None
            self._tick_left -= fiber.used
            self._turn_left -= fiber.used
            if status != "suspended":
                self._ended(strand, status)
                return
            if fiber.reason == "parallel":
                self._start_arms(strand)
                if strand.arms or self.fault is not None:
                    return
                continue
            if fiber.reason == "extension":
                self._extend(strand)
                return
            strand.is_resting = fiber.reason == "goto"
            if fiber.reason == "sync":
                self._arrive(strand)
            elif fiber.reason == "await":
                self._offer(strand)
            return

    def _run(self, strand: Strand, budget: int, in_turns: bool) -> str:
        extension = strand.extension
        if extension is None:
            return self.machine.turn(strand.fiber, self._now, budget, in_turns)
        with extension.at_work():
            return extension.machine.turn(strand.fiber, self._now, budget, in_turns)

    def _machine(self, strand: Strand) -> Machine:
        return self.machine if strand.extension is None else strand.extension.machine

    def _extend(self, strand: Strand) -> None:
        """An extension goes on in the place of a fiber that stands at a continuation point (language 6.10)."""
        fiber = strand.fiber
        name = strand.channel.name
        self._machine(strand).release(fiber)
        try:
            extension = self.host.extend(str(fiber.pending))
        except FaultError as error:
            fiber.fault = error.fault
            self._ended(strand, "failed")
            return
        extension.machine.post = self.deliver
        strand.extension = extension
        strand.fiber = extension.machine.fiber(extension.entry, channel=name, isolated=name is not None)
        strand.fiber.mailbox = strand.channel.mailbox

    def _start_arms(self, strand: Strand) -> None:
        """Begin the arms of a `parallel` with a turn for each."""
        fiber = strand.fiber
        try:
            for unit in fiber.waiting[2]:
                arm = self._machine(strand).fiber(unit, parent=fiber)
                strand.arms.append(Strand(arm, strand.channel, strand))
        except ValueFault as error:
            self._cancel_arms(strand)
            fiber.answered = ("failed", Fault.from_value_fault(error, channel=strand.channel.name))
            return
        self._arms(strand)

    def _cancel_arms(self, strand: Strand) -> None:
        for arm in strand.arms:
            self._forget(arm)
        strand.arms = []

    # -------------------------------------------------------------------- ends

    def _ended(self, strand: Strand, status: str) -> None:
        fiber, parent, channel = strand.fiber, strand.parent, strand.channel
        if parent is not None:
            parent.arms.remove(strand)
            if status == "failed":
                self._cancel_arms(parent)
                parent.fiber.answered = ("failed", fiber.fault)
            elif fiber.value is True and fiber.last == fiber.unit:
                # A handler that did not settle its error ends the flow around the arms.
                self._cancel_arms(parent)
                parent.fiber.answered = ("stopped", None)
            elif not parent.arms:
                parent.fiber.answered = ("done", None)
            return
        if status == "failed":
            fault = fiber.fault or Fault("internal_error", "a fiber failed without saying why")
            self.fail(fault, None if fault.kind == "cancelled" else channel.name)
            return
        channel.has_ended = True
        channel.result = fiber.value
        if channel.name is not None:
            self.barriers.leave(channel.name)
            self._open_barriers()

    def _forget(self, strand: Strand) -> None:
        """Cancel a fiber with its arms."""
        self._cancel_arms(strand)
        fiber = strand.fiber
        if fiber.waiting is not None:
            if fiber.waiting[0] == "await":
                self.host.abandon(fiber.waiting[2])
            elif fiber.waiting[0] == "sync":
                self._leave_barrier(strand)
        self._machine(strand).release(fiber)

    # --------------------------------------------------------- what ends waits

    def _offer(self, strand: Strand) -> None:
        """Let a waiting fiber take what it waits for out of its channel's mailbox."""
        fiber = strand.fiber
        waiting = fiber.waiting
        if waiting is None or fiber.answered is not None:
            return
        if waiting[0] == "signal":
            take(fiber.mailbox, waiting[2], waiting[3], waiting[4], strand.channel.name)
        elif waiting[0] == "await" and waiting[4] and "until" in waiting[4]:
            channel, name = waiting[4]["until"]
            if take(fiber.mailbox, [(channel, name)], False, [], strand.channel.name):
                self.host.abandon(waiting[2])
                fiber.answered = ("done", None)

    def _arrive(self, strand: Strand) -> None:
        name = strand.channel.name
        _, _, point, given, _ = strand.fiber.waiting
        if name is not None:
            self.barriers.arrive(point, name, given)
            self._open_barriers()

    def _leave_barrier(self, strand: Strand) -> None:
        """A fiber gives its barrier up; its channel stays there with another arm of it."""
        name = strand.channel.name
        point = strand.fiber.waiting[2]
        if name is not None:
            here = [one for one in strand.channel.strand.leaves() if _barrier(one) == point]
            if here == [strand]:
                self.barriers.leave(name, point)

    def _open_barriers(self) -> None:
        for point in self.barriers.waiting:
            if self.barriers.is_complete(point, self._has_ended):
                self.barriers.open(point)
                for strand in self._strands():
                    if _barrier(strand) == point:
                        strand.fiber.answered = ("done", None)

    def _has_ended(self, name: str) -> bool:
        return any(channel.name == name and channel.has_ended for channel in self.channels)

    # ------------------------------------------------------------- no one ready

    def _stuck(self) -> str:
        """Nobody is ready: the run suspends, or nothing can ever wake it."""
        strands = list(self._strands())
        kinds = [waits.source(strand.fiber.waiting, self.external) for strand in strands]
        if all(kind == waits.CHANNELS for kind in kinds):
            return self.fail(Fault("deadlock", self._deadlock(strands)))
        moments = [waits.deadline(strand.fiber.waiting) for strand in strands]
        timed = [moment for moment in moments if moment is not None]
        self.wake_at = min(timed) if timed else None
        for strand, moment, kind in zip(strands, moments, kinds, strict=True):
            if moment == self.wake_at and kind != waits.CHANNELS:
                self.reason = strand.fiber.reason
                break
        return "suspended"

    def _deadlock(self, strands: list[Strand]) -> str:
        if not self.has_channels:
            return f"the run waits for {waits.describe(strands[0].fiber.waiting)}, and nobody can end that"
        said = []
        for strand in strands:
            waiting = strand.fiber.waiting
            text = f"'{strand.channel.name}' waits for {waits.describe(waiting)}"
            if waiting is not None and waiting[0] == "sync":
                missing = self.barriers.missing(waiting[2], self._has_ended)
                text += f" (not there: {', '.join(missing)})" if missing else ""
            said.append(text)
        return "no channel can go on: " + "; ".join(said)


def _barrier(strand: Strand) -> str | None:
    """The barrier at which a fiber waits."""
    waiting = strand.fiber.waiting
    return str(waiting[2]) if waiting is not None and waiting[0] == "sync" else None
