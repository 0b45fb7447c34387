"""Asks the engine through the Docker client, so that DOCKER_HOST, contexts and sockets mean what they mean to Docker."""

from __future__ import annotations

from engine_setup.command import Finished, attempt

ASK_SECONDS = 20.0


def ask_engine() -> Finished:
    """Ask the engine that the Docker client reaches for its version; the output says why when none answers."""
    return attempt(["docker", "version", "--format", "{{.Server.Version}}"], seconds=ASK_SECONDS)


def engine_version() -> str:
    """Return the version of the engine that the Docker client reaches, empty when none answers."""
    return _one_word(ask_engine())


def ask_compose() -> Finished:
    """Ask the Compose plugin for its version; the output says why when there is none."""
    return attempt(["docker", "compose", "version", "--short"], seconds=ASK_SECONDS)


def compose_version() -> str:
    """Return the version of the Compose plugin, empty when there is none."""
    return _one_word(ask_compose()).removeprefix("v")


def endpoint() -> str:
    """Return the address that the client's current context leads to, empty when unknown."""
    return _one_word(
        attempt(["docker", "context", "inspect", "--format", "{{.Endpoints.docker.Host}}"], seconds=ASK_SECONDS)
    )


def image_id(name: str) -> str:
    """Return the id of the image ``name``, empty when the engine does not hold it."""
    return _image_fact(name, "{{.Id}}")


def image_label(name: str, label: str) -> str:
    """Return one label of the image ``name``, empty when it has none or is absent."""
    return _image_fact(name, f'{{{{index .Config.Labels "{label}"}}}}')


def _image_fact(name: str, template: str) -> str:
    return _one_word(attempt(["docker", "image", "inspect", "--format", template, name], seconds=ASK_SECONDS))


def _one_word(answer: Finished) -> str:
    """Return the last line of a successful answer: the client may print warnings before it."""
    lines = answer.output.strip().splitlines()
    return lines[-1].strip() if answer.ok and lines else ""
