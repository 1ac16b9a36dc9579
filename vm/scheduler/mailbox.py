"""Mailboxes: signals that wait to be taken, and the rule by which a wait takes them (language 7.3).

A mailbox is a list of signals, oldest first. An address is a pair (channel or
None, signal); an address that was taken stands beside its signal in the list
of what a wait has so far.
"""

from __future__ import annotations

from typing import Any, NamedTuple

Address = tuple[str | None, str]


class Signal(NamedTuple):
    """One signal in a mailbox.

    Attributes:
        source: who sent it, as the document sees it.
        origin: the channel that emitted it; None for the host, and for a run without channels.
        alias: name of the channel whose code the origin ran after a `branch`.
    """

    name: str
    payload: Any = None
    source: str | None = None
    origin: str | None = None
    alias: str | None = None

    def to_map(self) -> dict[str, Any]:
        """The value of `_signal`; the payload is shared."""
        return {"name": self.name, "payload": self.payload, "source": self.source}


def matches(signal: Signal, address: Address, own: str | None) -> bool:
    """Whether a wait in the channel `own` (None without channels) for an address takes a signal.

    A qualified address takes the signal from that channel by either of its names,
    the waiting channel itself included; an unqualified one takes it from everybody
    but the waiting channel.
    """
    channel, name = address
    if name != signal.name:
        return False
    if channel is None:
        return signal.origin is None or signal.origin != own
    return channel == signal.source or channel == signal.alias


def post(mailbox: list[Signal], signal: Signal, limit: int) -> Signal | None:
    """Put a signal into a mailbox; the oldest one gives way when it is full, and is returned then."""
    mailbox.append(signal)
    return mailbox.pop(0) if len(mailbox) > limit else None


def remaining(addresses: list[Address], taken: list[tuple[Signal, Address]]) -> list[Address]:
    """The addresses that nothing was taken for yet; the same address may stand there twice."""
    left = list(addresses)
    for _, address in taken:
        left.remove(address)
    return left


def take(
    mailbox: list[Signal],
    addresses: list[Address],
    every: bool,
    taken: list[tuple[Signal, Address]],
    own: str | None,
) -> bool:
    """Take what a wait asks for out of a mailbox, in mailbox order; the rest stays.

    Args:
        addresses: what the wait asks for; of several that match one signal the first gets it.
        every: all of them are wanted, each by a signal of its own; else one is enough.
        taken: what the wait has so far; grows.

    Returns:
        Whether the wait has what it asks for.
    """
    left = remaining(addresses, taken)
    done = not left or (not every and bool(taken))
    position = 0
    while position < len(mailbox) and not done:
        signal = mailbox[position]
        found = next((address for address in left if matches(signal, address, own)), None)
        if found is None:
            position += 1
            continue
        del mailbox[position]
        left.remove(found)
        taken.append((signal, found))
        done = not left or not every
    return done
