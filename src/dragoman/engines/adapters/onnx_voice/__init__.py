"""What the neural voices have in common: text to pieces, pieces to ids, ids through an ONNX graph, silence off.

``hibari``, ``kokoro`` and ``piper`` each bring a graph (:class:`~.model.AcousticModel`) and a way from text to its
symbols (:class:`~.pieces.Phonemizer`); :class:`~.voice.OnnxVoice` is the synthesizer over both.
"""
