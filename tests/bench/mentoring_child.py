"""``python -m tests.bench.mentoring_child NUMBER SEED``: mentor-match's own way to pair people, told as JSON.

Needs the package on the path; prints its seconds, without imports, and of each mentee the mentor's place or null.
"""

from __future__ import annotations

import json
import operator
import sys
import time

from matching.mentee import Mentee
from matching.mentor import Mentor
from matching.process import process_data
from matching.rules import rule

from tests.bench.mentoring_people import SAME_PROFESSION, STEPS, people


def main() -> None:
    """One round of the package over the people of a seed."""
    given, offered = people(*map(int, sys.argv[1:3]))
    mentees, mentors = [Mentee(**one) for one in given], [Mentor(**one) for one in offered]
    rules = [
        rule.Disqualify(lambda match: match.mentee.organisation == match.mentor.organisation),
        rule.Disqualify(lambda match: match.mentor.grade - match.mentee.grade not in STEPS),
        *(rule.Grade(step, operator.eq, {True: worth, False: 0}) for step, worth in STEPS.items()),
        rule.Equivalent("profession", {True: SAME_PROFESSION, False: 0}),
    ]
    began = time.perf_counter()
    process_data(mentors, mentees, [rules])
    seconds = time.perf_counter() - began
    place = {mentor.email: number for number, mentor in enumerate(mentors)}
    partner = [place[mentee.mentors[0].email] if mentee.mentors else None for mentee in mentees]
    print(json.dumps({"seconds": seconds, "partner": partner}))  # noqa: T201 - it is what the child is for


if __name__ == "__main__":
    main()
