"""Logins that change hands within one roster: whoever passes one on must let go of it before another takes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from services.people.domain.roster import Row


def passed_on(rows: Iterable[Row], held: Mapping[str, str]) -> dict[str, str]:
    """The logins that others of these rows want and whose holders get another one or none, by employee number.

    ``held`` has the login of everybody who has one. Left out are the holders whose own new login stays with
    somebody else: their rows will be refused, so they keep what they have, and so on down the line.
    """
    new = {row.employee_number: row.login for row in rows if "login" in row.said}
    holder: dict[str | None, str] = {login: number for number, login in held.items()}
    wanted_by = {holder[login]: number for number, login in new.items() if login in holder}
    leaving = {number for number, login in held.items() if new.get(number, login) != login}
    stuck = [number for number in leaving if holder.get(new[number], number) not in leaving]
    while stuck:
        leaving.discard(number := stuck.pop())
        if (follower := wanted_by.get(number)) in leaving:
            stuck.append(follower)
    return {number: held[number] for number in held if number in leaving and number in wanted_by}
