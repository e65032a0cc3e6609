# The batch program of Speechmatics' document on translation, unchanged but for address and key. It translates the file
# example.wav of the folder it is run in.
#
#   pip install speechmatics-python
#   DRAGOMAN_URL=http://127.0.0.1:8090 DRAGOMAN_API_KEY=... python batch_program.py
#
# ruff: noqa: I001, Q000, TRY201
# fmt: off
import os

from speechmatics.models import ConnectionSettings
from speechmatics.batch_client import BatchClient
from httpx import HTTPStatusError

API_KEY = os.environ["DRAGOMAN_API_KEY"]
PATH_TO_FILE = "example.wav"
LANGUAGE = "en" # Transcription language
TRANSLATION_LANGUAGES = ["es","de"]

settings = ConnectionSettings(
    url=f"{os.environ['DRAGOMAN_URL']}/v2",
    auth_token=API_KEY,
)

# Define transcription parameters
conf = {
    "type": "transcription",
    "transcription_config": {
        "language": LANGUAGE
    },
    "translation_config": {
        "target_languages":TRANSLATION_LANGUAGES
    }
}

# Open the client using a context manager
with BatchClient(settings) as client:
    try:
        job_id = client.submit_job(
            audio=PATH_TO_FILE,
            transcription_config=conf,
        )
        print(f'job {job_id} submitted successfully, waiting for transcript')

        # Note that in production, you should set up notifications instead of polling.
        # Notifications are described here: https://docs.speechmatics.com/features-other/notifications
        transcript = client.wait_for_completion(job_id, transcription_format='json-v2')

        for language in TRANSLATION_LANGUAGES:
            # Print the translation for each language from the JSON
            print(f"Translation for {language}")
            translation = ""
            for translated_segment in transcript["translations"][language]:
                translation += translated_segment["content"] + " "
            print(translation)

    except HTTPStatusError as e:
        if e.response.status_code == 401:
            print('Invalid API key - Check your API_KEY at the top of the code!')
        elif e.response.status_code == 400:
            print(e.response.json()['detail'])
        else:
            raise e
