"""What a stack was when it was last proven good, and what of it has changed since; pure.

Values are kept as short salted hashes. Short on purpose: one hash in 65536 is missed as a change, but who guesses at a
secret value finds thousands of guesses with the same hash, so that the record gives none away.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ..compose.values import Object, inner
from ..results import Json

FORMAT = 1
_HASH_DIGITS = 4
_OWN_KEYS = ("environment", "image")
"""Keys of a service that are compared in a way of their own."""
_TOLD = 6


@dataclass(frozen=True)
class Snapshot:
    """What a run knows of its stack; the values are never kept."""

    project: str
    services: Object
    """The services as ``docker compose config`` prints them."""
    images: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """The id of each service's image, of those that have a container."""
    mounted: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))
    """The content of the files that each service is given (bind mounts, configs, secrets) by their paths."""
    files: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """The content of Compose, env and settings files by name."""
    versions: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """The versions of engine and Compose."""


@dataclass(frozen=True)
class ServiceRecord:
    """One service of a record: its image and a hash of every key and every variable."""

    image: str
    image_id: str
    keys: Mapping[str, str]
    environment: Mapping[str, str]


@dataclass(frozen=True)
class Record:
    """What is kept of a run; ``time`` is what a person reads."""

    time: str
    salt: str
    services: Mapping[str, ServiceRecord]
    files: Mapping[str, str]
    versions: Mapping[str, str]

    def to_json(self) -> Json:
        """Return the record in the shape that ``read`` reads."""
        services: dict[str, Json] = {
            name: {
                "image": one.image,
                "image_id": one.image_id,
                "keys": dict(one.keys),
                "environment": dict(one.environment),
            }
            for name, one in self.services.items()
        }
        return {
            "format": FORMAT,
            "time": self.time,
            "salt": self.salt,
            "services": services,
            "files": dict(self.files),
            "versions": dict(self.versions),
        }


def make(snapshot: Snapshot, time: str, salt: str) -> Record:
    """Return the record of a run."""
    services = {name: _service(snapshot, name, salt) for name in snapshot.services}
    files = {name: _hash(content, salt) for name, content in snapshot.files.items()}
    return Record(time, salt, services, files, snapshot.versions)


def read(value: object) -> Record | None:
    """Return the record in a value from a cache; ``None`` for one that is damaged, foreign or of another format."""
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        return None
    time, salt, services = value.get("time"), value.get("salt"), value.get("services")
    files, versions = _texts(value.get("files")), _texts(value.get("versions"))
    if not isinstance(time, str) or not isinstance(salt, str) or not isinstance(services, dict):
        return None
    found = {str(name): _read_service(one) for name, one in services.items()}
    whole = {name: one for name, one in found.items() if one is not None}
    if files is None or versions is None or len(whole) < len(found):
        return None
    return Record(time, salt, whole, files, versions)


def changes(before: Record, now: Snapshot, service: str) -> tuple[str, ...]:
    """Return what changed for one service since ``before``, each in a few words; no value is told."""
    then = before.services.get(service)
    if then is None:
        return ("the service is new",)
    here = _service(now, service, before.salt)
    found = [*_image(then, here), *_environment(then, here), *_keys(then, here), *_versions(before, now)]
    return (*found[:_TOLD], f"and {len(found) - _TOLD} more") if len(found) > _TOLD else tuple(found)


def told(before: Record, now: Snapshot, service: str) -> str:
    """Say in one line what changed for a service since the run of ``before``, or that nothing did."""
    since = f"since the last good run ({before.time})"
    found = changes(before, now, service)
    if found:
        return f"changed {since}: {'; '.join(found)}"
    files = changed_files(before, now)
    but = f"; {', '.join(files)} did" if files else ""
    return f"nothing in its configuration or image changed {since}{but}"


def changed_files(before: Record, now: Snapshot) -> tuple[str, ...]:
    """Return the names of Compose, env and settings files that are not as they were, new and absent ones included."""
    here = {name: _hash(content, before.salt) for name, content in now.files.items()}
    return tuple(name for name in sorted({*here, *before.files}) if here.get(name) != before.files.get(name))


def _service(snapshot: Snapshot, name: str, salt: str) -> ServiceRecord:
    written = inner(snapshot.services, name)
    image = written.get("image")
    return ServiceRecord(
        image=image if isinstance(image, str) else "",
        image_id=snapshot.images.get(name, ""),
        keys={
            **{
                key: _hash(_text(value, snapshot.project), salt)
                for key, value in sorted(written.items())
                if key not in _OWN_KEYS and value not in (None, [], {})
            },
            **{f"the content of {path}": _hash(text, salt) for path, text in snapshot.mounted.get(name, {}).items()},
        },
        environment={
            key: _hash(_text(value, snapshot.project), salt)
            for key, value in sorted(inner(written, "environment").items())
        },
    )


def _text(value: Json, project: str) -> str:
    """Return a value as text; the project's name differs from run to run and is no change."""
    return json.dumps(value, sort_keys=True).replace(project, "") if project else json.dumps(value, sort_keys=True)


def _hash(text: str, salt: str) -> str:
    return hashlib.sha256(f"{salt}\0{text}".encode()).hexdigest()[:_HASH_DIGITS]


def _image(then: ServiceRecord, here: ServiceRecord) -> list[str]:
    if then.image != here.image:
        return [f"image {then.image or 'built here'} → {here.image or 'built here'}"]
    if then.image_id and here.image_id and then.image_id != here.image_id:
        return [f"image {here.image or 'built here'} has other content (the same name, another id)"]
    return []


def _environment(then: ServiceRecord, here: ServiceRecord) -> list[str]:
    marks = _differing(then.environment, here.environment)
    return [f"environment: {', '.join(marks)}"] if marks else []


def _keys(then: ServiceRecord, here: ServiceRecord) -> list[str]:
    return _differing(then.keys, here.keys)


def _differing(then: Mapping[str, str], here: Mapping[str, str]) -> list[str]:
    """Return the names whose hashes differ; new and absent ones say so."""
    names = [name for name in sorted({*then, *here}) if then.get(name) != here.get(name)]
    return [f"{name} (new)" if name not in then else f"{name} (gone)" if name not in here else name for name in names]


def _versions(before: Record, now: Snapshot) -> list[str]:
    return [
        f"{name} {before.versions[name]} → {version}"
        for name, version in now.versions.items()
        if before.versions.get(name) not in (None, version)
    ]


def _read_service(value: object) -> ServiceRecord | None:
    if not isinstance(value, dict):
        return None
    image, image_id = value.get("image"), value.get("image_id")
    keys, environment = _texts(value.get("keys")), _texts(value.get("environment"))
    if not isinstance(image, str) or not isinstance(image_id, str) or keys is None or environment is None:
        return None
    return ServiceRecord(image, image_id, keys, environment)


def _texts(value: object) -> dict[str, str] | None:
    """Return a mapping of texts as such, ``None`` for anything else."""
    if not isinstance(value, dict):
        return None
    found = {key: entry for key, entry in value.items() if isinstance(key, str) and isinstance(entry, str)}
    return found if len(found) == len(value) else None
