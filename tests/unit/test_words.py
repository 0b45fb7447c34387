from __future__ import annotations

import pytest

from pytest_infragate import words


@pytest.mark.parametrize(
    "code, oom, expected",
    [
        (0, False, "exit code 0 (success)"),
        (1, False, "exit code 1 (a general failure)"),
        (3, False, "exit code 3"),
        (126, False, "exit code 126 (the program may not be executed)"),
        (127, False, "exit code 127 (the program was not found)"),
        (137, False, "exit code 137 (killed, SIGKILL)"),
        (137, True, "exit code 137 (killed: out of memory)"),
        (1, True, "exit code 1 (after a kill: out of memory)"),
        (139, False, "exit code 139 (a memory access violation, SIGSEGV)"),
        (143, False, "exit code 143 (asked to end, SIGTERM)"),
        (152, False, "exit code 152 (ended by SIGXCPU)"),
        (-1, False, "exit code -1"),
    ],
)
def test_exit_codes(code: int, oom: bool, expected: str) -> None:
    assert words.exit_code(code, oom_killed=oom) == expected


@pytest.mark.parametrize(
    "number, expected", [("15", "SIGTERM"), ("SIGKILL", "SIGKILL"), ("", "a signal"), ("99", "signal 99")]
)
def test_signals(number: str, expected: str) -> None:
    assert words.signal_name(number) == expected


def test_states() -> None:
    assert words.state("paused") == "is paused"
    assert words.state("hibernating") == "is hibernating"
