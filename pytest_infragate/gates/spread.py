"""How requests were spread over the replicas of a service: counted by address, by what replies say, or by packets; pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..results import Json
from ..stack.state import ContainerState
from ..suggest import listed

BY_NAME = "by the first address that the name gives"
BY_REPLY = "by the replica that each reply names"
BY_PACKETS = "by the packets that each replica received"
PACKETS_OF_A_REQUEST = 2
"""A request over a connection that stands already brings its receiver two packets: the request and an acknowledgement."""
_NEIGHBOURS = 10
"""So many packets may come in without anybody asking anything: questions for addresses, greetings of routers."""
_SHORT_ID = 12
_LOOPBACK = "lo"


@dataclass(frozen=True)
class Spread:
    """How what one container asked was spread; ``counts`` holds requests, or packets, by replica, zeros too."""

    asker: str
    way: str
    counts: Mapping[str, int]
    requests: int
    left_out: tuple[str, ...] = ()
    """The replicas to which the name does not lead at all."""

    @property
    def shares(self) -> tuple[float, ...]:
        """The share of each replica, between 0 and 1."""
        whole = sum(self.counts.values())
        return tuple(count / whole if whole else 0.0 for count in self.counts.values())

    @property
    def idle(self) -> tuple[str, ...]:
        """The replicas that got nothing."""
        return tuple(name for name, count in self.counts.items() if count == 0)

    def __str__(self) -> str:
        """Return the shares in words."""
        pairs = zip(self.counts, self.shares, strict=True)
        each = listed([f"{name} {share * 100:.0f} %" for name, share in pairs], "and")
        return f"{self.requests} requests of {self.asker}: {each} ({self.way})"

    def to_dict(self) -> dict[str, Json]:
        """Return it for the report."""
        return {"asker": self.asker, "way": self.way, "requests": self.requests, "counts": dict(self.counts)}


def by_name(asker: str, answers: Sequence[Sequence[str]], replicas: Sequence[ContainerState]) -> Spread:
    """Count which replica comes first in each answer to the question for the name, as a plain client takes it."""
    owners = {address: state.name for state in replicas for address in state.addresses.values()}
    firsts = Counter(owners.get(addresses[0], "") for addresses in answers if addresses)
    known = {address for addresses in answers for address in addresses}
    left_out = tuple(state.name for state in replicas if known.isdisjoint(state.addresses.values()))
    return Spread(asker, BY_NAME, {state.name: firsts[state.name] for state in replicas}, len(answers), left_out)


def by_reply(asker: str, replies: Sequence[str], replicas: Sequence[ContainerState]) -> Spread | None:
    """Count by what the replies say; ``None`` unless each of them names exactly one replica."""
    owners = [_named_in(reply, replicas) for reply in replies]
    if not owners or any(len(found) != 1 for found in owners):
        return None
    counts = Counter(found[0] for found in owners)
    return Spread(asker, BY_REPLY, {state.name: counts[state.name] for state in replicas}, len(replies))


def by_packets(
    asker: str, requests: int, received: Mapping[str, int], quiet: Mapping[str, int], replicas: Sequence[ContainerState]
) -> Spread:
    """Count by the packets that came in during the requests, less those that come in as long a time without them.

    What is less than a quarter of an even share proves no request and counts as nothing: a new container hears of its
    neighbours, too.
    """
    least = max(requests * PACKETS_OF_A_REQUEST // (4 * len(replicas)), _NEIGHBOURS)
    more = {state.name: received.get(state.name, 0) - quiet.get(state.name, 0) for state in replicas}
    return Spread(asker, BY_PACKETS, {name: count if count >= least else 0 for name, count in more.items()}, requests)


def packets(interfaces: str) -> int:
    """Return how many packets came in over the network, from the text of ``/proc/net/dev``, loopback left out.

    The second number of a line counts them (proc(5)).
    """
    found = 0
    for line in interfaces.splitlines():
        name, separator, numbers = line.partition(":")
        if separator and name.strip() != _LOOPBACK:
            found += int(numbers.split()[1])
    return found


def _named_in(reply: str, replicas: Iterable[ContainerState]) -> list[str]:
    """Return the replicas that a reply names: by container id, as the default host name has it, name or address."""
    return [state.name for state in replicas if any(re.search(mark, reply) for mark in _marks(state))]


def _marks(state: ContainerState) -> Iterator[str]:
    words = (state.id[:_SHORT_ID], state.name, *state.addresses.values())
    return (rf"(?<![\w.-]){re.escape(word)}(?![\w-]|\.\d)" for word in words)
