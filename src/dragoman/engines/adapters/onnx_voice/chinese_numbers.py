"""Numbers in Chinese text, as they are said. Pure."""

import re

_DIGITS = "零一二三四五六七八九"
_UNITS = ("", "十", "百", "千")
_GROUPS = ("", "万", "亿", "兆")
_LONGEST = 16
"""Digits of a whole number that has a name; longer ones are read digit by digit."""

_YEAR = re.compile(r"(?<!\d)(\d{4})(?=\s*年)")
_PERCENT = re.compile(r"(-?\d[\d,]*(?:\.\d+)?)\s*[%％]")  # noqa: RUF001
_TIME = re.compile(r"(?<!\d)(\d{1,2})[:：](\d{2})(?!\d)")  # noqa: RUF001
_NUMBER = re.compile(r"(?<![\d.])(-?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?")


def numbers_in_words(text: str) -> str:
    """``text`` with its Arabic numerals in Chinese: 2024年 digit by digit, 50% as 百分之五十, 14:30 as a time."""
    text = _YEAR.sub(lambda year: _one_by_one(year[1]), text)
    text = _PERCENT.sub(lambda share: "百分之" + share[1], text)
    text = _TIME.sub(_time, text)
    return _NUMBER.sub(_number, text)


def _time(match: "re.Match[str]") -> str:
    hours, minutes = int(match[1]), int(match[2])
    if hours > 24 or minutes > 59:
        return match[0]
    if not minutes:
        return cardinal(hours) + "点"
    return f"{cardinal(hours)}点{'零' if minutes < 10 else ''}{cardinal(minutes)}分"


def _number(match: "re.Match[str]") -> str:
    sign, digits, decimals = match.groups()
    digits = digits.replace(",", "")
    named = len(digits) <= _LONGEST and (digits == "0" or not digits.startswith("0"))
    whole = cardinal(int(digits)) if named else _one_by_one(digits)
    return ("负" if sign else "") + whole + ("点" + _one_by_one(decimals) if decimals else "")


def cardinal(number: int) -> str:
    """The name of a whole number from 0 to 16 digits."""
    if number == 0:
        return _DIGITS[0]
    groups, rest = [], number
    while rest:
        rest, group = divmod(rest, 10_000)
        groups.append(group)
    said = ""
    for place in reversed(range(len(groups))):
        group = groups[place]
        if group:
            gap = said and (group < 1000 or groups[place + 1] == 0)
            said += ("零" if gap else "") + _below_ten_thousand(group) + _GROUPS[place]
    return said.removeprefix("一") if said.startswith("一十") else said


def _below_ten_thousand(number: int) -> str:
    said, gap = "", False
    for place in reversed(range(4)):
        digit = number // 10**place % 10
        if digit:
            said += ("零" if gap and said else "") + _DIGITS[digit] + _UNITS[place]
            gap = False
        else:
            gap = True
    return said


def _one_by_one(digits: str) -> str:
    return "".join(_DIGITS[int(digit)] for digit in digits)
