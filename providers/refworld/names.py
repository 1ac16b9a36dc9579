"""Names and words for generated worlds."""

from __future__ import annotations

from collections.abc import Container

from abml.vm.random import Random

_BEGIN = "Al Bren Cor Da El Fen Gis Hal Ir Jo Ka Lor Mar Ned Os Per Quin Ro Sel Tam Ul Ves Wil Ys".split()
_MIDDLE = "a e i o u an el in or il ea".split()
_END = "bek da dric fa gar ka la len mir na ran ris sa the tin va wen zia".split()
_HOUSE = "Ash Brack Cold Dun Elm Fern Gorse Heath Iron Kestrel Lark Marl Nettle Otter Pike Quarry Rook Salt".split()
_TAIL = "acre bourne by croft den field gate holm ley mere stead ton wick wood worth".split()

CRAFTS = (
    "baker",
    "beekeeper",
    "bell founder",
    "boatwright",
    "brewer",
    "charcoal burner",
    "clerk",
    "cooper",
    "dyer",
    "ferryman",
    "gravedigger",
    "herbalist",
    "innkeeper",
    "lamplighter",
    "mason",
    "midwife",
    "miller",
    "net maker",
    "reeve",
    "shepherd",
    "smith",
    "soldier",
    "tanner",
    "thatcher",
    "toll keeper",
    "weaver",
)

DEEDS = (
    "the flood of the lower mill",
    "the burning of the toll house",
    "the winter without bread",
    "the siege of the old bridge",
    "the election of the reeve",
    "the fever year",
    "the drowning of the ferry",
    "the harvest strike",
)
PARTS = ("witness", "rescuer", "leader", "victim", "culprit", "survivor", "messenger")

PAST: dict[str, tuple[tuple[str, str], ...]] = {
    "origin": (
        ("foundling", "left at a mill door in a flour sack"),
        ("farm", "grew up on a farm that is not there any more"),
        ("river", "born on a barge between two locks"),
        ("town", "third child of a family of clerks"),
        ("soldier", "raised in a garrison"),
    ),
    "fear": (
        ("water", "has not crossed the river by boat since the ferry went down"),
        ("fire", "sleeps in a chair, near a door"),
        ("hunger", "counts the sacks every evening"),
        ("solitude", "cannot bear an empty house"),
        ("crowds", "goes to market before dawn"),
    ),
    "goal": (
        ("wealth", "wants to own the house instead of renting a room of it"),
        ("revenge", "keeps a list"),
        ("peace", "wants the two families to share a table once"),
        ("fame", "wants a song with the right name in it"),
        ("home", "is saving for the way back"),
    ),
    "trauma": (
        ("loss", "buried two children in one week"),
        ("betrayal", "was given away by a friend for the price of a horse"),
        ("war", "came home alone of eleven"),
        ("shame", "was pilloried for something another had done"),
    ),
    "secret": (
        ("theft", "the chest in the cellar belongs to the guild"),
        ("child", "has a child that does not know it"),
        ("name", "goes by the name of a dead man"),
        ("debt", "owes more than everything"),
    ),
    "belief": (
        ("fate", "holds that it is all written in the bark of some tree"),
        ("duty", "holds that a word given is a wall"),
        ("luck", "never leaves without the left shoe first"),
    ),
    "training": (
        ("blade", "served under the last marshal"),
        ("letters", "was taught to read by a hedge priest"),
        ("herbs", "learned from the midwife"),
    ),
}
"""Kind of element -> (key, text)."""


def person(random: Random) -> str:
    """A name such as `Corinlen Marlholm`."""
    first = _pick(random, _BEGIN) + _pick(random, _MIDDLE) + _pick(random, _END)
    return f"{first} {_pick(random, _HOUSE)}{_pick(random, _TAIL)}"


def settlement(random: Random) -> str:
    """A name such as `Otterby`."""
    return _pick(random, _HOUSE) + _pick(random, _TAIL)


def _pick(random: Random, words: list[str]) -> str:
    return words[random.integer(0, len(words) - 1)]


def key_of(name: str, taken: Container[str]) -> str:
    """A key made of a name that is not taken."""
    base = "-".join(name.lower().split())
    key, number = base, 2
    while key in taken:
        key, number = f"{base}-{number}", number + 1
    return key
