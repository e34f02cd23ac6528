"""An S3 service for the tests: moto's server, in a process of its own, on this machine alone."""

import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import boto3
import pytest

from tests.servers import free_port

MEDIA, PRIVATE = "provas-media", "provas-private"


class BucketServer:
    def __init__(self, port: int):
        self.address = f"http://127.0.0.1:{port}"
        #: What the environment of a site says of it.
        self.environment = {
            "S3_ENDPOINT_URL": self.address,
            "S3_MEDIA_BUCKET": MEDIA,
            "S3_PRIVATE_BUCKET": PRIVATE,
            "S3_ACCESS_KEY": "chave",
            "S3_SECRET_KEY": "segredo",
        }

    def client(self):
        return boto3.client(
            "s3",
            endpoint_url=self.address,
            region_name="us-east-1",
            aws_access_key_id="chave",
            aws_secret_access_key="segredo",
        )

    def names(self, bucket: str) -> set[str]:
        pages = self.client().get_paginator("list_objects_v2").paginate(Bucket=bucket)
        return {item["Key"] for page in pages for item in page.get("Contents", ())}

    def empty(self) -> None:
        """Begin anew, with a bucket that anybody may read and one that nobody may."""
        self._ask("/moto-api/reset", "POST")
        for bucket in (MEDIA, PRIVATE):
            self.client().create_bucket(Bucket=bucket)

    def read_by_a_stranger(self, bucket: str, name: str) -> int:
        """The status of the answer."""
        try:
            return self._ask(f"/{bucket}/{name}")
        except urllib.error.HTTPError as error:
            return error.code

    def _ask(self, path: str, method: str = "GET") -> int:
        request = urllib.request.Request(self.address + path, method=method)  # noqa: S310
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return answer.status


@contextmanager
def running(folder: Path):
    port = free_port()
    server = BucketServer(port)
    with (folder / "moto.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
            stdout=log,
            stderr=log,
        )
        try:
            end = time.monotonic() + 120
            while True:
                try:
                    server.empty()
                    break
                except OSError:
                    if time.monotonic() > end or process.poll() is not None:
                        pytest.fail((folder / "moto.log").read_text())
                    time.sleep(0.1)
            yield server
        finally:
            process.terminate()
            process.wait(30)
