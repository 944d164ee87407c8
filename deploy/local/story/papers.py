"""What is written in the story: the call, its form and rubric, the applications, and what is said about them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from deploy.local.story import roster

WITHDRAWN = "M011"  # after the selection, so that a reserve follows
WON_THE_TIE, LOST_THE_TIE = "M024", "M010"  # have the same rank, and one place is left for them
_STRICT, _GENEROUS = ("P003", "P010"), ("P009", "P012")  # those who see many things a little differently


@dataclass(frozen=True, slots=True)
class Paper:
    """An application as its writer sends it. ``merit`` is the level of each criterion that a sober reader gives."""

    number: str
    places: int
    availability: Sequence[str]
    answers: Mapping[str, str]
    waiver: str
    merit: tuple[int, ...]

    def body(self, platforms: Mapping[str, str]) -> dict[str, Any]:
        """The parts as the API takes them; ``platforms`` are the codes of the catalogue by name."""
        row = roster.rows()[self.number]
        skills = (skill.split(":") for skill in row["skills"].split(";"))
        offer = {
            "places": self.places,
            "platforms": [{"platform": platforms[name], "level": int(level)} for name, level in skills],
            "languages": row["languages"].split(";"),
            "availability": list(self.availability),
            "place": row["place"],
            "remote": self.places > 1,
        }
        parts = {"offer": offer, "answers": dict(self.answers), "manager_informed": True}
        return {**parts, "waiver_reason": self.waiver} if self.waiver else parts


@cache
def call() -> Mapping[str, Any]:
    """Rules, texts, questions and criteria of the call; comments and reasons that people give."""
    written: Mapping[str, Any] = json.loads(files("deploy.local.story").joinpath("call.json").read_bytes())
    return written


def reason(name: str) -> str:
    """Why somebody decides as they do."""
    return str(call()["reasons"][name])


@cache
def papers() -> Mapping[str, Paper]:
    """The applications by the employee number of who writes them."""
    text = files("deploy.local.story").joinpath("applications.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(io.StringIO(text, newline=""))
    return {row["employee_number"]: _paper(row) for row in rows}


def _paper(row: Mapping[str, str]) -> Paper:
    answers = {"first-session": row["first_session"], "taught": row["taught"]}
    merit = tuple(int(level) for level in row["merit"])
    return Paper(
        row["employee_number"], int(row["places"]), row["availability"].split(";"), answers, row["waiver"], merit
    )


@dataclass(frozen=True, slots=True)
class Judgement:
    """What an assessor writes on a sheet: a level for each criterion, and a comment."""

    scores: Mapping[str, int]
    comment: str | None

    @property
    def body(self) -> dict[str, Any]:
        """As the API takes it."""
        return {"scores": dict(self.scores), "comment": self.comment}


def read(answers: Sequence[str]) -> Paper:
    """The application with these answers, which is all that an assessor knows of its writer."""
    return next(paper for paper in papers().values() if set(paper.answers.values()) == set(answers))


def judge(assessor: str, paper: Paper) -> Judgement:
    """How this assessor sees it. At most one strict and one generous reader differ, so the median is the merit."""
    number = int(paper.number[1:])
    levels, comment = list(paper.merit), "as_read"
    if assessor == _STRICT[number % 2]:
        far = number % 4 == 1 or number % 8 == 2  # so far from the others that the board says so
        where, less = ((0, 1), 2) if far else ((0, number % 5), 1)
        levels = [max(1, level - less) if n in where else level for n, level in enumerate(levels)]
        comment = "doubtful" if far else "fewer"
    if assessor == _GENEROUS[number // 2 % 2]:
        levels = [min(4, level + 1) if n in (1, number % 5) else level for n, level in enumerate(levels)]
        comment = "more"
    ids = (criterion["criterion_id"] for criterion in call()["criteria"])
    return Judgement(dict(zip(ids, levels, strict=True)), call()["comments"][comment])
