"""Tandems of a proposal that come to nothing as things stand: an objection, ruled out, or not possible any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.portal.clients.matching_questions import Obstacle
from services.portal.clients.matching_records import ProposedPair, Report
from services.portal.http.matching_shown import Known, matching, sentence
from services.portal.http.page import SignedPage
from services.portal.pages import matching_words as words


@dataclass(frozen=True, slots=True)
class Apart:
    """Tandems that can be published still, each in one place: not published by what stands against it, or ``others``.

    ``reasons`` are the codes of those that are ``impossible``, by executive; ``served`` are executives who lack
    nobody, whatever comes of their tandem: they take part no longer, or have a mentor.
    """

    objected: tuple[ProposedPair, ...] = ()
    ruled_out: tuple[ProposedPair, ...] = ()
    impossible: tuple[ProposedPair, ...] = ()
    others: tuple[ProposedPair, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)
    served: frozenset[str] = frozenset()

    @property
    def stopped(self) -> tuple[ProposedPair, ...]:
        """All that are not published."""
        return (*self.objected, *self.ruled_out, *self.impossible)

    @property
    def lacking(self) -> tuple[ProposedPair, ...]:
        """Those of them whose executives go without a mentor for it."""
        return tuple(pair for pair in self.stopped if pair.mentee_id not in self.served and pair.ends is None)

    def why(self, page: SignedPage, who: Known, pair: ProposedPair) -> str:
        """Why one that is impossible is so, in a sentence; empty for all others."""
        code = self.reasons.get(pair.mentee_id)
        return sentence(page, who, code, pair.mentor_id, pair.mentee_id) if code else ""


async def apart(page: SignedPage, one: Report) -> Apart:
    """The tandems of a proposal that can be published still, told apart. Raises ``Refusal``, ``Away``."""
    return _apart(one, await matching(page).obstacles(one.run_id)) if one.open_pairs else Apart()


def _apart(one: Report, found: Sequence[Obstacle]) -> Apart:
    """Told apart; those kept back whose executives have a mentor meanwhile are none of them any more."""
    codes = {each.mentee_id: each.reason for each in found} | dict.fromkeys(_objected(one), words.CONFLICT)
    pairs = [pair for pair in one.open_pairs if one.draft or codes.get(pair.mentee_id) != words.ALREADY_PAIRED]

    def having(code: str | None) -> tuple[ProposedPair, ...]:
        return tuple(pair for pair in pairs if codes.get(pair.mentee_id) == code)

    objected, ruled_out, others = having(words.CONFLICT), having(words.BLOCKED), having(None)
    told = {pair.mentee_id for pair in (*objected, *ruled_out, *others)}
    impossible = tuple(pair for pair in pairs if pair.mentee_id not in told)
    reasons = {each.mentee_id: codes[each.mentee_id] for each in impossible}
    served = frozenset(each.mentee_id for each in found if not each.goes_without)
    return Apart(objected, ruled_out, impossible, others, reasons, served)


def _objected(one: Report) -> set[str]:
    return {veto.mentee_id for veto in one.objections}
