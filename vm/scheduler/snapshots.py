"""Snapshots of runs of several fibers: plain data beside the machine's own snapshot."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from abml.vm.core.machine import Fiber, Machine

from .channels import Channel, Host, Scheduler, Strand
from .mailbox import Signal


def snapshot(scheduler: Scheduler) -> dict[str, Any]:
    """Everything of a suspended run that the machine's snapshot does not hold.

    Raises:
        ValueError: the run has ended, or an extension goes on in it.
    """
    if not scheduler.is_active:
        raise ValueError("only a run that waits has a snapshot")
    return {
        "channels": [
            {
                "name": channel.name,
                "unit": channel.unit,
                "has_ended": channel.has_ended,
                "result": channel.result,
                "mailbox": [tuple(signal) for signal in channel.mailbox],
                "strand": None if channel.has_ended else _strand(scheduler.machine, channel.strand),
            }
            for channel in scheduler.channels
        ],
        "barriers": scheduler.barriers.snapshot(),
        "reason": scheduler.reason,
        "wake_at": scheduler.wake_at,
        "ends_at": scheduler.ends_at,
    }


def _strand(machine: Machine, strand: Strand) -> dict[str, Any]:
    if strand.extension is not None:
        raise ValueError("a run in which an extension goes on has no snapshot")
    return {
        "fiber": machine.fiber_snapshot(strand.fiber),
        "is_resting": strand.is_resting,
        "arms": [_strand(machine, arm) for arm in strand.arms],
    }


def restore(
    host: Host,
    machine: Machine,
    data: Mapping[str, Any],
    *,
    sync_points: Mapping[str, Collection[int]] | None = None,
    external: Collection[str] | None = (),
) -> Scheduler:
    """The run of a snapshot, on a machine that took over its own snapshot and is idle.

    Args:
        sync_points, external: as for `Scheduler`.

    Raises:
        ValueError: the data does not fit the program.
    """
    made = Scheduler(host, machine, [], external=external, ends_at=data["ends_at"])
    for item in data["channels"]:
        channel = Channel(item["name"], item["unit"], Fiber())
        channel.has_ended, channel.result = item["has_ended"], item["result"]
        channel.mailbox[:] = [Signal(*signal) for signal in item["mailbox"]]
        if item["strand"] is not None:
            channel.strand = _restore_strand(machine, channel, item["strand"], None)
        made.channels.append(channel)
    made.set_barriers(sync_points or {})
    made.barriers.restore(data["barriers"])
    made.reason, made.wake_at = data["reason"], data["wake_at"]
    return made


def _restore_strand(machine: Machine, channel: Channel, data: Mapping[str, Any], parent: Strand | None) -> Strand:
    above: Fiber | None = None if parent is None else parent.fiber
    fiber = machine.restore_fiber(data["fiber"], parent=above)
    fiber.mailbox = channel.mailbox
    strand = Strand(fiber, channel, parent)
    strand.is_resting = data["is_resting"]
    strand.arms = [_restore_strand(machine, channel, arm, strand) for arm in data["arms"]]
    return strand
