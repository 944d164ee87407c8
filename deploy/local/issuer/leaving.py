"""``/logout``: ends a sign-in and sends the browser where the client has registered (OpenID RP-initiated logout)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from deploy.local.issuer import pages
from deploy.local.issuer.clients import NoSuchClient
from deploy.local.issuer.forms import read_form
from deploy.local.issuer.issuing import Issuer
from deploy.local.issuer.signing import ALGORITHM


class _Wrong(Exception):
    pass


async def leave(issuer: Issuer, request: Request) -> Response:
    """Ends the sign-in of ``id_token_hint``, also after the token's end; goes on to a registered address or nowhere."""
    asked = dict(await read_form(request) if request.method == "POST" else request.query_params.multi_items())
    try:
        hint = _hinted(issuer, asked.get("id_token_hint"))
        address = _address(issuer, asked, hint)
    except (_Wrong, NoSuchClient) as error:
        return pages.refused(request, str(error))
    if hint:
        issuer.grants.sign_out(str(hint.get("sid")))
    return RedirectResponse(address, 303, pages.NEVER_KEPT) if address else pages.signed_out(request)


def _hinted(issuer: Issuer, token: str | None) -> Mapping[str, Any]:
    """The claims of an ID token of ours; none where none is given."""
    if not token:
        return {}
    try:
        claims = jwt.decode(token, KeySet(list(issuer.keys.all())), algorithms=[ALGORITHM]).claims
    except (JoseError, ValueError, TypeError) as error:
        raise _Wrong("id_token_hint is no token of this issuer") from error
    if claims.get("iss") != issuer.url or "auth_time" not in claims:
        raise _Wrong("id_token_hint is no ID token of this issuer")
    return claims


def _address(issuer: Issuer, asked: Mapping[str, str], hint: Mapping[str, Any]) -> str | None:
    wanted = asked.get("post_logout_redirect_uri")
    client_id = asked.get("client_id") or hint.get("aud")
    if hint and client_id != hint.get("aud"):
        raise _Wrong("id_token_hint was made for another client")
    if not wanted:
        return None
    if wanted not in issuer.clients.named(client_id).post_logout_redirect_uris:
        raise _Wrong("post_logout_redirect_uri is none of those that the client has registered")
    if "state" not in asked:
        return wanted
    return wanted + ("&" if urlsplit(wanted).query else "?") + urlencode({"state": asked["state"]})
