"""Dates and times as array software writes them: in the form of whatever language its computer was set to.

No document of these formats fixes the form, so a text is taken for a moment when it has a day, a month and a year that
the calendar knows, perhaps a time, and nothing else. Which of two numbers is the month cannot always be told; it need
not be, since facts keep the text as it is written.
"""

from __future__ import annotations

import calendar
import re

_MONTHS = {name[:3].lower(): number for number, name in enumerate(calendar.month_name) if name}
_WEEKDAY = re.compile(
    r"(?i:\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b[.,]?)|[월화수목금토일月火水木金土日]요일"
)
_HALF = re.compile(r"(?i:(?<![a-z])[ap]\.?\s?m\.?(?![a-z]))|오전|오후|上午|下午|午前|午後")
_TIME = re.compile(r"(?<![0-9])(?:[01]?[0-9]|2[0-4]):[0-5][0-9](?::(?:[0-5][0-9]|60)(?:[.,][0-9]{1,9})?)?(?![0-9.:])")
_DOTTED_TIME = re.compile(r"(?<![0-9])(?:[01]?[0-9]|2[0-4])\.[0-5][0-9](?:\.(?:[0-5][0-9]|60))?(?![0-9.:])")
_ZONE = re.compile(r"Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2}")
_NUMBERS = re.compile(r"([0-9]{1,4})\s?[-/.년年]\s?([0-9]{1,2})\s?[-/.월月]\s?([0-9]{1,4})\.?\s?[일日]?")
_WORDS = (
    re.compile(r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?[ .-]{1,2}(?P<month>[A-Za-z]{3,9})[ .,-]{1,2}(?P<year>[0-9]{2,4})"),
    re.compile(r"(?P<month>[A-Za-z]{3,9})[ .]{1,2}(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?,? (?P<year>[0-9]{4})"),
    re.compile(r"(?P<year>[0-9]{4})[ -](?P<month>[A-Za-z]{3,9})[ -](?P<day>[0-9]{1,2})"),
)
_LONGEST = 100
_ISO = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:[0-9]{2})?"
)


def is_moment(text: str) -> bool:
    """Whether a text is a date, with or without a time, in some usual form: ``2/17/2015 1:47 PM``, ``2015-02-17 오후 1:47``."""
    rest = text.strip()
    if not rest or len(rest) > _LONGEST:
        return False
    if _ISO.fullmatch(rest):
        return is_iso_moment(rest)
    rest = " ".join(_HALF.sub(" ", _WEEKDAY.sub(" ", _TIME.sub(" ", rest, count=1))).split()).strip(" ,")
    has_date, rest = _without_date(rest)
    if not has_date:
        return False
    rest = _DOTTED_TIME.sub(" ", rest, count=1)
    return not _ZONE.sub(" ", rest, count=1).strip(" ,T")


def is_iso_moment(text: str) -> bool:
    """Whether a text is ``YYYY-MM-DDTHH:MM:SS``, with or without a zone, and a moment of the calendar."""
    match = _ISO.fullmatch(text)
    if match is None:
        return False
    year, month, day, hour, minute, second = map(int, match.groups())
    return _is_day(year, month, day) and hour < 24 and minute < 60 and second <= 60


def _without_date(text: str) -> tuple[bool, str]:
    """Whether a date of the calendar stands in a text, and the text without it."""
    match = _NUMBERS.search(text)
    if match is not None:
        first, second, third = map(int, match.groups())
        if len(match[1]) > 2:
            found = len(match[3]) <= 2 and (_is_day(first, second, third) or _is_day(first, third, second))
        else:
            year = third if len(match[3]) > 2 else 2000 + third
            found = _is_day(year, first, second) or _is_day(year, second, first)
        return found, text[: match.start()] + " " + text[match.end() :]
    for pattern in _WORDS:
        words = pattern.search(text)
        if words is not None:
            month = _MONTHS.get(words["month"][:3].lower(), 0)
            year = int(words["year"]) + (2000 if len(words["year"]) == 2 else 0)
            found = _is_day(year, month, int(words["day"]))
            return found, text[: words.start()] + " " + text[words.end() :]
    return False, text


def _is_day(year: int, month: int, day: int) -> bool:
    return 1900 <= year <= 2199 and 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]
