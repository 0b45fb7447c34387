"""The documentation pages of the live checks, as the docstrings of the static ones are theirs: one sentence, then more."""

from __future__ import annotations

from types import MappingProxyType

_WAIVER_EXPIRED = """\
No waiver has passed its last day.

A waiver accepts a finding until a day that somebody has chosen; from the next day on it accepts nothing, and this check
names it, with its reason and its place in the settings. It needs no engine and is part of a static run too.

To mend it: mend what the waiver covered and remove it, or give it a new day with a reason that still holds."""

_IGNORE_COMMENT_UNUSABLE = """\
Every comment ``# infragate: ignore[…]`` in the Compose files names checks that exist and gives a reason.

``image: redis  # infragate: ignore[IG201] follows the base`` accepts what IG201 finds in that line; a comment that stands alone
speaks of the next line. What it accepts is kept, counted and shown as waived. A comment that names no check of files, or gives
no reason, accepts nothing and fails this check; one whose check finds nothing in its line is a warning. It needs no engine and is
part of a static run too.

To mend it: complete the comment, or remove it."""

_ENGINE_REACHABLE = """\
The Docker engine and Compose answer.

The engine is that of ``DOCKER_HOST``, the chosen context or the default socket; it gets 10 s for its first answer. Nothing
else of the running stack can be proven without it.

To mend it: start the engine (``docker info`` must work for the same user), or run ``pytest --infragate-static``, which needs none."""

_STACK_STARTED = """\
Build, pull and ``docker compose up`` succeed.

What is refused before anything is created fails here too: a project name, volume, network, container name or host port that
somebody else has. The message names who has it. Builds and pulls have no deadline, but end after 300 s without output.

To mend it: do what the message says; ``compose: {isolate: true}`` takes out most of what only one stack at a time can have."""

_SERVICE_STARTED = """\
Every container of a service was created and started.

One check for each service. It fails when Compose created fewer containers than the file wants, when one could not be started,
and, with ``--infragate-attach``, when a container was started from another configuration than the files have now."""

_STACK_REMOVED = """\
Nothing of the stack is left behind (kept: it still stands; attached: it is untouched).

Containers, networks, volumes and images that the run has made are gone at its end. A network that somebody else's container
holds is named, with who holds it and the commands that free it."""

_SERVICE_READY = """\
A service is healthy before the first test; a one-shot service has ended with 0.

One check for each service. A probe of the settings or the service's own healthcheck proves it; without either, the weaker
evidence is that it runs and listens where it should, which warns and at level ``strict`` fails. Restarts beyond those allowed
and processes that were killed for memory fail it too.

To mend it: the message shows the last healthchecks and log lines; ``services.NAME.probe`` in the settings replaces a healthcheck."""

_STAYED_HEALTHY = """\
A service was healthy from then on until after the last test: no exit, restart, OOM kill or flap.

One check for each service. The engine's events are watched all the time; each that counts is told with its time and the test
that ran then. What a test does on purpose through the fixture (``stop``, ``pause``, ``restart``) does not count against it."""

_WATCH_COMPLETE = """\
The engine's event stream has no gap.

A stream that breaks is opened again. Where it cannot be shown that nothing was missed meanwhile, the outcome is ``error``:
nobody knows what happened to the services in that time."""

_LOG_CLEAN = """\
A service wrote no log line that is certainly fatal or that ``logs.forbid`` names; suspicious ones are warnings.

One check for each service. Both outputs of every container are read from its start to the end of the run. ``logs.allow`` names
what means nothing; with the key ``logs.forbid``, lines that merely look like errors no longer warn."""

_EDGE_OPEN = """\
A caller reaches what it needs, seen from inside the caller.

One check for each edge (``api -> db:5432``) that ``connectivity.expect`` declares or the files imply. Every container of the
caller must connect to every address that the target's name has there; an edge with a path must answer HTTP 200 to 399. Where the
settings say how the edge is asked (a command, what HTTP must answer, a verified certificate, an exchange over UDP), that counts.

To mend it: put both on one network, let the target listen on more than its own loopback, or correct name and port.
``connectivity.ignore`` leaves out an edge that the stack does not need."""

_EDGE_CLOSED = """\
A forbidden edge cannot be used.

One check for each edge of ``connectivity.forbid``, and with ``policy: closed`` for each that is not expected. It is closed when
nobody in the caller gets a connection to the target, by name or address, within 1.5 s, while somebody else does: the caller of
an edge that must be open, or the target itself. A target that is down proves nothing.

To mend it: take one of the two off the network that they share."""

_PUBLISHED_PORT_ANSWERS = """\
Something listens behind a published port, and the host reaches it.

Planned only where no service needs another. A mere connection to a published port proves nothing, because the engine's
proxy accepts it with no listener behind it; so the listener is looked for in the container itself too."""

_LIMIT_KEPT = """\
A metric of a service stays within its limit, with enough samples.

One check for each limit (``memory.ratio: max < 0.95``), default ones included. Too few samples are outcome ``error``, not a pass.

To mend it: the message has the value and how many samples it stands on; ``performance.limits`` sets other limits."""

_SCALING_PROVEN = """\
A service works with as many containers as ``scaling`` wants, and is as before afterwards.

One check for each service under ``scaling``, after the suite and the commands after the tests. Containers are added with ``docker
compose up --scale``; every one must become ready in time, answer its callers at its own address, reach what the service needs,
and be among the addresses that the name gives. With ``via``, every one must get requests through that service. Then the new
containers go, and those that stood before must stand as they did. A running stack that was attached to is not scaled, so that
nothing of this is proven there.

To mend it: the message names the container and who could not reach it; IG504 tells beforehand what exists only once."""

_BASELINE_AT_HAND = """\
There are recorded runs of this stack on machines of this class to hold the run against.

Planned where the file of the performance baseline exists or ``performance.baseline.required`` is set. Without recorded runs it
passes with a line for information, because a developer's machine need not be like that of CI; with ``required`` it fails. A class
of machines is processor architecture, number of CPUs and memory of the engine, cgroup version, local or remote, in CI or not.

To mend it: ``pytest --infragate --infragate-baseline=update`` on such a machine records a run."""

_BASELINE_HELD = """\
A metric of a service is not worse than in the runs that were recorded.

One check for each recorded metric that this run can measure. It fails where the median of the run is worse by at least ``shift`` (20 %) and
by more than the metric's floor, and by more than chance: Student's t on logarithms of the runs' medians, corrected by Holm
for all metrics of the run. Of latencies with many samples the quantile at 95 % is held too. A time that a run takes once or a few
times, as that of the start, fails against three recorded runs or more. A change that may be chance is a warning. A metric that was
recorded and has too few samples now is outcome ``error``.

To mend it: the message has both values; ``pytest --infragate --infragate-baseline=update`` records a change that is meant."""

_COMMAND_PASSED = """\
A validation command of the project exits as declared.

One check for each entry of ``commands``; one inside a service runs in each of its containers. The last 8000 characters of its
output are in ``verdict.json``, with secrets masked."""

LIVE_PAGES = MappingProxyType(
    {
        "IG107": _WAIVER_EXPIRED,
        "IG109": _IGNORE_COMMENT_UNUSABLE,
        "IG901": _ENGINE_REACHABLE,
        "IG902": _STACK_STARTED,
        "IG903": _SERVICE_STARTED,
        "IG904": _STACK_REMOVED,
        "IG911": _SERVICE_READY,
        "IG912": _STAYED_HEALTHY,
        "IG913": _WATCH_COMPLETE,
        "IG914": _LOG_CLEAN,
        "IG921": _EDGE_OPEN,
        "IG922": _EDGE_CLOSED,
        "IG923": _PUBLISHED_PORT_ANSWERS,
        "IG931": _LIMIT_KEPT,
        "IG932": _SCALING_PROVEN,
        "IG937": _BASELINE_AT_HAND,
        "IG938": _BASELINE_HELD,
        "IG941": _COMMAND_PASSED,
    }
)
"""By id; the first line of each says what is proven."""
