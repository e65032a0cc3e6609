"""Dragoman's own JSON: everything a transcript holds, in one object.

.. code-block:: json

    {
      "format": "dragoman/1",
      "language": "en",
      "duration": 4.2,
      "sentences": [
        {
          "start_time": 0.5, "end_time": 1.2, "text": "Hello.", "speaker": "S1",
          "items": [
            {"type": "word", "start_time": 0.5, "end_time": 1.2, "content": "Hello", "confidence": 0.93,
             "speaker": "S1"},
            {"type": "punctuation", "start_time": 1.2, "end_time": 1.2, "content": ".", "confidence": 0.5,
             "attaches_to": "previous", "is_eos": true, "speaker": "S1"}
          ]
        }
      ],
      "translations": {"es": [{"start_time": 0.5, "end_time": 1.2, "content": "Hola.", "speaker": "S1"}]},
      "speech": {
        "es": {
          "max_drift": 0.25,
          "sentences": [
            {"start_time": 0.75, "end_time": 1.4, "source_start_time": 0.5, "source_end_time": 1.2, "rate": 1.1,
             "drift": 0.25}
          ]
        }
      },
      "notices": []
    }

Times, drift and duration are seconds, rounded to milliseconds; all but ``speech``'s ``start_time`` and ``end_time``
(which lie on the translated track) are on the source's time line. Confidences are 0 to 1. Items are in order and have
the fields of Speechmatics' json-v2, flat. ``speaker`` and ``channel`` are present only where they are known. Languages
without speech are absent from ``speech``. A key may be added under the same format number; none is taken away.
"""

import json

from dragoman.core.transcript import Item, Sentence, SpokenSentence, Transcript, Translation, Word
from dragoman.render.json_values import JsonObject, rounded

FORMAT = "dragoman/1"


def to_json(transcript: Transcript) -> JsonObject:
    """The object described above, of plain lists, strings and numbers."""
    return {
        "format": FORMAT,
        "language": transcript.language,
        "duration": rounded(transcript.duration),
        "sentences": [_sentence(sentence) for sentence in transcript.sentences],
        "translations": {
            language: [_translation(translation) for translation in translations]
            for language, translations in transcript.translations.items()
        },
        "speech": {language: _speech(spoken) for language, spoken in transcript.speech.items() if spoken},
        "notices": list(transcript.notices),
    }


def to_json_text(transcript: Transcript) -> str:
    """The same as the text of a file, every script readable as it is."""
    return json.dumps(to_json(transcript), ensure_ascii=False, indent=2) + "\n"


def _sentence(sentence: Sentence) -> JsonObject:
    return {
        **_times(sentence),
        "text": sentence.text,
        **_labels(sentence),
        "items": [_item(item) for item in sentence.items],
    }


def _item(item: Item) -> JsonObject:
    kind: JsonObject = {"type": "word" if isinstance(item, Word) else "punctuation"}
    shared = {**_times(item), "content": item.content, "confidence": rounded(item.confidence)}
    own = {} if isinstance(item, Word) else {"attaches_to": item.attaches_to, "is_eos": item.is_eos}
    return kind | shared | own | _labels(item)


def _translation(translation: Translation) -> JsonObject:
    return {**_times(translation), "content": translation.content, **_labels(translation)}


def _speech(spoken: tuple[SpokenSentence, ...]) -> JsonObject:
    return {
        "max_drift": rounded(max(sentence.drift for sentence in spoken)),
        "sentences": [
            {
                **_times(sentence),
                "source_start_time": rounded(sentence.source_start_time),
                "source_end_time": rounded(sentence.source_end_time),
                "rate": rounded(sentence.rate),
                "drift": rounded(sentence.drift),
            }
            for sentence in spoken
        ],
    }


def _times(part: Item | Sentence | Translation | SpokenSentence) -> JsonObject:
    return {"start_time": rounded(part.start_time), "end_time": rounded(part.end_time)}


def _labels(part: Item | Sentence | Translation) -> JsonObject:
    labels = {"speaker": part.speaker, "channel": part.channel}
    return {name: label for name, label in labels.items() if label is not None}
