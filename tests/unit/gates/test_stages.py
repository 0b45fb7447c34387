from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_infragate.gates.stages import attempts
from pytest_infragate.stack.exchange import Answer, Exchange, Failure, Judgement, Question, lost

NO = Judgement(ok=False, message="no", failure=Failure.AUTHENTICATION)
ASKED = Question("db", 5432, b"x", 9)
SECURED = replace(ASKED, tls=True)


@pytest.mark.parametrize(
    ("exchange", "stages", "failed"),
    [
        (lost(ASKED, Failure.NOT_RESOLVABLE, "no"), {"resolve_s": None}, "not-resolvable"),
        (lost(ASKED, Failure.CALLER_DOWN, "no"), {"resolve_s": None}, "caller-down"),
        (Exchange(Question("db"), ("10.0.0.2",), 0.5), {"resolve_s": 0.5}, None),
        (
            Exchange(ASKED, ("10.0.0.2",), 0.5, (Answer("10.0.0.2", failure=Failure.REFUSED),)),
            {"resolve_s": 0.5, "connect_s": None},
            "refused",
        ),
        (
            Exchange(SECURED, ("10.0.0.2",), 0.5, (Answer("10.0.0.2", 0.1, 0.2, failure=Failure.TLS),)),
            {"resolve_s": 0.5, "connect_s": 0.1, "tls_s": 0.2},
            "tls",
        ),
        (
            Exchange(SECURED, ("10.0.0.2",), 0.5, (Answer("10.0.0.2", 0.1, 0.2, 0.3, NO),)),
            {"resolve_s": 0.5, "connect_s": 0.1, "tls_s": 0.2, "protocol_s": 0.3},
            "authentication",
        ),
    ],
)
def test_the_stages_that_were_reached_are_told_with_their_times(
    exchange: Exchange, stages: dict[str, float | None], failed: str | None
) -> None:
    (attempt,) = attempts("p-api-1", [exchange])
    assert isinstance(attempt, dict)
    assert (attempt["caller"], attempt["stages"], attempt.get("failed")) == ("p-api-1", stages, failed)
