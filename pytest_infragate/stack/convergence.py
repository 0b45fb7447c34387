"""Reads out of a dry run of ``docker compose create`` what Compose would change of what stands; pure."""

from __future__ import annotations

import re

from ..errors import StartError

_STEP = re.compile(
    r"^\s*(?:DRY-RUN MODE -\s+)?(?:Container|Network|Volume)\s+\"?(?P<name>[^\s\"]+)\"?\s+(?P<word>\w+)", re.MULTILINE
)
_AS_IT_IS = ("Created", "Exists", "Running")
"""What Compose says of an object that stays; of one that it creates it also says so before."""
_OTHER_VOLUME = re.compile(r'Volume "(?P<name>[^"]+)" exists but doesn.t match configuration')


def changes(output: str, project: str) -> frozenset[str]:
    """Return the names of the containers and networks that Compose would create, stop, replace or remove.

    Raises ``StartError`` for a volume that was made from another definition: Compose would lose its data or leave it.
    """
    other = _OTHER_VOLUME.search(output)
    if other is not None:
        raise StartError(
            f"The volume {other['name']} was created from another definition than the files have now, and Compose would "
            f"have to remove its data. Remove the kept stack with: docker compose -p {project} down --volumes"
        )
    return frozenset(match["name"] for match in _STEP.finditer(output) if match["word"] not in _AS_IT_IS)
