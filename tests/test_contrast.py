"""Contrast of every pair of colours used together (WCAG 2.2, 1.4.3, 1.4.6 and 1.4.11)."""

import re

import pytest
from django.conf import settings

TOKENS = (settings.BASE_DIR / "static/css/tokens.css").read_text(encoding="utf-8")
PAPERS = ("paper", "surface", "sunken")
#: Foreground, backgrounds and the least ratio between them.
PAIRS = [
    ("ink", PAPERS, 7.0),
    ("ink-soft", PAPERS, 7.0),
    ("grape", PAPERS, 7.0),
    ("serra", PAPERS, 7.0),
    ("terra", PAPERS, 4.5),
    ("paper", ("grape",), 7.0),
    ("on-deep", ("grape-deep",), 7.0),
    ("on-deep-soft", ("grape-deep",), 7.0),
    ("line-strong", PAPERS, 3.0),
    ("focus", PAPERS, 3.0),
    ("ink", ("mark",), 7.0),
    ("grape", ("mark",), 7.0),
    ("terra", ("mark",), 3.0),
    ("on-alert", ("alert",), 7.0),
    ("alert", PAPERS, 3.0),
]


def _colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{3,6})\b", block))


def _block(start: str) -> dict[str, str]:
    rest = TOKENS[TOKENS.index(start) + len(start) :]
    return _colours(rest[: rest.index("}")])


LIGHT = _block(":root {")
DARK = {**LIGHT, **_block("@media (prefers-color-scheme: dark) {")}
HIGH = {**LIGHT, **_block("@media (prefers-contrast: more) {")}
THEMES = {"light": LIGHT, "dark": DARK, "high": HIGH}


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2.2 defines it."""
    digits = colour[1:]
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    channels = []
    for value in bytes.fromhex(digits):
        share = value / 255
        channels.append(share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4)
    red, green, blue = channels
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_ratio_is_that_of_the_standard():
    assert ratio("#fff", "#000000") == pytest.approx(21)
    assert ratio("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("foreground", "backgrounds", "least"), PAIRS)
def test_colours_used_together_can_be_told_apart(theme, foreground, backgrounds, least):
    colours = THEMES[theme]
    for background in backgrounds:
        assert ratio(colours[foreground], colours[background]) >= least, background


def test_the_themes_differ():
    assert LIGHT != DARK != HIGH
