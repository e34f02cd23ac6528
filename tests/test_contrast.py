"""Contrast of every pair of colours used together (WCAG 2.2, 1.4.3, 1.4.6 and 1.4.11)."""

import re

import pytest
from django.conf import settings

TOKENS = (settings.BASE_DIR / "static/css/tokens.css").read_text(encoding="utf-8")
PAPERS = ("paper", "surface", "sunken")
#: Least ratios (WCAG 2.2): of text, level AAA (1.4.6); of large text, level AAA; of lines and
#: signs (1.4.11).
TEXT, LARGE, GRAPHIC = 7.0, 4.5, 3.0
#: Foreground, backgrounds and the least ratio between them: every pair that the sheets make.
PAIRS = [
    ("ink", PAPERS, TEXT),
    ("ink-soft", PAPERS, TEXT),
    ("grape", PAPERS, TEXT),
    ("serra", PAPERS, TEXT),
    ("terra", PAPERS, LARGE),
    ("paper", ("grape", "ink"), TEXT),
    ("on-deep", ("grape-deep",), TEXT),
    ("on-deep-soft", ("grape-deep",), TEXT),
    ("line-strong", PAPERS, GRAPHIC),
    ("focus", PAPERS, GRAPHIC),
    ("ink", ("mark",), TEXT),
    ("grape", ("mark",), TEXT),
    ("terra", ("mark",), GRAPHIC),
    ("on-alert", ("alert",), TEXT),
    ("alert", PAPERS, TEXT),
]
#: Rules of the sheets in which a colour that is for large text only is the colour of text.
LARGE_TEXT = {"terra": {".goals > li::before"}}
#: Never the colour of text: lines around things that have a shape of their own.
DECORATION = {"line"}


def _colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{3,6})\b", block))


def _block(start: str) -> dict[str, str]:
    rest = TOKENS[TOKENS.index(start) + len(start) :]
    return _colours(rest[: rest.index("}")])


LIGHT = _block(":root {")
DARK = {**LIGHT, **_block("@media (prefers-color-scheme: dark) {")}
HIGH = {**LIGHT, **_block("@media (prefers-contrast: more) {")}
CHOSEN = {**LIGHT, **_block(':root:is([data-contrast="high"]')}
THEMES = {"light": LIGHT, "dark": DARK, "high": HIGH, "chosen": CHOSEN}


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
    """WCAG 2.2, 1.4.6 Contrast (Enhanced) and 1.4.11 Non-text Contrast; eMAG 3.1, 4.1."""
    colours = THEMES[theme]
    for background in backgrounds:
        assert ratio(colours[foreground], colours[background]) >= least, background


def test_every_colour_is_in_a_pair_that_is_measured():
    """WCAG 2.2, 1.4.6: a new token comes with the pairs it is used in."""
    measured = {name for fore, backs, _least in PAIRS for name in (fore, *backs)}
    assert set(LIGHT) - measured == DECORATION


def test_a_colour_for_large_text_is_not_used_for_small_text():
    """WCAG 2.2, 1.4.6: 4.5:1 is enough for large text only (24 px, or 18.7 px in bold)."""
    for sheet in (settings.BASE_DIR / "static/css").rglob("*.css"):
        rules = re.findall(r"([^{}]+)\{([^{}]*)\}", sheet.read_text(encoding="utf-8"))
        for selector, declarations in rules:
            for name in (*LARGE_TEXT, *DECORATION, "line-strong"):
                if re.search(rf"(?:^|[;\s])color:\s*var\(--{name}\)", declarations):
                    allowed = LARGE_TEXT.get(name, set()) | {".breadcrumbs li + li::before"}
                    assert selector.split("*/")[-1].strip() in allowed, sheet


def test_the_themes_differ_and_high_contrast_is_one_however_it_is_asked_for():
    """eMAG 3.1, standard elements: the bar's high contrast is that of the visitor's system."""
    assert LIGHT != DARK != HIGH == CHOSEN
