"""The source text: what the office gave to begin with, kept word for word in a file beside this."""

from dataclasses import dataclass
from pathlib import Path

PATH = Path(__file__).with_name("source.pt-br.txt")
_BULLET = "•"


@dataclass(frozen=True)
class SourceText:
    title: str
    office: str
    #: The institutional text.
    paragraphs: tuple[str, ...]
    goals_heading: str
    goals: tuple[str, ...]
    news_heading: str
    all_news_label: str
    video_heading: str


def read() -> SourceText:
    lines = [line.strip() for line in PATH.read_text(encoding="utf-8").splitlines()]
    lines = [line for line in lines if line]
    goals_heading, news_heading, all_news_label, video_heading = (
        next(line for line in lines if line.startswith(start))
        for start in ("Principais Metas", "Notícias", "Todas as notícias", "Vídeo em destaque")
    )
    title, office, *rest = lines
    return SourceText(
        title=title,
        office=office,
        paragraphs=tuple(rest[: rest.index(goals_heading)]),
        goals_heading=goals_heading,
        goals=tuple(
            line.removeprefix(_BULLET).strip() for line in lines if line.startswith(_BULLET)
        ),
        news_heading=news_heading,
        all_news_label=all_news_label,
        video_heading=video_heading,
    )
