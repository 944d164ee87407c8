"""From a domain's broken rules, which know nothing of the chassis, to refusals that every door can answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from services.chassis.errors import FieldError, NotFound, Refused


class BrokenRule(Refused):
    """A rule of the domain said no; ``kind`` is the rule's own."""

    def __init__(self, kind: str, detail: str, status: int, fields: Sequence[FieldError]) -> None:
        super().__init__(detail, fields=fields)
        self.kind = kind
        self.status = status


@contextmanager
def refusing(*rules: type[Exception]) -> Iterator[None]:
    """Turn a broken rule into a refusal: 404 where its kind is ``not-found``, 409 otherwise.

    A rule may carry ``status`` (another status) and ``field`` (JSON pointer of the field that broke it), or ``faults``
    where there are several: pairs of a field and what to do there.
    """
    try:
        yield
    except rules as error:
        kind, detail = str(getattr(error, "kind", "rule-broken")), str(getattr(error, "detail", error))
        if kind == "not-found":
            raise NotFound(detail) from error
        raise BrokenRule(kind, detail, getattr(error, "status", 409), _fields(error, detail)) from error


def _fields(error: Exception, detail: str) -> Sequence[FieldError]:
    if faults := getattr(error, "faults", ()):
        return [FieldError(field, message) for field, message in faults]
    field = getattr(error, "field", None)
    return [FieldError(field, detail)] if field else []
