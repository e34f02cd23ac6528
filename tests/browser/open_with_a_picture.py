"""Opens the home with a picture as heavy as a photograph: the samples' drawings are light.

Run by ``manage.py shell``.
"""

from io import BytesIO
from random import Random

from django.core.files.base import ContentFile
from PIL import Image

from jundiai_global.demo.pictures import SIZE
from pages.models import HomePage, SiteImage

#: Share of each finer octave in what is before it. With it a version of 672 pixels weighs 21 KB in
#: AVIF, as photographs do: a single flower 14 KB, a street with trees and people 29 KB.
SHARE = 0.11


def mottled(size: tuple[int, int] = SIZE) -> Image.Image:
    """Spots of all sizes, the finer the fainter, as photographs have them."""
    random = Random(1)
    width, height = size
    channels = []
    for _channel in range(3):
        painted, across = Image.new("L", size, 128), 3
        while across < width:
            down = max(1, across * height // width)
            spots = Image.frombytes("L", (across, down), random.randbytes(across * down))
            share = 1 if across == 3 else SHARE
            painted = Image.blend(painted, spots.resize(size, Image.Resampling.BICUBIC), share)
            across *= 2
        channels.append(painted)
    return Image.merge("RGB", channels)


file = BytesIO()
mottled().save(file, "JPEG", quality=90)
image = SiteImage.objects.create(
    title="Abertura",
    description="Manchas de muitas cores.",
    file=ContentFile(file.getvalue(), name="abertura.jpg"),
)
home = HomePage.objects.get(locale__language_code="pt-br")
home.hero_image = image
home.save_revision().publish()
