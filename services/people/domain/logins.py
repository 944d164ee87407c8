"""Logins that change hands within one roster: whoever passes one on must let go of it before another takes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Handover:
    """``released``: logins that their holders give up before another takes them, by holder.

    ``stuck``: those who cannot have what they want, since its holder keeps it.
    """

    released: Mapping[str, str]
    stuck: frozenset[str]


def handover(wanted: Mapping[str, str | None], held: Mapping[str, str]) -> Handover:
    """Who gets a login that somebody else has: those whose holder changes to one that will be free, or to none.

    ``wanted`` has the new login of each person whose login changes, ``held`` the present one of everybody who has
    one. Whoever is stuck keeps what they have, and so whoever waits for that is stuck too.
    """
    holder = {login: one for one, login in held.items()}
    follower = {login: one for one, login in wanted.items() if login}
    stuck: set[str] = set()
    waiting = [one for one, login in wanted.items() if login in holder and holder[login] not in wanted]
    while waiting:
        stuck.add(one := waiting.pop())
        behind = follower.get(held.get(one, ""))
        if behind is not None and behind not in stuck:
            waiting.append(behind)
    goes_on = {one: held[one] for one in wanted if one in held and one not in stuck}
    return Handover({one: login for one, login in goes_on.items() if login in follower}, frozenset(stuck))
