"""The Docker engine, asked through the Docker SDK; every failure is an ``EngineError`` in a sentence."""

from __future__ import annotations

import contextlib
import datetime
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import docker
import requests
import urllib3
from docker.errors import APIError, DockerException, ImageNotFound, NotFound

from ..errors import EngineError, MissingEngineError
from . import address, execution
from .channel import Channel, open_channel
from .clock import ClockDifference
from .execution import Execution
from .inspection import ONE_OFF_LABEL, PROJECT_LABEL, container_state, parse_time
from .state import ContainerState

_ANSWER_S = 60
_FIRST_ANSWER_S = 10
_CONNECTIONS = 64
_AT_ONCE = 8
_BROKEN = (DockerException, requests.RequestException, urllib3.exceptions.HTTPError, OSError)


class Engine:
    """One engine with one pool of connections, safe for use from several threads."""

    def __init__(self, client: docker.DockerClient, place: address.Address) -> None:
        self.client = client
        self.place = place
        asked = time.time()
        info = client.api.info()
        self.version = str(info["ServerVersion"])
        self.architecture = str(info.get("Architecture", ""))
        self.name = str(info.get("Name", ""))
        """The host name of its machine."""
        self.cpus = int(info.get("NCPU") or 0)
        self.memory_bytes = int(info.get("MemTotal") or 0)
        self.cgroup_version = str(info.get("CgroupVersion") or "1")
        self.kernel = str(info.get("KernelVersion", ""))
        self.memory = int(info.get("MemTotal") or 0)
        """Bytes of memory of its machine."""
        self.root = str(info.get("DockerRootDir") or "")
        """The folder in which it keeps everything, on its machine."""
        self.clock = ClockDifference.measured(asked, _system_time(info), time.time())
        """How far its clock and ours are apart, by every time that it has told so far."""

    @classmethod
    def connect(cls, environ: Mapping[str, str]) -> Engine:
        """Return the engine that the docker CLI would use with this environment.

        Raises ``EngineError`` that says which address was tried, who chose it and what to do; ``MissingEngineError``
        when nobody is there.
        """
        place = address.find(environ)
        try:
            _demand_listener(place)
            client = _client(place, _FIRST_ANSWER_S)
            engine = cls(client, place)
        except _BROKEN as error:
            kind = EngineError if _was_reached(error) else MissingEngineError
            raise kind(_unreachable(place, error)) from error
        client.api.timeout = _ANSWER_S
        return engine

    @property
    def address(self) -> str:
        """Value of DOCKER_HOST for child processes that must reach the same engine."""
        return self.place.url

    @property
    def environment(self) -> Mapping[str, str]:
        """Variables (DOCKER_HOST and, for a context with TLS, its files) that lead a child to the same engine."""
        return self.place.environment

    @property
    def is_local(self) -> bool:
        """Whether the engine is reached through a socket of this machine."""
        return self.place.is_local

    @property
    def published_host(self) -> str:
        """Host on which published ports are reached: loopback for a local socket, else the engine's own host."""
        return self.place.published_host

    def close(self) -> None:
        """Close the connections."""
        self.client.close()

    def demand_listener(self) -> None:
        """Raise ``EngineError`` when nobody listens on the engine's socket; to be asked before whatever is tried often."""
        with self.asking("whether it is there"):
            _demand_listener(self.place)

    def now(self) -> datetime.datetime:
        """Return the engine's own clock, the one that its events and states are written with."""
        asked = time.time()
        with self.asking("for its time"):
            told = _system_time(self.client.api.info())
        self.clock = self.clock.joined(ClockDifference.measured(asked, told, time.time()))
        return told

    def listed(self, project: str) -> list[dict[str, Any]]:
        """Return the engine's list of a Compose project's containers, stopped ones too, without those of ``compose run``."""
        with self.asking(f"for the containers of project {project}"):
            labels = [f"{PROJECT_LABEL}={project}", f"{ONE_OFF_LABEL}=False"]
            return list(self.client.api.containers(all=True, filters={"label": labels}))

    def containers(self, project: str) -> tuple[ContainerState, ...]:
        """Return every container of a Compose project as ``listed``, each inspected."""
        ids = [str(one["Id"]) for one in self.listed(project)]
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="infragate-inspect") as pool:
            states = list(pool.map(self.inspect_if_there, ids))
        return tuple(sorted((state for state in states if state), key=lambda state: (state.service, state.number)))

    def layer_sizes(self, project: str) -> dict[str, int]:
        """Return how many bytes each container of a project has written into its own layer.

        The engine walks through every file for that, so this is nothing to be asked often.
        """
        with self.asking(f"for the sizes of the containers of project {project}"):
            labels = [f"{PROJECT_LABEL}={project}", f"{ONE_OFF_LABEL}=False"]
            listed = self.client.api.containers(all=True, size=True, filters={"label": labels})
        return {str(one["Id"]): int(one.get("SizeRw") or 0) for one in listed}

    def mounted_volumes(self, project: str) -> frozenset[str]:
        """Return the names of the volumes, anonymous ones too, that containers of a Compose project mount."""
        mounts = [mount for one in self.listed(project) for mount in one.get("Mounts") or ()]
        return frozenset(str(mount["Name"]) for mount in mounts if mount.get("Name"))

    def inspect(self, container_id: str) -> ContainerState:
        """Return the state of one container; raises ``EngineError`` when it does not exist."""
        with self.asking(f"about container {container_id[:12]}"):
            return container_state(self.client.api.inspect_container(container_id))

    def inspect_if_there(self, container_id: str) -> ContainerState | None:
        """Return the state of a container, ``None`` when it has vanished since it was listed."""
        with self.asking(f"about container {container_id[:12]}"):
            try:
                return container_state(self.client.api.inspect_container(container_id))
            except NotFound:
                return None

    def execute(
        self,
        container_id: str,
        argv: Sequence[str],
        *,
        timeout_s: float,
        user: str | None = None,
        environment: Mapping[str, str] | None = None,
        directory: str | None = None,
    ) -> Execution:
        """Run a program in a container, by default as its user, in its folder and with its environment, to its end.

        A program that cannot be started gives 126 or 127 with the engine's text. Raises ``EngineError`` when the
        container does not run or is paused.
        """
        begun = time.monotonic()
        with self.asking(f"to run {argv[0]} in container {container_id[:12]}"):
            created = self.client.api.exec_create(
                container_id, list(argv), user=user or "", environment=dict(environment or {}), workdir=directory
            )
            left = max(0.01, timeout_s - (time.monotonic() - begun))
            return execution.execute(self.client.api, str(created["Id"]), left)

    def converse(self, container_id: str, argv: Sequence[str], environment: Mapping[str, str] | None = None) -> Channel:
        """Start a program in a container and return its input and output; it should end when its input does.

        Raises ``EngineError`` when the container does not run or is paused.
        """
        with self.asking(f"to run {argv[0]} in container {container_id[:12]}"):
            created = self.client.api.exec_create(
                container_id, list(argv), stdin=True, environment=dict(environment or {})
            )
            path = f"/v{self.client.api.api_version}/exec/{created['Id']}/start"
            return open_channel(self.place, path, {"Detach": False, "Tty": False})

    def attach(self, container_id: str) -> Channel:
        """Return the input and output of a container's main program."""
        with self.asking(f"for the output of container {container_id[:12]}"):
            query = "stream=1&stdin=1&stdout=1&stderr=1"
            path = f"/v{self.client.api.api_version}/containers/{container_id}/attach?{query}"
            return open_channel(self.place, path)

    def logs(self, container_id: str, *, tail: int | None = None, since: datetime.datetime | None = None) -> str:
        """Return what a container wrote, both outputs in the order in which the engine got them."""
        with self.asking(f"for the log of container {container_id[:12]}"):
            written = self.client.api.logs(
                container_id, tail="all" if tail is None else tail, since=since.timestamp() if since else None
            )
        return written.decode("utf-8", errors="replace")

    def stats(self, container_id: str) -> dict[str, Any]:
        """Return one sample of the engine's statistics; asked sooner than once a second, it takes that second."""
        with self.asking(f"for the statistics of container {container_id[:12]}"):
            return dict(self.client.api.stats(container_id, stream=False, one_shot=True))

    def exists_image(self, reference: str) -> bool:
        """Return whether the engine holds an image under this reference."""
        with self.asking(f"about image {reference}"):
            try:
                self.client.images.get(reference)
            except (ImageNotFound, NotFound):
                return False
            return True

    def image_ids(self) -> dict[str, str]:
        """Return the id of every image that has a name, by name with tag."""
        with self.asking("for its images"):
            return {str(tag): str(one["Id"]) for one in self.client.api.images() for tag in one.get("RepoTags") or ()}

    @contextlib.contextmanager
    def asking(self, what: str) -> Iterator[None]:
        """Turn whatever the SDK raises while the engine is asked ``what`` into an ``EngineError``."""
        try:
            yield
        except APIError as error:
            raise EngineError(f"The engine was asked {what} and refused: {error.explanation or error}") from error
        except _BROKEN as error:
            raise EngineError(f"The engine at {self.address} was asked {what} and did not answer: {error}") from error


def _system_time(info: Mapping[str, Any]) -> datetime.datetime:
    told = parse_time(str(info["SystemTime"]))
    if told is None:
        raise EngineError(f"The engine tells no time that can be read: {info['SystemTime']!r}.")
    return told


def _demand_listener(place: address.Address) -> None:
    """Raise ``OSError`` when nobody listens on a local socket.

    The SDK leaves the socket of a refused connection open, and a suite that treats warnings as errors would fail over it.
    """
    scheme, _, path = place.url.partition("://")
    if scheme == "unix":
        with contextlib.closing(socket.socket(socket.AF_UNIX)) as trial:
            trial.settimeout(_FIRST_ANSWER_S)
            trial.connect(f"/{path.lstrip('/')}")


def _client(place: address.Address, timeout_s: int) -> docker.DockerClient:
    """Return a client that speaks the newest version that both sides know; ``ssh`` as the docker CLI calls it."""
    options: dict[str, Any] = {"tls": place.tls} if place.tls else {}
    client = docker.DockerClient(
        base_url=place.url, timeout=timeout_s, max_pool_size=_CONNECTIONS, use_ssh_client=True, **options
    )
    # No proxy leads to a socket of this machine, and looking through the environment for one is paid for in every call.
    client.api.trust_env = not place.is_local
    return client


def _was_reached(error: BaseException | None) -> bool:
    """Return whether somebody is there, who refused: an error of the engine, of its certificates or of permissions."""
    if error is None:
        return False
    return isinstance(error, (APIError, requests.exceptions.SSLError, PermissionError)) or _was_reached(error.__cause__)


def _unreachable(place: address.Address, error: Exception) -> str:
    return (
        f"No Docker engine answers at {place.url} (chosen by {place.chosen_by}): {error}. "
        "Start the engine or correct the address; `docker version` must show a server."
    )
