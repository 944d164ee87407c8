"""The count of mail in the demo's check: each message that is due, once."""

from __future__ import annotations

import pytest

from deploy.local.addresses import Addresses
from deploy.local.mailed import Mailed, mailed


def test_every_message_that_is_due_was_sent_once() -> None:
    """The line shows one number."""
    assert Mailed(38, 38, 38).agree
    assert str(Mailed(38, 38, 38)) == "mailed=38"


@pytest.mark.parametrize("counted", [Mailed(37, 37, 38), Mailed(39, 38, 38), Mailed(38, 37, 38), Mailed(2, 2, 0)])
def test_missing_repeated_or_needless_mail_is_told(counted: Mailed) -> None:
    """One missing, one twice, one twice for another, and mail that nobody asked for."""
    assert not counted.agree
    assert str(counted).endswith(f"(different={counted.different} due={counted.due})")


@pytest.mark.parametrize(
    "addresses",
    [
        Addresses("k", "m", {"notifications": "n"}, smtp="relay:25"),
        Addresses("k", "m", {"people": "p"}, smtp="s", mail="http://127.0.0.1:1"),
    ],
)
async def test_where_nobody_mails_or_mail_leaves_this_machine_nothing_is_counted(addresses: Addresses) -> None:
    """The check does not fail for want of what it cannot see."""
    assert (await mailed(addresses)).agree
