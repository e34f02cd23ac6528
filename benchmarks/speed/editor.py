"""An editor who publishes every second or so, and a reader who looks how old the pages are.

Prints JSON when its time is over: how many times it published, how many pages it looked at, how
many of them failed, and the age in seconds of the oldest page that was shown in the place of a
newer one: from the moment when the publication was there to that in which the page was asked for.
"""

import argparse
import http.client
import json
import random
import re
import ssl
import sys
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import brotli
import django

#: In the title of the article that is published again and again.
TITLE, NUMBER = "Edição de teste número {}", re.compile(r"Edição de teste número (\d+)")
LOOK_EVERY = 0.05
#: Seconds from one publication to the next, a second in the mean. nginx counts whole seconds: at
#: the same place in each of them all would be easy, or all difficult.
PUBLISH_EVERY = (0.75, 1.25)


@dataclass
class Watch:
    """Which publication was there from when on (``time.monotonic()``)."""

    published: list[float] = field(default_factory=list)
    looks: int = 0
    failures: int = 0
    oldest: float = 0.0

    def saw(self, asked_at: float, number: int) -> None:
        """A page asked for at a moment showed the publication ``number``."""
        self.looks += 1
        newer = self.published[number + 1 :][:1]
        if newer:
            self.oldest = max(self.oldest, asked_at - newer[0])


def look(origin: str, path: str, watch: Watch, over: threading.Event) -> None:
    parts = urlsplit(origin)
    context = ssl._create_unverified_context()  # noqa: S323 - a certificate of our own
    asking = http.client.HTTPSConnection(
        parts.hostname or "", parts.port, timeout=10, context=context
    )
    while not over.is_set():
        asked_at = time.monotonic()
        try:
            # Without a port, as visitors say it: nginx keeps no copies for other names.
            asking.request("GET", path, headers={"Host": parts.hostname, "Accept-Encoding": "br"})
            answer = asking.getresponse()
            body = answer.read()
            if answer.headers.get("Content-Encoding") == "br":
                body = brotli.decompress(body)
            shown = NUMBER.search(body.decode())
            if answer.status != 200 or shown is None:
                raise ValueError(f"{path} was answered {answer.status}")
            watch.saw(asked_at, int(shown[1]))
        except (OSError, ValueError, http.client.HTTPException) as error:
            watch.failures += 1
            print(error, file=sys.stderr)
            asking.close()
        over.wait(LOOK_EVERY)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("origin")
    parser.add_argument("article", type=int)
    parser.add_argument("seconds", type=float)
    parser.add_argument("paths", nargs="+")
    options = parser.parse_args()
    django.setup()
    from news.models import ArticlePage

    def publish(number: int) -> None:
        article = ArticlePage.objects.get(pk=options.article)
        article.title = TITLE.format(number)
        article.save_revision().publish()

    publish(0)
    watches = {path: Watch([time.monotonic()]) for path in options.paths}
    time.sleep(2)  # until all show it
    over = threading.Event()
    threads = [
        threading.Thread(target=look, args=(options.origin, path, watch, over))
        for path, watch in watches.items()
    ]
    for thread in threads:
        thread.start()
    end, number = time.monotonic() + options.seconds, 0
    while time.monotonic() < end:
        begun, number = time.monotonic(), number + 1
        publish(number)
        for watch in watches.values():
            watch.published.append(time.monotonic())
        every = random.uniform(*PUBLISH_EVERY)  # noqa: S311 - no secret hangs on it
        time.sleep(max(0.0, begun + every - time.monotonic()))
    over.set()
    for thread in threads:
        thread.join()
    print(
        json.dumps(
            {
                "publications": number,
                "looks": sum(watch.looks for watch in watches.values()),
                "failures": sum(watch.failures for watch in watches.values()),
                "oldest": {path: watch.oldest for path, watch in watches.items()},
            }
        )
    )


if __name__ == "__main__":
    main()
