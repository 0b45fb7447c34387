"""How the tools speak: one line before each step, one clear message when something is missing."""

from __future__ import annotations


class MissingError(Exception):
    """Something that the tests need is absent and must not or cannot be installed here.

    ``what`` is a sentence about what was found, ``remedy`` one about how to get it.
    """

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what}\n  {remedy}")
        self.what = what
        self.remedy = remedy


def say(step: str) -> None:
    """Print one line at once, so that a person sees what happens before it happens."""
    print(f"infragate tools: {step}", flush=True)
