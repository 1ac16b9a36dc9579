"""Barriers: `sync` points at which channels wait for each other (language 7.3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping


class Barriers:
    """Who takes part in which barrier, and who has arrived.

    Args:
        units: barrier -> units whose code mentions it (`Program.info["sync_points"]`).
        channels: started channel -> the unit it started in, in declaration order.
    """

    def __init__(self, units: Mapping[str, Iterable[int]], channels: Mapping[str, int]) -> None:
        mentioned = {name: frozenset(numbers) for name, numbers in units.items()}
        self._channels = tuple(channels)
        self._defaults = {
            name: frozenset(channel for channel, unit in channels.items() if unit in numbers)
            for name, numbers in mentioned.items()
        }
        self._arrived: dict[str, dict[str, frozenset[str]]] = {}

    def participants(self, name: str, given: Iterable[str] | None) -> frozenset[str]:
        """The started channels that a barrier waits for: those named, else those whose code mentions it."""
        if given is None:
            return self._defaults.get(name, frozenset())
        return frozenset(given) & frozenset(self._channels)

    def arrive(self, name: str, channel: str, given: Iterable[str] | None) -> None:
        """A channel comes to a barrier; `given` are the participants its `sync` names."""
        self._arrived.setdefault(name, {})[channel] = self.participants(name, given) | {channel}

    def leave(self, channel: str, name: str | None = None) -> None:
        """A channel waits at a barrier no longer (at none without a name), or has ended."""
        for point in [name] if name is not None else list(self._arrived):
            here = self._arrived.get(point, {})
            here.pop(channel, None)
            if not here:
                self._arrived.pop(point, None)

    def is_complete(self, name: str, has_ended: Callable[[str], bool]) -> bool:
        """Whether everybody who has not ended has arrived."""
        here = self._arrived.get(name)
        return bool(here) and not self.missing(name, has_ended)

    def missing(self, name: str, has_ended: Callable[[str], bool]) -> list[str]:
        """Who still has to come, in declaration order."""
        here = self._arrived.get(name, {})
        wanted = frozenset().union(*here.values())
        return [channel for channel in self._channels if channel in wanted - here.keys() and not has_ended(channel)]

    def open(self, name: str) -> list[str]:
        """Let all go on; the barrier is as new. Gives who had arrived."""
        return list(self._arrived.pop(name, {}))

    @property
    def waiting(self) -> list[str]:
        """Barriers at which somebody waits."""
        return list(self._arrived)

    def snapshot(self) -> dict[str, dict[str, list[str]]]:
        """Who has arrived where, as plain data."""
        return {
            name: {channel: sorted(wanted) for channel, wanted in here.items()} for name, here in self._arrived.items()
        }

    def restore(self, data: Mapping[str, Mapping[str, Iterable[str]]]) -> None:
        """Take over a snapshot."""
        self._arrived = {
            name: {channel: frozenset(wanted) for channel, wanted in here.items()} for name, here in data.items()
        }
