"""Sample pictures: the site's drawing, painted by Pillow."""

from io import BytesIO

from django.core.files.base import ContentFile
from PIL import Image, ImageDraw

from pages.drawing import HEIGHT, WIDTH, Drawing

#: Deep, middle and light colour of each palette, as in ``components/drawing.css``.
PALETTES = {
    1: ("#340b29", "#8c3b6e", "#f0c9a8"),
    2: ("#17513d", "#5c9b7d", "#f4e2c3"),
    3: ("#a63a16", "#e39a63", "#fbeeda"),
    4: ("#2b3554", "#7384b3", "#f3e6da"),
}
#: Pixels of a finished picture, and how much larger it is painted before it is reduced.
SIZE = (1680, 1120)
OVERSAMPLING = 2


def _mix(first: str, second: str, share: float) -> tuple[int, ...]:
    pairs = zip(bytes.fromhex(first[1:]), bytes.fromhex(second[1:]), strict=True)
    return tuple(round(a + (b - a) * share) for a, b in pairs)


def paint(seed: str, size: tuple[int, int] = SIZE, phase: float = 0.0) -> Image.Image:
    """The drawing of ``seed``; ``phase`` from 0 to 1 moves its routes outwards by one step."""
    drawing = Drawing.from_seed(seed)
    deep, middle, light = PALETTES[drawing.palette]
    scale = size[0] * OVERSAMPLING / WIDTH
    height = size[1] * OVERSAMPLING
    offset = (height - HEIGHT * scale) / 2
    image = Image.new("RGB", (size[0] * OVERSAMPLING, height), deep)
    draw = ImageDraw.Draw(image)
    x, y = drawing.point[0] * scale, drawing.point[1] * scale + offset
    step = drawing.radii.step
    for number, radius in enumerate(drawing.radii):
        length = (radius + phase * step) * scale
        draw.ellipse(
            (x - length, y - length, x + length, y + length),
            outline=_mix(deep, middle, 0.75),
            width=round((1.5 + number / 4) * scale),
        )
    dot = 9 * scale
    draw.ellipse((x - dot, y - dot, x + dot, y + dot), fill=light)
    for outline, colour in (
        (drawing.ridge, _mix(deep, middle, 0.55)),
        (drawing.ground, _mix(deep, middle, 0.1)),
    ):
        points = [(px * scale, py * scale + offset) for px, py in outline]
        draw.polygon([(0, height), *points, (image.width, height)], fill=colour)
    return image.resize(size, Image.Resampling.LANCZOS)


def sample_file(seed: str, name: str, size: tuple[int, int] | None = None) -> ContentFile:
    """The drawing of ``seed`` as a JPEG file, of ``SIZE`` unless told otherwise."""
    buffer = BytesIO()
    paint(seed, size or SIZE).save(buffer, "JPEG", quality=82, optimize=True, progressive=True)
    return ContentFile(buffer.getvalue(), name=name)
