"""Who is no party to the selection of an edition: what one must be to see others' applications, or decide on them."""

from __future__ import annotations

from services.applications.domain.edition import Edition
from services.applications.handlers import Handlers
from services.chassis.auth.rules import Permit


async def must_be_impartial(handlers: Handlers, permit: Permit, edition_id: str) -> None:
    """Let pass who neither applied in an edition nor has sheets to hand in there. Raises ``OwnCase``."""
    if await handlers.selection.is_partial(edition_id, permit.id):
        permit.not_own("edition", edition_id, permit.id)


async def must_not_compete(handlers: Handlers, permit: Permit, edition_id: str) -> None:
    """Let pass who handed in no application in an edition: applicants read nobody else's. Raises ``OwnCase``."""
    if await handlers.applications.competes(edition_id, permit.id):
        permit.not_own("edition", edition_id, permit.id)


async def may_read_others(handlers: Handlers, permit: Permit, edition: Edition) -> None:
    """Let pass who may read others' applications: no applicant, and no assessor from whom names are hidden.

    Raises ``OwnCase``.
    """
    if edition.call and edition.call.names_hidden:
        await must_be_impartial(handlers, permit, edition.edition_id)
    else:
        await must_not_compete(handlers, permit, edition.edition_id)


async def must_be_free_to_compete(handlers: Handlers, edition: Edition, permit: Permit) -> None:
    """Let pass who has not decided on applications of an edition, nor assessed one. Raises ``HasJudged`` as a refusal.

    Whoever lost the role since has decided all the same. While the call is open nobody can have assessed.
    """
    had_rounds = edition.stage != "call_open"
    await handlers.selection.must_not_have_judged(edition.edition_id, permit.id, had_rounds=had_rounds)
