"""One session with the library speechmatics-rt: prints what it gets, one JSON line per message, then how it ended.

python rt_client.py '{"url": "ws://127.0.0.1:8090/v2", "key": "...", "audio": "speech.wav"}'

The plan is that of plans.py. The client must be told of every kind of message; one that it has no name for is lost.
"""

import asyncio
import json
import logging
import sys
from io import BytesIO
from pathlib import Path

from speechmatics.rt import (
    AsyncClient,
    AsyncMultiChannelClient,
    AudioFormat,
    JWTAuth,
    ServerMessageType,
    StaticKeyAuth,
    TranscriptionConfig,
    TranscriptResult,
    TranslationConfig,
)


def say(message):
    if message.get("message") in {"AddTranscript", "AddPartialTranscript"}:
        message |= {"parsed": TranscriptResult.from_message(message).metadata.transcript}
    print(json.dumps(message), flush=True)


async def transcribe(plan, sources):
    auth = JWTAuth(plan["key"], mp_url=plan["management"]) if "management" in plan else StaticKeyAuth(plan["key"])
    channels = isinstance(plan["audio"], dict)
    client = (AsyncMultiChannelClient if channels else AsyncClient)(auth, url=plan["url"])
    for kind in ServerMessageType:
        client.on(kind, say)
    audio_format = AudioFormat(**plan["format"]) if "format" in plan else None
    configuration = {
        "transcription_config": TranscriptionConfig(**plan.get("transcription", {})),
        "translation_config": TranslationConfig(**plan["translation"]) if "translation" in plan else None,
        "audio_format": audio_format,
    }
    async with client:
        if "force_at" in plan:
            await force(client, plan["force_at"], sources, configuration)
        elif channels:
            await transcribe_channels(client, sources, configuration, stay=plan.get("stay"))
        else:
            await client.transcribe(sources, **configuration)


async def force(client, at, audio, configuration):
    """Ends an utterance after so many bytes, waits for that end, and goes on."""
    forced = asyncio.Event()
    client.on(ServerMessageType.END_OF_UTTERANCE, lambda _: forced.set())
    await client.start_session(**configuration)
    await client.send_audio(audio.read(at))
    await client.force_end_of_utterance()
    await forced.wait()
    await client.send_audio(audio.read())
    await client.stop_session()


async def transcribe_channels(client, sources, configuration, *, stay):
    """``transcribe`` of this client returns without waiting for anything; who stays waits for what comes after."""
    ended = asyncio.Event()
    client.on(ServerMessageType.END_OF_TRANSCRIPT, lambda _: ended.set())
    await client.transcribe(sources, **configuration)
    if stay:
        await ended.wait()


def sources(audio):
    if isinstance(audio, dict):
        return {name: sources(path) for name, path in audio.items()}
    return BytesIO(Path(audio).read_bytes())


logging.basicConfig()
plan = json.loads(sys.argv[1])
try:
    asyncio.run(transcribe(plan, sources(plan["audio"])))
except Exception as error:  # noqa: BLE001  whatever the library raises is what its user sees
    say({"ended": type(error).__name__, "because": str(error)})
else:
    say({"ended": "well"})
