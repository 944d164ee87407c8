"""What goes out of a run, for the audit trail: what people do with it; what comes of its pairs is told by the pairs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel

from services.chassis.outbox import Outgoing
from services.chassis.wire import Instant, Strict
from services.matching.contracts.topics import ACCESS
from services.matching.domain import run


class RunRequested(Strict):
    """Somebody asked for an edition to be matched: how, and by which policy."""

    run_id: str
    edition_id: str
    at: Instant
    kind: str | None = None
    trial: bool | None = None
    policy_id: str | None = None
    policy_version: str | None = None


class RunReviewed(Strict):
    """Somebody approved or rejected a proposal; the note stays in the run."""

    run_id: str
    edition_id: str
    decision: Literal["approved", "rejected"]
    at: Instant


class PublicationBegun(Strict):
    """Somebody asked for an approved proposal to be carried out."""

    run_id: str
    edition_id: str
    at: Instant


class RunPublished(Strict):
    """What somebody wanted published of a run was carried out: all its pairs, or some, and others are kept back."""

    run_id: str
    edition_id: str
    at: Instant


class RunCancelled(Strict):
    """Somebody wanted no proposal of a run any more."""

    run_id: str
    edition_id: str
    at: Instant


class RunFailed(Strict):
    """Nothing came of a run."""

    run_id: str
    edition_id: str
    reason: Literal["solver_failed", "proof_refused", "overrides_contradict", "too_large", "too_slow"]
    at: Instant


class AlternativeChosen(Strict):
    """Somebody chose among the proposals of a re-match, by the number of other pairs that may change."""

    run_id: str
    edition_id: str
    changes: int
    at: Instant


class RunPreviewed(Strict):
    """Somebody showed the pairs of a proposal to their members, who may object until then."""

    run_id: str
    edition_id: str
    until: Instant
    at: Instant


class VetoRaised(Strict):
    """A member objected to the pair that was proposed for them; the reason stays in the service."""

    run_id: str
    edition_id: str
    mentor_id: str
    mentee_id: str
    at: Instant


class RunSuperseded(Strict):
    """Another run of the edition was published, or is shown to its members, instead of this draft."""

    run_id: str
    edition_id: str
    by_run_id: str
    at: Instant


RUN_REQUESTED = "org.tandem.run.requested.v1"
RUN_REVIEWED = "org.tandem.run.reviewed.v1"
PUBLICATION_BEGUN = "org.tandem.publication.begun.v1"
RUN_PUBLISHED = "org.tandem.run.published.v1"
RUN_CANCELLED = "org.tandem.run.cancelled.v1"
RUN_FAILED = "org.tandem.run.failed.v1"
ALTERNATIVE_CHOSEN = "org.tandem.alternative.chosen.v1"
RUN_PREVIEWED = "org.tandem.run.previewed.v1"
VETO_RAISED = "org.tandem.veto.raised.v1"
RUN_SUPERSEDED = "org.tandem.run.superseded.v1"
PUBLISHES: Mapping[str, type[BaseModel]] = {
    RUN_REQUESTED: RunRequested,
    RUN_REVIEWED: RunReviewed,
    PUBLICATION_BEGUN: PublicationBegun,
    RUN_PUBLISHED: RunPublished,
    RUN_CANCELLED: RunCancelled,
    RUN_FAILED: RunFailed,
    ALTERNATIVE_CHOSEN: AlternativeChosen,
    RUN_PREVIEWED: RunPreviewed,
    VETO_RAISED: VetoRaised,
    RUN_SUPERSEDED: RunSuperseded,
}


def of_run(event: run.Event) -> Outgoing | None:
    """What becomes of a run, for the audit trail; what comes of its pairs is told by the pairs."""
    match event:
        case run.RunRequested(one):
            return _of_run(one, RUN_REQUESTED, _requested(one))
        case run.RunCancelled(one, at):
            return _of_run(one, RUN_CANCELLED, RunCancelled(**_named(one), at=at))
        case run.RunFailed(one, failure):
            failed = {**_named(one), "reason": failure.reason, "at": failure.at}
            return _of_run(one, RUN_FAILED, RunFailed.model_validate(failed))
        case run.RunPublished(one, at):
            return _of_run(one, RUN_PUBLISHED, RunPublished(**_named(one), at=at))
        case run.RunSuperseded(one, by_run, at):
            return _of_run(one, RUN_SUPERSEDED, RunSuperseded(**_named(one), by_run_id=by_run, at=at))
        case run.RunBegun() | run.RunProposed() | run.PairsSettled():
            return None
        case _:
            return _of_decision(event)


def _requested(one: run.Run) -> RunRequested:
    policy = one.policy_used
    return RunRequested(
        **_named(one),
        at=one.requested_at,
        kind=one.kind,
        trial=one.trial,
        policy_id=policy.policy_id,
        policy_version=policy.label,
    )


def _of_decision(event: run.Decision) -> Outgoing:
    """What people decide on a proposal."""
    match event:
        case run.AlternativeChosen(one, changes, at):
            return _of_run(one, ALTERNATIVE_CHOSEN, AlternativeChosen(**_named(one), changes=changes, at=at))
        case run.RunPreviewed(one, shown):
            previewed = RunPreviewed(**_named(one), until=shown.until, at=shown.at)
            return _of_run(one, RUN_PREVIEWED, previewed)
        case run.VetoRaised(one, veto):
            members = {"mentor_id": veto.mentor_id, "mentee_id": veto.mentee_id}
            return _of_run(one, VETO_RAISED, VetoRaised(**_named(one), **members, at=veto.at))
        case run.RunReviewed(one, said):
            reviewed = RunReviewed(**_named(one), decision=said.decision, at=said.reviewed_at)
            return _of_run(one, RUN_REVIEWED, reviewed)
        case run.PublicationBegun(one, _, at):
            return _of_run(one, PUBLICATION_BEGUN, PublicationBegun(**_named(one), at=at))


def _named(one: run.Run) -> dict[str, str]:
    return {"run_id": one.run_id, "edition_id": one.edition_id}


def _of_run(one: run.Run, type_: str, data: Strict) -> Outgoing:
    return Outgoing(ACCESS, type_, data, edition=one.edition_id)
