"""What a real start is found to have waited for."""

from __future__ import annotations

import pytest

from engine_setup.images import SERVICES
from pytest_infragate.advice.schedule import bottlenecks, critical_path, whole_s
from pytest_infragate.advice.start import steps
from pytest_infragate.gates.waiting import End
from pytest_infragate.progress import Silent
from pytest_infragate.run.advising import times_of_start
from pytest_infragate.run.startup import Startup

from ..leftovers import project_name
from .conftest import Stacks, site_of

SLOW_S = 2
STACK = f"""
x-base: &base {{image: {SERVICES}, init: true, command: [sleep, "600"]}}
services:
  db:
    <<: *base
    command: [sh, -c, "sleep {SLOW_S}; touch /tmp/well; exec sleep 600"]
    healthcheck: {{test: [CMD, test, -e, /tmp/well], interval: 300ms, timeout: 10s, retries: 100}}
  cache: {{<<: *base, healthcheck: {{test: [CMD, test, -d, /tmp], interval: 300ms, timeout: 10s}}}}
  migrate:
    <<: *base
    command: [test, -d, /tmp]
    depends_on: {{db: {{condition: service_healthy}}}}
  api:
    <<: *base
    depends_on: {{migrate: {{condition: service_completed_successfully}}, cache: {{condition: service_healthy}}}}
"""


@pytest.mark.parametrize("early", [True, False], ids=["each in its turn", "one docker compose up"])
def test_who_makes_everybody_wait_is_found(stacks: Stacks, early: bool) -> None:
    with site_of(stacks, STACK, project_name(), early=early) as site:
        started = Startup(site, Silent(), 60.0, 0.2).up()
        assert started.wait.end is End.READY
        start = steps(site.project, times_of_start(site, started.wait))
    assert critical_path(start) == ("db", "migrate", "api")
    first = bottlenecks(start)[0]
    assert (first.service, first.delayed) == ("db", ("migrate", "api"))
    assert SLOW_S <= first.took_s < whole_s(start)
    assert 0 < first.gain_s <= first.took_s
