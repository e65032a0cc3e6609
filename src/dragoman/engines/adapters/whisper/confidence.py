"""How far a word can be relied on."""


def confidence(probability: float) -> float:
    """Map the decoder's mean probability of a word's tokens to the share of such words that are right."""
    return min(1.0, max(0.0, probability))
