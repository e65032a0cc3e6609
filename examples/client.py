"""Translates a recording over the Realtime Translator, at the pace of a microphone.

pip install "python-socketio[asyncio-client]"
DRAGOMAN_URL=http://127.0.0.1:8090 DRAGOMAN_API_KEY=... python client.py speech.wav es translated.wav
"""

import asyncio
import base64
import os
import sys
import wave

import socketio

NAMESPACE = "/api/realtime-translator"
RATE = 24_000
CHUNK = RATE // 10


async def translate(recording: str, language: str, translated: str) -> None:
    client = socketio.AsyncClient(reconnection=False)
    ready, closed = asyncio.Event(), asyncio.Event()
    spoken = bytearray()

    client.on("ready_for_audio", ready.set, namespace=NAMESPACE)
    client.on("translation_closed", lambda *_: closed.set(), namespace=NAMESPACE)

    @client.on("output_transcript", namespace=NAMESPACE)
    def on_text(data):
        print(data["delta"], end="", flush=True)

    @client.on("output_audio", namespace=NAMESPACE)
    def on_audio(data):
        spoken.extend(base64.b64decode(data["delta"]))

    @client.on("translation_error", namespace=NAMESPACE)
    @client.on("insufficient_tokens", namespace=NAMESPACE)
    def on_trouble(data):
        print(data["message"], file=sys.stderr)
        if not ready.is_set():
            closed.set()

    address = f"{os.environ['DRAGOMAN_URL']}?apiKey={os.environ['DRAGOMAN_API_KEY']}"
    await client.connect(address, transports=["websocket"], namespaces=[NAMESPACE])
    await client.emit("translation_start", {"targetLanguage": language}, namespace=NAMESPACE)
    speaking = asyncio.create_task(speak(client, recording, ready))
    await closed.wait()
    speaking.cancel()
    await client.disconnect()
    print()
    with wave.open(translated, "wb") as output:
        output.setparams((1, 2, RATE, 0, "NONE", ""))
        output.writeframes(spoken)


async def speak(client: socketio.AsyncClient, recording: str, ready: asyncio.Event) -> None:
    """The recording, 100 ms every 100 ms, then the stop."""
    await ready.wait()
    with wave.open(recording, "rb") as file:
        assert file.getparams()[:3] == (1, 2, RATE), "make it mono, 16 bit, 24 kHz first"
        began, sent = asyncio.get_running_loop().time(), 0
        while pcm := file.readframes(CHUNK):
            audio = base64.b64encode(pcm).decode()
            await client.emit("audio_chunk", {"audioData": audio}, namespace=NAMESPACE)
            sent += 1
            await asyncio.sleep(max(0, began + sent / 10 - asyncio.get_running_loop().time()))
    await client.emit("translation_stop", namespace=NAMESPACE)


if __name__ == "__main__":
    asyncio.run(translate(*sys.argv[1:]))
