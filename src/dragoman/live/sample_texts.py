"""What the voice says when capacity is measured: five seconds or more of plain talk."""

from typing import Final

from dragoman.core.language import best_match

_TEXTS: Final = {
    "en": "Good morning, everybody, and thank you for coming. Today I would like to talk about the city and its river, "
    "and about the people who live there.",
    "de": "Guten Morgen zusammen, und danke, dass Sie gekommen sind. Heute möchte ich über die Stadt und ihren Fluss "
    "sprechen, und über die Menschen, die dort leben.",
    "es": "Buenos días a todos, y gracias por venir. Hoy quiero hablar de la ciudad y de su río, y de las personas que "
    "viven allí.",
    "fr": "Bonjour à tous, et merci d'être venus. Aujourd'hui, je voudrais parler de la ville et de sa rivière, et des "
    "gens qui y vivent.",
    "it": "Buongiorno a tutti, e grazie di essere venuti. Oggi vorrei parlare della città e del suo fiume, e delle "
    "persone che vivono lì.",
    "pt": "Bom dia a todos, e obrigado por terem vindo. Hoje quero falar da cidade e do seu rio, e das pessoas que "
    "vivem ali.",
    "ja": "皆さん、おはようございます。今日は、この町と川と、そこに住む人々についてお話ししたいと思います。",
    "zh": "大家早上好。谢谢你们的到来。今天我想谈谈这座城市和它的河流、还有住在那里的人们。",
}

_DIGITS: Final = "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12."
"""Read aloud in every language."""


def sample_text(language: str) -> str:
    """Return a few words that a voice of this language can say."""
    match = best_match(language, _TEXTS)
    return _TEXTS[match] if match else _DIGITS
