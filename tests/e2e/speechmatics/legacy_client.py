"""One session with the library speechmatics-python: prints what it gets, one JSON line per message, then how it ended.

python legacy_client.py '{"url": "ws://127.0.0.1:8090/v2", "key": "...", "audio": "speech.wav"}'
"""

import json
import sys
from pathlib import Path

from speechmatics.client import WebsocketClient
from speechmatics.models import AudioSettings, ConnectionSettings, RTTranslationConfig, TranscriptionConfig


def say(message):
    print(json.dumps(message), flush=True)


def transcribe(plan):
    settings = ConnectionSettings(
        url=plan["url"], auth_token=plan["key"], ssl_context=None, message_buffer_size=plan.get("unacknowledged", 512)
    )
    client = WebsocketClient(settings)
    client.add_event_handler("all", say)
    configuration = {"language": "en", **plan.get("transcription", {})}
    if "translation" in plan:
        configuration["translation_config"] = RTTranslationConfig(**plan["translation"])
    config = TranscriptionConfig(**configuration)
    if "update" in plan:

        def update(_):
            client.update_transcription_config(TranscriptionConfig(**configuration | plan["update"]))

        client.add_event_handler("RecognitionStarted", update)
    audio = AudioSettings(**plan.get("format", {}))
    if isinstance(plan["audio"], dict):
        client.run_synchronously(plan["audio"], config, audio)
    else:
        with Path(plan["audio"]).open("rb") as stream:
            client.run_synchronously(stream, config, audio)


try:
    transcribe(json.loads(sys.argv[1]))
except Exception as error:  # noqa: BLE001  whatever the library raises is what its user sees
    say({"ended": type(error).__name__, "because": str(error)})
else:
    say({"ended": "well"})
