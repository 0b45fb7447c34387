"""Services that say over HTTP whether they are ready, each with a path of its own.

Elasticsearch and OpenSearch: "Cluster health" in their documentation; the server waits for the status itself and answers 408
where it does not come. What it says of its cluster is read as well, because a web server may answer any path with 200.
MinIO: "Healthcheck probe" in its documentation; ``ready`` needs a quorum, and its answer has no body.
"""

from __future__ import annotations

import json
from dataclasses import replace

from ..settings import ProbeSettings
from ..stack.exchange import Judgement
from ..stack.speech import Steps
from . import http
from .base import Protocol, always, shown
from .http_message import Answer

_CLUSTER = "/_cluster/health?wait_for_status=yellow&timeout=1s"
_CLUSTER_ANSWERS = (200, 401, 403)
"""One that wants a user first is up."""
_READY = "/minio/health/ready"
_GOOD = ("green", "yellow")


def _of_cluster(settings: ProbeSettings) -> ProbeSettings:
    return replace(settings, path=_CLUSTER, status=_CLUSTER_ANSWERS)


def _request_cluster(settings: ProbeSettings, host: str) -> bytes:
    return http.request(_of_cluster(settings), host)


def _judge_cluster(reply: bytes, settings: ProbeSettings) -> Judgement:
    return http.judge(reply, _of_cluster(settings))


def _talk_cluster(settings: ProbeSettings, host: str) -> Steps[Judgement]:
    return (yield from http.whole(_of_cluster(settings), host, _fault_of_cluster))


def _fault_of_cluster(answer: Answer) -> str:
    """Say what keeps an answer from being that of a good cluster; one that wants a user first says nothing of it."""
    if b" 200" not in answer.status_line:
        return ""
    try:
        health = json.loads(answer.body)
    except (ValueError, RecursionError):
        health = None
    if not isinstance(health, dict) or "cluster_name" not in health:
        return f"its body tells of no cluster: {shown(answer.body)!r}"
    status = health.get("status")
    return (
        ""
        if status in _GOOD
        else f"its cluster has the status {shown(str(status).encode())!r}, expected green or yellow"
    )


def _request_ready(settings: ProbeSettings, host: str) -> bytes:
    return http.request(replace(settings, path=_READY), host)


def _judge_ready(reply: bytes, settings: ProbeSettings) -> Judgement:
    return http.judge(reply, replace(settings, path=_READY, status=(200,)))


ELASTICSEARCH = Protocol(
    "elasticsearch",
    9200,
    _request_cluster,
    _judge_cluster,
    read=http.READ,
    line=True,
    talk=_talk_cluster,
    talks=always,
)
MINIO = Protocol("minio", 9000, _request_ready, _judge_ready, read=http.READ, line=True)
