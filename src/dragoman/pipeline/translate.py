"""Fourth stage: sentences to one target language."""

from collections.abc import Sequence
from contextlib import nullcontext

from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from dragoman.core.errors import DragomanError, EngineFailed
from dragoman.core.events import FinalTranslation, Notice
from dragoman.core.transcript import Sentence, Translation
from dragoman.engines.attached import Hop
from dragoman.engines.mt import Translator
from dragoman.pipeline.emit import Emit


async def translate(
    incoming: MemoryObjectReceiveStream[Sentence],
    outgoing: MemoryObjectSendStream[Translation] | None,
    emit: Emit,
    hops: Sequence[Hop],
    target: str,
) -> None:
    """One sentence at a time, over every hop; a sentence that fails is named and left out, the others go on.

    ``outgoing`` is None when nobody speaks this target.
    """
    async with incoming, outgoing or nullcontext():
        async for sentence in incoming:
            try:
                text = await _over_hops(sentence.text, hops)
            except DragomanError as error:
                where = f"The sentence at {sentence.start_time:.1f} s was not translated to {target}"
                await emit(Notice(error.code, f"{where}: {error.message}", language=target))
                continue
            translation = Translation(
                text, target, sentence.start_time, sentence.end_time, sentence.speaker, sentence.channel
            )
            await emit(FinalTranslation(translation))
            if outgoing is not None:
                await outgoing.send(translation)


async def _over_hops(text: str, hops: Sequence[Hop]) -> str:
    for hop in hops:
        answers = await hop.engine.hosted.call(Translator.translate, [text], hop.source, hop.target)
        if len(answers) != 1:
            raise EngineFailed(f"{hop.engine.info.name} answered {len(answers)} sentences for one")
        text = answers[0]
    return text
