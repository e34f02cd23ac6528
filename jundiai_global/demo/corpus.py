"""Writes sample articles: as many as one likes, plausible in form, about nothing that happened.

Words are drawn so that the commonest of a kind comes up twice as often as the third and fifty times
as often as the hundredth, as in real texts (Zipf's law). A search or a listing then finds
what it would find in a newsroom of that size. The same seed writes the same articles.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from uuid import UUID

from django.utils import timezone

from . import words
from .samples import NOTICE

#: Times that the commonest word of a kind is put in the hat.
COMMONEST = 400
#: Words after which a body ends, with the part that reaches them: at least, usually, at most.
LENGTH = (150, 320, 560)
#: Share of the sentences that begin with a turn of phrase.
OPENED = 0.3
#: Share of the articles that have no cover, and no category.
WITHOUT_COVER, WITHOUT_CATEGORY = 0.12, 0.05
#: How many articles serve no goal, one, two, three; of a hundred.
GOALS_SERVED = (35, 40, 18, 7)
#: Articles that speak of the same project, on the average. New projects bring new names, as new
#: things do in real texts: the more articles, the more words (Heaps' law).
PER_PROJECT = 15
SYLLABLES = "ba|ce|di|fo|gu|la|me|ni|po|ru|sa|te|vi|zo|bra|cle|dri|flo|gra|pla"
#: How busy an office is in each month, and on each weekday from Monday on.
MONTHS = (4, 6, 9, 10, 11, 9, 6, 9, 11, 12, 10, 5)
WEEKDAYS = (10, 12, 12, 12, 11, 2, 1)

HEADLINES = (
    "{thing:} de {topic:} leva {people:s} a {city}",
    "{people:s} e {people:s} de {city} {verb:am} {thing:um+}",
    "{agent:} {verb:a} {thing:} de {topic:} com {city}",
    "{thing:+} {verb:a} {people:s} {place:em} de {city}",
    "{place:+} recebe {thing:} sobre {topic:} e {topic:}",
    "{agent:+} {verb:a} {thing:um} para {people:s}",
    "{people:s} podem {verb:ar} {thing:um} de {topic:} até {month}",
    "{topic:} e {topic:} são tema de {thing:} com {city}",
    "{agent:} e {agent:} {verb:am} {thing:+} de {topic:}",
    "como {people:s} de {city} {verb:am} {thing:} de {topic:}",
    "{thing:} sobre {topic:} {verb:a} {result:s} para {people:s}",
    "{number} {people:s} {verb:am} {thing:} em {month}",
)
SENTENCES = (
    "{agent:o} {verb:ou} {thing:um+} de {topic:} para {people:os} {place:de}.",
    "{thing:o+} {verb:a} {result:os} de {topic:} e {topic:} em {city}.",
    "{people:os} {verb:aram} {thing:o} {adverb} {place:em+}.",
    "{agent:o} de {city} e {agent:o} {verb:aram} {thing:um+} sobre {topic:}.",
    "{thing:os} de {topic:} {verb:am} {result:um+} para {people:os}.",
    "{people:os+} podem {verb:ar} {thing:o} até {weekday}, {place:em}.",
    "{agent:o} {verb:ará} {number} {thing:s} de {topic:} até {month}.",
    "{agent:os} e {people:os} querem {verb:ar} {thing:os} {place:de} em {month}.",
    "{result:o} {thing:de} depende {agent:de}, {people:des} e {topic:de}.",
    "{thing:o} foi {verb:ado} e {verb:ado} {adverb} {agent:por} e {people:pors}.",
    "em {month}, {agent:o+} {verb:ou} {thing:os} de {topic:} com {people:s} de {city}.",
    "há {number} anos {agent:o} {verb:a} {thing:os} como {result:}, sem {verb:ar} {result:o}.",
    "{people:os} que {verb:am} {thing:os} {place:em} {verb:am} {adverb} {topic:o}.",
    "o trabalho com {city} {verb:a} {result:um} que {people:os+} {verb:am} {adverb}.",
    "para {verb:ar} {thing:o+}, {agent:o} {verb:a} {topic:o} e {topic:o}.",
)
HEADINGS = (
    "{thing:o} e {topic:o}",
    "o que {people:os} {verb:am}",
    "{result:os} {thing:de}",
    "como {verb:ar} {thing:o}",
    "{topic:} e {topic:} em {city}",
    "{result:os+} para {people:os}",
)
ITEMS = (
    "{verb:ar} {thing:o} de {topic:};",
    "{thing:} para {people:s} {place:de};",
    "{result:} e {result:} de {topic:};",
    "{number} {thing:s} sobre {topic:};",
)


# Words and their forms ------------------------------------------------------------------------

_PLURALS = (("ão", "ões"), ("al", "ais"), ("el", "éis"), ("ol", "óis"), ("ul", "uis"), ("il", "is"))


def _plural(word: str) -> str:
    for ending, plural in _PLURALS:
        if word.endswith(ending):
            return word.removesuffix(ending) + plural
    if word.endswith("m"):
        return word[:-1] + "ns"
    if word.endswith("ês"):
        return word[:-2] + "eses"
    return word + ("es" if word[-1] in "rz" else "s")


def _noun(entry: str, is_feminine: bool) -> dict[str, str]:
    """The forms of a noun, alone and with what the article joins to."""
    word, _slash, plural = entry.partition("/")
    plural = plural or _plural(word)
    o, um, ao = ("a", "uma", "à") if is_feminine else ("o", "um", "ao")
    return {
        "": word,
        "s": plural,
        "o": f"{o} {word}",
        "os": f"{o}s {plural}",
        "um": f"{um} {word}",
        "a": f"{ao} {word}",
        "as": f"{ao}s {plural}",
        "de": f"d{o} {word}",
        "des": f"d{o}s {plural}",
        "em": f"n{o} {word}",
        "por": f"pel{o} {word}",
        "pors": f"pel{o}s {plural}",
        "gender": "f" if is_feminine else "m",
    }


def _adjective(entry: str) -> dict[str, str]:
    word, _slash, other = entry.partition("/")
    if other.endswith("s") or not (other or word.endswith("o")):
        plural = other or _plural(word)
        return {"m": word, "f": word, "ms": plural, "fs": plural}
    feminine = other or word[:-1] + "a"
    return {"m": word, "f": feminine, "ms": _plural(word), "fs": feminine + "s"}


def _verb(infinitive: str) -> dict[str, str]:
    stem, ending = infinitive[:-2], infinitive[-2:]
    past, present, participle = {
        "ar": ("ou aram", "a am", "ad"),
        "er": ("eu eram", "e em", "id"),
        "ir": ("iu iram", "e em", "id"),
    }[ending]
    participle = "aberto" if infinitive == "abrir" else stem + participle + "o"
    return {
        "ar": infinitive,
        "ará": infinitive + "á",
        "arão": infinitive + "ão",
        "ando": infinitive[:-1] + "ndo",
        **{form: stem + end for form, end in zip(("ou", "aram"), past.split(), strict=True)},
        **{form: stem + end for form, end in zip(("a", "am"), present.split(), strict=True)},
        **_adjective(participle),
    }


def _by_rank(entries: list) -> list:
    """A hat to draw from: each entry as many times as its rank deserves."""
    return [
        entry
        for rank, entry in enumerate(entries, start=2)
        for _time in range(max(1, round(2 * COMMONEST / rank)))
    ]


def _shuffled_in(masculine: str, feminine: str) -> list[dict[str, str]]:
    """Nouns of both genders in one order, the commonest of each first."""
    pairs = [
        (rank / len(names.split()), _noun(entry, names is feminine))
        for names in (masculine, feminine)
        for rank, entry in enumerate(dict.fromkeys(names.split()))
    ]
    return [noun for _rank, noun in sorted(pairs, key=lambda pair: pair[0])]


KINDS: dict[str, list] = {
    "agent": _shuffled_in(*words.AGENTS),
    "thing": _shuffled_in(*words.THINGS),
    "topic": _shuffled_in(*words.TOPICS),
    "people": _shuffled_in(*words.PEOPLE),
    "place": _shuffled_in(*words.PLACES),
    "result": _shuffled_in(*words.RESULTS),
    "verb": [
        _verb(infinitive)
        for _rank, infinitive in sorted(
            (rank / len(group.split()), infinitive)
            for group in (words.VERBS_AR, words.VERBS_ER, words.VERBS_IR)
            for rank, infinitive in enumerate(group.split())
        )
    ],
    "adjective": [_adjective(entry) for entry in words.ADJECTIVES.split()],
    "city": list(words.CITIES),
    "month": words.MONTHS.split(),
    "weekday": words.WEEKDAYS.split(),
    "number": words.NUMBERS.split(),
    "adverb": words.ADVERBS.split(),
}
HATS = {kind: _by_rank(entries) for kind, entries in KINDS.items()}


def vocabulary() -> set[str]:
    """Every word that a text may have besides those of the templates."""
    forms = (
        form
        for entries in KINDS.values()
        for entry in entries
        for form in (entry.values() if isinstance(entry, dict) else [entry])
    )
    return {word for form in forms for word in form.split() if len(word) > 1}


def project_name(number: int) -> str:
    """A name that means nothing, another for each number."""
    syllables = SYLLABLES.split("|")
    # Scattered, so that names made one after another are not alike.
    number = number * 7919 % len(syllables) ** 4
    name = ""
    for _syllable in range(4):
        number, place = divmod(number, len(syllables))
        name += syllables[place]
    return name.capitalize()


# Texts ----------------------------------------------------------------------------------------

_SLOT = re.compile(r"\{(\w+)(?::(\w*)(\+?))?\}")


def _parse(template: str) -> list[tuple]:
    """The template as steps: a text, then the kind, form and adjective of the word after it."""
    steps, end = [], 0
    for slot in _SLOT.finditer(template):
        steps.append((template[end : slot.start()], slot[1], slot[2], bool(slot[3])))
        end = slot.end()
    return [*steps, (template[end:], None, None, False)]


def _parsed(templates: tuple[str, ...]) -> list[list[tuple]]:
    return [_parse(template) for template in templates]


HEADLINE_STEPS, SENTENCE_STEPS, HEADING_STEPS, ITEM_STEPS = (
    _parsed(templates) for templates in (HEADLINES, SENTENCES, HEADINGS, ITEMS)
)
_OPENINGS = words.OPENINGS.split("|")
_PLURAL_FORMS = {"s", "os", "as", "des", "pors"}


@dataclass(frozen=True)
class SampleArticle:
    title: str
    summary: str
    moment: datetime
    #: Places in the lists of categories, covers and goals, whatever those are.
    category: int | None
    cover: int | None
    goals: tuple[int, ...]
    #: As a body is stored.
    body: list[dict]


class Writer:
    def __init__(self, seed: int):
        self.rng = random.Random(seed)  # noqa: S311 - samples, not secrets

    def articles(
        self, count: int, years: int, until: date, categories: int, goals: int, covers: int
    ) -> Iterator[SampleArticle]:
        """``count`` articles of the ``years`` before ``until``, the oldest first."""
        titles: set[str] = set()
        for moment in self._moments(count, years, until):
            title = self._text(HEADLINE_STEPS)
            while title in titles:
                title = self._text(HEADLINE_STEPS)
            titles.add(title)
            served = self.rng.choices(range(len(GOALS_SERVED)), GOALS_SERVED)[0]
            yield SampleArticle(
                title=f"Amostra: {title}",
                summary=self._sentence()[:300],
                moment=moment,
                category=self._one_of(categories, WITHOUT_CATEGORY),
                cover=self._one_of(covers, WITHOUT_COVER),
                goals=tuple(sorted(self.rng.sample(range(goals), min(served, goals)))),
                body=self._body(project_name(self.rng.randrange(count // PER_PROJECT + 1))),
            )

    def _moments(self, count: int, years: int, until: date) -> list[datetime]:
        """Moments of office hours, oldest first; busier months and weekdays have more."""
        span = years * 365 + years // 4
        days = [until - timedelta(days=back) for back in range(span, 0, -1)]
        weights = accumulate(MONTHS[day.month - 1] * WEEKDAYS[day.weekday()] for day in days)
        chosen = self.rng.choices(days, cum_weights=list(weights), k=count)
        zone = timezone.get_default_timezone()
        return sorted(
            datetime.combine(day, time(8), zone) + timedelta(minutes=self.rng.randrange(600))
            for day in chosen
        )

    def _one_of(self, count: int, share_without: float) -> int | None:
        if not count or self.rng.random() < share_without:
            return None
        # The first twice as often as the middle ones.
        return int(count * self.rng.random() ** 1.5)

    def _text(self, templates: list[list[tuple]]) -> str:
        """One of the templates with words drawn for its slots."""
        draw = self.rng.random
        text = ""
        gender = "m"
        for before, kind, form, has_adjective in templates[int(draw() * len(templates))]:
            text += before
            if kind is None:
                break
            hat = HATS[kind]
            word = hat[int(draw() * len(hat))]
            if form is None:
                text += word
            elif kind == "verb":
                text += word[gender if form == "ado" else form]
            else:
                number = "s" if form in _PLURAL_FORMS else ""
                gender = word["gender"] + number
                text += word[form]
                if has_adjective:
                    hat = HATS["adjective"]
                    text += " " + hat[int(draw() * len(hat))][gender]
        return text

    def _sentence(self) -> str:
        sentence = self._text(SENTENCE_STEPS)
        if self.rng.random() < OPENED:
            return f"{self.rng.choice(_OPENINGS)}, {sentence}"
        return sentence[0].upper() + sentence[1:]

    def _body(self, project: str) -> list[dict]:
        shortest, usual, longest = LENGTH
        wanted = self.rng.triangular(shortest, longest, usual)
        blocks = [self._block(*NOTICE)]
        length = 0
        while length < wanted:
            name, value, text = self._part(len(blocks))
            blocks.append(self._block(name, value))
            length += text.count(" ") + 1
        mention = (
            f"<p>O projeto {project}, de amostra, faz parte de {self._text(HEADING_STEPS)}.</p>"
        )
        return [*blocks, self._block("paragraph", mention)]

    def _part(self, place: int) -> tuple[str, object, str]:
        """The next block of a body: its name, its value, and its words."""
        chance = self.rng.random()
        if place > 1 and chance < 0.15:
            heading = self._text(HEADING_STEPS)
            heading = heading[0].upper() + heading[1:]
            return "heading", {"text": heading, "level": "2"}, heading
        if place > 1 and chance < 0.25:
            quote = self._sentence()
            author = {"author": "Pessoa de amostra", "role": "Cargo de amostra"}
            return "quote", {"text": quote, **author}, quote
        if place > 1 and chance < 0.35:
            items = [self._text(ITEM_STEPS) for _item in range(self.rng.randint(3, 6))]
            text = "".join(f"<li>{item}</li>" for item in items)
            return "paragraph", f"<p>{self._sentence()}</p><ul>{text}</ul>", text
        paragraphs = [
            " ".join(self._sentence() for _sentence in range(self.rng.randint(3, 5)))
            for _paragraph in range(self.rng.randint(1, 2))
        ]
        text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
        return "paragraph", text, text

    def _block(self, name: str, value) -> dict:
        identity = UUID(int=self.rng.getrandbits(128), version=4)
        return {"type": name, "value": value, "id": str(identity)}
