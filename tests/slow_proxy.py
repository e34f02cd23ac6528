"""A server that answers slowly: what stands between it and those who ask it."""

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable
from contextlib import contextmanager, suppress

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class SlowProxy:
    """Passes on each piece of what a server says ``delay`` seconds after it was said.

    What the server is told passes at once: ``delay`` is what every question takes longer.
    """

    def __init__(self, connect: Callable[[], Awaitable[Streams]]):
        self._connect, self.delay = connect, 0.0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]

    @contextmanager
    def running(self):
        loop, is_over = asyncio.new_event_loop(), asyncio.Event()
        thread = threading.Thread(target=loop.run_until_complete, args=[self._listen(is_over)])
        thread.start()
        try:
            yield self
        finally:
            loop.call_soon_threadsafe(is_over.set)
            thread.join()
            loop.close()

    @contextmanager
    def slow(self, delay: float):
        self.delay = delay
        try:
            yield
        finally:
            self.delay = 0.0

    async def _listen(self, is_over: asyncio.Event) -> None:
        server = await asyncio.start_server(self._serve, sock=self._listening)
        await is_over.wait()
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for each in others:
            each.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, asked: asyncio.StreamReader, answered: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            said, told = await self._connect()
            await asyncio.gather(
                self._pass(asked, told, lambda: 0.0), self._pass(said, answered, lambda: self.delay)
            )
        answered.close()

    @staticmethod
    async def _pass(
        source: asyncio.StreamReader, target: asyncio.StreamWriter, delay: Callable[[], float]
    ) -> None:
        """Until one of both ends it, which ends it for the other."""
        try:
            while piece := await source.read(2**16):
                await asyncio.sleep(delay())
                target.write(piece)
                await target.drain()
        except OSError:
            pass
        finally:
            target.close()
