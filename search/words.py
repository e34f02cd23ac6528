"""Words as the search compares them: without case, accents or endings.

A text and a question about it go through the same steps, so an accent left out on either side
makes no difference. ``fold`` drops case and accents, ``base`` replaces the endings that a Snowball
stemmer knows by their accents only, and the stemmer takes the ending off: PostgreSQL's own one
there, the one in Python for SQLite, for the vocabulary and for marking words.
"""

import re
import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import snowballstemmer

#: Longest word that is kept; what is longer is an address or a mistake.
MAX_LENGTH = 40
#: Most words of a question that are looked for.
MAX_TERMS = 12
#: Names of the Snowball stemmers (https://snowballstem.org/) by language.
STEMMERS = {"pt": "portuguese", "en": "english", "es": "spanish"}

#: Words that say nothing about what is looked for.
STOP_WORDS = {
    language: frozenset(text.split())
    for language, text in {
        "pt": """
            a ao aos as ate com como da das de dela dele do dos e ela elas ele eles em entre essa
            esse esta este eu foi foram ha isso isto ja lhe mais mas me mesmo muito na nas nem no
            nos num numa o os ou para pela pelas pelo pelos por qual quando que quem se sem ser seu
            seus sobre sua suas so tambem um uma umas uns voce
        """,
        "en": """
            a an and are as at be by for from has have how in is it its of on or that the their
            this to was were what when where which who will with
        """,
        "es": """
            a al como con cual cuando de del desde donde e el ella en entre es esa ese esta este la
            las le lo los mas o para pero por que quien se sin sobre su sus un una unas unos y
        """,
    }.items()
}


@dataclass(frozen=True)
class Ending:
    """An ending to replace, where at least ``after`` letters come before it."""

    pattern: re.Pattern
    replacement: str

    @classmethod
    def of(cls, ending: str, replacement: str, after: int = 0) -> "Ending":
        return cls(re.compile(rf"(.{{{after},}}){ending}"), rf"\1{replacement}")

    def replace(self, word: str) -> str | None:
        match = self.pattern.fullmatch(word)
        return match.expand(self.replacement) if match else None


#: Tables of endings of each language. Of each table the first that fits is replaced.
ENDINGS = {
    "pt": [
        [  # plurals and, of the peoples one hears of here, also genders
            Ending.of(
                "(portugu|japon|chin|franc|ingl|holand|irland|finland|liban|escoc)es(?:a|as|es)?",
                r"\2es",
            ),
            Ending.of("maes", "mae"),
            Ending.of("(?:oes|aes|aos)", "ao", after=1),
            Ending.of("ais", "al", after=2),
            Ending.of("eis", "el", after=3),
            Ending.of("ois", "ol", after=4),
            Ending.of("uis", "ul", after=2),
            Ending.of("([aeiou])ns", r"\2m", after=1),
            Ending.of("([aeo])s", r"\2", after=2),
        ],
        [  # nouns of action and tenses whose accent the stemmer needs
            Ending.of("reuniao", "reunir"),
            Ending.of("acao", "ar", after=4),
            Ending.of("(ar|er|ir)ao", r"\2", after=3),
            Ending.of("avamos", "ar", after=2),
            Ending.of("aria", "ario", after=4),
        ],
    ],
    "en": [],
    "es": [
        [
            Ending.of("iones", "ion", after=2),
            Ending.of("([dlnrz])es", r"\2", after=3),
            Ending.of("([aeo])s", r"\2", after=3),
        ],
        [Ending.of("acion", "ar", after=4)],
    ],
}

#: Letters and digits, with the hyphens and apostrophes inside a word.
WORD = re.compile(r"[^\W_]+(?:[-'’‐‑][^\W_]+)*")
PART = re.compile(r"[^\W_]+")

_local = threading.local()


def short(language: str) -> str:
    """``"pt"`` of ``"pt-br"``; Portuguese, the site's language, for those not known here."""
    code = language.partition("-")[0]
    return code if code in STEMMERS else "pt"


class _Folded(dict):
    """Each character without case and accent, found out when it is first met."""

    def __missing__(self, code: int) -> int | str:
        plain = "".join(
            part
            for part in unicodedata.normalize("NFKD", chr(code).lower())
            if not unicodedata.combining(part)
        )
        # One character for one, so that places in the folded text are places in the text.
        self[code] = plain if len(plain) == 1 else chr(code)
        return self[code]


_folded = _Folded()


def compose(text: str) -> str:
    """``text`` with each accent in the letter that bears it, which ``fold`` counts on."""
    return unicodedata.normalize("NFC", text.replace("\x00", " "))


def fold(text: str) -> str:
    """``text`` without case and accents, and as long as before."""
    return text.translate(_folded)


@lru_cache(maxsize=100_000)
def base(word: str, language: str) -> str:
    """A folded word with the ending by which the stemmer knows it."""
    for table in ENDINGS[language]:
        word = next(filter(None, (ending.replace(word) for ending in table)), word)
    return word


@lru_cache(maxsize=100_000)
def stem(word: str, language: str) -> str:
    """What a folded word has in common with its plural, its tenses and its kin."""
    stemmers = _local.__dict__
    if language not in stemmers:
        stemmers[language] = snowballstemmer.stemmer(STEMMERS[language])
    return stemmers[language].stemWord(base(word, language))


def tokens(compound: str) -> list[str]:
    """The words to keep of a folded word: the whole without its hyphens, and its parts."""
    parts = PART.findall(compound)
    if len(parts) > 1:
        parts.insert(0, "".join(parts))
    return [part for part in parts if len(part) <= MAX_LENGTH]


def words_of(text: str) -> Iterator[tuple[str, str]]:
    """Each word of a composed text: folded, and as it is written."""
    plain = fold(text)
    for match in WORD.finditer(text):
        written = match[0]
        folded = plain[match.start() : match.end()]
        if written.isalnum():
            if len(folded) <= MAX_LENGTH:
                yield folded, written
            continue
        whole, *parts = tokens(folded) or [""]
        if parts:
            yield whole, written
            yield from zip(parts, PART.findall(written), strict=False)


@dataclass(frozen=True)
class Term:
    """A word that is asked for: any of its ``choices`` will do, each one or more words."""

    written: str
    choices: tuple[tuple[str, ...], ...]

    @property
    def folded(self) -> str:
        return self.choices[0][0]

    @property
    def parts(self) -> list["Term"]:
        """The words of a hyphenated one, each as a term of its own; the term itself otherwise."""
        if len(self.choices) == 1:
            return [self]
        return [Term(word, ((word,),)) for word in self.choices[1]]

    def stems(self, language: str) -> set[str]:
        return {stem(word, language) for choice in self.choices for word in choice}


def terms_of(question: str, language: str) -> list[Term]:
    """The words that a question asks for, without those that say nothing, each once."""
    found: dict[str, Term] = {}
    for match in WORD.finditer(compose(question)):
        whole, *parts = tokens(fold(match[0])) or [""]
        told = [part for part in parts if len(part) > 1 and part not in STOP_WORDS[language]]
        choices = ((whole,), tuple(told)) if told else ((whole,),)
        if whole and (told or whole not in STOP_WORDS[language]):
            found.setdefault(whole, Term(match[0], choices))
    return list(found.values())[:MAX_TERMS]


# Mistakes of typing ---------------------------------------------------------------------------

#: Spellings that sound alike in Portuguese, told in one way.
SOUNDS = [
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"ph", "f"),
        (r"qu(?=[ei])", "c"),
        (r"c(?=[eiy])", "s"),
        (r"sh|ch", "x"),
        (r"h", ""),
        (r"[ck]", "c"),
        (r"z", "s"),
        (r"y", "i"),
        (r"w", "v"),
        (r"n(?=[pb])", "m"),
        (r"(.)\1+", r"\1"),
    )
]


def sound(word: str) -> str:
    """A folded word roughly as it sounds: what is heard alike is often written for another."""
    for pattern, heard in SOUNDS:
        word = pattern.sub(heard, word)
    return word


def misspellings(word: str) -> set[str]:
    """The sound of a folded word, and that sound with any one letter left out.

    Two words that differ by a letter too many, too few, wrong or swapped with its neighbour have
    a misspelling in common, so near words are found by looking up equal ones.
    """
    heard = sound(word)
    if len(heard) < 4:
        return {heard}
    return {heard, *(heard[:place] + heard[place + 1 :] for place in range(len(heard)))}


def distance(one: str, other: str) -> int:
    """Letters added, left out, replaced or swapped with a neighbour between two words."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, start=1):
        line = [row]
        for column, its in enumerate(other, start=1):
            cost = min(last[column] + 1, line[column - 1] + 1, last[column - 1] + (letter != its))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == its:
                cost = min(cost, before[column - 2] + 1)
            line.append(cost)
        before, last = last, line
    return last[-1]
