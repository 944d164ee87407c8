"""Every page of the portal and who opens it: the table that all walks go through."""

from __future__ import annotations

from dataclasses import dataclass

from services.portal.http.guard import REPORTS


@dataclass(frozen=True, slots=True)
class Visit:
    """A page's path, who opens it (nobody where empty) and with which status; ``{names}`` are looked up at the door."""

    path: str
    login: str = ""
    status: int = 200

    def __str__(self) -> str:
        return f"{self.login or '-'}:{self.path}"


VISITS = (
    Visit("/sign-in"),
    Visit("/signed-out"),
    Visit("/accessibility"),
    Visit("/sign-in/return?code=x&state=y", status=400),
    Visit("/nowhere", "hoff", 404),
    Visit("/", "nobody", 403),
    # home: an executive, a mentor to be, staff
    Visit("/", "winter"),
    Visit("/", "hoff"),
    Visit("/", "okafor"),
    # me
    Visit("/me", "hoff"),
    Visit("/me/messages", "hoff"),
    Visit("/me/skills", "hoff"),
    Visit("/me/wishes", "winter"),
    Visit("/me/languages", "hoff"),
    Visit("/me/meeting", "hoff"),
    # people
    Visit("/people", "kurz"),
    Visit("/people", "hoff", 403),
    Visit("/people?q=nobody+of+this+name", "brandt"),
    Visit("/people/{albers}", "okafor"),
    Visit("/people/{albers}", "hoff", 404),
    Visit("/people/{haddad}", "weiss"),
    Visit("/people/{haddad}/roles/new", "okafor"),
    Visit("/people/{albers}/roles/assessor/end", "kurz"),
    # roster
    Visit("/roster", "weiss"),
    Visit("/roster", "hoff", 403),
    Visit("/roster/new", "weiss"),
    Visit("/roster/new?encoding=cp1250&holds=some", "kurz"),
    Visit("/roster/{held}", "okafor"),
    Visit("/roster/{held}/apply", "weiss"),
    Visit("/roster/{held}/changes/rejected", "weiss"),
    Visit("/roster/{held}/changes/leavers", "weiss"),
    Visit("/roster/{applied}", "weiss"),
    Visit("/roster/{applied}/changes/failed", "weiss"),
    Visit("/roster/{unreadable}", "weiss"),
    Visit("/roster/none-of-this-id", "weiss", 404),
    # companies
    Visit("/companies", "okafor"),
    Visit("/companies/{messen}", "hoff"),
    Visit("/companies/{messen}", "brandt"),
    Visit("/companies/{messen}/switches", "kurz"),
    Visit("/companies/{messen}/periods", "kurz"),
    Visit("/companies/{messen}/contacts", "brandt"),
    # service accounts
    Visit("/accounts", "steen"),
    Visit("/accounts/new", "okafor"),
    Visit("/accounts/{account}", "okafor"),
    Visit("/accounts/{account}/end", "steen"),
    Visit("/accounts/{account}/keys/{key}/end", "okafor"),
)
# Routes that are no pages: they answer with a redirection, a file, or nothing to read.
NO_PAGES = frozenset(
    {
        *("/sign-in/start", "/language/{code}", "/static/{name}", "/roster/{id}/faults.csv", REPORTS),
        *("/health", "/health/live", "/health/ready", "/health/consumers", "/metrics"),
    }
)
