"""Which channels a run starts: those of the document, or those the host names (language 1.8, 7.1, 7.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from abml.vm.core.machine import FaultError
from abml.vm.faults import Fault

from .channels import Start


def has_channels(info: Mapping[str, Any]) -> bool:
    """The entry rules choose the document's channels (rule 3)."""
    return info.get("entry", -1) < 0 and info.get("entry_by") == 3


def declared(info: Mapping[str, Any]) -> list[Start]:
    """The channels of the root document that start by themselves, in order.

    Raises:
        FaultError: `no_channels`: all of them wait to be branched to.
    """
    channels = info.get("channels") or {}
    starts = [Start(name, int(channel["unit"])) for name, channel in channels.items() if channel["starts"]]
    if not starts:
        raise no_channels()
    return starts


def named(info: Mapping[str, Any], channels: Mapping[str, str]) -> list[Start]:
    """The channels that the host starts: name -> flow.

    Raises:
        FaultError: `no_channels` for none; `flow_not_found`.
    """
    from abml.vm.runner import flow_unit

    if not channels:
        raise no_channels()
    return [Start(str(name), flow_unit(info, flow)) for name, flow in channels.items()]


def no_channels() -> FaultError:
    """There is nothing to start."""
    return FaultError(Fault("no_channels", "no channels"))
