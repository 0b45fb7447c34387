from __future__ import annotations

import pytest

from pytest_infragate.gates.spread import Spread, by_name, by_packets, by_reply, packets

from ..states import running

ONE = running("api", id="1" * 64, name="p-api-1", addresses={"net": "10.0.0.2"})
TWO = running("api", id="2" * 64, name="p-api-12", addresses={"net": "10.0.0.21"})
BOTH = (ONE, TWO)
INTERFACES = """\
Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets
    lo:  900       90    0    0    0     0          0         0      900       90
  eth0: 1000       10    0    0    0     0          0         0      800        8
  eth1:2000        5    0    0    0     0          0         0      800        8
"""


def test_the_first_address_of_each_answer_counts() -> None:
    answers = [("10.0.0.2", "10.0.0.21"), ("10.0.0.21", "10.0.0.2"), ("10.0.0.2",), ("10.0.0.99",), ()]
    spread = by_name("caller", answers, BOTH)
    assert spread.counts == {"p-api-1": 2, "p-api-12": 1}
    assert spread.shares == (2 / 3, 1 / 3)
    assert (spread.idle, spread.left_out) == ((), ())


def test_a_replica_that_no_answer_names_is_left_out_not_only_idle() -> None:
    assert by_name("caller", [("10.0.0.2",)], BOTH).left_out == ("p-api-12",)
    second = by_name("caller", [("10.0.0.2", "10.0.0.21")], BOTH)
    assert (second.idle, second.left_out) == (("p-api-12",), ())


@pytest.mark.parametrize(
    "reply", ['{"host": "222222222222"}', "from p-api-12!", "http://10.0.0.21:8000/", "10.0.0.21."]
)
def test_a_reply_names_its_replica_by_id_name_or_address(reply: str) -> None:
    spread = by_reply("edge", [reply], BOTH)
    assert spread is not None
    assert spread.counts == {"p-api-1": 0, "p-api-12": 1}
    assert spread.idle == ("p-api-1",)


@pytest.mark.parametrize(
    "replies", [[], ["hello"], ["111111111111", "hello"], ["111111111111 222222222222"], ["10.0.0.211"]]
)
def test_replies_that_do_not_tell_are_not_counted(replies: list[str]) -> None:
    assert by_reply("edge", replies, BOTH) is None


def test_packets_of_all_interfaces_but_loopback() -> None:
    assert packets(INTERFACES) == 15


@pytest.mark.parametrize(
    ("received", "quiet", "counts"),
    [
        ({"p-api-1": 200, "p-api-12": 210}, {"p-api-1": 0, "p-api-12": 10}, {"p-api-1": 200, "p-api-12": 200}),
        ({"p-api-1": 400, "p-api-12": 19}, {"p-api-1": 0, "p-api-12": 10}, {"p-api-1": 400, "p-api-12": 0}),
        ({"p-api-1": 400, "p-api-12": 9}, {}, {"p-api-1": 400, "p-api-12": 0}),
        ({"p-api-1": 400, "p-api-12": 10}, {}, {"p-api-1": 400, "p-api-12": 10}),
        ({}, {"p-api-1": 5}, {"p-api-1": 0, "p-api-12": 0}),
    ],
)
def test_what_comes_in_anyway_is_no_request(
    received: dict[str, int], quiet: dict[str, int], counts: dict[str, int]
) -> None:
    assert by_packets("edge", 40, received, quiet, BOTH).counts == counts


def test_shares_are_told_in_words() -> None:
    told = str(Spread("edge", "somehow", {"a": 3, "b": 1}, 4))
    assert told == "4 requests of edge: a 75 % and b 25 % (somehow)"
    assert Spread("edge", "somehow", {"a": 0}, 0).shares == (0.0,)
