"""Which words belong together, as far as a small table can tell: how bad a break between two words reads.

Two sets per language. Openers (conjunctions, prepositions, relatives) are where a subtitler breaks before. Sticky
words (articles, possessives, subject pronouns, auxiliaries, negations) wait for the next word as openers do, and start
nothing. Languages without a table break at marks and where the lines balance.

Japanese and Chinese write no spaces. In Japanese a phrase most often begins where hiragana ends; in Chinese only
that a particle follows its word can be told without a dictionary.
"""

import re
from dataclasses import dataclass

from dragoman.render.characters import writes_no_space

_AFTER_SENTENCE = 0.0
_AFTER_CLAUSE = 1.0
_BEFORE_OPENER = 8.0
_NEUTRAL = 15.0
_INSIDE_NAME = 25.0
_LEFT_HANGING = 35.0
"""Costs, in columns by which the balance of two lines may suffer for it."""

_SENTENCE_MARKS = ".!?…。！？؟।۔"  # noqa: RUF001 - the marks of other scripts are the point
_CLAUSE_MARKS = ",;:)]—–、，；：）」』،؛"  # noqa: RUF001 - as above
_QUOTES = "\"'”’»"  # noqa: RUF001 - as above
_OPENING_MARKS = "\"'“‘«„¿¡(["  # noqa: RUF001 - as above

_HIRAGANA = re.compile("[\u3040-\u309f]")
_KATAKANA = re.compile("[\u30a0-\u30ff]")
_CHINESE_PARTICLES = frozenset("的了着过得地们吗呢吧")


@dataclass(frozen=True, slots=True)
class _Words:
    openers: frozenset[str]
    sticky: frozenset[str]
    nouns_are_capitalised: bool = False


def _words(openers: str, sticky: str, *, nouns_are_capitalised: bool = False) -> _Words:
    return _Words(frozenset(openers.split()), frozenset(sticky.split()), nouns_are_capitalised)


_LANGUAGES = {
    "en": _words(
        "and or but nor so because if when while where which who whom whose that than although though since until "
        "unless after before for as of to in on at by from with without into onto upon about between through during "
        "against among over under behind beyond near toward towards within whether",
        "a an the my your his her our their its this these those no every each some any i you he she it we they "
        "is are was were am be been being has have had do does did will would can could shall should may might must "
        "not very too more most mr mrs ms dr i'm i've i'll it's he's she's we're they're don't didn't can't won't",
    ),
    "es": _words(
        "y e o u ni pero sino porque pues si cuando mientras donde como que quien cual aunque hasta desde para por "
        "con sin de del a al en entre sobre tras según contra durante hacia ante bajo",
        "el la los las lo un una unos unas mi tu su mis tus sus nuestro nuestra nuestros nuestras este esta estos "
        "estas ese esa esos esas aquel aquella cada yo tú él ella nosotros ellos ellas me te se le les nos os no muy "
        "más menos tan es son era eran fue ha han he hemos había habían está están estaba ser",
    ),
    "pt": _words(
        "e ou nem mas porque pois se quando enquanto onde como que quem embora até desde para por pelo pela com sem "
        "de do da dos das a ao à em no na nos nas entre sobre contra durante segundo sob",
        "o os as um uma uns umas meu minha teu tua seu sua meus minhas seus suas nosso nossa este esta esse essa "
        "aquele aquela cada eu tu ele ela nós eles elas me te se lhe não muito mais menos tão é são era eram foi "
        "tem têm há está estão estava ser",
    ),
    "fr": _words(
        "et ou ni mais car donc or parce si quand lorsque tandis où comme que qui dont quoique jusque depuis pour par "
        "avec sans de du des à au aux en dans entre sur sous chez contre pendant vers",
        "le la les un une mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs ce cet cette ces chaque je "
        "tu il elle nous vous ils elles on me te se lui ne pas très plus moins est sont était étaient a ont avait fut",
    ),
    "it": _words(
        "e ed o né ma però perché se quando mentre dove come che chi cui benché fino da dal dalla per con senza di "
        "del della dei delle degli a al alla ai alle in nel nella tra fra su sul sulla contro durante verso",
        "il lo la i gli le un uno una mio mia tuo tua suo sua nostro nostra questo questa quello quella ogni io tu "
        "lui lei noi voi loro mi ti si ci vi non molto più meno è sono era erano fu ha hanno aveva essere",
    ),
    "de": _words(
        "und oder aber denn sondern weil wenn als während wo wie dass ob obwohl bis seit für von vom mit ohne zu zum "
        "zur in im an am auf aus bei beim nach über unter vor zwischen durch gegen um",
        "der die das den dem des ein eine einen einem einer eines mein meine dein deine sein seine ihr ihre unser "
        "unsere dieser diese dieses jeder jede jedes kein keine ich du er sie es wir nicht sehr mehr ist sind war "
        "waren hat haben hatte wird werden wurde kann",
        nouns_are_capitalised=True,
    ),
    "ca": _words(
        "i o ni però sinó perquè si quan mentre on com que qui encara fins des per amb sense de del dels a al als en "
        "entre sobre contra durant cap",
        "el la els les un una uns unes meu meva seu seva aquest aquesta aquell aquella cada jo tu ell ella nosaltres "
        "ells elles em et es li ens us no molt més menys és són era eren va van ha han havia",
    ),
    "gl": _words(
        "e ou nin pero senón porque se cando mentres onde como que quen aínda ata desde para por polo pola con sen de "
        "do da dos das a ao á en no na nos nas entre sobre contra durante",
        "o os as un unha uns unhas meu miña seu súa este esta ese esa aquel aquela cada eu ti el ela nós eles elas me "
        "te se lle non moi máis menos é son era eran foi ha han hai está están",
    ),
}


def break_cost(before: str, after: str, language: str) -> float:
    """How bad it reads to end a line after ``before`` when ``after`` comes next; 0 is best."""
    bare = before.rstrip(_QUOTES)
    if bare[-1:] in _SENTENCE_MARKS and bare:
        return _AFTER_SENTENCE
    if bare[-1:] in _CLAUSE_MARKS and bare:
        return _AFTER_CLAUSE
    if writes_no_space(before[-1:] or " ") and writes_no_space(after[:1] or " "):
        return _cost_without_space(before[-1], after[0])
    words = _LANGUAGES.get(language.partition("-")[0])
    left, right = before.lstrip(_OPENING_MARKS), after.lstrip(_OPENING_MARKS)
    if words and (left.lower() in words.sticky or left.lower() in words.openers):
        return _LEFT_HANGING
    if left.isdecimal() or (_is_name(left, right) and not (words and words.nouns_are_capitalised)):
        return _INSIDE_NAME
    if words and right.lower() in words.openers:
        return _BEFORE_OPENER
    return _NEUTRAL


def _cost_without_space(before: str, after: str) -> float:
    if _HIRAGANA.match(before):
        return _LEFT_HANGING if _HIRAGANA.match(after) else _BEFORE_OPENER
    if _HIRAGANA.match(after) or (_KATAKANA.match(before) and _KATAKANA.match(after)) or after in _CHINESE_PARTICLES:
        return _LEFT_HANGING
    return _NEUTRAL


def _is_name(left: str, right: str) -> bool:
    return left[:1].isupper() and right[:1].isupper()
