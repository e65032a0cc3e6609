"""Third stage: words to sentences, and from there to everyone who wants them."""

from collections.abc import Sequence

from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from dragoman.core.events import EndOfUtterance, FinalTranscript, Progress
from dragoman.core.transcript import Sentence
from dragoman.pipeline.recognise import Emit, Utterance
from dragoman.text.sentences import SentenceBuilder


async def compose(
    incoming: MemoryObjectReceiveStream[Utterance],
    outgoing: Sequence[MemoryObjectSendStream[Sentence]],
    emit: Emit,
    builder: SentenceBuilder,
    *,
    flush_utterances: bool,
) -> None:
    """Sentences are announced, then handed to each target. Live, the end of an utterance closes its sentence, since
    nobody waits for the next one; over a file, a sentence may span several utterances."""

    async def release(sentences: list[Sentence]) -> None:
        for sentence in sentences:
            await emit(FinalTranscript(sentence))
            for target in outgoing:
                await target.send(sentence)

    try:
        async with incoming:
            async for utterance in incoming:
                await release(builder.add(utterance.words))
                if flush_utterances and utterance.words:
                    await release(builder.flush())
                    await emit(EndOfUtterance(utterance.end_time))
                await emit(Progress(utterance.end_time))
        await release(builder.flush())
    finally:
        for target in outgoing:
            target.close()
