from __future__ import annotations

import json

import pytest

from pytest_infragate.errors import EngineError
from pytest_infragate.stack.event import EngineEvent, Translator, parse

from ..states import running

LABELS = {
    "com.docker.compose.project": "shop",
    "com.docker.compose.service": "db",
    "com.docker.compose.oneoff": "False",
}


def container(action: str, **attributes: str) -> EngineEvent:
    return EngineEvent(1_795_346_465_000_000_001, "container", action, "c1", {**LABELS, **attributes})


def test_a_line_of_the_stream() -> None:
    line = {
        "Type": "container",
        "Action": "die",
        "Actor": {"ID": "c1", "Attributes": {"exitCode": "3"}},
        "time": 1,
        "timeNano": 1_000_000_007,
    }
    event = parse(json.dumps(line))
    assert event == EngineEvent(1_000_000_007, "container", "die", "c1", {"exitCode": "3"})
    assert event.identity == (1_000_000_007, "container", "die", "c1", "")


@pytest.mark.parametrize("line", [b"", b"{}", b'{"message": "server error"}', b"nonsense"])
def test_a_line_that_is_no_event(line: bytes) -> None:
    with pytest.raises(EngineError, match="no event"):
        parse(line)


def test_an_end_with_its_exit_code_and_the_engines_time() -> None:
    event = Translator("shop").translate(container("die", exitCode="137"))
    assert event is not None
    assert (event.service, event.action, event.exit_code) == ("db", "die", 137)
    assert event.time.isoformat().startswith("2026-11-22T")


@pytest.mark.parametrize("action", ["exec_create: /bin/sh -c true", "exec_start: true", "exec_die", "top", "rename"])
def test_what_says_nothing_about_a_service_is_left_out(action: str) -> None:
    assert Translator("shop").translate(container(action)) is None


def test_others_and_one_off_containers_are_left_out() -> None:
    translator = Translator("shop")
    assert translator.translate(container("die", **{"com.docker.compose.project": "other"})) is None
    assert translator.translate(container("die", **{"com.docker.compose.oneoff": "True"})) is None


def test_network_events_belong_to_the_service_whose_container_is_known() -> None:
    translator = Translator("shop")
    lost = EngineEvent(2, "network", "disconnect", "n1", {"container": "c1", "name": "shop_back"})
    assert translator.translate(lost) is None
    translator.translate(container("create"))
    event = translator.translate(lost)
    assert event is not None
    assert (event.service, event.action, event.detail) == ("db", "disconnect", "shop_back")


def test_a_signal_and_a_healthcheck() -> None:
    killed = Translator("shop").translate(container("kill", signal="15"))
    sick = Translator("shop").translate(container("health_status: unhealthy"))
    assert killed is not None
    assert killed.detail == "15"
    assert sick is not None
    assert sick.action == "health_status: unhealthy"


def test_two_containers_that_leave_a_network_at_once_are_two_events() -> None:
    left = [EngineEvent(2, "network", "disconnect", "n1", {"container": one, "name": "back"}) for one in ("c1", "c2")]
    assert len({one.identity for one in left}) == 2


def test_health_as_podman_tells_it() -> None:
    sick = Translator("shop").translate(container("health_status", health_status="unhealthy"))
    assert sick is not None
    assert sick.action == "health_status: unhealthy"


def test_containers_whose_first_events_were_missed_can_be_learned() -> None:
    translator = Translator("shop")
    translator.know([running("db", id="c1")])
    event = translator.translate(EngineEvent(2, "network", "disconnect", "n1", {"container": "c1", "name": "back"}))
    assert event is not None
    assert event.service == "db"
