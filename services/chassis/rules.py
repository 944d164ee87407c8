"""From a domain's broken rules, which know nothing of the chassis, to refusals that every door can answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from services.chassis.errors import FieldError, NotFound, Refused


class BrokenRule(Refused):
    """A rule of the domain said no; ``kind`` is the rule's own."""

    def __init__(
        self, kind: str, detail: str, status: int, fields: Sequence[FieldError], members: Mapping[str, object]
    ) -> None:
        super().__init__(detail, fields=fields)
        self.kind = kind
        self.status = status
        self.members = members


@contextmanager
def refusing(*rules: type[Exception]) -> Iterator[None]:
    """Turn a broken rule into a refusal: 404 where its kind is ``not-found``, 409 otherwise.

    A rule may carry ``status`` (another status) and ``field`` (JSON pointer of the field that broke it), or ``faults``
    where there are several: pairs of a field and what to do there; and ``members`` for programs, plain JSON by name.
    """
    try:
        yield
    except rules as error:
        kind, detail = str(getattr(error, "kind", "rule-broken")), str(getattr(error, "detail", error))
        if kind == "not-found":
            raise NotFound(detail) from error
        status, members = getattr(error, "status", 409), getattr(error, "members", {})
        raise BrokenRule(kind, detail, status, _fields(error, detail), members) from error


def _fields(error: Exception, detail: str) -> Sequence[FieldError]:
    if faults := getattr(error, "faults", ()):
        return [FieldError(field, message) for field, message in faults]
    field = getattr(error, "field", None)
    return [FieldError(field, detail)] if field else []
