# The realtime program of Speechmatics' document on translation, unchanged but for address, key and, because the address
# begins with ws://, ssl_context. It translates the file example.wav of the folder it is run in.
#
#   pip install speechmatics-python
#   DRAGOMAN_URL=http://127.0.0.1:8090 DRAGOMAN_API_KEY=... python program.py
#
# ruff: noqa: ERA001, PERF401, PTH123, Q000, TRY201
# fmt: off
import os

import speechmatics
from httpx import HTTPStatusError

API_KEY = os.environ["DRAGOMAN_API_KEY"]
PATH_TO_FILE = "example.wav"
LANGUAGE = "en" # Transcription language
TRANSLATION_LANGUAGES = ["es","de"]
CONNECTION_URL = f"{os.environ['DRAGOMAN_URL'].replace('http', 'ws', 1)}/v2/{LANGUAGE}"

# Create a transcription client
ws = speechmatics.client.WebsocketClient(
    speechmatics.models.ConnectionSettings(
        url=CONNECTION_URL,
        auth_token=API_KEY,
        ssl_context=None,
    )
)

# Define an event handler to print the translations
def print_translation(msg):
    msg_type="Final"
    if msg['message'] == "AddPartialTranslation":
        msg_type="Partial"
    language = msg['language'] # language for translation message
    translations = []
    for translation_segment in msg['results']:
        translations.append(translation_segment['content'])
    translation = " ".join(translations).strip()
    print(f"{msg_type} translation for {language}: {translation}")

# Register the event handler for partial translation
ws.add_event_handler(
    event_name=speechmatics.models.ServerMessageType.AddPartialTranslation,
    event_handler=print_translation,
)

# Register the event handler for full translation
ws.add_event_handler(
    event_name=speechmatics.models.ServerMessageType.AddTranslation,
    event_handler=print_translation,
)

settings = speechmatics.models.AudioSettings()

# Define transcription parameters with translation
# Full list of parameters described here: https://speechmatics.github.io/speechmatics-python/models
translation_config = speechmatics.models.RTTranslationConfig(
    target_languages=TRANSLATION_LANGUAGES,
    #enable_partials=True # Optional argument to provide translation of partial sentences
)

transcription_config = speechmatics.models.TranscriptionConfig(
    language=LANGUAGE,
    translation_config=translation_config
)

print("Starting transcription (type Ctrl-C to stop):")
with open(PATH_TO_FILE, 'rb') as fd:
    try:
        ws.run_synchronously(fd, transcription_config, settings)
    except KeyboardInterrupt:
        print("\nTranscription stopped.")
    except HTTPStatusError as e:
        if e.response.status_code == 401:
            print('Invalid API key - Check your API_KEY at the top of the code!')
        else:
            raise e
