"""Questions that are solved while somebody waits for the answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.chassis.errors import Transient
from services.chassis.logging import get_logger
from services.matching.domain.run import WhyNot
from services.matching.solving import frames, tasks
from services.matching.solving.frames import Frame
from services.matching.worker.children import ChildDied, Children

log = get_logger(__name__)
_SECONDS = 30.0  # for which somebody waits
_AT_ONCE = 2  # processes that answer
_LARGE = 2_000_000  # bytes of a certificate of about a million pairs, of which one is asked about at a time


class NoAnswer(Transient):
    """It took too long, or the process broke off."""

    kind = "no-answer"


class Asking:
    """Has questions answered in processes of their own, a few at once."""

    def __init__(self, children: Children) -> None:
        self._children = children
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._one_large = asyncio.Lock()

    async def why_not(self, mentee_id: str, mentor_id: str, certificate: bytes) -> WhyNot:
        """What a pair would bring that is held, beside the proposal of this certificate.

        Raises ``NoAnswer``, ``NotReady``.
        """
        task = tasks.WHY_NOT_TASK.dump_json(tasks.WhyNotTask(mentee_id, mentor_id))
        try:
            async with asyncio.timeout(_SECONDS), self._room_for(len(certificate)):
                body = await self._answer(Frame(frames.WHY_NOT, task), Frame(frames.CERTIFICATE, certificate))
        except (TimeoutError, ChildDied) as error:
            log.warning("question_unanswered", reason=repr(error))
            raise NoAnswer("Working this out took too long or broke off; try again in a moment.") from error
        return tasks.WHY_NOT.validate_json(body)

    @asynccontextmanager
    async def _room_for(self, size: int) -> AsyncIterator[None]:
        """Wait for a process, and where it will need much memory, for that."""
        if size <= _LARGE:
            async with self._places:
                yield
            return
        async with self._one_large, self._places:
            yield

    async def _answer(self, *asked: Frame) -> bytes:
        child = await self._children.take()
        try:
            await child.give(*asked)
            while True:
                frame = await child.next(_SECONDS)
                if frame is not None and frame.kind == frames.FOUND:
                    return frame.body
                if frame is not None:
                    raise ChildDied(frame.body.decode(errors="replace"))
        finally:
            await self._children.end(child)
