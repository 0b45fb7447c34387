"""Checks of the tests in healthchecks: what they can tell at all (IG5xx)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..compose.model import Healthcheck, Project, Service
from ..results import Severity
from .base import Draft, check
from .health_commands import commands, program, script, script_of

_SUCCESS = r"(?:true|:|exit\s+0|/bin/true|echo\b[^|;&<>`]*)"
_ALWAYS_TRUE = re.compile(rf"(?:\|\||;)\s*{_SUCCESS}\s*;?\s*[}})]?\s*;?\s*$|^\s*{_SUCCESS}\s*;?\s*$")
_CAN_FAIL = re.compile(r"\bexit\s+[1-9$]|\b(?:false|while|until)\b|\bset\s+-\w*e")
_OPERATORS = frozenset({"||", "&&", ";", "|", ">", ">>", "2>&1", "&"})
_VARIABLE = re.compile(r"\$(?:\{\w|[A-Za-z_])")
_FAILS_ON_STATUS = re.compile(r"-\w*f\w*$|--fail")
_ANSWER_IS_READ = re.compile(r"\b(?:grep|jq|test|awk|sed|python\d?|case|http_code)\b|\[")


@check("IG502", Severity.ERROR, dev=Severity.WARNING)
def healthcheck_cannot_fail(project: Project) -> Iterator[Draft]:
    """A healthcheck that ends with success whatever happens says nothing.

    Flagged is a test that ends in ``|| true``, ``; exit 0``, ``|| echo …`` and the like, or that is only ``true`` or
    ``echo``. ``|| exit 1`` is fine.

    References: CIS Docker 5.27.

    Flagged::

        services:
          web:
            image: ours:1.0
            healthcheck:
              test: curl -f http://localhost/ || true

    Accepted::

        services:
          web:
            image: ours:1.0
            healthcheck:
              test: curl -f http://localhost/ || exit 1
    """
    for service, health in _tests(project):
        if _cannot_fail(health):
            message = "The healthcheck ends with success whatever happens, so the service is always healthy."
            remedy = "Let the test's own exit code through: remove what turns every failure into success."
            yield Draft(service.name, message, remedy, health.location or service.place("healthcheck"))


@check("IG514", Severity.ERROR)
def shell_syntax_in_exec_form(project: Project) -> Iterator[Draft]:
    """A healthcheck that starts a program without a shell is written as if a shell read it.

    After ``CMD`` every list element is one argument: ``||`` and ``exit`` are handed to the program, and a whole
    command line in one element is taken for the name of a program.

    References: Docker documentation, Dockerfile reference, HEALTHCHECK.

    Flagged::

        services:
          web:
            image: ours:1.0
            healthcheck:
              test: [CMD, curl, -f, http://localhost/, "||", exit, "1"]

    Accepted::

        services:
          web:
            image: ours:1.0
            healthcheck:
              test: [CMD-SHELL, "curl -f http://localhost/ || exit 1"]
          other:
            image: ours:1.0
            healthcheck:
              test: [CMD, sh, -c, "curl -f http://localhost/ || exit 1"]
    """
    for service, health in _exec_forms(project):
        operators = [word for word in health.test[1:] if word in _OPERATORS]
        if operators:
            message = f"The healthcheck hands {operators[0]!r} to {health.test[1]!r} as an argument: no shell reads it."
        elif " " in health.test[1].strip():
            message = f"The healthcheck looks for a program that is called {health.test[1]!r}: no shell splits it."
        else:
            continue
        remedy = "Write the command line as one string after CMD-SHELL."
        yield Draft(service.name, message, remedy, health.location or service.place("healthcheck"))


@check("IG515", Severity.WARNING, strict=Severity.ERROR)
def arguments_after_shell_form(project: Project) -> Iterator[Draft]:
    """A healthcheck gives several list elements after ``CMD-SHELL``; the shell runs the first and ignores the others.

    References: Docker documentation, Dockerfile reference, HEALTHCHECK.

    Flagged::

        services:
          db:
            image: ours/db:1.0
            healthcheck:
              test: [CMD-SHELL, dbctl, ping]

    Accepted::

        services:
          db:
            image: ours/db:1.0
            healthcheck:
              test: [CMD-SHELL, dbctl ping]
          other:
            image: ours/db:1.0
            healthcheck:
              test: [CMD, dbctl, ping]
    """
    for service, health in _tests(project):
        if health.test[0] == "CMD-SHELL" and len(health.test) > 2:
            message = (
                f"The shell runs {health.test[1]!r} alone; the {len(health.test) - 2} elements after it are ignored."
            )
            remedy = "Write the command line as one string after CMD-SHELL, or use CMD."
            yield Draft(service.name, message, remedy, health.location or service.place("healthcheck"))


@check("IG516", Severity.WARNING, dev=Severity.INFO, strict=Severity.ERROR)
def variable_in_exec_form(project: Project) -> Iterator[Draft]:
    """A healthcheck that starts a program without a shell names a variable, which nobody replaces.

    References: Docker documentation, Dockerfile reference, HEALTHCHECK.

    Flagged::

        services:
          db:
            image: ours/db:1.0
            healthcheck:
              test: [CMD, dbctl, ping, --user, "$${DB_USER}"]

    Accepted::

        services:
          db:
            image: ours/db:1.0
            healthcheck:
              test: [CMD-SHELL, "dbctl ping --user $${DB_USER}"]
    """
    for service, health in _exec_forms(project):
        named = next((word for word in health.test[1:] if _VARIABLE.search(word)), None)
        if named is not None:
            start = _VARIABLE.search(named)
            name = re.sub(r"\W.*", "", named[start.end() - 1 :]) if start else ""
            message = (
                f"The healthcheck hands the variable {name} to {health.test[1]!r} as it is written: no shell reads it."
            )
            remedy = "Write the command line as one string after CMD-SHELL."
            yield Draft(service.name, message, remedy, health.location or service.place("healthcheck"))


@check("IG526", Severity.INFO, strict=Severity.WARNING)
def healthcheck_ignores_status(project: Project) -> Iterator[Draft]:
    """A healthcheck asks with ``curl`` but without ``-f``, so that an answer with status 500 counts as healthy.

    Flagged::

        services:
          web:
            image: ours:1.0
            healthcheck:
              test: curl http://localhost/health

    Accepted::

        services:
          web:
            image: ours:1.0
            healthcheck:
              test: curl -fsS http://localhost/health
    """
    for service, health in _tests(project):
        if _ANSWER_IS_READ.search(" ".join(health.test)):
            continue
        called = [words for words in commands(health.test) if program(words) == "curl"]
        if any(not any(_FAILS_ON_STATUS.match(word) for word in words) for words in called):
            message = "The healthcheck's curl ends with success also when the answer is an error like 500."
            yield Draft(service.name, message, "Add -f.", health.location or service.place("healthcheck"))


def _tests(project: Project) -> Iterator[tuple[Service, Healthcheck]]:
    """Yield the services whose file gives a test, with their healthcheck."""
    for service in project.services.values():
        health = service.healthcheck
        if health is not None and health.test and not health.disabled:
            yield service, health


def _exec_forms(project: Project) -> Iterator[tuple[Service, Healthcheck]]:
    """Yield the services whose test starts a program that is no shell with a script."""
    for service, health in _tests(project):
        if health.test[0] == "CMD" and len(health.test) > 1 and script_of(health.test[1:]) is None:
            yield service, health


def _cannot_fail(health: Healthcheck) -> bool:
    text = script(health.test)
    if text is None:
        return health.test[1:2] in (("true",), ("/bin/true",), ("echo",))
    return not _CAN_FAIL.search(text) and bool(_ALWAYS_TRUE.search(text))
