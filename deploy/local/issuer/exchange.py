"""``/token``: codes, refresh tokens and clients' own credentials against access tokens."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deploy.local.issuer.clients import Client, NoSuchClient
from deploy.local.issuer.forms import read_form
from deploy.local.issuer.grants import InvalidGrant, SignIn
from deploy.local.issuer.issuing import Issuer
from deploy.local.issuer.pages import NEVER_KEPT
from deploy.local.issuer.tokens import LIFETIME, Grant

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
Form = Mapping[str, str]


class _Refused(Exception):
    def __init__(self, code: str, told: str) -> None:
        self.code, self.told = code, told
        super().__init__(code)


async def exchange(issuer: Issuer, request: Request) -> Response:
    """The answer of the token endpoint (RFC 6749, 5 and 6): JSON, never kept, 400 or 401 with an ``error``."""
    pairs = await read_form(request)
    form = dict(pairs)
    try:
        if len(form) < len(pairs):
            raise _Refused("invalid_request", "a parameter was given more than once")
        client = issuer.clients.proven(request.headers.get("authorization"), form)
        return JSONResponse(_granted(issuer, client, form), headers=NEVER_KEPT)
    except NoSuchClient:
        told = {**NEVER_KEPT, "WWW-Authenticate": 'Basic realm="demo issuer"'}
        return JSONResponse({"error": "invalid_client"}, 401, told)
    except InvalidGrant as error:
        return _error("invalid_grant", str(error))
    except _Refused as error:
        return _error(error.code, error.told)


def _granted(issuer: Issuer, client: Client, form: Form) -> dict[str, Any]:
    grant = form.get("grant_type", "")
    if grant not in _GRANTS:
        raise _Refused("unsupported_grant_type", f"grant_type must be one of {', '.join(_GRANTS)}")
    if grant not in client.grants:
        raise _Refused("unauthorized_client", f"{client.client_id} may not use {grant}")
    return _GRANTS[grant](issuer, client, form)


def _by_code(issuer: Issuer, client: Client, form: Form) -> dict[str, Any]:
    verifier = form.get("code_verifier", "")
    if not _VERIFIER.fullmatch(verifier):
        raise _Refused("invalid_request", "code_verifier is required (RFC 7636)")
    sign_in = issuer.grants.redeem(
        form.get("code", ""),
        client_id=client.client_id,
        redirect_uri=form.get("redirect_uri", ""),
        verifier=verifier,
    )
    if "refresh_token" not in client.grants:
        return _signed_in(issuer, sign_in, sign_in.asked.scope, None)
    return _signed_in(issuer, sign_in, sign_in.asked.scope, issuer.grants.begin_family(sign_in))


def _by_refresh(issuer: Issuer, client: Client, form: Form) -> dict[str, Any]:
    sign_in, refresh = issuer.grants.refresh(form.get("refresh_token", ""), client.client_id)
    return _signed_in(issuer, sign_in, sign_in.asked.scope, refresh)


def _by_credentials(issuer: Issuer, client: Client, form: Form) -> dict[str, Any]:
    """A service account's token: its ``sub`` is the client's id."""
    return _answer(issuer.tokens.access(Grant(client.client_id, client.client_id, "api")), "api")


_GRANTS: Mapping[str, Callable[[Issuer, Client, Form], dict[str, Any]]] = {
    "authorization_code": _by_code,
    "refresh_token": _by_refresh,
    "client_credentials": _by_credentials,
}


def _signed_in(issuer: Issuer, sign_in: SignIn, scope: str, refresh: str | None) -> dict[str, Any]:
    persona = issuer.personas.find(sign_in.login)
    if persona is None:
        issuer.grants.sign_out(sign_in.sid)
        raise InvalidGrant("the person has left")
    grant = Grant(sign_in.login, sign_in.asked.client_id, scope, sign_in.sid, persona.claims)
    auth_time = int(sign_in.at.timestamp())
    id_token = issuer.tokens.id(grant, name=persona.name, nonce=sign_in.asked.nonce, auth_time=auth_time)
    answer = {**_answer(issuer.tokens.access(grant), scope), "id_token": id_token}
    return {**answer, "refresh_token": refresh} if refresh else answer


def _answer(access: str, scope: str) -> dict[str, Any]:
    return {"access_token": access, "token_type": "Bearer", "expires_in": LIFETIME, "scope": scope}


def _error(code: str, told: str) -> Response:
    return JSONResponse({"error": code, "error_description": told}, 400, NEVER_KEPT)
