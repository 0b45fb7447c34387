"""The plugin as pytest loads it. Kept small: everything else is imported when a run needs it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

from . import fixtures, hookspecs, markers, options, xdist

if TYPE_CHECKING:
    from .provider import Provider
    from .settings import Settings

_SHOWS_ONLY = ("collectonly", "setupplan", "setuponly", "showfixtures", "show_fixtures_per_test", "markers")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register the options of ``options.OPTIONS``."""
    options.add_options(parser)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Register the hooks of ``hookspecs``."""
    pluginmanager.add_hookspecs(hookspecs)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Answer ``--infragate-list``, ``-explain``, ``-diff`` and ``-fix`` and end."""
    if config.getoption("infragate_diff") or config.getoption("infragate_fix"):
        return _fixed(config)
    listing, explained = config.getoption("infragate_list"), config.getoption("infragate_explain")
    if not listing and explained is None:
        return None
    from . import explain, further

    further.collect(config)
    page = explain.listing() if listing else explain.page(explained)
    if page is None:
        raise pytest.UsageError(explain.unknown(explained))
    sys.stdout.write(f"{page}\n")
    return 0


def _fixed(config: pytest.Config) -> int:
    """Show or apply the certain fixes; no test runs, whatever else is given."""
    if config.getoption("infragate_diff") and config.getoption("infragate_fix"):
        raise pytest.UsageError(
            "--infragate-diff and --infragate-fix contradict each other: the one shows the fixes, the other applies "
            "them; give one of them"
        )
    settings = read_settings(config)
    from .fixes import fixing

    act = fixing.show if config.getoption("infragate_diff") else fixing.apply
    answer = act(settings, dict(os.environ))
    sys.stdout.write(answer.text)
    return answer.status


def pytest_configure(config: pytest.Config) -> None:
    """Register markers, the fixture, and the part that this process plays."""
    for line in markers.LINES:
        config.addinivalue_line("markers", line)
    config.pluginmanager.register(fixtures, "infragate-fixtures")
    if xdist.is_worker(config):
        config.pluginmanager.register(xdist.Worker(config), "infragate-worker")
    elif stage := options.stage(config):
        _register_owner(config, stage)
    elif config.getoption("infragate_baseline") == "update":
        raise pytest.UsageError("--infragate-baseline=update records a run of the gate: give --infragate with it")
    elif config.getoption("infragate_accept_findings"):
        raise pytest.UsageError(
            "--infragate-accept-findings writes down what a run of the gate has found: give --infragate-static with it"
        )
    elif not _only_shows(config):
        config.pluginmanager.register(OnDemand(config), "infragate-on-demand")


class OnDemand:
    """Loads the provider of the stack when a test needs it; most runs of pytest never do."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._provider: Provider | None = None

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Under xdist the workers tell whether they need it, so each is told where to look."""
        self._load().tell_worker(node)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Start the stack before the first test, where no per-test timeout counts."""
        if not session.testsfailed and any(map(fixtures.needs_stack, session.items)):
            self._load().start()

    def _load(self) -> Provider:
        if self._provider is None:
            from .provider import Provider

            self._provider = Provider(self._config)
            self._config.pluginmanager.register(self._provider, "infragate-provider")
        return self._provider


def _only_shows(config: pytest.Config) -> bool:
    return any(config.getoption(name, False) for name in _SHOWS_ONLY)


def _register_owner(config: pytest.Config, stage: str) -> None:
    if os.environ.get("INFRAGATE_ACTIVE") and stage == "full":
        raise pytest.UsageError("--infragate inside a run of --infragate: the stack is already gated by the outer run")
    _refuse_skipping(config, stage)
    if stage == "static" and not _only_shows(config) and _may_be_known(config):
        from . import answering

        config.pluginmanager.register(answering.owner(config), "infragate-owner")
        return
    from .uncollected import uncollected

    with uncollected():
        settings = read_settings(config)
        from .owner import Owner, PlanOnly
        from .run import handover
        from .run.gate import Gate

    role: Owner | PlanOnly
    if _only_shows(config):
        role = PlanOnly(config, Gate(settings, dict(os.environ)))
    else:
        config.stash[fixtures.HANDOVER_PATH] = path = handover.new_path()
        role = Owner(config, Gate(settings, dict(os.environ), path))
    config.pluginmanager.register(role, "infragate-owner")


def _may_be_known(config: pytest.Config) -> bool:
    """Whether an earlier run may have the answer: there are no tests to run, and no checks of which nobody knows what they look at."""
    further = config.hook.pytest_infragate_checks.get_hookimpls()
    return (
        not (further or config.getoption("infragate_accept_findings"))
        and config.args_source is not pytest.Config.ArgsSource.ARGS
    )


def _refuse_skipping(config: pytest.Config, stage: str) -> None:
    """Refuse to be asked for a green run without infrastructure; the ini value is for runs without the gate alone."""
    said = options.chosen(config).get("infragate_skip_without_engine")
    if stage == "full" and said is not None and said.source == "command line":
        raise pytest.UsageError(
            f"{fixtures.SKIP_OPTION} contradicts --infragate: the gate is closed where there is no engine, and a test is "
            "never skipped because of it; give one of them"
        )


def read_settings(config: pytest.Config) -> Settings:
    """Return the settings of this run; what is wrong with them is told at once, with exit status 4."""
    from . import intake

    return intake.read(config)
