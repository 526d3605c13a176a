"""Names of genes that a spreadsheet took for days: what it saves of SEPT2, MARCH1, DEC1 and their like.

Excel shows days as the language of the computer does, and as the user asks: ``2-Sep``, ``02.Sep``, ``2-сен``, ``2022-09-02 0:00``,
``September 2, 2022``, ``2022년 9월 2일``. Names of genes of any organism that look similar are left alone: the worm has
``set-10``, ``gen-1`` and ``mag-1``.
"""

from __future__ import annotations

import re

#: As Excel shortens months in English, German, French, Italian and Spanish: these may stand before the day as well.
_FIRST = (
    "jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec|mrz|mär|mai|okt|dez|janv|févr|mars|avr|juin|juil|août|déc"
    "|gen|mag|giu|lug|ago|set|ott|dic|ene|abr"
)
#: Further ones: Dutch, Portuguese, Scandinavian, Hungarian, Romanian, Polish, Czech, Finnish, Turkish, Russian, Ukrainian, Greek.
_SHORT = (
    f"{_FIRST}|mrt|mei|fev|out|maj|des|märz|szept|márc|máj|febr|ápr|jún|júl|ian|iun|iul"
    "|sty|lut|kwi|cze|lip|sie|wrz|paź|lis|gru|led|úno|bře|dub|kvě|čvn|čvc|srp|zář|říj|pro"
    "|tammi|helmi|maalis|huhti|touko|kesä|heinä|elo|syys|loka|marras|joulu|oca|şub|nis|haz|tem|ağu|eyl|eki|kas|ara"
    "|янв|фев|мар|марта?|апр|мая|май|июн|июл|авг|сент?|окт|ноя|нояб|дек|січ|лют|бер|кві|тра|чер|лип|сер|вер|жов|лис|гру"
    "|μαρ|μαΐ|σεπ|οκτ|νοε|δεκ"
)
_LONG = (
    "january|february|march|april|june|july|august|september|october|november|december"
    "|januar|februar|märz|juni|juli|oktober|dezember|janvier|février|juillet|septembre|octobre|novembre|décembre"
    "|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre"
    "|gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|dicembre"
    "|janeiro|fevereiro|março|maio|junho|julho|setembro|outubro|novembro|dezembro|januari|februari|maart|augustus|mars|maj"
    "|января|февраля|апреля|июня|июля|августа|сентября|октября|ноября|декабря|сентябрь|октябрь|ноябрь|декабрь"
)
_DAY, _MONTH, _YEAR = "[0-3]?[0-9]", "[01]?[0-9]", "[12][0-9]{3}"
_NAMED = rf"(?:{_LONG}|{_SHORT})\.?"
_TIME = r"(?:[T ]+[0-2]?[0-9]:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,6})?)?(?: ?[ap]\.?m\.?)?Z?)?"
_FORMS = (
    # 1-Mar, 02.Sep, 01. Mrz, 1/mar, 2-сен, 1-Mar-21, 2 September 2022, 2 de septiembre de 2022
    rf"{_DAY}(?:[-./ ]|\. | de ){_NAMED}(?:(?:[-./ ]|, | de )(?:{_YEAR}|[0-9]{{2}})(?: г\.)?{_TIME})?",
    # Mar-01, Sep 02, Mar-2021; a shorter number would make a name of a gene of it
    rf"(?!set|gen|mag)(?:{_FIRST})[- ][0-9]{{2}}(?:[0-9]{{2}})?",
    # September 2, 2022; Friday, September 2, 2022; September 2022
    rf"(?:[^\W\d_]+, )?{_NAMED} {_DAY}, ?{_YEAR}{_TIME}|(?:{_LONG})[- ]{_YEAR}",
    # 2022-Sep-02
    rf"{_YEAR}([-/. ]){_NAMED}\1{_DAY}{_TIME}",
    # 2021-03-01, 2022-09-02 0:00, 2022-09-02T00:00:00; 2022. 9. 2 in Korean
    rf"{_YEAR}(?:([-/.]){_MONTH}\2{_DAY}|\. ?{_MONTH}\. ?{_DAY}\.?){_TIME}",
    # 3/1/2021, 01.03.2021, 1. 3. 2021, 3/1, 3/1/21
    rf"{_DAY}([-/]|\. ?){_DAY}\3{_YEAR}{_TIME}|{_DAY}/{_DAY}(?:/[0-9]{{2}})?",
    # 3월 1일, 2022년 9월 2일, 9月2日
    rf"(?:{_YEAR}년 ?)?{_MONTH}월 ?{_DAY}일|(?:{_YEAR}年 ?)?{_MONTH}月 ?{_DAY}日",
)
_DATE = re.compile("|".join(_FORMS), re.IGNORECASE)
#: Sep 2 and Sep. 2, which Excel never writes in capitals: DEC 1 may be meant as the gene.
_FEW_DIGITS = re.compile(rf"(?!set|gen|mag)(?:{_FIRST})\.? {_DAY}", re.IGNORECASE)
#: What all of these have, and hardly any name of a gene; looked for first, because it takes a tenth of the time.
_LIKE_DATE = re.compile(rb"[0-9]|[^ ]* |[^-]*-[0-9]{2}(?:[0-9]{2})?\Z")


def is_date(gene: bytes) -> bool:
    """Whether an identifier is a day or a month as a spreadsheet writes it."""
    if not _LIKE_DATE.match(gene):
        return False
    text = gene.decode("utf-8", "replace")
    if _DATE.fullmatch(text):
        return True
    return _FEW_DIGITS.fullmatch(text) is not None and not text.isupper()
