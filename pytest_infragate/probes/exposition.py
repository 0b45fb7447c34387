"""Reads what a service tells of itself in Prometheus' text format, and fetches it.

The format is that of Prometheus' documentation, "Exposition formats", version 0.0.4; what OpenMetrics adds behind a value
(time, exemplar) is passed over. It is read by hand, because that takes thirty lines, and lines that no limit names can be
passed over at the cost of one search: parsers of well-kept libraries take every line apart.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from ..selectors import LABEL, pairs
from ..settings import ProbeSettings
from ..stack.exchange import Judgement
from ..stack.speech import HungUpError, Steps
from . import http, http_message
from .base import not_ready, shown
from .wire import Wire

_NAME = r"[A-Za-z_:][A-Za-z0-9_:]*"
_LINE = re.compile(rf"({_NAME})[ \t]*(?:\{{((?:\s*{LABEL}\s*,?)*)\s*\}})?[ \t]*([^\s{{}}]+)(?:[ \t].*)?")
_TYPE = re.compile(rf"# TYPE ({_NAME}) (\w+)")
_NAMES = re.compile(rf"^{_NAME}", re.MULTILINE)
_GAUGES = ("gauge", "info", "stateset")


@dataclass(frozen=True, slots=True)
class ExposedSample:
    """One value of one series."""

    name: str
    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True)
class Fetch:
    """A conversation that fetches an exposition: its end is the body, or the judgement that there is none."""

    settings: ProbeSettings
    host: str

    def __call__(self) -> Steps[bytes | Judgement]:
        """Begin it."""
        wire = Wire()
        wire.say(http.request(self.settings, self.host))
        try:
            answer = yield from http_message.head(wire)
            status = http.judge(answer.status_line, self.settings)
            if not status.ok:
                return status
            body = yield from http_message.body(wire, answer)
        except HungUpError:
            return not_ready("the connection was closed before the answer was whole")
        except http_message.MessageError as error:
            return not_ready(f"the answer {error}")
        return body or not_ready("the answer is empty")


def fault(text: str) -> str:
    """Say that an answer is no exposition at all: there is something in it, and no line of it is a sample."""
    lines = [line for line in map(str.strip, text.splitlines()) if line and not line.startswith("#")]
    if not lines or any(map(_is_sample, lines)):
        return ""
    return f"the answer is not in Prometheus' text format: {shown(lines[0].encode())!r}"


def _is_sample(line: str) -> bool:
    match = _LINE.fullmatch(line)
    return match is not None and (match[3].lower().endswith("nan") or not math.isnan(_number(match[3])))


def samples(text: str, wanted: Collection[str]) -> Iterator[ExposedSample]:
    """Yield every sample of the wanted names; what is not a number (NaN) is none."""
    for line in text.splitlines():
        match = _LINE.fullmatch(line) if line.startswith(tuple(wanted)) else None
        value = _number(match[3]) if match is not None and match[1] in wanted else math.nan
        if match is not None and not math.isnan(value):
            yield ExposedSample(match[1], dict(pairs(match[2] or "")), value)


def gauges(text: str) -> frozenset[str]:
    """Return the names that are declared to go up and down."""
    return frozenset(name for name, kind in _TYPE.findall(text) if kind in _GAUGES)


def names(text: str) -> frozenset[str]:
    """Return the names of all samples."""
    return frozenset(_NAMES.findall(text))


def _number(text: str) -> float:
    """Return a value as Go writes it, ``+Inf`` and ``NaN`` too; not a number for what is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan
