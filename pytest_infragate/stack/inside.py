"""Asks the network from inside a container: with what its image has, else with a helper in its network namespace."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ..errors import EngineError, InfragateError
from . import nearby, tools
from .exchange import Exchange, Failure, Question, all_lost, asked_with
from .execution import Execution
from .frames import FrameError
from .helper import HelperImage, Helpers
from .load import Load, Timed, carried
from .prober import Probers
from .programs import InsideError, Programs, down
from .relay import Relay, RelayError
from .state import ContainerState
from .stream import Stream
from .tools import Tools

if TYPE_CHECKING:
    from .engine import Engine

_AT_ONCE = 4
_LOOK_S = 20.0
_SLACK_S = 15.0
"""What starting a shell may take in a container whose CPU limit holds it back."""
_ADDRESSES = 3
"""How many silent addresses per question the time of a batch allows for."""
_RESOLVER = {"RES_OPTIONS": "timeout:1 attempts:2"}
"""Bounds glibc's resolver, whose own patience is longer than a check's."""
_NO_TOOLS = "Neither its image nor another running image of the stack has python3, bash or nc to ask with."
_WHAT_TO_DO = (
    "Name a local image that has one of them in the settings as connectivity.helper_image (it is never pulled)."
)
_PROBER = "our prober in a helper container beside the caller"


@dataclass(frozen=True)
class _Place:
    """Where a caller's questions are asked: a container in its network namespace and the programs found there."""

    container_id: str
    programs: frozenset[str]
    name: str

    @property
    def tools(self) -> Tools:
        return tools.best_of(self.programs)


class Inside:
    """Access to the insides of one project's containers. Close it: it may have started helper containers.

    Safe for use from several threads.
    """

    def __init__(self, engine: Engine, project: str, helper_image: str | None = None) -> None:
        self.engine = engine
        self._helper_image = helper_image
        self._helpers = Helpers(engine, project)
        self._probers = Probers(engine, project)
        self._programs = Programs(engine, project)

    def close(self) -> None:
        """Remove the helper containers that were started, and the image that was imported for them."""
        with contextlib.ExitStack() as stack:
            stack.callback(self._helpers.close)
            stack.callback(self._probers.close)

    def exchange(
        self, caller: ContainerState, host: str, port: int | None, send: bytes, read: int, timeout_s: float
    ) -> Exchange:
        """Ask one question from inside ``caller``; see ``Question``."""
        return self.ask(caller, [Question(host, port, send, read, timeout_s=timeout_s)])[0]

    def ask(
        self, caller: ContainerState, questions: Sequence[Question], *, beside: bool = False
    ) -> tuple[Exchange, ...]:
        """Ask all questions from inside ``caller`` with one exec; one exchange each, in their order.

        With ``beside`` a helper asks even where the caller could: what the asking costs is then not charged to the
        caller, which matters when it is repeated while the caller's CPU is measured. What stands in the way is told in the exchanges; only an engine that fails raises ``EngineError``.
        """
        if not questions:
            return ()
        if down(caller):
            return all_lost(questions, Failure.CALLER_DOWN, down(caller))
        try:
            return self._ask_somewhere(caller, questions, beside=beside)
        except EngineError:
            now = self.engine.inspect(caller.id)
            if not down(now):
                raise
            return all_lost(questions, Failure.CALLER_DOWN, down(now))

    def prepare(self, caller: ContainerState) -> None:
        """Find out what ``caller`` can be asked with, and start the helper that it takes, so that asking need not wait.

        Whatever stands in the way is told when it is asked.
        """
        if down(caller):
            return
        with contextlib.suppress(InfragateError):
            if self._place(caller, lambda programs: _able(programs, relay=False)) == "prober":
                with self._probers.beside(caller):
                    pass

    def ask_each(
        self, asked: Mapping[str, tuple[ContainerState, Sequence[Question]]]
    ) -> Mapping[str, Callable[[], tuple[Exchange, ...]]]:
        """Ask for several callers at once; each value of the result waits for one caller and returns or raises."""
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="infragate-inside") as pool:
            futures: dict[str, Future[tuple[Exchange, ...]]] = {
                key: pool.submit(self.ask, caller, questions) for key, (caller, questions) in asked.items()
            }
        return {key: future.result for key, future in futures.items()}

    def load(self, caller: ContainerState, load: Load) -> tuple[Timed, ...]:
        """Make requests from the network namespace of ``caller``, at no cost to its own CPU limit.

        Raises InsideError where nobody can make them, and EngineError.
        """
        with self._relay_beside(caller, own=False) as (relay, _):
            return carried(relay, load)

    @contextlib.contextmanager
    def stream(self, caller: ContainerState) -> Iterator[Stream]:
        """Give a way to ask beside ``caller`` that is this thread's alone and does not wait for answers.

        Raises InsideError where nobody can ask, and EngineError.
        """
        with self._relay_beside(caller, own=True) as (relay, via):
            yield Stream(relay, via)

    @contextlib.contextmanager
    def _relay_beside(self, caller: ContainerState, *, own: bool) -> Iterator[tuple[Relay, str]]:
        """Give a relay beside ``caller`` and its name; ``own``: one that keeps nobody else from asking meanwhile."""
        place = None if down(caller) else self._place(caller, lambda found: _able(found, relay=True), beside=True)
        if place is None:
            raise InsideError(down(caller) or f"{caller.name} has nothing to ask with. {self._what_to_do()}")
        if place == "prober":
            with self._probers.further(caller) if own else self._probers.beside(caller) as relay:
                yield relay, _PROBER
        else:
            with self._carrier(place) as relay:
                yield relay, place.name

    def read(self, caller: ContainerState, paths: Sequence[str]) -> str:
        """Return the texts of files, one after the other, as seen in the network namespace of ``caller``.

        Missing files are left out. Raises InsideError when nothing can be read there.
        """
        if down(caller):
            raise InsideError(down(caller))
        text = nearby.read(caller, paths)
        return self._read_inside(caller, paths) if text is None else text

    def _read_inside(self, caller: ContainerState, paths: Sequence[str]) -> str:
        """Return the texts as a program in the container, or in a helper beside it, sees them."""
        place = self._place(caller, lambda programs: bool(programs & {"cat", "python3"}))
        if place is None:
            raise InsideError(f"{caller.name} cannot be looked into. {self._what_to_do()}")
        if place == "prober":
            with self._probers.beside(caller) as relay:
                return "".join(relay.read(path, _LOOK_S) for path in paths)
        argv = tools.reading(Tools.NC if "cat" in place.programs else Tools.PYTHON, paths)
        done = self.engine.execute(place.container_id, argv, timeout_s=_LOOK_S)
        if not done.stdout:
            raise InsideError(
                f"{' '.join(paths)} could not be read in {caller.name}: {done.text[-200:] or 'no output'}"
            )
        return done.stdout.decode("utf-8", errors="replace")

    def _ask_somewhere(
        self, caller: ContainerState, questions: Sequence[Question], *, beside: bool
    ) -> tuple[Exchange, ...]:
        relay = any(question.needs_relay for question in questions)
        place = self._place(caller, lambda programs: _able(programs, relay=relay), beside=beside)
        if place is None:
            python = " TLS, UDP and conversations of several steps need python3." if relay else ""
            text = f"{caller.name} has nothing to ask with. {self._what_to_do()}{python}"
            return all_lost(questions, Failure.NO_TOOLS, text)
        if place == "prober":
            return _asked_through(self._probers.beside(caller), questions, _PROBER)
        if place.tools.is_relay:
            return _asked_through(self._carrier(place), questions, place.name)
        return self._ask_shell(place, questions)

    def _ask_shell(self, place: _Place, questions: Sequence[Question]) -> tuple[Exchange, ...]:
        done = self.engine.execute(
            place.container_id,
            tools.asking(place.tools, questions),
            timeout_s=_SLACK_S + sum(question.timeout_s * (1 + _ADDRESSES) for question in questions),
            environment=_RESOLVER,
        )
        if done.exit_code != 0:
            return all_lost(questions, Failure.BROKEN, _trouble(done, place))
        exchanges = tools.understand(place.tools, questions, done.stdout.decode("utf-8", errors="replace"))
        return tuple(asked_with(exchange, place.name) for exchange in exchanges)

    @contextlib.contextmanager
    def _carrier(self, place: _Place) -> Iterator[Relay]:
        """Give a relay that runs in a container's Python."""
        relay = Relay(self.engine.converse(place.container_id, tools.carrying(), _RESOLVER))
        with contextlib.closing(relay):
            yield relay

    def _what_to_do(self) -> str:
        return f"{_NO_TOOLS} {self._probers.lacking()} {_WHAT_TO_DO}"

    def _place(
        self, caller: ContainerState, able: Callable[[frozenset[str]], bool], *, beside: bool = False
    ) -> _Place | Literal["prober"] | None:
        """Return where ``caller``'s questions can be asked: in itself, else in a helper; ``None``: nowhere.

        Beside the caller the image that the settings name comes first, then the prober, then what the stack has.
        """
        programs = self._programs.of(caller.image_id or caller.id, caller.id)
        if able(programs) and not beside:
            return _Place(caller.id, programs, f"{tools.best_of(programs).value} in the caller")
        named = self._named_image()
        place = self._helper(caller, named, able) if named else None
        if place is None and not self._probers.lacking():
            return "prober"
        found = None if place else self._programs.image_of_stack(able)
        return self._helper(caller, found, able) if found else place

    def _helper(
        self, caller: ContainerState, image: HelperImage, able: Callable[[frozenset[str]], bool]
    ) -> _Place | None:
        """Return a helper container of this image beside ``caller``, unless it has not what is needed."""
        container_id = self._helpers.container_id(caller, image)
        programs = self._programs.of(image.image, container_id)
        name = f"{tools.best_of(programs).value} in a helper container beside the caller"
        return _Place(container_id, programs, name) if able(programs) else None

    def _named_image(self) -> HelperImage | None:
        """Return the settings' helper image; raises InsideError when the engine does not hold it."""
        image = self._helper_image
        if image is None or self.engine.exists_image(image):
            return HelperImage(image, frozenset({"sleep"})) if image else None
        raise InsideError(
            f"connectivity.helper_image names {image}, which the engine does not hold; it is never pulled. "
            f"Run `docker pull {image}` or name a local image."
        )


def _able(programs: frozenset[str], *, relay: bool) -> bool:
    kind = tools.best_of(programs)
    return kind.is_relay if relay else kind is not Tools.NONE


def _asked_through(
    opened: contextlib.AbstractContextManager[Relay], questions: Sequence[Question], name: str
) -> tuple[Exchange, ...]:
    try:
        with opened as relay:
            return tuple(asked_with(exchange, name) for exchange in relay.ask(questions))
    except (RelayError, FrameError) as error:
        return all_lost(questions, Failure.BROKEN, f"asking with {name} failed: {error}")


def _trouble(done: Execution, place: _Place) -> str:
    if done.timed_out:
        return f"asking with {place.name} did not finish within {done.duration_s:.0f} s"
    return f"asking with {place.name} ended with exit code {done.exit_code}: {done.text[-200:]}"
