"""Group commit: what many callers ask of the database at the same moment goes there in one round trip."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Generic, TypeVar

from services.chassis.errors import Transient

Q = TypeVar("Q")
A = TypeVar("A")
MOST = 100  # questions of one round


class Together(Generic[Q, A]):
    """Answers callers in rounds: whoever asks alone is asked for at once, whoever asks during a round is in the next.

    ``work`` gets the questions of a round, at most ``MOST``, and gives an answer to each, in their order: what was
    found, or the exception that this caller gets. What is ``Transient`` meets all of a round; any other exception leads
    to each being asked for alone, so that nobody suffers for what another asked. A round begins after its questions
    were asked, so nobody is answered with what was read before. A caller who gives up disturbs nobody.
    """

    def __init__(self, work: Callable[[Sequence[Q]], Awaitable[Sequence[A | Exception]]]) -> None:
        self._work = work
        self._waiting: list[tuple[Q, asyncio.Future[A | Exception]]] = []
        self._rounds: asyncio.Task[None] | None = None

    async def ask(self, question: Q) -> A:
        """The answer to this question. Raises what ``work`` raises for it, or gives as its answer."""
        answer: asyncio.Future[A | Exception] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, answer))
        if self._rounds is None or self._rounds.done():
            self._rounds = asyncio.create_task(self._go(), context=Context())  # nobody's trace, nobody's log
        answered = await answer
        if isinstance(answered, Exception):
            raise answered
        return answered

    async def _go(self) -> None:
        """One round after the other, until nobody waits."""
        while self._waiting:
            some, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            if still := [(question, answer) for question, answer in some if not answer.done()]:
                await self._round(still)

    async def _round(self, some: Sequence[tuple[Q, asyncio.Future[A | Exception]]]) -> None:
        answers: Sequence[A | Exception] = ()
        try:
            answers = await self._answers([question for question, _ in some])
        finally:
            for (_, future), answer in zip(some, answers, strict=False):
                if not future.done():
                    future.set_result(answer)
            for _, future in some:
                future.cancel()  # those without an answer: the round itself was cancelled, the process ends

    async def _answers(self, questions: Sequence[Q]) -> Sequence[A | Exception]:
        try:
            return await self._work(questions)
        except Transient as error:
            return [error] * len(questions)
        except Exception as error:
            if len(questions) == 1:
                return [error]
            return [answer for question in questions for answer in await self._answers([question])]
