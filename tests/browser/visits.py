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
    # calls: none for me, one to begin, one that cannot be begun; an application in each state
    Visit("/calls", "winter"),
    Visit("/calls", "hoff"),
    Visit("/calls/{call}", "winter", 404),
    Visit("/calls/{call}", "lenz"),
    Visit("/calls/{call}", "gramm"),
    Visit("/calls/{call}", "ruge"),
    Visit("/calls/{call}", "sohn"),
    Visit("/calls/{call}/application", "sohn"),
    Visit("/calls/{call}/application/data", "sohn"),
    Visit("/calls/{call}/application/platforms", "sohn"),
    Visit("/calls/{call}/application/answers", "sohn"),
    Visit("/calls/{call}/application/availability", "sohn"),
    Visit("/calls/{call}/application/manager", "sohn"),
    Visit("/calls/{call}/application/check", "sohn"),
    Visit("/calls/{call}/application/withdraw", "sohn"),
    Visit("/calls/{call}/application", "timm"),
    Visit("/calls/{call}/application/check", "timm"),
    Visit("/calls/{call}/application/sent", "timm"),
    Visit("/calls/{call}/application/waiver", "hoff"),
    Visit("/calls/{call}/application/waiver", "haddad"),
    Visit("/calls/{call}/application", "fromm"),
    Visit("/calls/{decided}/application", "timm"),
    Visit("/calls/{decided}/application/accept", "timm"),
    Visit("/calls/{decided}/application/withdraw", "timm"),
    Visit("/calls/{decided}/application", "sohn"),
    Visit("/calls/{decided}/application", "ruge"),
    Visit("/calls/{decided}/application/feedback", "ruge"),
    Visit("/editions/{call}/waivers", "okafor"),
    Visit("/editions/{call}/waivers", "hoff", 403),
    Visit("/editions/{call}/waivers/{asked}", "okafor"),
    Visit("/editions/{opened}/waivers", "okafor"),
    # editions: one that is a draft, one whose call is open
    Visit("/editions", "kurz"),
    Visit("/editions", "hoff", 403),
    Visit("/editions/new", "okafor"),
    Visit("/editions/{draft}", "okafor"),
    Visit("/editions/{draft}", "weiss", 403),
    Visit("/editions/{draft}/scope", "okafor"),
    Visit("/editions/{draft}/dates", "okafor"),
    Visit("/editions/{draft}/call", "okafor"),
    Visit("/editions/{draft}/call/preview", "okafor"),
    Visit("/editions/{draft}/rules", "okafor"),
    Visit("/editions/{draft}/rules/age", "okafor"),
    Visit("/editions/{draft}/rules/contract", "okafor"),
    Visit("/editions/{draft}/form", "okafor"),
    Visit("/editions/{draft}/form/new", "okafor"),
    Visit("/editions/{draft}/form/why", "okafor"),
    Visit("/editions/{draft}/rubric", "okafor"),
    Visit("/editions/{draft}/escalation", "okafor"),
    Visit("/editions/{draft}/stage", "okafor"),
    Visit("/editions/{opened}", "okafor"),
    Visit("/editions/{opened}/applications", "okafor"),
    Visit("/editions/{call}/applications", "okafor"),
    Visit("/editions/{call}/applications", "hoff", 403),
    Visit("/editions/{opened}/scope", "okafor"),
    Visit("/editions/{opened}/call", "okafor"),
    Visit("/editions/{opened}/rules", "okafor"),
    Visit("/editions/{opened}/stage", "okafor"),
    Visit("/editions/{opened}/late?q=haddad", "okafor"),
    Visit("/editions/{opened}/people", "okafor"),
    Visit("/editions/{opened}/people?state=exempt", "okafor"),
    Visit("/editions/{opened}/people/{executive}/exempt", "okafor"),
    Visit("/editions/{opened}/people/{executive}/escalate", "okafor"),
    Visit("/editions/{opened}/people/{executive}/oblige", "okafor"),
    # assessing and selecting: a round that is open, one that is closed
    Visit("/", "albers"),
    Visit("/assessments", "albers"),
    Visit("/assessments", "arndt"),
    Visit("/assessments", "hoff", 403),
    Visit("/assessments/{sheet}", "albers"),
    Visit("/assessments/{sheet}", "mohr", 404),
    Visit("/assessments/{scored}", "albers"),
    Visit("/assessments/{sheet}/conflict", "albers"),
    Visit("/assessments/hand-in?round={round}", "albers"),
    Visit("/assessments/{locked}", "mohr"),
    Visit("/editions/{draft}/selection", "okafor"),
    Visit("/editions/{assessing}/selection", "okafor"),
    Visit("/editions/{assessing}/selection", "hoff", 404),
    Visit("/editions/{assessing}/selection/rounds/{round}/close", "okafor"),
    Visit("/editions/{ranked}/selection", "okafor"),
    Visit("/editions/{ranked}/selection?sort=spread", "okafor"),
    Visit("/editions/{ranked}/selection/rounds/new", "okafor"),
    Visit("/editions/{ranked}/selection/rounds/new?ask=disagreement", "okafor"),
    Visit("/editions/{ranked}/selection/decide", "okafor"),
    Visit("/editions/{ranked}/selection/release", "okafor"),
    Visit("/editions/{ranked}/selection/{candidate}", "okafor"),
    Visit("/editions/{ranked}/applications?state=applied", "okafor"),
    Visit("/editions/{ranked}/applications/{candidate}", "okafor"),
    Visit("/editions/{ranked}/selection/{chosen}", "okafor"),
    Visit("/editions/{ranked}/selection/{chosen}/more-time", "okafor"),
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
        "/editions/{id}/selection/list.csv",
        *("/health", "/health/live", "/health/ready", "/health/consumers", "/metrics"),
    }
)
