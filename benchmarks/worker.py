"""Answers the coordinator for one database: a line asks, a line answers, in JSON."""

import gc
import json
import logging
import sys
import time
import tracemalloc

import django

#: Round trips to the database, and sums, of the calibration: the same at every size.
CALIBRATION_QUERIES, CALIBRATION_SUMS = 20, 40_000


class Worker:
    def __init__(self):
        from django.contrib.auth import get_user_model
        from django.test import Client

        from . import addresses

        visitor, editor = Client(HTTP_HOST="localhost"), Client(HTTP_HOST="localhost")
        user, _is_new = get_user_model().objects.get_or_create(
            username="bench", defaults={"is_staff": True, "is_superuser": True}
        )
        editor.force_login(user)
        self.targets = {
            **{name: (visitor, address) for name, address in addresses.public(visitor).items()},
            **{name: (editor, address) for name, address in addresses.administrative().items()},
        }

    def get(self, name: str) -> tuple[float, int]:
        """Milliseconds and queries that the answer takes with empty caches."""
        from django.core.cache import caches
        from django.db import connection

        client, address = self.targets[name]
        queries = 0

        def counting(execute, *arguments):
            nonlocal queries
            queries += 1
            return execute(*arguments)

        for cache in caches.all():
            cache.clear()
        gc.collect()
        with connection.execute_wrapper(counting):
            start = time.perf_counter()
            response = client.get(address)
            size = sum(map(len, response)) if response.streaming else len(response.content)
            spent = time.perf_counter() - start
        if response.status_code != 200 or not size:
            raise RuntimeError(f"{address} answered {response.status_code}")
        return spent * 1000, queries

    def memory(self, name: str) -> float:
        """Megabytes that Python takes at the most, over what it had, while it answers."""
        tracemalloc.start()
        self.get(name)
        _left, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak / 2**20

    def calibrate(self, name: str) -> tuple[float, int]:
        """Milliseconds of work that has nothing to do with the site."""
        from django.db import connection

        start = time.perf_counter()
        with connection.cursor() as cursor:
            for _query in range(CALIBRATION_QUERIES):
                cursor.execute("SELECT 1")
                cursor.fetchall()
        sum(number * number for number in range(CALIBRATION_SUMS))
        return (time.perf_counter() - start) * 1000, CALIBRATION_QUERIES


def main():
    django.setup()
    answers, sys.stdout = sys.stdout, sys.stderr
    # Addresses that a site may lack are tried.
    logging.getLogger("django.request").setLevel(logging.ERROR)

    def answer(thing):
        answers.write(json.dumps(thing) + "\n")
        answers.flush()

    worker = Worker()
    answer(list(worker.targets))
    for line in sys.stdin:
        measure, name = json.loads(line)
        answer(getattr(worker, measure)(name))


if __name__ == "__main__":
    main()
