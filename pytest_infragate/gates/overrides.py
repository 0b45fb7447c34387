"""Gives findings the severity that the settings want for a check, on one service or on all, and counts what that changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from ..checks import every
from ..results import WHOLE_STACK, CheckResult, Finding, Location, Outcome, Overridden, Severity
from ..service_keys import keys_for
from ..settings import CheckSettings, Override, ServiceSettings

_WEIGHT = {Severity.INFO: 0, Severity.WARNING: 1, Severity.ERROR: 2}
_OFF = "off"
_NOBODY: Mapping[str, ServiceSettings] = MappingProxyType({})
_MOST_NAMED = 6


@dataclass(frozen=True)
class _Rule:
    """One override with where it stands: ``key`` is a service or pattern, empty for ``checks.severity``."""

    key: str
    check: str
    override: Override

    @property
    def path(self) -> str:
        """Its key in the settings."""
        return f"services.{self.key}.checks.{self.check}" if self.key else f"checks.severity.{self.check}"


class Overrides:
    """The overrides of one run; ``services`` are what the settings say of services, by name or pattern."""

    def __init__(self, settings: CheckSettings, services: Mapping[str, ServiceSettings] = _NOBODY) -> None:
        self._settings = settings
        self._services = {name: said.checks for name, said in services.items() if said.checks}
        self._severities = {check.id: check.severities[settings.level] for check in every()}
        self._spoken_of: Counter[tuple[str, str]] = Counter()

    def applied(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Return the findings of a check with the severities that the user wants; what is off for a service is waived."""
        return tuple(map(self._applied, findings))

    def _applied(self, finding: Finding) -> Finding:
        rule = self._rule(finding.check, finding.subject)
        if rule is None:
            return finding
        self._spoken_of[rule.key, rule.check] += 1
        wanted = rule.override.severity
        if wanted is None:
            return replace(finding, waived=True, waived_by=f"{rule.path}: {rule.override.reason}")
        if wanted is finding.severity:
            return finding
        why = f"{rule.path}, otherwise {finding.severity.value}"
        return replace(finding, severity=wanted, severity_by=why)

    def _rule(self, check: str, subject: str) -> _Rule | None:
        """Return what speaks of a finding: the service's own override first, then its patterns, then the stack's."""
        for key in keys_for(subject, self._services) if subject != WHOLE_STACK else ():
            if check in self._services[key]:
                return _Rule(key, check, self._services[key][check])
        override = self._settings.severity.get(check)
        return None if override is None else _Rule("", check, override)

    def told(self) -> tuple[Overridden, ...]:
        """Return every override with the number of findings that it spoke of."""
        silent = (Overridden(check, WHOLE_STACK, _OFF) for check in sorted(self._settings.disable))
        options = (
            Overridden(check, WHOLE_STACK, "", options=names) for check, names in self._settings.options.said.items()
        )
        return (*silent, *map(self._told, self._rules()), *options)

    def _rules(self) -> Iterator[_Rule]:
        for check, override in self._settings.severity.items():
            yield _Rule("", check, override)
        for key, said in self._services.items():
            yield from (_Rule(key, check, override) for check, override in said.items())

    def _told(self, rule: _Rule) -> Overridden:
        override = rule.override
        return Overridden(
            rule.check,
            rule.key or WHOLE_STACK,
            override.severity.value if override.severity else _OFF,
            override.reason,
            None if rule.check in self._settings.off else self._spoken_of[rule.key, rule.check],
            override.location,
        )

    def unused(self, results: Iterable[CheckResult]) -> Iterator[Finding]:
        """Yield a remark for each override that makes a check milder and speaks of no finding of this run.

        One that names a service is a warning, as with a waiver; one for all is a policy that may wait for its case.
        """
        evaluated = {one.check.id for one in results if one.outcome not in (Outcome.ERROR, Outcome.NOT_RUN)}
        for rule in self._rules():
            if not self._spoken_of[rule.key, rule.check] and (rule.check in evaluated) and self._is_milder(rule):
                yield _unused(rule)
            elif rule.key and rule.check in self._settings.off:
                yield _unused(rule, f", because {rule.check} is switched off for the whole stack")

    def _is_milder(self, rule: _Rule) -> bool:
        wanted = rule.override.severity
        return wanted is None or _WEIGHT[wanted] < _WEIGHT[self._severities[rule.check]]


def _unused(rule: _Rule, why: str = "") -> Finding:
    return Finding(
        rule.check,
        "unused-override",
        Severity.WARNING if rule.key.strip(WHOLE_STACK) else Severity.INFO,
        rule.key or WHOLE_STACK,
        f"{rule.path} in the settings matched nothing in this run{why}",
        "Remove it, or correct its check and service.",
        rule.override.location or Location(""),
    )


def summary(told: Iterable[Overridden]) -> Iterator[str]:
    """Yield lines for the user: which checks are switched off, which findings have another severity, which options are set."""
    known = tuple(told)
    off = [
        f"{one.check} ({one.reason or 'no reason given'})"
        for one in known
        if one.severity == _OFF and one.findings is None
    ]
    options = [f"{one.check} ({', '.join(one.options)})" for one in known if one.options]
    waived = [_counted(one) for one in known if one.severity == _OFF and one.findings]
    changed = [f"{_counted(one)} {one.severity}" for one in known if one.severity != _OFF and one.findings]
    if off:
        yield f"The settings switch off: {_some(off)}."
    if waived:
        yield f"The settings accept findings of: {_some(waived)}."
    if changed:
        yield f"The settings set severities: {_some(changed)}."
    if options:
        yield f"The settings set options: {_some(options)}."


def _counted(one: Overridden) -> str:
    return f"{one.name} ({one.findings} finding{'s' if one.findings != 1 else ''})"


def _some(named: list[str]) -> str:
    more = len(named) - _MOST_NAMED
    return ", ".join(named[:_MOST_NAMED]) + (f" and {more} more, in verdict.json" if more > 0 else "")
