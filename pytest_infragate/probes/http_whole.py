"""One GET whose answer is kept whole: for who wants to see who has answered, not only whether."""

from __future__ import annotations

from dataclasses import dataclass

from ..settings import ProbeSettings
from ..stack.exchange import Judgement
from ..stack.speech import HungUpError, Steps
from . import http, http_message
from .base import not_ready
from .wire import Wire


@dataclass(frozen=True)
class WholeAnswer:
    """A speech whose good judgement has status line, header and body of the answer as its message."""

    settings: ProbeSettings
    host: str

    def __call__(self) -> Steps[Judgement]:
        """Begin it."""
        return _asked(self.settings, self.host)


def _asked(settings: ProbeSettings, host: str) -> Steps[Judgement]:
    wire = Wire()
    wire.say(http.request(settings, host))
    try:
        answer = yield from http_message.head(wire)
        body = yield from http_message.body(wire, answer)
    except HungUpError:
        return not_ready("the connection was closed before the answer was whole")
    except http_message.MessageError as error:
        return not_ready(f"the answer {error}")
    status = http.judge(answer.status_line, settings)
    if not status.ok:
        return status
    header = [f"{name}: {value}" for name, value in answer.header.items()]
    lines = [answer.status_line.decode("latin-1"), *header, "", body.decode("utf-8", errors="replace")]
    return Judgement(ok=True, message="\n".join(lines))
