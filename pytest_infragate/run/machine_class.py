"""On what kind of machine a run measures: recorded runs of another kind say nothing about it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..stack.engine import Engine

_GIB = 1 << 30
_NOT_CI = ("", "0", "false")


def machine_class(engine: Engine, environ: Mapping[str, str], stays: str = "") -> str:
    """Return the class of the machine that an engine runs on: ``x86_64, 2 CPUs, 8 GiB, cgroup 2, local, CI``.

    Memory is rounded, because machines of one kind differ by what their kernels keep. Versions of engine and kernel are
    left out: they are replaced without anybody's doing, and a baseline that stops to hold then without a word is worth less than
    one that fails once. ``stays``: a word for a stack that may have run for days, which is a class of its own.
    """
    words = [
        engine.architecture,
        f"{engine.cpus} CPU{'s' if engine.cpus != 1 else ''}",
        f"{rounded(engine.memory_bytes)} GiB",
        f"cgroup {engine.cgroup_version}",
        "local" if engine.is_local else "remote",
    ]
    words += ["CI"] if environ.get("CI", "").lower() not in _NOT_CI else []
    words += [stays] if stays else []
    return ", ".join(words)


def rounded(memory_bytes: int) -> str:
    """Return an amount of memory in GiB, rounded to a power of two or the middle between two of them."""
    size = max(memory_bytes / _GIB, 0.25)
    power = 2.0 ** math.floor(math.log2(size))
    nearest = min((power, 1.5 * power, 2 * power), key=lambda one: abs(math.log(size / one)))
    return f"{nearest:g}"


def differences(here: str, there: str) -> str:
    """Return what of a class another one has otherwise: ``4 CPUs there, 2 CPUs here``."""
    mine, other = here.split(", "), there.split(", ")
    only_there = [word for word in other if word not in mine]
    only_here = [word for word in mine if word not in other]
    told = [f"{', '.join(only_there)} there"] if only_there else []
    return ", ".join([*told, *([f"{', '.join(only_here)} here"] if only_here else [])])
