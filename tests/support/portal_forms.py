"""What a portal's pages say and what their forms send; what every stand-in tells: a company, a refusal."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.support.portal_stage import Stage

COMPANY = {
    "id": "c1",
    "name": "Messen",
    "version": 7,
    "retention": dict.fromkeys(("applications", "sessions", "notes", "outcomes", "messages", "audit"), 90),
    "contacts": {"works_council": None, "executives_committee": None, "data_protection_officer": None},
}
LOST = (412, {"type": "urn:tandem:problem:lost-update", "detail": "Load it again."})


def problem(status: int, kind: str, **more: Any) -> tuple[int, Any]:
    """A refusal of a service."""
    return status, {"type": f"urn:tandem:problem:{kind}", "detail": "No.", **more}


def words_of(page: str) -> str:
    """What a page says, without its markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).replace("\u00a0", " ").replace("&nbsp;", " ")


def wrong(page: str) -> list[str]:
    """The inputs that the summary of a page leads to, in its order."""
    summary = page.partition('<div class="error-summary"')[2].partition("</div>")[0]
    return re.findall(r'<li><a href="#([^"]+)">', summary)


def hidden(page: str) -> dict[str, str]:
    """The hidden inputs of a page's forms; of the same name the last one."""
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page))


def form_of(page: str) -> dict[str, Any]:
    """Everything that the page's last form would send if nobody touched it, but for its named buttons."""
    part = page[page.rindex('<form class="form"') :]
    fields: dict[str, Any] = {}
    for name, value in re.findall(r'<input [^>]*?name="([^"]+)" (?:type="(?:text|date|time)" )?value="([^"]*)"', part):
        fields[name] = [*fields.get(name, []), value]
    for name, value in re.findall(r'<textarea [^>]*?name="([^"]+)"[^>]*>([^<]*)</textarea>', part):
        fields[name] = [value]
    for kind in re.findall(r'<input type="(?:radio|checkbox)"[^>]*>', part):
        name = re.search(r'name="([^"]+)"', kind)
        assert name
        fields[name[1]] = [v for v in fields.get(name[1], []) if f'value="{v}"' not in kind or " checked" in kind]
    return fields


def sent(stage: Stage, method: str, path: str) -> tuple[dict[str, str], Any]:
    """Headers and body of the last such request."""
    *_, (_, _, headers, body) = [one for one in stage.people.asked if one[:2] == (method, path)]
    return dict(headers), json.loads(body)


def changed(stage: Stage) -> list[str]:
    """What was asked to be changed, in order."""
    return [f"{method} {path}" for method, path, _, _ in stage.people.asked if method != "GET"]
