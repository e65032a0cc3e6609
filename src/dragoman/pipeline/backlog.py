"""What one target language has to translate: sentences in order and, when there is none, the newest draft."""

from dataclasses import dataclass

import anyio

from dragoman.core.transcript import Sentence


@dataclass(frozen=True, slots=True)
class Draft:
    """The unfinished sentence as it stands; it ends in no mark."""

    sentence: Sentence
    turn: int
    """So many sentences were given before."""


class Backlog:
    """Between one giver and one taker. A draft waits for nobody: the next one, or a sentence, takes its place."""

    def __init__(self, size: float) -> None:
        """``size`` sentences may wait; then :meth:`send` does."""
        self._given, self._taken = anyio.create_memory_object_stream[Sentence](size)
        self._draft: Draft | None = None
        self._turn = 0
        self._changed = anyio.Event()

    async def send(self, sentence: Sentence) -> None:
        """To be translated for good; drafts of it are worth nothing any more."""
        self.withdraw()
        await self._given.send(sentence)
        self._changed.set()

    def draft(self, sentence: Sentence) -> None:
        self._draft = Draft(sentence, self._turn)
        self._changed.set()

    def withdraw(self) -> None:
        """There is no unfinished sentence now."""
        self._draft = None
        self._turn += 1

    def close(self) -> None:
        """Nothing more comes. What waits is still taken."""
        self._given.close()
        self._changed.set()

    def discard(self) -> None:
        """Nobody gives or takes any more."""
        self.close()
        self._taken.close()

    def outdated(self, draft: Draft) -> bool:
        """Whether its sentence has been given, or withdrawn, since."""
        return draft.turn != self._turn

    async def receive(self) -> Sentence | Draft:
        """Raises :class:`anyio.EndOfStream` when all is done."""
        while True:
            try:
                return self._taken.receive_nowait()
            except anyio.WouldBlock:
                draft, self._draft = self._draft, None
            if draft is not None:
                return draft
            self._changed = anyio.Event()
            await self._changed.wait()
