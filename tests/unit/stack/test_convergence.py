"""Output of ``docker compose --dry-run create``, recorded with Compose 2.40."""

from __future__ import annotations

import pytest

from pytest_infragate.errors import StartError
from pytest_infragate.stack.convergence import changes

RUNNING = " DRY-RUN MODE -  Container shop-db-1  Running\n"


@pytest.mark.parametrize(
    "output, names",
    [
        (RUNNING, ()),
        ("", ()),
        (" DRY-RUN MODE -  Network shop_default  Exists\n DRY-RUN MODE -  Container shop-db-1  Created\n", ()),
        (
            'time="2026-11-22T14:12:25Z" level=warning msg="Found orphan containers ([shop-old-1]) for this project."\n',
            (),
        ),
        (
            f"{RUNNING} DRY-RUN MODE -  Container shop-web-1  Recreate\n DRY-RUN MODE -  Container shop-web-1  Recreated\n",
            ("shop-web-1",),
        ),
        (
            f"{RUNNING} DRY-RUN MODE -  Container shop-web-1  Creating\n DRY-RUN MODE -  Container shop-web-1  Created\n",
            ("shop-web-1",),
        ),
        (
            f" DRY-RUN MODE -  Container shop-web-1  Stopping\n DRY-RUN MODE -  Network shop_back  Removed\n{RUNNING}",
            ("shop-web-1", "shop_back"),
        ),
        (' DRY-RUN MODE -  Volume "shop_data"  Creating\n', ("shop_data",)),
    ],
    ids=["running", "nothing", "there", "orphans", "replaced", "missing", "network", "volume"],
)
def test_what_compose_would_change(output: str, names: tuple[str, ...]) -> None:
    assert changes(output, "shop") == frozenset(names)


def test_a_volume_of_another_definition_is_refused() -> None:
    asked = 'Volume "shop_data" exists but doesn\'t match configuration in compose file. Recreate (data will be lost)?'
    with pytest.raises(StartError, match=r"volume shop_data .* docker compose -p shop down --volumes"):
        changes(RUNNING + asked + RUNNING, "shop")
