"""What the user asked for, as one frozen value: command line, ini, settings file and defaults already combined."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING

from .bounds import Limit
from .check_options import AcceptedFindings, Budget, CheckOptions
from .past_runs import BaselineSettings
from .results import Location, Severity
from .service_keys import keys_for

if TYPE_CHECKING:
    from .scaling_settings import ScalingSettings

DEFAULT_TIMEOUT_S = 180.0
DEFAULT_STABLE_FOR_S = 10.0
DEFAULT_WINDOW_S = 10.0
DEFAULT_MEASURE_ON_S = 60.0


class Level(str, Enum):
    """How strict the static checks are."""

    DEV = "dev"
    DEFAULT = "default"
    STRICT = "strict"


class Kind(str, Enum):
    """How a service is meant to live."""

    ONE_SHOT = "one-shot"
    LONG_RUNNING = "long-running"


class ConnectivityPolicy(str, Enum):
    """Where the edges come from; ``CLOSED``: whatever is not expected is forbidden."""

    INFERRED = "inferred"
    DECLARED = "declared"
    CLOSED = "closed"


class When(str, Enum):
    """When a declared command runs."""

    BEFORE_UP = "before-up"
    AFTER_UP = "after-up"
    AFTER_TESTS = "after-tests"


@dataclass(frozen=True)
class ProbeSettings:
    """A readiness probe: a protocol with the port and path it asks inside the service, or an argument list to run there."""

    protocol: str
    """``http``, ``https``, ``tcp``, ``redis``, ``postgres``, ``mysql``, ``amqp``, ``mongodb``, ``memcached``, ``nats``, ``mqtt``,
    ``smtp``, ``kafka``, ``elasticsearch``, ``minio``, ``grpc``, ``grpcs``, ``smtps``, ``udp`` or ``exec``; empty in an edge that is asked in whatever
    protocol it would be asked in anyway.
    """
    port: int | None = None
    path: str = "/"
    status: tuple[int, ...] = ()
    """HTTP statuses that count; empty: 200 to 399."""
    body: str | None = None
    """A regular expression that the body of HTTP's answer must hold."""
    json: tuple[tuple[str, str], ...] = ()
    """What HTTP's answer must say: JSON pointers, each with the value as JSON."""
    send: bytes = b""
    """What is sent over UDP."""
    expect: str | None = None
    """A regular expression that the reply over UDP must hold; ``None``: any reply will do."""
    argv: tuple[str, ...] = ()
    timeout_s: float | None = None
    """How long a program may run, in seconds; ``None``: as long as any probe may."""
    tls: bool = False
    """Whether the protocol is spoken over TLS."""
    verify: bool = False
    """Whether the certificate must be one that is trusted, for ``server_name``."""
    ca: str | None = None
    """A file with the certificates that are trusted; ``None``: those of this machine."""
    server_name: str | None = None
    """What the certificate must be for; ``None``: the name of the service."""
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    database: str | None = None
    guessed: bool = False
    """Whether nobody has declared it: what the service need not have does not fail it then."""
    rate: float = 1.0
    """How often a performance probe asks, per second."""
    text: str = ""
    """The probe as the user wrote it, for messages."""
    location: Location | None = None


@dataclass(frozen=True)
class Override:
    """What the user makes of the findings of one check; ``severity`` is ``None`` where it is switched off."""

    severity: Severity | None
    reason: str = ""
    location: Location | None = None


@dataclass(frozen=True)
class ServiceSettings:
    """What the user says of one service."""

    kind: Kind | None = None
    probe: ProbeSettings | None = None
    restarts: int = 0
    checks: Mapping[str, Override] = field(default_factory=lambda: MappingProxyType({}))
    """Overrides by check id, for findings on this service alone."""
    location: Location | None = None


@dataclass(frozen=True)
class EdgeSettings:
    """One edge as the user wrote it, ``api -> db:5432`` or ``edge -> api:8000/healthz``; ``*`` names every service.

    ``probe`` is what the settings want to be asked on it; ``None``: whatever suits it.
    """

    source: str
    target: str
    port: int | None = None
    path: str | None = None
    text: str = ""
    location: Location | None = None
    probe: ProbeSettings | None = None


@dataclass(frozen=True)
class CommandSettings:
    """One validation command; ``run`` is a string for the shell or an argument list without one."""

    name: str
    run: str | tuple[str, ...]
    when: When = When.AFTER_UP
    service: str | None = None
    timeout_s: float = 120.0
    exit_code: int = 0
    directory: str | None = None
    environment: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    location: Location | None = None


@dataclass(frozen=True)
class Waiver:
    """A finding or failed check that somebody accepts until a day (inclusive)."""

    check: str
    subject: str
    reason: str
    expires: datetime.date
    location: Location | None = None


@dataclass(frozen=True)
class ComposeSettings:
    """The Compose part as the user chose it, before Compose's own defaults fill the gaps; paths absolute."""

    files: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    env_files: tuple[str, ...] = ()
    project: str | None = None
    isolate: bool = False
    """Whether fixed names and host ports are taken out of the stack for this run."""


@dataclass(frozen=True)
class HealthSettings:
    """``stable_for`` is the stability window in seconds; ``early``: do not wait for the engine's first healthchecks."""

    stable_for_s: float = DEFAULT_STABLE_FOR_S
    require_healthcheck: bool = False
    early: bool = True


@dataclass(frozen=True)
class ConnectivitySettings:
    """Declared, forbidden and ignored edges, and where further ones come from."""

    expect: tuple[EdgeSettings, ...] = ()
    forbid: tuple[EdgeSettings, ...] = ()
    ignore: tuple[EdgeSettings, ...] = ()
    policy: ConnectivityPolicy = ConnectivityPolicy.INFERRED
    helper_image: str | None = None
    """A local image with a shell for probing from callers that have no tools; never pulled."""


@dataclass(frozen=True)
class PerformanceSettings:
    """Limits by service or pattern (``*``: every service) and what ``http.*`` is measured on; times in seconds."""

    window_s: float = DEFAULT_WINDOW_S
    warm_up_s: float | None = None
    """How long after the proof rates and times are left out; ``None``: a part of the window."""
    measure_on_s: float = DEFAULT_MEASURE_ON_S
    """How much longer a result within noise of its limit is measured, at most."""
    limits: Mapping[str, tuple[Limit, ...]] = field(default_factory=lambda: MappingProxyType({}))
    probes: Mapping[str, ProbeSettings] = field(default_factory=lambda: MappingProxyType({}))
    metrics: Mapping[str, ProbeSettings] = field(default_factory=lambda: MappingProxyType({}))
    """Where a service tells of itself in Prometheus' format."""
    baseline: BaselineSettings = field(default_factory=BaselineSettings)


@dataclass(frozen=True)
class LogSettings:
    """Regular expressions on bare log lines; ``None`` for ``forbid``: suspicious lines are warnings only."""

    forbid: tuple[str, ...] | None = None
    allow: tuple[str, ...] = ()


@dataclass(frozen=True)
class CheckSettings:
    """Level, per-check changes of the static checks, and the budget that limits are held against."""

    level: Level = Level.DEFAULT
    severity: Mapping[str, Override] = field(default_factory=lambda: MappingProxyType({}))
    """Overrides by check id, for the whole stack."""
    disable: frozenset[str] = frozenset()
    """Checks that are switched off without a reason."""
    baseline: str | None = None
    """The file of the findings that are accepted, absolute."""
    accept: bool = False
    """Whether that file is written anew, with all that is found."""
    accepted: tuple[AcceptedFindings, ...] = ()
    """What that file says."""
    budget: Budget = field(default_factory=Budget)
    options: CheckOptions = field(default_factory=CheckOptions)

    @property
    def off(self) -> frozenset[str]:
        """The checks that are switched off for the whole stack."""
        return self.disable | {check for check, override in self.severity.items() if override.severity is None}


@dataclass(frozen=True)
class Environment:
    """A named set of files and env files (``environments:``); paths absolute."""

    files: tuple[str, ...] = ()
    env_files: tuple[str, ...] = ()


@dataclass(frozen=True)
class Settings:
    """Everything the user asked for; ``root`` is pytest's root directory and ``file`` the settings file, absolute."""

    root: str
    file: str | None = None
    static: bool = False
    attach: bool = False
    keep: bool = False
    report: str | None = None
    timeout_s: float = DEFAULT_TIMEOUT_S
    compose: ComposeSettings = ComposeSettings()
    services: Mapping[str, ServiceSettings] = field(default_factory=lambda: MappingProxyType({}))
    health: HealthSettings = HealthSettings()
    connectivity: ConnectivitySettings = ConnectivitySettings()
    performance: PerformanceSettings = field(default_factory=PerformanceSettings)
    logs: LogSettings = LogSettings()
    commands: tuple[CommandSettings, ...] = ()
    checks: CheckSettings = field(default_factory=CheckSettings)
    environments: Mapping[str, Environment] = field(default_factory=lambda: MappingProxyType({}))
    scaling: Mapping[str, ScalingSettings] = field(default_factory=lambda: MappingProxyType({}))
    waivers: tuple[Waiver, ...] = ()
    sources: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Who chose each option (``command line``, ``ini``, ``infragate.yaml``), for the report."""
    secret_values: frozenset[str] = frozenset()
    """Literal values in the settings that no output may show."""

    def service(self, name: str) -> ServiceSettings:
        """Return what the user says of a service, else of the first pattern that fits it, else the defaults."""
        return next((self.services[key] for key in keys_for(name, self.services)), ServiceSettings())
