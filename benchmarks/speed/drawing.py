"""What it costs to draw pages that are not kept, in one process on the site's database.

Prints JSON, for each address of the command line: the milliseconds of processor time of each
drawing under a stamp that pages were drawn under before, and of the yardstick just before each; of
the first drawing after a change, and of the page's compression; how many queries both kinds of
drawing ask, and the page's bytes.
"""

import json
import statistics
import sys
import time

import django

ROUNDS, FIRST_ROUNDS = 60, 9
#: What an editor does without changing a word: the stamp of the content moves.
CHANGE = "UPDATE page_cache_stamp SET version = version + 1"


class Drawing:
    def __init__(self):
        from django.db import connection

        # As Gunicorn loads it.
        from jundiai_global.wsgi import django_application

        self.application = django_application
        self.connection = connection

    def draw(self, path: str) -> tuple[float, int, bytes]:
        """Milliseconds of processor time, queries, and the page, before it is compressed."""
        from page_cache.middleware import READING
        from page_cache.stamp import read
        from pages.invented_visit import invented_visit

        queries, said = 0, []

        def counting(execute, *arguments):
            nonlocal queries
            queries += 1
            return execute(*arguments)

        environ = invented_visit("http", "localhost", path)
        asked = {**environ, "HTTP_ACCEPT_ENCODING": "br", READING: read(self.connection)}
        with self.connection.execute_wrapper(counting):
            start = time.process_time()
            result = self.application(asked, lambda *answer: said.append(answer))
            body = b"".join(result)
            spent = time.process_time() - start
        if said[0][0] != "200 OK":
            raise RuntimeError(f"{path} was answered {said[0][0]}")
        return spent * 1000, queries, body

    def change(self) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(CHANGE)

    def measure(self, path: str) -> dict:
        from page_cache.entry import compress

        from . import yardstick

        for _time in range(3):
            yardstick.measure()
            self.draw(path)
        drawn, yardsticks = [], []
        for _time in range(ROUNDS):
            yardsticks.append(yardstick.measure())
            drawn.append(self.draw(path))
        first = []
        for _time in range(FIRST_ROUNDS):
            self.change()
            first.append(self.draw(path))
        start = time.process_time()
        for _time in range(ROUNDS):
            compress(drawn[0][2])
        return {
            "drawing": [spent for spent, _queries, _body in drawn],
            "yardsticks": yardsticks,
            "queries": max(queries for _spent, queries, _body in drawn),
            "first": statistics.median(spent for spent, _queries, _body in first),
            "first_queries": max(queries for _spent, queries, _body in first),
            "compression": (time.process_time() - start) * 1000 / ROUNDS,
            "bytes": len(drawn[0][2]),
        }


def main(paths: list[str]) -> None:
    django.setup()
    answers, sys.stdout = sys.stdout, sys.stderr
    drawing = Drawing()
    answers.write(json.dumps({path: drawing.measure(path) for path in paths}))


if __name__ == "__main__":
    main(sys.argv[1:])
