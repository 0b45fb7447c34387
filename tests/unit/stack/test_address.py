from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from pytest_infragate.errors import EngineError
from pytest_infragate.stack import address

pytestmark = pytest.mark.usefixtures("config")


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a docker configuration with one context, ``far``."""
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    (tmp_path / "config.json").write_text("{}")
    folder = tmp_path / "contexts" / "meta" / hashlib.sha256(b"far").hexdigest()
    folder.mkdir(parents=True)
    endpoints = {"docker": {"Host": "ssh://me@example.com", "SkipTLSVerify": False}}
    (folder / "meta.json").write_text(json.dumps({"Name": "far", "Metadata": {}, "Endpoints": endpoints}))
    return tmp_path


@pytest.mark.parametrize(
    "url, local, host",
    [
        ("unix:///run/user/1000/docker.sock", True, "127.0.0.1"),
        ("tcp://192.0.2.7:2375", False, "192.0.2.7"),
        ("ssh://me@example.com:2222", False, "example.com"),
        ("tcp://[2001:db8::1]:2375", False, "2001:db8::1"),
    ],
)
def test_docker_host_comes_first_and_gives_the_host_of_published_ports(url: str, local: bool, host: str) -> None:
    found = address.find({"DOCKER_HOST": url, "DOCKER_CONTEXT": "far"})
    assert (found.url, found.chosen_by) == (url, "DOCKER_HOST")
    assert (found.is_local, found.published_host) == (local, host)
    assert found.environment == {"DOCKER_HOST": url}


def test_the_context_of_the_environment() -> None:
    found = address.find({"DOCKER_CONTEXT": "far"})
    assert (found.url, found.chosen_by) == ("ssh://me@example.com", "DOCKER_CONTEXT (far)")


def test_the_current_context(config: Path) -> None:
    (config / "config.json").write_text('{"currentContext": "far"}')
    found = address.find({})
    assert (found.url, found.chosen_by) == ("ssh://me@example.com", "the current docker context (far)")


def test_the_tls_files_of_a_context_reach_children(config: Path) -> None:
    folder = config / "contexts" / "tls" / hashlib.sha256(b"far").hexdigest() / "docker"
    folder.mkdir(parents=True)
    for name in ("ca.pem", "cert.pem", "key.pem"):
        (folder / name).touch()
    found = address.find({"DOCKER_CONTEXT": "far"})
    assert found.tls is not None
    assert found.environment["DOCKER_CERT_PATH"] == str(folder)
    assert found.environment["DOCKER_TLS_VERIFY"] == "1"


def test_a_context_that_does_not_exist() -> None:
    with pytest.raises(EngineError, match="'near', chosen by DOCKER_CONTEXT, does not exist"):
        address.find({"DOCKER_CONTEXT": "near"})


def test_tls_files_that_are_missing(config: Path) -> None:
    wanted = {"DOCKER_HOST": "tcp://192.0.2.7:2376", "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(config)}
    with pytest.raises(EngineError, match="DOCKER_CERT_PATH"):
        address.find(wanted)


def test_a_rootless_socket_where_there_is_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(address, "_SYSTEM_SOCKET", str(tmp_path / "none.sock"))
    (tmp_path / "docker.sock").touch()
    found = address.find({"XDG_RUNTIME_DIR": str(tmp_path), "HOME": str(tmp_path)})
    assert found.url == f"unix://{tmp_path / 'docker.sock'}"
    assert address.find({}).url == f"unix://{tmp_path / 'none.sock'}"
