"""The solving process: gets ready, takes one task, answers, ends."""

from __future__ import annotations

import os
import resource
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from services.matching.domain.contradictions import ContradictoryOverrides
from services.matching.domain.run import OVERRIDES_CONTRADICT, PROOF_REFUSED, TOO_LARGE
from services.matching.solving import engine, forcing, proposing, tasks
from services.matching.solving.breaking import place_of
from services.matching.solving.frames import (
    CERTIFICATE,
    FAILED,
    FOUND,
    LONGEST_HEADER,
    PROGRESS,
    READY,
    REFUSED,
    SOLVE,
    WHY_NOT,
    Frame,
    opened,
    packed,
)

_DESERTED = 3  # the exit status of a process whose service is gone
_FIRST_TO_GO = "500"  # of 1000
_PIECE = 1024 * 1024  # bytes of a certificate in one message


def main() -> None:
    """Get ready, take one task from standard input, answer on standard output."""
    _be_the_first_to_go()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core would hold what is known of people
    asked, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not get among the answers
    engine.warm_up()
    _send(answers, Frame(READY, b""))
    task = _received(asked)
    material = _received(asked) if task.kind == WHY_NOT else None
    threading.Thread(target=_end_when_deserted, args=(asked,), daemon=True).start()
    try:
        if material is None:
            _solve(task, answers)
        else:
            _why_not(task, material, answers)
    except Exception as error:
        _send(answers, Frame(FAILED, place_of(error).encode()))
        raise
    os._exit(0)  # a thread waits at standard input, which an end in good order would trip over


def _solve(task: Frame, answers: BinaryIO) -> None:
    def tell(told: tasks.Told) -> None:
        _send(answers, Frame(PROGRESS, tasks.TOLD.dump_json(told)))

    assert task.kind == SOLVE
    wanted = tasks.SOLVE_TASK.validate_json(task.body)
    try:
        found, document = proposing.solved(wanted, tell)
    except proposing.ProofRefused as refused:
        _refuse(answers, PROOF_REFUSED, str(refused))
        return
    except ContradictoryOverrides as refused:
        _refuse(answers, OVERRIDES_CONTRADICT, refused.detail)
        return
    except proposing.TooManyPairs as refused:
        _refuse(answers, TOO_LARGE, str(refused))
        return
    for start in range(0, len(document), _PIECE):
        _send(answers, Frame(CERTIFICATE, document[start : start + _PIECE]))
    _send(answers, Frame(FOUND, tasks.FOUND.dump_json(found)))


def _why_not(task: Frame, certificate: Frame, answers: BinaryIO) -> None:
    found = forcing.why_not(tasks.WHY_NOT_TASK.validate_json(task.body), certificate.body)
    _send(answers, Frame(FOUND, tasks.WHY_NOT.dump_json(found)))


def _be_the_first_to_go() -> None:
    """Where memory runs out, let the system end this process and not the service: it can be made good."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_FIRST_TO_GO)


def _refuse(answers: BinaryIO, reason: str, detail: str) -> None:
    _send(answers, Frame(REFUSED, tasks.GIVEN_UP.dump_json(tasks.GivenUp(reason, detail))))


def _send(answers: BinaryIO, frame: Frame) -> None:
    answers.write(packed(frame))
    answers.flush()


def _received(asked: BinaryIO) -> Frame:
    line = asked.readline(LONGEST_HEADER)
    if not line:
        os._exit(_DESERTED)
    kind, length = opened(line)
    body = asked.read(length)
    if len(body) < length:
        os._exit(_DESERTED)
    return Frame(kind, body)


def _end_when_deserted(asked: BinaryIO) -> None:
    asked.read()
    os._exit(_DESERTED)


if __name__ == "__main__":
    main()
