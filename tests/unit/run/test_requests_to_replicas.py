from __future__ import annotations

from typing import Any, cast

import pytest

from pytest_infragate.catalogue import edge_open, scaling_proven
from pytest_infragate.gates.edges import PlannedEdge
from pytest_infragate.gates.scaling import PlannedScaling
from pytest_infragate.run.requests_to_replicas import Requests, shared
from pytest_infragate.run.site import Site
from pytest_infragate.scaling_settings import ScalingSettings
from pytest_infragate.settings import ProbeSettings
from pytest_infragate.stack.state import ContainerState

from ..states import running


def on(service: str, *networks: str, number: int = 1, **changes: Any) -> ContainerState:
    addresses = {name: f"10.{len(name)}.0.{number}" for name in networks}
    return running(service, name=f"p-{service}-{number}", number=number, addresses=addresses, **changes)


def edge(source: str, *, must_be_open: bool = True) -> PlannedEdge:
    check = edge_open(f"{source} -> api:80")
    return PlannedEdge(check, source, "api", 80, None, (80,), "expected", must_be_open=must_be_open)


def requests(*callers: str, **changes: Any) -> Requests:
    edges = (*map(edge, callers), edge("stranger", must_be_open=False))
    planned = PlannedScaling(scaling_proven("api"), "api", ScalingSettings(2), ports=(80,), edges=edges, **changes)
    return Requests(cast("Site", None), planned)


API, SECOND = on("api", "front"), on("api", "front", number=2)
WEB, WEB_2 = on("web", "front"), on("web", "front", number=2)
JOB = on("job", "front", running=False)
FAR = on("far", "elsewhere")


@pytest.mark.parametrize(
    ("callers", "containers", "asks"),
    [
        (["web"], [SECOND, API, WEB_2, WEB], ["p-web-1"]),
        (["job", "web"], [API, WEB, JOB], ["p-web-1"]),
        (["web", "far", "one", "two"], [API, WEB, FAR, on("one", "front"), on("two", "front")], ["p-web-1", "p-far-1", "p-one-1"]),
        ([], [API, FAR, WEB], ["p-web-1"]),
        ([], [API, FAR, on("stranger", "elsewhere")], ["p-api-1"]),
        ([], [], []),
    ],
)  # fmt: skip
def test_who_asks(callers: list[str], containers: list[ContainerState], asks: list[str]) -> None:
    assert [state.name for state in requests(*callers).askers(containers)] == asks


def test_only_addresses_on_a_common_network_are_asked() -> None:
    assert shared(WEB, on("api", "front", "hidden")) == ("10.5.0.1",)
    assert shared(FAR, API) == ()


def test_without_a_declared_request_every_port_is_connected_to() -> None:
    (question,) = requests().questions
    assert (question.host, question.port, question.read) == ("api", 80, 0)


def test_a_declared_request_is_for_the_service_whatever_address_is_asked() -> None:
    (question,) = requests(probe=ProbeSettings("https", 8443, "/items", verify=True)).questions
    assert question.send.startswith(b"GET /items HTTP/1.1\r\nHost: api:8443\r\n")
    assert question.trust.name == "api"
