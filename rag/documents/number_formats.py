"""A value and its number format (ECMA-376, 18.8.30) → what the sheet shows: units, currencies, dates, durations."""

import datetime
import re
from functools import lru_cache

from rag.text.language import Language
from rag.text.packs import pack

# The formats that are known by number alone and shown otherwise than as plain numbers.
BUILT_IN = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 14: "dd/mm/yyyy", 15: "d-mmm-yy", 16: "d-mmm",
    17: "mmm-yy", 18: "h:mm", 19: "h:mm:ss", 20: "h:mm", 21: "h:mm:ss", 22: "dd/mm/yyyy h:mm", 37: "#,##0",
    38: "#,##0", 39: "#,##0.00", 40: "#,##0.00", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss", 49: "@",
}  # fmt: skip
SECTION = re.compile(r'(?:"[^"]*"|\\.|\[[^\]]*\]|[^;"\\\[])*')
PIECE = re.compile(
    r'"([^"]*)"|\\(.)|\[\$([^\]-]*)[^\]]*\]|\[(h+|m+|s+)\]|\[[^\]]*\]|_.|\*.|([0#?][0#?,. ]*)|(.)', re.I | re.S
)
ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
LITERAL = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.|AM/PM|A/P|General', re.IGNORECASE)
EPOCH, EPOCH_1904 = datetime.datetime(1899, 12, 30), datetime.datetime(1904, 1, 1)
LAST_DAY = 2_958_465  # 31 December 9999
SECONDS = 86_400  # of a day
PLACES = 10  # digits that count in a number without a format
SPACE = " "


def shown(value: float, code: str, language: Language, epoch: datetime.datetime = EPOCH) -> str:
    """Write a number as the sheet shows it in a language."""
    sections = [match[0] for match in SECTION.finditer(code) if match[0]] or [""]
    kind = _kind(sections[0])
    if kind == "elapsed":
        return _elapsed(value, sections[0])
    if kind == "date" and 0 <= value <= LAST_DAY:
        return _date(value, sections[0], language, epoch)
    numeric = [s for s in sections if "@" not in s]
    section = numeric[1] if value < 0 and len(numeric) > 1 else numeric[0] if numeric else ""
    if value == 0 and len(numeric) > 2:
        section = numeric[2]
    return _number(abs(value) if section is not sections[0] else value, section, language)


@lru_cache(maxsize=1000)
def _kind(section: str) -> str:
    if ELAPSED.search(section):
        return "elapsed"
    bare = LITERAL.sub("", section)
    return "date" if re.search(r"[ymdhs]", bare, re.IGNORECASE) and not re.search(r"[0#?]", bare.split(".")[0]) else ""


def _number(value: float, section: str, language: Language) -> str:
    sign = next((match[0] for match in re.finditer(r"[0#?][0#?,. ]*", LITERAL.sub("", section))), "")
    if not sign or "E+" in section.upper() or "/" in LITERAL.sub("", section):
        text = plain_number(value, language)
        return text if not section or re.search(r"general|[/E]|@", section, re.I) else _spelled(section, text, language)
    return _spelled(section, _digits(value * (100 if "%" in LITERAL.sub("", section) else 1), sign, language), language)


def _spelled(section: str, digits: str, language: Language) -> str:
    """Write the words of a format around the digits; a currency or a per cent stands apart, as French has it."""
    written, put = "", False
    for quoted, escaped, currency, _, places, other in PIECE.findall(section):
        if places:
            written, put = written + ("" if put else digits), True
        else:
            written += quoted or escaped or currency or (other if other not in "\0" else "")
    text = re.sub(r"(?<=\d)(?=[%€$£])", SPACE, written) if put else written or digits
    return " ".join(text.split())


def _digits(value: float, places: str, language: Language) -> str:
    whole, _, decimals = places.strip(", ").partition(".")
    most = min(15, sum(sign in "0#?" for sign in decimals))
    least = decimals.count("0")
    for _ in range(len(places.rstrip()) - len(places.rstrip().rstrip(","))):
        value /= 1000  # a comma at the end counts in thousands
    text = f"{abs(value):.{most}f}"
    units, _, rest = text.partition(".")
    while len(rest) > least and rest.endswith("0"):
        rest = rest[:-1]
    units = units.zfill(whole.count("0")) if whole.count("0") else units
    if "," in whole or " " in whole:
        units = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", SPACE if language == "fr" else ",", units)
    mark = "," if language == "fr" else "."
    return f"{'-' * (value < 0)}{units}{mark + rest if rest else ''}"


def plain_number(value: float, language: Language) -> str:
    """Write a number without a format."""
    text = f"{value:.{PLACES}g}" if abs(value) < 1e15 and not float(value).is_integer() else f"{value:.0f}"
    return text.replace(".", ",") if language == "fr" else text


def _elapsed(value: float, section: str) -> str:
    """Write a duration: its first unit counts on beyond a day."""
    seconds = round(abs(value) * SECONDS)
    first = (ELAPSED.search(section) or [""])[0].strip("[]").lower()[:1]
    rest = section.lower()
    if first == "h":
        text = f"{seconds // 3600}:{seconds // 60 % 60:02d}" if "m" in rest else f"{seconds // 3600}"
    else:
        text = f"{seconds // 60}" if first == "m" else f"{seconds}"
    has_seconds = first != "s" and "s" in LITERAL.sub("", section).lower()
    return f"{'-' * (value < 0)}{text}{f':{seconds % 60:02d}' if has_seconds else ''}"


def _date(value: float, section: str, language: Language, epoch: datetime.datetime) -> str:
    """Write a day, a month or a time of day, whichever of them the format shows."""
    if "[$-409]" in section:
        language = "en"
    moment = epoch + datetime.timedelta(seconds=round(value * SECONDS))
    bare = LITERAL.sub("", section).lower()
    time = f"{moment:%H:%M:%S}" if "s" in bare else f"{moment:%H:%M}"
    has_day, has_year, has_time = "d" in bare, "y" in bare, "h" in bare or "s" in bare
    month = pack(language).words["months"].split("|")[moment.month - 1].split()[0]
    has_month = "m" in re.sub(r"h+\W*m+|m+\W*s+", "", bare)
    if has_day and has_month:
        day = f"{moment:%d/%m/%Y}" if has_year else f"{moment.day} {month}"
    elif has_month:
        day = f"{month} {moment.year}" if has_year else month
    elif has_day:
        day = pack(language).words["days"].split("|")[moment.weekday()].split()[0] if "ddd" in bare else str(moment.day)
    else:
        day = str(moment.year) if has_year else ""
    return " ".join(filter(None, (day, time if has_time else "")))
