"""``/authorize``: shows who one can be, and sends whoever has chosen back to the client with a code."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from deploy.local.issuer import pages
from deploy.local.issuer.authorization import Asked, Authorization, Mistaken, Untrusted, asked_of
from deploy.local.issuer.forms import read_form
from deploy.local.issuer.issuing import Issuer


async def ask(issuer: Issuer, request: Request) -> Response:
    """The page with a button per persona; a request that cannot be granted goes back to the client, or nowhere."""
    answer = _asked(issuer, request, request.query_params.multi_items())
    if isinstance(answer, Response):
        return answer
    asked, _ = answer
    return pages.personas(request, issuer, asked)


async def choose(issuer: Issuer, request: Request) -> Response:
    """Signs the chosen persona in: back to the client with a code. The same rules again, and only from our page."""
    if not _from_our_page(issuer, request):
        return pages.refused(request, "the form was not sent by this page", status=403)
    pairs = await read_form(request)
    answer = _asked(issuer, request, pairs)
    if isinstance(answer, Response):
        return answer
    asked, authorization = answer
    login = dict(pairs).get("persona", "")
    if issuer.personas.find(login) is None:
        return pages.refused(request, "this person cannot sign in, or not any more")
    code = issuer.grants.sign_in(login, authorization)
    return _redirect(asked.answer(issuer.url, code=code))


def _asked(
    issuer: Issuer, request: Request, pairs: Sequence[tuple[str, str]]
) -> tuple[Asked, Authorization] | Response:
    """The request, or the answer where it cannot be granted."""
    try:
        asked = asked_of(pairs, issuer.clients)
    except Untrusted as error:
        return pages.refused(request, error.told)
    try:
        return asked, asked.checked()
    except Mistaken as error:
        return _redirect(asked.answer(issuer.url, error=error.code, error_description=error.told))


def _redirect(address: str) -> Response:
    return RedirectResponse(address, 303, pages.NEVER_KEPT)


def _from_our_page(issuer: Issuer, request: Request) -> bool:
    """Whether a form comes from this origin; programs that are no browsers say nothing of their origin."""
    ours = urlsplit(issuer.url)
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    return origin in {None, f"{ours.scheme}://{ours.netloc}"} and site in {None, "same-origin"}
