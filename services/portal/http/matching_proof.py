"""The proof of a proposal: what it says, its digest, the file, and how to check it oneself."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from starlette.responses import Response

from services.portal.http.matching_shown import known, matching, shown_run
from services.portal.http.page import Signed


def routes() -> APIRouter:
    """The router, below the matching of an edition."""
    router = APIRouter(prefix="/runs/{run}")

    @router.get("/proof")
    async def proof(page: Signed, id: str, run: str) -> Response:
        content = await shown_run(page, id, run)
        if content["one"].certificate is None:
            return page.go(content["there"], said=page.text("There is no proof: nothing was proposed."))
        return page.show("matching/proof.html", who=await known(page, []), as_of=page.now(), **content)

    @router.get("/certificate.json")
    async def certificate(page: Signed, id: str, run: str) -> Response:
        await shown_run(page, id, run)
        named = {"Content-Disposition": f'attachment; filename="certificate-{run}.json"'}
        parts = await matching(page).certificate(run)
        return StreamingResponse(parts, media_type="application/json", headers=named)

    return router
