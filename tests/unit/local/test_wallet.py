"""Promises of the wallet: a token for every login, never one that is about to end."""

from __future__ import annotations

from itertools import count

from deploy.local.issuer.tokens import LIFETIME
from deploy.local.issuer.wallet import Wallet


class Counting:
    """Numbers the tokens that it makes."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def token(self, login: str) -> str:
        return f"{login}-{next(self._numbers)}"


class Watch:
    """Seconds that a test lets pass."""

    seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def test_a_token_is_shown_again_until_a_minute_before_its_end() -> None:
    """Signing each request anew would cost more than the request; a token that ends on its way is refused."""
    watch = Watch()
    wallet = Wallet(Counting(), watch=watch)
    shown = []
    for passed in (0, LIFETIME - 61, 1, LIFETIME - 61):
        watch.seconds += passed
        shown.append(wallet.bearer("kurz")["Authorization"])

    assert shown == ["Bearer kurz-1", "Bearer kurz-1", "Bearer kurz-2", "Bearer kurz-2"]


def test_everybody_has_a_token_of_their_own() -> None:
    """Two persons never share one."""
    wallet = Wallet(Counting())

    shown = [wallet.bearer(login)["Authorization"] for login in ("kurz", "winter", "kurz")]

    assert shown == ["Bearer kurz-1", "Bearer winter-2", "Bearer kurz-1"]


def test_a_token_that_was_refused_is_not_shown_again() -> None:
    """After a change of keys the next one is signed by the new key."""
    wallet = Wallet(Counting())
    wallet.bearer("kurz")

    wallet.discard("kurz")
    wallet.discard("nobody")

    assert wallet.bearer("kurz")["Authorization"] == "Bearer kurz-2"
