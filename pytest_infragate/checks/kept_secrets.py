"""Checks of secrets in env files (IG616); no value is shown."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from ..compose.credentials import is_credential_name, is_literal, url_passwords
from ..compose.env_files import TEMPLATE_SUFFIXES, Assignment
from ..results import WHOLE_STACK, Severity
from .base import Draft, Material, check_of_material
from .gitignore import is_ignored, repository_of
from .naming import named


@check_of_material("IG616", Severity.WARNING, dev=Severity.INFO, strict=Severity.ERROR)
def env_file_with_secret_not_ignored(material: Material) -> Iterator[Draft]:
    """An env file in a git repository holds a password or key, and git does not ignore the file.

    It is committed with the next ``git add``, or already is, and whoever has the repository has the secret. Looked at
    are ``.gitignore`` from the file's folder up to the repository's, and ``.git/info/exclude``; a list of your own that
    git is told of elsewhere is not known here. Templates (``.env.example``) are left alone.

    References: OWASP Docker rule 12; git documentation, gitignore.

    Flagged::

        services:
          app:
            image: ours:1.0
            env_file: [app.env]
        # file: app.env
        DB_PASSWORD=example-only
        # file: .git/

    Accepted::

        services:
          app:
            image: ours:1.0
            env_file: [app.env]
        # file: app.env
        DB_PASSWORD=example-only
        # file: .gitignore
        *.env
        # file: .git/
    """
    variables = material.resolution.variables
    for file in {file.path: file for file in chain(variables.files, *variables.given.values())}.values():
        secrets = [one for one in file.last.values() if _is_secret(one)]
        if not secrets or file.path.name.endswith(TEMPLATE_SUFFIXES):
            continue
        repository = repository_of(file.path)
        if repository is not None and not is_ignored(file.path, repository):
            message = f"{file.name} holds {named([one.name for one in secrets])}, and git does not ignore the file."
            remedy = f"Name {file.path.name} in .gitignore, and commit a template without the values."
            yield Draft(WHOLE_STACK, message, remedy, secrets[0].location)


def _is_secret(found: Assignment) -> bool:
    if is_credential_name(found.name):
        return found.is_plain and is_literal(found.text)
    return any(map(is_literal, url_passwords(found.text)))
