"""How easy a Portuguese text is to read (Lei 14.129/2021, art. 3, VII: plain language).

The measure is Flesch's Reading Ease as adapted to Brazilian Portuguese by T. B. F. Martins,
C. M. Ghiraldelo, M. G. V. Nunes and O. N. Oliveira Jr., "Readability formulas applied to textbooks
in Brazilian Portuguese", Notas do ICMSC-USP 28, 1996: 42 points above the scale for English, whose
words have fewer syllables. It weighs the length of sentences and of words, and nothing else: a
hint for who writes, never a verdict.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import pgettext_lazy

#: Words below which the measure says nothing.
LEAST_WORDS = 30
#: Words above which a sentence is better cut. The federal manual of plain language asks for 20 to
#: 25 at most.
LONG_SENTENCE = 25
#: Least points of each band of the scale of Martins et al., with the schooling that it asks for.
BANDS = (
    (75, pgettext_lazy("facilidade de leitura", "muito fácil (1º ao 5º ano)")),
    (50, pgettext_lazy("facilidade de leitura", "fácil (6º ao 9º ano)")),
    (25, pgettext_lazy("facilidade de leitura", "difícil (ensino médio e superior)")),
    (float("-inf"), pgettext_lazy("facilidade de leitura", "muito difícil (textos acadêmicos)")),
)

_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
#: A sentence ends at a mark that is followed by a space and a capital, or at the end of a line.
_END = re.compile(r"([.!?…][\"'”’)\]]*)\s+(?=[\"'“‘(\[—–-]*[A-ZÀ-ÖØ-Þ0-9])")
#: Points after which a sentence goes on: "art. 5", "Dr. Silva", "n. 8763".
_SHORTENED = re.compile(
    r"\b(art|arts|av|cf|dr|dra|ed|etc|ex|fl|inc|ltda|min|n|núm|obs|p|pág|prof|profa|r|s|sr|sra|tel|"
    r"vol|[A-Z])\.(?=\s)",
    re.IGNORECASE,
)

_VOWELS = "aeiouáàâãéêíóôõúü"
_STRONG = "aeoáàâãéêíóôõú"
_WEAK = "iuü"
#: The u of "quero" and "guerra", of "água" and "quando".
_SILENT = re.compile(r"([qg])[uü](?=[aáâãeéêiíoóôõ])")
#: The end of "história", "município", "área", without the first of its two vowels.
_FALLING_END = re.compile(r"([áâéêíóôú].*[^\Waeiouáàâãéêíóôõúü])[ieou]([aeo]s?)$")


def syllables(word: str) -> int:
    """How many syllables ``word`` has, as Portuguese divides it.

    Each strong vowel (a, e, o, and any with an accent) begins one. A weak vowel (i, u) is part of
    the syllable of a vowel before it, as in "pai" and "meu", unless something sets it apart
    (``_is_apart``). After q and g, u is no syllable before a vowel. Two vowels that end a word
    whose stress is marked before them are one ("história", "série", "área"): Acordo Ortográfico de
    1990, base XI, 2. What only the origin of a word tells ("re-unir") is not known here.
    """
    parts = re.split(r"[-'’]", unicodedata.normalize("NFC", word.lower()))
    return max(sum(map(_syllables_of, parts)), 1)


def _syllables_of(part: str) -> int:
    part = _SILENT.sub(r"\1", part)
    part = _FALLING_END.sub(r"\1\2", part)
    count = 0
    for place, letter in enumerate(part):
        before = part[place - 1] if place else ""
        if letter not in _VOWELS:
            continue
        if letter in _WEAK and before and before in _VOWELS and not _is_apart(part, place):
            continue
        if before in ("ã", "õ") and letter in "eo":
            continue
        count += 1
    return count


def _is_apart(part: str, place: int) -> bool:
    """Whether the i or u at ``place``, after a vowel, is a syllable of its own."""
    before, after = part[place - 1], part[place + 1 :]
    if before == part[place] or after.startswith("nh"):
        return True
    # The weak vowel before it belongs to the vowel before that.
    if before in _WEAK and place > 1 and part[place - 2] in _STRONG:
        return True
    # "insti-tu-i-ção", "contri-bu-i-ção".
    if before == "u" and after.startswith("ç"):
        return True
    if after[:1] in ("l", "m", "n", "r", "z"):
        # The consonant closes the syllable: at the end of the word, or before another consonant.
        follows = after[1:2]
        return not follows or (follows not in _VOWELS and follows not in ("h", "s"))
    return False


@dataclass(frozen=True)
class Readability:
    """The measure of a text."""

    text: str

    @cached_property
    def sentences(self) -> list[str]:
        """Parts of the text with at least one word, as they are written."""
        whole = _SHORTENED.sub(lambda match: match[0][:-1] + "\u2024", self.text)
        parts = _END.sub(r"\1\n", whole).replace("\u2024", ".").splitlines()
        return [part.strip() for part in parts if _WORD.search(part)]

    @cached_property
    def words(self) -> list[str]:
        return _WORD.findall(self.text)

    @property
    def is_measurable(self) -> bool:
        return len(self.words) >= LEAST_WORDS

    @property
    def words_per_sentence(self) -> float:
        return len(self.words) / len(self.sentences)

    @cached_property
    def score(self) -> float:
        """Flesch's index for Portuguese, from about 0 to 100; more is easier."""
        per_word = sum(map(syllables, self.words)) / len(self.words)
        return 248.835 - 1.015 * self.words_per_sentence - 84.6 * per_word

    @property
    def band(self) -> str:
        return next(str(name) for least, name in BANDS if self.score >= least)

    def long_sentences(self) -> Iterator[tuple[int, str]]:
        """The sentences that are better cut, with their words, the longest first."""
        counted = [(len(_WORD.findall(sentence)), sentence) for sentence in self.sentences]
        yield from sorted((each for each in counted if each[0] > LONG_SENTENCE), reverse=True)
