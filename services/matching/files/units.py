"""Decimal numbers as integers, exactly: all values of a file in one unit, the smallest that any of them needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction

DIGITS = 300  # of a decimal number, before and behind the point
_EXACT = 4 * DIGITS  # digits in which nothing is rounded


def places(value: Decimal) -> int | None:
    """How many digits behind the point a number needs; None for one with more digits than anybody means."""
    _, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int) or abs(exponent) > DIGITS or len(digits) > DIGITS:
        return None
    if exponent < 0:  # 1.50 needs one digit
        zeros = len(digits) - len("".join(map(str, digits)).rstrip("0"))
        return max(-exponent - zeros, 0) if any(digits) else 0
    return 0


def most_places(values: Iterable[Decimal]) -> int | None:
    """How many digits behind the point the numbers need; None where one has more digits than anybody means."""
    most = 0
    with localcontext(prec=_EXACT):
        for value in values:
            vast = abs(value.adjusted()) > DIGITS  # shifted, it might overflow or become 0
            if vast or (units := value.scaleb(most)) != units.to_integral_value():
                wanted = places(value)
                if wanted is None:
                    return None
                most = max(most, wanted)
    return most


def whole(values: Sequence[int | Decimal], digits: int) -> list[int]:
    """The values times 10 ** ``digits``, which makes each of them an integer."""
    factor = 10**digits
    with localcontext(prec=_EXACT):
        return [value * factor if isinstance(value, int) else int(value.scaleb(digits)) for value in values]


def told(units: int, scale: int) -> str:
    """An integer of units as the JSON number it stands for, without rounding; ``scale`` units are 1."""
    value = Fraction(units, scale)
    if value.denominator == 1:
        return str(value.numerator)
    digits = len(str(scale)) - 1
    text = f"{abs(units):0{digits + 1}d}"
    return f"{'-' if units < 0 else ''}{text[:-digits]}.{text[-digits:].rstrip('0')}"
