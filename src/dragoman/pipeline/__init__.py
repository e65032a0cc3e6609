"""The core: audio in, events out. It knows no socket, user, price or clock, and nothing of where an engine runs.

    audio ─ listen ─ recognise ─ compose ─┬─ translate ─ speak
            (utterances) (words) (sentences) └─ one pair of tasks per target language

Every stage is a function over a receiving and a sending stream, so that it can be run alone. Closing the input closes
each stage in turn; that is the only end-of-stream signal.
"""
