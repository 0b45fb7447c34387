"""What the checks of ports, addresses and network modes flag, and what they must leave alone."""

from __future__ import annotations

from typing import Any

import pytest

from .looking import found_in, subjects

EVERYWHERE = "0.0.0.0"  # noqa: S104  (written in a file, bound by nobody)


def port(published: str | None, host_ip: str | None = None, target: int = 80) -> dict[str, Any]:
    return {"target": target, "published": published, "host_ip": host_ip, "protocol": "tcp"}


def publishing(*ports: dict[str, Any], **service: Any) -> dict[str, Any]:
    return {"image": "x:1", "ports": list(ports), **service}


def network(*pools: dict[str, str], **more: Any) -> dict[str, Any]:
    return {"ipam": {"config": list(pools)}, **more}


def at(address: str, **service: Any) -> dict[str, Any]:
    return {"image": "x:1", "networks": {"n": {"ipv4_address": address}}, **service}


def test_a_range_that_is_too_small_for_all_is_a_conflict() -> None:
    ranged = publishing(port("8000-8001"), scale=2)
    [finding] = found_in("IG301", {"a": ranged, "b": publishing(port("8000"))})
    assert finding.subject == "a"
    assert finding.message.startswith(
        "The range of host ports 8000-8001/tcp is already published by 'b' as part of 8000 ("
    )
    assert subjects("IG301", {"a": publishing(port("8000-8002"), scale=2), "b": publishing(port("8000"))}) == []


def test_what_is_never_published_takes_no_port() -> None:
    taker = publishing(port("80"))
    for other in (publishing(port("80"), scale=0), publishing(port("80"), network_mode="host")):
        assert subjects("IG301", {"a": taker, "b": other}) == []


def test_one_conflict_is_told_once_whatever_the_addresses() -> None:
    services = {
        "a": publishing(port("80")),
        "b": publishing(port("80"), port("81", "127.0.0.1")),
        "c": publishing(port("81")),
    }
    assert subjects("IG301", services) == ["b", "c"]


@pytest.mark.parametrize(
    ("mode", "published", "found"),
    [
        ("service:b", port("80"), {"IG330"}),
        ("container:other", port("80"), {"IG330"}),
        ("host", port("8080"), {"IG331"}),
        ("host", port("80"), {"IG336"}),
        ("host", port(None), {"IG336"}),
        ("none", port("80"), {"IG331"}),
        ("bridge", port("80"), set()),
    ],
)
def test_ports_and_network_modes(mode: str, published: dict[str, Any], found: set[str]) -> None:
    services = {"a": publishing(published, network_mode=mode), "b": {"image": "x:1"}}
    assert {id_ for id_ in ("IG330", "IG331", "IG336") if subjects(id_, services)} == found


def test_an_internal_network_beside_another_one_hides_nothing() -> None:
    both = publishing(port("80"), networks={"in": None, "out": None})
    networks = {"in": {"internal": True}, "out": {}}
    assert subjects("IG344", {"a": both}, networks=networks) == []
    assert subjects("IG344", {"a": publishing(port("80"), networks={"in": None})}, networks=networks) == ["a"]


@pytest.mark.parametrize(
    ("address", "given", "flagged"),
    [
        ("10.5.0.5", network({"subnet": "10.5.0.0/24"}), False),
        ("10.6.0.5", network({"subnet": "10.5.0.0/24"}), True),
        ("10.6.0.5", network({"subnet": "10.5.0.0/24"}, {"subnet": "10.6.0.0/24"}), False),
        ("10.5.0.5", {}, True),
        ("10.5.0.5", {"external": True}, False),
        ("10.5.0.500", network({"subnet": "10.5.0.0/24"}), True),
        ("10.6.0.5", {"ipam": {"driver": "dhcp", "config": [{"subnet": "10.5.0.0/24"}]}}, False),
    ],
)
def test_address_outside_range(address: str, given: dict[str, Any], flagged: bool) -> None:
    assert bool(subjects("IG332", {"a": at(address)}, networks={"n": given})) is flagged


def test_addresses_given_twice() -> None:
    networks = {"n": network({"subnet": "10.5.0.0/24", "gateway": "10.5.0.1"})}
    services = {"a": at("10.5.0.5"), "b": at("10.5.0.5"), "c": at("10.5.0.5", scale=0), "d": at("10.5.0.1")}
    assert subjects("IG333", services, networks=networks) == ["b", "d"]
    assert subjects("IG334", {"a": at("10.5.0.5", scale=2), "b": at("10.5.0.6")}, networks=networks) == ["a"]


@pytest.mark.parametrize(
    ("one", "other", "flagged"),
    [
        ("10.5.0.0/16", "10.5.1.0/24", True),
        ("10.5.0.0/24", "10.5.0.0/24", True),
        ("10.5.0.0/24", "10.5.1.0/24", False),
        ("10.5.0.0/24", "fd00::/64", False),
        ("10.5.0.0/24", "no range", False),
    ],
)
def test_ranges_overlap(one: str, other: str, flagged: bool) -> None:
    networks = {"m": network({"subnet": one}), "n": network({"subnet": other})}
    assert bool(subjects("IG335", {"a": {"image": "x:1"}}, networks=networks)) is flagged
    outside = {**networks, "n": network({"subnet": other}, external=True)}
    assert subjects("IG335", {"a": {"image": "x:1"}}, networks=outside) == []


@pytest.mark.parametrize(
    ("pool", "flagged"),
    [
        ({"subnet": "10.5.0.0/99"}, True),
        ({"subnet": "10.5.0.0/24", "gateway": "10.6.0.1"}, True),
        ({"subnet": "10.5.0.0/24", "ip_range": "10.5.0.0/16"}, True),
        ({"subnet": "10.5.0.0/24", "ip_range": "10.5.0.128/25", "gateway": "10.5.0.1"}, False),
        ({"gateway": "10.5.0.1"}, False),
    ],
)
def test_range_invalid(pool: dict[str, str], flagged: bool) -> None:
    assert bool(subjects("IG337", {"a": {"image": "x:1"}}, networks={"n": network(pool)})) is flagged


@pytest.mark.parametrize(
    ("service", "found"),
    [
        (publishing(port("8080")), {"IG338"}),
        (publishing(port("8080", EVERYWHERE)), {"IG338"}),
        (publishing(port("80")), set()),
        (publishing(port("8080", "127.0.0.1")), set()),
        (publishing(port("127.0.0.1:8080")), set()),
        (publishing(port("5432"), image="postgres:16"), {"IG340"}),
        (publishing(port("25", "127.0.0.1")), {"IG343"}),
        (publishing(port("8080"), network_mode="host"), set()),
        (publishing(port("8080"), network_mode="company"), {"IG338"}),
    ],
)
def test_exposure(service: dict[str, Any], found: set[str]) -> None:
    assert {id_ for id_ in ("IG338", "IG340", "IG343") if subjects(id_, {"a": service})} == found


def test_a_published_service_may_share_a_network_with_the_store_that_it_needs() -> None:
    db = {"image": "postgres:16"}
    needing = publishing(port("80"), environment={"DB_URL": "postgresql://db/app"})
    assert subjects("IG342", {"api": needing, "db": db}) == []
    assert subjects("IG342", {"api": publishing(port("80")), "db": db}) == ["api"]


def test_settings_of_an_external_network() -> None:
    services = {"a": {"image": "x:1"}}
    plain = {"external": True, "name": "shared", "ipam": {}}
    assert subjects("IG345", services, networks={"n": plain}) == []
    [finding] = found_in("IG345", services, networks={"n": {**plain, "driver": "bridge"}})
    assert finding.message.endswith("no effect: driver.")
