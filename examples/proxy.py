"""A backend that holds the API key, so that the browser never sees it, and serves the page in browser/.

pip install "python-socketio[asyncio-client]" uvicorn && npm install
DRAGOMAN_URL=http://127.0.0.1:8090 DRAGOMAN_API_KEY=... python proxy.py 3000
"""

import os
import sys
from pathlib import Path

import socketio
import uvicorn

HERE = Path(__file__).parent
NAMESPACE = "/api/realtime-translator"
CLIENT = Path("node_modules/socket.io-client/dist/socket.io.esm.min.js")
TO_API = ("translation_start", "audio_chunk", "translation_stop")
FROM_API = (
    "session_initializing", "translation_ready", "ready_for_audio", "output_audio", "output_transcript",
    "input_transcript", "translation_closed", "translation_error", "insufficient_tokens",
)  # fmt: skip

# With async handlers, chunks of audio could overtake each other.
browsers = socketio.AsyncServer(async_mode="asgi", async_handlers=False)
upstream: dict[str, socketio.AsyncClient] = {}


@browsers.event
async def connect(sid, environ):
    """One connection to the API for each browser."""
    client = upstream[sid] = socketio.AsyncClient(reconnection=False)

    @client.on("*", namespace=NAMESPACE)
    async def from_api(event, *data):
        if event in FROM_API:
            await browsers.emit(event, data, to=sid)

    address = f"{os.environ['DRAGOMAN_URL']}?apiKey={os.environ['DRAGOMAN_API_KEY']}"
    try:
        await client.connect(address, transports=["websocket"], namespaces=[NAMESPACE])
    except socketio.exceptions.ConnectionError as error:
        raise ConnectionRefusedError(str(error)) from error


@browsers.on("*")
async def from_browser(event, sid, *data):
    if event in TO_API:
        await upstream[sid].emit(event, data, namespace=NAMESPACE)


@browsers.event
async def disconnect(sid, reason):
    await upstream.pop(sid).disconnect()


client_script = next(folder / CLIENT for folder in (HERE, HERE.parent) if (folder / CLIENT).exists())
files = {"/": str(HERE / "browser" / "index.html"), "/client.js": str(client_script)}
files |= {f"/{name}": str(HERE / "browser" / name) for name in ("app.js", "microphone.js", "worklet.js")}

if __name__ == "__main__":
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    uvicorn.run(socketio.ASGIApp(browsers, static_files=files), host="127.0.0.1", port=port, log_level="warning")
