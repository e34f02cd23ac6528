"""Makes the sample video anew: ``python -m jundiai_global.demo.make_video``. Needs ffmpeg.

Twelve seconds of the site's drawing, its routes moving outwards, without sound.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from .pictures import paint

SEED = "Vídeo de amostra"
SIZE = (960, 540)
FRAMES_PER_SECOND = 24
SECONDS = 12
PATH = Path(__file__).with_name("amostra.mp4")


def main():
    ffmpeg = shutil.which("ffmpeg")
    if not ffmpeg:
        sys.exit("ffmpeg is missing: sudo apt install ffmpeg")
    encoder = subprocess.Popen(  # noqa: S603
        [
            ffmpeg, "-y", "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "rgb24",
            "-s", f"{SIZE[0]}x{SIZE[1]}", "-r", str(FRAMES_PER_SECOND), "-i", "-",
            "-c:v", "libx264", "-profile:v", "main", "-pix_fmt", "yuv420p", "-crf", "27",
            "-movflags", "+faststart", "-map_metadata", "-1", str(PATH),
        ],
        stdin=subprocess.PIPE,
    )  # fmt: skip
    loop = [
        paint(SEED, SIZE, phase=frame / (2 * FRAMES_PER_SECOND)).tobytes()
        for frame in range(2 * FRAMES_PER_SECOND)
    ]
    for frame in range(SECONDS * FRAMES_PER_SECOND):
        encoder.stdin.write(loop[frame % len(loop)])
    encoder.stdin.close()
    sys.exit(encoder.wait())


if __name__ == "__main__":
    main()
