"""The site's drawing: routes that leave from one point, over the ridge of the serra.

It stands for an item that has no picture. The same words always give the same drawing.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

WIDTH, HEIGHT = 600, 400
PALETTES = 4
#: Radii of the routes, in the units of the drawing.
RADII = range(30, 303, 34)


@dataclass(frozen=True)
class Drawing:
    #: Which of the four palettes of ``components/drawing.css``, from 1.
    palette: int
    #: Where the routes leave from.
    point: tuple[int, int]
    #: Outlines of the far ridge and of the near ground, as points from left to right.
    ridge: tuple[tuple[int, int], ...]
    ground: tuple[tuple[int, int], ...]

    @classmethod
    def from_seed(cls, seed: str) -> "Drawing":
        numbers = iter(hashlib.shake_128(seed.encode()).digest(64))
        return cls(
            palette=next(numbers) % PALETTES + 1,
            point=(140 + next(numbers) * 320 // 255, 95 + next(numbers) * 85 // 255),
            ridge=tuple(_outline(numbers, top=250, range_=76)),
            ground=tuple(_outline(numbers, top=292, range_=76)),
        )

    @property
    def radii(self) -> range:
        return RADII

    @property
    def ridge_path(self) -> str:
        return _path(self.ridge)

    @property
    def ground_path(self) -> str:
        return _path(self.ground)


def _outline(numbers: Iterator[int], top: int, range_: int) -> Iterator[tuple[int, int]]:
    steps = 8
    for step in range(steps + 1):
        wobble = (next(numbers) - 128) * 24 // 128 if 0 < step < steps else 0
        yield step * WIDTH // steps + wobble, top + next(numbers) * range_ // 255


def _path(outline: tuple[tuple[int, int], ...]) -> str:
    """The outline closed along the bottom, as SVG path data in relative steps: they are short."""
    x, y = outline[0]
    path = f"M{x} {HEIGHT}V{y}l"
    steps = []
    for next_x, next_y in outline[1:]:
        steps.append(f"{next_x - x} {next_y - y}")
        x, y = next_x, next_y
    return path + " ".join(steps) + f"V{HEIGHT}z"
