"""What a running service is asked, one protocol a module: ``probe(target, settings, timeout_s) -> ProbeResult``."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ..errors import InfragateError
from ..settings import ProbeSettings
from . import dialogue, program
from .amqp import AMQP
from .base import ProbeResult, Protocol, Target
from .grpc import GRPC, GRPCS
from .http import HTTP, HTTPS
from .http_health import ELASTICSEARCH, MINIO
from .kafka import KAFKA
from .memcached import MEMCACHED
from .mongo import MONGO
from .mqtt import MQTT
from .mysql import MYSQL
from .nats import NATS
from .postgres import POSTGRES
from .redis import REDIS
from .smtp import SMTP, SMTPS
from .tcp import TCP
from .udp import UDP

Probe = Callable[[Target, ProbeSettings, float], ProbeResult]

_ALL = (
    *(TCP, HTTP, HTTPS, REDIS, POSTGRES, MYSQL, AMQP, MONGO, MEMCACHED, NATS, MQTT, SMTP, KAFKA),
    *(ELASTICSEARCH, MINIO, GRPC, GRPCS, SMTPS, UDP),
)
PROTOCOLS: dict[str, Protocol] = {protocol.name: protocol for protocol in _ALL}
"""The protocols that are spoken over the network."""

PROBES: dict[str, Probe] = {
    **{name: partial(dialogue.probe, protocol) for name, protocol in PROTOCOLS.items()},
    "exec": program.probe,
}
"""Every probe by the name that settings use."""


class UnknownProbeError(InfragateError):
    """The settings name a protocol that no probe speaks."""


def probe(target: Target, settings: ProbeSettings, timeout_s: float) -> ProbeResult:
    """Ask a container what the settings want, once; retrying is the caller's.

    Raises UnknownProbeError, and EngineError when the engine fails.
    """
    if settings.protocol not in PROBES:
        known = ", ".join(sorted(PROBES))
        raise UnknownProbeError(f"no probe speaks {settings.protocol!r}; known are {known}")
    return PROBES[settings.protocol](target, settings, timeout_s)
