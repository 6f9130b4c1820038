"""Reading what people answer to "how did we do, from 1 to 5?": figures, stars, words. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from listener.domain.query.fold import fold

if TYPE_CHECKING:
    from listener.domain.sentiment import Sentiment

LONG = 14
"""Words: somebody who writes more than this tells a story, and a figure in it need not be the grade."""

_STARS = re.compile("[⭐★🌟]\ufe0f?")
_EMPTY_STARS = re.compile("[☆]")
_OUT_OF = re.compile(r"(?<![\d.,:/])(\d{1,2}(?:[.,]\d)?)\s*(?:/|out of|of|von|sur|de|su|din|από|στα|из)\s*(5|10)(?![\d:/])")
_FIGURE = re.compile(r"(?<![\w.,:/#@-])([1-5])(?![\w:/%]|[.,]\d)")
_GRADE = re.compile(
    r"^[^\w\d%/.,:-]*([1-5])(?=[\s.,!…)~*;\ufe0f-]*$|\s*[-–—,.!;:)(]\s|\s*[,.!](?!\d)|\s+(?:stars?|points?)\b)"
    r"|(?:\b(?:a|an|solid|give|gave|say|rate|rating|score|grade|points?|definitely|clear|strong|it's|its)\s*:?\s+(?:you\s+|it\s+)?(?:a\s+|an\s+)?)([1-5])(?=\W*$|\W*[,.!;]|\s+(?:stars?|from|for|but|because)\b)"
)
_KEYCAPS = re.compile("([0-9])\ufe0f?\u20e3")
_WORDS = {
    5: "five cinque cinq cinco fünf funf cinci pente πεντε lima beş bes пять besh",
    4: "four quattro quatre cuatro vier patru τεσσερα apat dört dort четыре tort",
    3: "three tre trois tres drei trei τρια tatlo üç uc три uch",
    2: "two due deux dos zwei doi δυο dalawa iki два ikki",
    1: "one uno un eins unu ενα isa bir один",
}
_BY_WORD = {fold(word): score for score, words in _WORDS.items() for word in words.split()}
_PHRASES = {
    5: "great|excellent|perfect|awesome|amazing|fantastic|wonderful|brilliant|superb|outstanding|top notch|love it|very happy|very satisfied|super|could not be better|"
    "εξαιρετικα|τελεια|αριστα|υπεροχα|ausgezeichnet|hervorragend|toll|genial|excelente|genial|perfecto|parfait|excellent|ottimo|perfetto|excelent|foarte bine|"
    "ang galing|sobrang ganda|alo|ajoyib|отлично|супер|非常好|很棒|ยอดเยี่ยม|ดีมาก|ممتاز|😍|🥰|❤|🤩",
    4: "good|nice|happy|satisfied|helpful|quick|well done|thank you|thanks|cheers|καλα|ευχαριστω|gut|danke|bien|gracias|merci|bene|grazie|bine|multumesc|salamat|rahmat|"
    "yaxshi|хорошо|спасибо|谢谢|ขอบคุณ|شكرا|👍|👌|🙏|😊|🙂",
    3: "ok|okay|so so|meh|average|could be better|alright|mediocre|ετσι κι ετσι|μετρια|geht so|regular|moyen|cosi cosi|asa si asa|нормально|一般|😐",
    2: "poor|not good|not great|not happy|disappointed|disappointing|slow|κακα|απογοητευτηκα|schlecht|malo|mauvais|slab|плохо|🙁|😞|😕",
    1: "terrible|awful|horrible|worst|useless|disgusting|a joke|hopeless|never again|απαισια|χαλια|katastrophe|furchtbar|pesimo|fatal|nul|horrible|pessimo|groaznic|ужасно|"
    "很差|แย่มาก|سيئ|😡|🤬|👎|😠",
}

def _pattern(words: str) -> re.Pattern[str]:
    """Any of the words; with word boundaries where the script has them."""
    spaced = [re.escape(fold(word)) for word in words.split("|") if not _UNSPACED.search(word)]
    unspaced = [re.escape(fold(word)) for word in words.split("|") if _UNSPACED.search(word)]
    return re.compile("|".join([rf"(?<!\w)(?:{'|'.join(spaced)})(?!\w)", *unspaced]))


_UNSPACED = re.compile("[\u0e00-\u0e7f\u2600-\u27bf\u4e00-\u9fff\U0001f300-\U0001faff]")
_PATTERNS = {score: _pattern(words) for score, words in _PHRASES.items()}
_NOT = re.compile(r"(?<!\w)(?:not|no|never|isn't|wasn't|hardly|nicht|kein|pas|nada|δεν|не)(?:\s+\w+){0,2}\s*$")


@dataclass(frozen=True, slots=True)
class Score:
    """A grade on the scale from 1 to 5, and how sure the reading is (0–1)."""

    value: int
    sure: float
    why: str


def read_score(text: str, sentiment: Sentiment | None = None) -> Score | None:
    """The grade that an answer gives; None when it gives none that could be told.

    Args:  sentiment: of the answer; decides where only a mood can be read.
    """
    said = " ".join(word for word in text.split() if not word.startswith(("@", "http://", "https://")))
    folded = fold(_KEYCAPS.sub(r" \1 ", said))
    words = folded.split()
    stars = len(_STARS.findall(said))
    if stars and (stars <= 5 or _EMPTY_STARS.search(said)):
        return Score(min(stars, 5), 0.98 if stars > 1 or len(words) <= 3 else 0.7, "stars")
    if (found := _OUT_OF.search(folded)) is not None:
        value, scale = float(found[1].replace(",", ".")), int(found[2])
        if value <= scale:
            return Score(min(max(int(value * 5 / scale + 0.5), 1), 5), 0.97, f"{found[1]} out of {found[2]}")
    figures = {int(found[1]) for found in _FIGURE.finditer(folded)}
    grade = _GRADE.search(folded)
    if grade is not None:
        return Score(int(grade[1] or grade[2]), 0.95 if len(figures) == 1 and len(words) <= LONG else 0.7, "a figure")
    if 1 <= len(words) <= 3 and (score := next((_BY_WORD[word.strip(".,!")] for word in words if word.strip(".,!") in _BY_WORD), None)):
        return Score(score, 0.9, "a figure in words")
    if figures:
        return None
    return _mood(folded, sentiment) if len(words) <= LONG else None


def _mood(folded: str, sentiment: Sentiment | None) -> Score | None:
    """A short answer without a figure: what its words say, held against its sentiment."""
    found = [score for score, pattern in _PATTERNS.items() for match in pattern.finditer(folded) if not _NOT.search(folded[: match.start()])]
    denied = any(_NOT.search(folded[: match.start()]) for score in (4, 5) for match in _PATTERNS[score].finditer(folded))
    feeling = sentiment.label if sentiment is not None else "unscored"
    if denied and not found:
        return Score(2, 0.6, "words")
    if found and max(found) >= 4 and min(found) <= 2:
        return None
    if found:
        value = max(found) if max(found) >= 4 else min(found)
        if (value >= 4 and feeling == "negative") or (value <= 2 and feeling == "positive"):
            return None
        return Score(value, 0.75 if feeling in ("positive", "negative") else 0.6, "words")
    if sentiment is not None and sentiment.compound is not None and abs(sentiment.compound) >= 0.5 and sentiment.confidence >= 0.7:
        return Score(4 if sentiment.compound > 0 else 2, 0.5, "its mood")
    return None
