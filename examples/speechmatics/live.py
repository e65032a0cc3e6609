"""Transcribes and translates speech while it is being said: a recording at the pace of a microphone.

pip install speechmatics-rt
DRAGOMAN_URL=http://127.0.0.1:8090 DRAGOMAN_API_KEY=... python live.py speech.wav es fr
"""

import asyncio
import os
import sys
import wave

from speechmatics.rt import (
    AsyncClient,
    AudioEncoding,
    AudioFormat,
    ServerMessageType,
    TranscriptionConfig,
    TranslationConfig,
)


async def listen(recording: str, languages: list[str]) -> None:
    server = os.environ["DRAGOMAN_URL"].replace("http", "ws", 1)
    async with AsyncClient(api_key=os.environ["DRAGOMAN_API_KEY"], url=f"{server}/v2") as client:

        @client.on(ServerMessageType.ADD_PARTIAL_TRANSCRIPT)
        def on_partial(message):
            print(f"\r{message['metadata']['transcript']}", end="", file=sys.stderr, flush=True)

        @client.on(ServerMessageType.ADD_TRANSCRIPT)
        def on_final(message):
            if text := message["metadata"]["transcript"].strip():
                print(f"   {text}")

        @client.on(ServerMessageType.ADD_TRANSLATION)
        def on_translation(message):
            print(f"{message['language']} {' '.join(sentence['content'] for sentence in message['results'])}")

        with wave.open(recording, "rb") as file:
            assert file.getparams()[:2] == (1, 2), "make it mono, 16 bit first"
            await client.start_session(
                audio_format=AudioFormat(AudioEncoding.PCM_S16LE, file.getframerate()),
                transcription_config=TranscriptionConfig(language="en", enable_partials=True, max_delay=2.0),
                translation_config=TranslationConfig(target_languages=languages),
            )
            await speak(client, file)
        await client.stop_session()


async def speak(client: AsyncClient, file: wave.Wave_read) -> None:
    """100 ms every 100 ms."""
    began, sent = asyncio.get_running_loop().time(), 0
    while pcm := file.readframes(file.getframerate() // 10):
        await client.send_audio(pcm)
        sent += 1
        await asyncio.sleep(max(0, began + sent / 10 - asyncio.get_running_loop().time()))


if __name__ == "__main__":
    asyncio.run(listen(sys.argv[1], sys.argv[2:]))
