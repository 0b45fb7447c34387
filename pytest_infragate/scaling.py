"""Scales services as the settings want it, proves what comes of it, and puts back what stood before."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial

from . import runner
from .errors import InfragateError
from .gates import connectivity, scaling
from .gates.connectivity import ConnectivityPlan
from .gates.incidents import Incident, incidents
from .gates.live import LiveStack
from .gates.readiness import ENDED, State
from .gates.roles import Life
from .gates.scaling import Fault, PlannedScaling, Trial
from .gates.waiting import Wait
from .progress import Progress
from .requests_to_replicas import Requests
from .results import CheckResult, Outcome
from .site import Site
from .stack.interruptions import Journal
from .stack.replicas import withdraw
from .stack.state import ContainerState
