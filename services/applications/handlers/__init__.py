"""The commands of `applications`."""

from dataclasses import dataclass

from services.applications.handlers.applications import ApplicationHandlers, Applications, Chances, application_id
from services.applications.handlers.assigning import Assigning, Rounds, Sheets, rubric_of
from services.applications.handlers.decisions import Admittance, DecisionHandlers, Released
from services.applications.handlers.editions import EditionHandlers, Editions
from services.applications.handlers.judging import Judged, Judging, Mean, Overview, Progress
from services.applications.handlers.participations import (
    ParticipationHandlers,
    Participations,
    participation_id,
)
from services.applications.handlers.recent import RecentEditions
from services.applications.handlers.selection import HandedIn, SelectionHandlers, WantedRound

__all__ = [
    "Admittance",
    "ApplicationHandlers",
    "Applications",
    "Assigning",
    "Chances",
    "DecisionHandlers",
    "EditionHandlers",
    "Editions",
    "HandedIn",
    "Handlers",
    "Judged",
    "Judging",
    "Mean",
    "Overview",
    "ParticipationHandlers",
    "Participations",
    "Progress",
    "RecentEditions",
    "Released",
    "Rounds",
    "SelectionHandlers",
    "Sheets",
    "WantedRound",
    "application_id",
    "participation_id",
    "rubric_of",
]


@dataclass(frozen=True, slots=True)
class Handlers:
    """All commands, by what they are about."""

    editions: EditionHandlers
    applications: ApplicationHandlers
    decisions: DecisionHandlers
    participations: ParticipationHandlers
    selection: SelectionHandlers
    judging: Judging
