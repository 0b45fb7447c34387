"""A real engine whose address ranges are all in use."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine_setup.images import TINY
from pytest_infragate.stack.engine import Engine
from pytest_infragate.stack.inspection import PROJECT_LABEL

from ..private_engine import private_engine
from ..projects import UserProject
from .stack import OPEN

FOUR_NETWORKS = "base=10.251.200.0/26,size=28"


@pytest.fixture
def crowded(engine: Engine) -> Iterator[Engine]:
    """Give an engine on which three networks of one project and one of nobody take all that there is."""
    with private_engine(FOUR_NETWORKS, TINY, engine) as made:
        for number in range(3):
            made.client.networks.create(f"forgotten_{number}", labels={PROJECT_LABEL: "forgotten"})
        made.client.networks.create("nobodys")
        yield made


def test_no_address_range_is_left(project: UserProject, crowded: Engine) -> None:
    project.write(**{"compose.yaml": f"services: {{web: {{image: '{TINY}'}}}}\n", "infragate.yaml": OPEN})
    ended = project.gate(environ={"DOCKER_HOST": crowded.address})
    assert ended.status == pytest.ExitCode.TESTS_FAILED, ended.output
    told = " ".join(one.message for one in project.report.about("lifecycle", "*"))
    assert "4 networks have one (forgotten 3 (nothing of it runs), no Compose project 1)" in told
    assert "default-address-pools" in told
    assert any("default-address-pools" in step for step in project.report.data["plan"])
