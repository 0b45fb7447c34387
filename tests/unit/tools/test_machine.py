from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine_setup.images import BASE, SERVICES, base_image
from engine_setup.machine import Machine, is_set, parse_os_release, state_folder, this_machine
from engine_setup.telling import MissingError

BARE = Machine(
    distribution="debian", codename="bookworm", root=True, forbidden=False, may_pull=True, state=Path("/nowhere")
)


@pytest.mark.parametrize("distribution", ["debian", "ubuntu"])
def test_root_on_debian_or_ubuntu_may_install(distribution: str) -> None:
    replace(BARE, distribution=distribution).demand_permission("No engine.")


@pytest.mark.parametrize(
    "machine, reason",
    [
        (replace(BARE, forbidden=True), "INFRAGATE_NO_INSTALL is set"),
        (replace(BARE, root=False), "this user is not root"),
        (replace(BARE, distribution="fedora"), "This system (fedora) is left alone"),
        (replace(BARE, distribution=""), "This system (unknown) is left alone"),
    ],
)
def test_elsewhere_the_message_says_what_is_missing_why_and_how_to_get_it(machine: Machine, reason: str) -> None:
    with pytest.raises(MissingError) as refusal:
        machine.demand_permission("No engine.")
    assert refusal.value.what == "No engine."
    assert reason in refusal.value.remedy
    assert "Install Docker Engine" in refusal.value.remedy


def test_os_release_with_and_without_quotes() -> None:
    text = "# who\nID=debian\nVERSION_CODENAME=\"bookworm\"\n\nPRETTY_NAME='Debian = 12'\n"
    assert parse_os_release(text) == {"ID": "debian", "VERSION_CODENAME": "bookworm", "PRETTY_NAME": "Debian = 12"}


def test_a_system_without_os_release_is_unknown(tmp_path: Path) -> None:
    machine = this_machine({"INFRAGATE_STATE_DIR": str(tmp_path)}, tmp_path / "absent")
    assert (machine.distribution, machine.codename, machine.state) == ("", "", tmp_path)


@pytest.mark.parametrize("value, expected", [("1", True), ("yes", True), ("0", False), ("", False), (None, False)])
def test_switches(value: str | None, *, expected: bool) -> None:
    assert is_set({} if value is None else {"SWITCH": value}, "SWITCH") is expected


def test_the_state_folder_follows_the_desktop_convention() -> None:
    assert state_folder({"XDG_STATE_HOME": "/x"}) == Path("/x/pytest-infragate")
    assert state_folder({"XDG_STATE_HOME": "/x", "INFRAGATE_STATE_DIR": "/y"}) == Path("/y")


@pytest.mark.parametrize("chosen, expected", [("mine:1", "mine:1"), ("", BASE), (None, BASE), (SERVICES, BASE)])
def test_the_base_image_is_the_users_choice_or_the_default(chosen: str | None, expected: str) -> None:
    assert base_image({} if chosen is None else {"INFRAGATE_BASE_IMAGE": chosen}) == expected
