"""Language codes of multilingual translation models, by the canonical tags that are used inside."""

from collections.abc import Mapping
from functools import cache
from typing import Final

from dragoman.core.errors import UnknownLanguage
from dragoman.core.language import canonical

M2M100_CODES: Final = """
af am ar ast az ba be bg bn br bs ca ceb cs cy da de el en es et fa ff fi fr fy ga gd gl gu ha he hi hr ht hu hy id ig
ilo is it ja jv ka kk km kn ko lb lg ln lo lt lv mg mk ml mn mr ms my ne nl no ns oc or pa pl ps pt ro ru sd si sk sl
so sq sr ss su sv sw ta th tl tn tr uk ur uz vi wo xh yi yo zh zu
"""
"""Codes of M2M-100 and SMaLL-100; written ``__xx__`` as tokens."""

MADLAD_CODES: Final = """
en ru es fr de it pt pl nl vi tr sv id ro cs zh hu ja th fi fa uk da el no bg sk ko ar lt ca sl he et lv hi sq ms az sr
ta hr kk is ml mr te af gl fil be mk eu bn ka mn bs uz ur sw yue ne kn kaa gu si cy eo la hy ky tg ga mt my km tt so ku
ps pa rw lo ha dv fy lb ckb mg gd am ug ht grc hmn sd jv mi tk ceb yi ba fo or xh su kl ny sm sn co zu ig yo pap st haw
as oc cv lus tet gsw sah br rm sa bo om se ce cnh ilo hil udm os lg ti vec ts tyv kbd ee iba av kha to tn nso fj zza ak
dz bua ln chm gn krc wa hif srn war bik pam sg ady kbp ltg myv bho ay kum qu za pag ve min nv fon iu crh ace mai gv kw
kri wo kg bi mni jam nr rn chr bm ss
"""
"""The first of MADLAD-400's 419 codes, in the order of its training data, and some others; written ``<2xx>`` as tokens.
``no`` is Bokmål."""

_TAGS: Final = {"ns": "nso"}
"""Codes of a model that mean another language elsewhere."""


@cache
def m2m100_codes() -> Mapping[str, str]:
    """M2M-100's code by canonical tag."""
    return _by_tag(M2M100_CODES)


@cache
def madlad_codes() -> Mapping[str, str]:
    """MADLAD's code by canonical tag."""
    return _by_tag(MADLAD_CODES)


def _by_tag(codes: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for code in codes.split():
        try:
            found.setdefault(canonical(_TAGS.get(code, code)), code)
        except UnknownLanguage:  # a code of its own
            continue
    return found
