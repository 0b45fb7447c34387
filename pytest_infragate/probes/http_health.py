"""Services that say over HTTP whether they are ready, each with a path of its own.

Elasticsearch and OpenSearch: "Cluster health" in their documentation; the server waits for the status itself and answers 408
where it does not come. MinIO: "Healthcheck probe" in its documentation; ``ready`` needs a quorum.
"""

from __future__ import annotations

from dataclasses import replace

from ..settings import ProbeSettings
from ..stack.exchange import Judgement
from . import http
from .base import Protocol

_CLUSTER = "/_cluster/health?wait_for_status=yellow&timeout=1s"
_ANSWERS = (200, 401, 403)
"""One that wants a user first is up."""


def _protocol(name: str, port: int, path: str, statuses: tuple[int, ...]) -> Protocol:
    """Return HTTP with a path and statuses of its own."""

    def request(settings: ProbeSettings, host: str) -> bytes:
        return http.request(replace(settings, path=path), host)

    def judge(reply: bytes, settings: ProbeSettings) -> Judgement:
        return http.judge(reply, replace(settings, path=path, status=statuses))

    return Protocol(name, port, request, judge, read=http.READ, line=True)


ELASTICSEARCH = _protocol("elasticsearch", 9200, _CLUSTER, _ANSWERS)
MINIO = _protocol("minio", 9000, "/minio/health/ready", (200,))
