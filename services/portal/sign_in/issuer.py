"""The issuer as the portal's partner: authorization code with PKCE, refresh, the end of its session.

Authlib does state, nonce, PKCE and keys. What it leaves open is closed here: the issuer and the algorithms come
from the settings and not from the discovery document, and the answer must name the issuer it comes from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.starlette_client import OAuth
from joserfc.errors import JoseError
from starlette.requests import Request
from starlette.responses import Response

from services.chassis.auth.issuers import Issuer
from services.chassis.clock import Clock
from services.chassis.errors import Transient
from services.portal.sign_in.sealing import Tokens

_LEEWAY = 30  # seconds that clocks may differ
_PATIENCE = httpx2.Timeout(10.0, connect=3.0)
_DEFAULT_LIFE = 60  # seconds of an access token whose issuer does not say
_UNREADABLE = (JoseError, ValueError, KeyError, TypeError, RuntimeError)


class SignInFailed(Exception):
    """The issuer's answer signs nobody in; ``reason`` is for the log, a word or an OAuth error code."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class IssuerAway(Transient):
    """The issuer does not answer, or not with what was asked for."""

    kind = "issuer-unavailable"


@dataclass(frozen=True, slots=True)
class Registration:
    """How the portal is known at the issuer; ``origin`` is the portal's own address."""

    client_id: str
    client_secret: str
    scope: str
    origin: str

    @property
    def redirect_uri(self) -> str:
        """Where the issuer sends browsers back to."""
        return f"{self.origin}/sign-in/return"

    @property
    def after_sign_out(self) -> str:
        """Where it sends them once its own session has ended."""
        return f"{self.origin}/signed-out"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody whom the issuer has just named; ``sid`` is the issuer's name for its own session."""

    subject: str
    sid: str | None
    tokens: Tokens


class Partner:
    """One issuer; of its discovery document only the addresses of its end points count."""

    def __init__(self, issuer: Issuer, registration: Registration, clock: Clock) -> None:
        self.issuer = issuer
        self._clock = clock
        self.registration = registration
        options: dict[str, Any] = {"scope": registration.scope, "code_challenge_method": "S256", "timeout": _PATIENCE}
        if not registration.client_secret:
            options["token_endpoint_auth_method"] = "none"
        self._client: Any = OAuth().register(
            "idp",
            client_id=registration.client_id,
            client_secret=registration.client_secret or None,
            server_metadata_url=issuer.document,
            client_kwargs=options,
        )

    async def start(self, request: Request, hint: str | None, language: str) -> Response:
        """Send the browser to the issuer. Raises ``IssuerAway``."""
        await self._described()
        wishes = {"login_hint": hint} if hint else {}
        answer: Response = await self._client.authorize_redirect(
            request, self.registration.redirect_uri, ui_locales=language, **wishes
        )
        return answer

    async def finish(self, request: Request) -> SignedIn:
        """Who the issuer says is there. Raises ``SignInFailed``, ``IssuerAway``."""
        if request.query_params.get("iss", self.issuer.issuer) != self.issuer.issuer:
            raise SignInFailed("foreign_issuer")
        await self._described()
        expected = {"iss": {"essential": True, "value": self.issuer.issuer}}
        try:
            answer = await self._client.authorize_access_token(request, leeway=_LEEWAY, claims_options=expected)
        except OAuthError as error:
            raise SignInFailed(str(error.error)) from error
        except httpx2.HTTPError as error:
            raise IssuerAway(f"The sign-in service does not answer ({type(error).__name__}).") from error
        except _UNREADABLE as error:
            raise SignInFailed(f"unusable_answer: {type(error).__name__}") from error
        claims = answer.get("userinfo")
        if not claims or not claims.get("sub"):
            raise SignInFailed("no_id_token")
        return SignedIn(str(claims["sub"]), claims.get("sid"), self._tokens(answer))

    async def refresh(self, tokens: Tokens) -> Tokens:
        """Fresh tokens for these. Raises ``SignInFailed`` where the issuer says no, ``IssuerAway``."""
        if tokens.refresh is None:
            raise SignInFailed("no_refresh_token")
        metadata = await self._described()
        form = {"grant_type": "refresh_token", "refresh_token": tokens.refresh}
        try:
            async with self._client._get_oauth_client(**metadata) as client:
                answer = await client.fetch_token(metadata["token_endpoint"], **form)
        except OAuthError as error:
            raise SignInFailed(str(error.error)) from error
        except httpx2.HTTPError as error:
            raise IssuerAway(f"The sign-in service does not answer ({type(error).__name__}).") from error
        except _UNREADABLE as error:
            raise IssuerAway(f"The sign-in service answers unreadably ({type(error).__name__}).") from error
        fresh = self._tokens(answer)
        return Tokens(
            fresh.access, fresh.expires_at, fresh.refresh or tokens.refresh, fresh.id_token or tokens.id_token
        )

    async def end(self, tokens: Tokens | None) -> str | None:
        """Where to send a browser so that the issuer's own session ends too; None where it offers nothing."""
        try:
            endpoint = (await self._described()).get("end_session_endpoint")
        except IssuerAway:
            return None
        if not endpoint:
            return None
        hint = {"id_token_hint": tokens.id_token} if tokens and tokens.id_token else {}
        asked = {
            "client_id": self.registration.client_id,
            "post_logout_redirect_uri": self.registration.after_sign_out,
            **hint,
        }
        return str(httpx2.URL(endpoint).copy_merge_params(asked))

    async def _described(self) -> Mapping[str, Any]:
        """The discovery document, once it is the right issuer's; its algorithms are replaced by ours."""
        try:
            metadata: dict[str, Any] = await self._client.load_server_metadata()
        except (httpx2.HTTPError, *_UNREADABLE) as error:
            raise IssuerAway(f"The sign-in service does not answer ({type(error).__name__}).") from error
        ends = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        if metadata.get("issuer") != self.issuer.issuer or any(
            self.issuer.mistrusts(str(metadata.get(name, ""))) for name in ends
        ):
            metadata.clear()
            raise IssuerAway("The sign-in service describes itself as another one.")
        metadata["id_token_signing_alg_values_supported"] = list(self.issuer.algorithms)
        return metadata

    def _tokens(self, answer: Mapping[str, Any]) -> Tokens:
        life = answer.get("expires_in")
        seconds = life if isinstance(life, int) and life > 0 else _DEFAULT_LIFE
        ends = int(self._clock.now().timestamp()) + seconds
        return Tokens(answer["access_token"], ends, answer.get("refresh_token"), answer.get("id_token"))
