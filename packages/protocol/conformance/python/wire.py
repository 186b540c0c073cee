"""One WebSocket of the protocol: sections 1, 2 and 10 of PROTOCOL.md, the same for control and media.

A `Wire` sends in the order of `send`, reads one message after the other, answers pings, and finds out whether its
peer still lives. It knows no message but `ping` and `pong`; what the others look like is told by a `Reader`.
"""

from __future__ import annotations

import asyncio
import json
from enum import IntEnum
from ipaddress import ip_address
from time import monotonic
from typing import Any, AsyncIterator, Callable, Mapping, Sequence, Union, cast
from urllib.parse import urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.legacy.client import WebSocketClientProtocol, connect
from websockets.typing import Subprotocol

from frames import BadAudio, Frame
from messages import Malformed, Reader, decode

MESSAGE_BYTES = 131_072
OPEN_TIMEOUT_S = 10
CLOSE_TIMEOUT_S = 2
REFUSAL_BYTES = 4096

Message = dict[str, Any]


class CloseCode(IntEnum):
    """The table of 10.2."""

    NORMAL = 1000
    GOING_AWAY = 1001
    BAD_FRAME = 1002
    BAD_TEXT = 1007
    TOO_LARGE = 1009
    INTERNAL = 1011
    BAD_MESSAGE = 4400
    UNAUTHENTICATED = 4401
    FORBIDDEN = 4403
    HANDSHAKE_TIMEOUT = 4408
    DISPLACED = 4409
    TAKEN_OVER = 4410
    FORCE_DISCONNECT = 4411
    OUT_OF_ORDER = 4422
    BAD_AUDIO = 4424
    CREDIT_EXCEEDED = 4425
    SLOW_READER = 4428
    RATE_LIMITED = 4429
    LIVENESS_LOST = 4504

    @classmethod
    def _missing_(cls, value: object) -> CloseCode:
        return cls.INTERNAL  # G-09; a connection that was cut (1006) is no better than one

    @property
    def retry(self) -> bool:
        return self in RETRY


RETRY = {
    CloseCode.GOING_AWAY,
    CloseCode.INTERNAL,
    CloseCode.HANDSHAKE_TIMEOUT,
    CloseCode.SLOW_READER,
    CloseCode.RATE_LIMITED,
    CloseCode.LIVENESS_LOST,
}


class Refused(Exception):
    """The switch refused the upgrade, with an HTTP status and, in its body, an error code (H-02)."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f'refused with HTTP {status} {code}')
        self.status = status
        self.code = code

    @property
    def retry(self) -> bool:
        return self.status == 429 or self.status >= 500


class Closed(Exception):
    """The connection is closed, by the peer or because it was lost."""

    def __init__(self, code: CloseCode) -> None:
        super().__init__(f'closed with {code.name} ({code.value})')
        self.code = code

    @property
    def retry(self) -> bool:
        return self.code.retry


class Socket(WebSocketClientProtocol):
    """Hears every frame (G-13), follows no redirect and reads why it is refused (H-02)."""

    heard = 0.0

    async def read_http_response(self) -> tuple[int, Any]:
        status, headers = await super().read_http_response()
        if status != 101:
            raise Refused(status, await self._refusal_code(headers))
        return status, headers

    async def _refusal_code(self, headers: Mapping[str, str]) -> str:
        try:
            length = min(int(headers['Content-Length']), REFUSAL_BYTES)
            return str(json.loads(await self.reader.readexactly(length))['code'])
        except (ValueError, KeyError, TypeError, EOFError):
            return ''  # refused by something in between, which speaks HTTP only

    async def read_frame(self, max_size: int | None) -> Any:
        frame = await super().read_frame(max_size)
        self.heard = monotonic()
        return frame


async def open_socket(url: str, subprotocols: Sequence[str], headers: Mapping[str, str]) -> Socket:
    """Opens a WebSocket without extensions (G-01), or raises `Refused`."""
    if urlsplit(url).scheme != 'wss' and not is_loopback(urlsplit(url).hostname or ''):
        raise ValueError('without TLS only loopback addresses may be reached (H-07)')
    socket: Any = await connect(
        url,
        create_protocol=cast(Any, Socket),
        subprotocols=[Subprotocol(name) for name in subprotocols] or None,
        extra_headers=headers,
        compression=None,
        max_size=MESSAGE_BYTES,
        ping_interval=None,
        open_timeout=OPEN_TIMEOUT_S,
        close_timeout=CLOSE_TIMEOUT_S,
    )
    socket.heard = monotonic()
    return cast(Socket, socket)


class Wire:
    """An open connection. `messages` runs it until it is closed; `closed` then tells how."""

    def __init__(self, socket: Socket, kinds: Reader, ping_after_s: float, dead_after_s: float) -> None:
        self.closed: CloseCode | None = None
        self.ping_after_s = ping_after_s
        self.dead_after_s = dead_after_s
        self._socket = socket
        self._kinds = kinds
        self._outbox: asyncio.Queue[Union[str, bytes, CloseCode]] = asyncio.Queue()
        self._ping_id = 0
        self._pings: dict[int, Callable[[], None]] = {}
        self._fault: CloseCode | None = None

    @classmethod
    async def open(
        cls, url: str, subprotocol: str, credential: str, kinds: Reader, ping_after_s: float, dead_after_s: float
    ) -> Wire:
        socket = await open_socket(url, [subprotocol], {'Authorization': f'Bearer {credential}'})
        if socket.subprotocol != subprotocol:
            await socket.close(CloseCode.BAD_MESSAGE)
            raise Refused(101, 'SUBPROTOCOL_UNSUPPORTED')
        return cls(socket, kinds, ping_after_s, dead_after_s)

    def send(self, message: Message | Frame) -> None:
        """Queues a message: it leaves after those before it, or is dropped with the connection."""
        self._outbox.put_nowait(message.pack() if isinstance(message, Frame) else json.dumps(message))

    def close(self, code: CloseCode = CloseCode.NORMAL) -> None:
        """Closes once what was sent before has left."""
        self._outbox.put_nowait(code)

    def fail(self, code: CloseCode) -> None:
        """Closes at once, ahead of what is queued."""
        self._fault = self._fault or code
        self._socket.fail_connection(code)

    def ping(self, answered: Callable[[], None] = lambda: None) -> None:
        """Calls back when the peer has handled everything sent before: messages keep their order (G-08)."""
        self._ping_id += 1
        self._pings[self._ping_id] = answered
        self.send({'type': 'ping', 'id': self._ping_id})

    async def messages(self) -> AsyncIterator[Message | Frame]:
        """Yields what arrives, without the messages of liveness, and raises `Closed` at the end."""
        helpers = [asyncio.create_task(self._write()), asyncio.create_task(self._watch())]
        try:
            async for data in self._socket:
                message = Frame.unpack(data) if isinstance(data, bytes) else decode(data, self._kinds)
                if isinstance(message, Frame) or (message and message['type'] not in ('ping', 'pong')):
                    yield message
                elif message and message['type'] == 'ping':
                    self.send({'type': 'pong', 'id': message['id']})
                elif message:
                    self._pings.pop(message['id'], lambda: None)()
        except Malformed:
            self.fail(CloseCode.BAD_MESSAGE)
        except BadAudio:
            self.fail(CloseCode.BAD_AUDIO)
        except ConnectionClosed:
            pass
        finally:
            for helper in helpers:
                helper.cancel()
            await self._socket.close()
            self.closed = self._fault or CloseCode(self._socket.close_code or 0)
        raise Closed(self.closed)

    async def _write(self) -> None:
        try:
            while True:
                item = await self._outbox.get()
                if isinstance(item, CloseCode):
                    return await self._socket.close(item)
                await self._socket.send(item)
        except ConnectionClosed:
            pass  # `messages` tells

    async def _watch(self) -> None:
        """Asks a silent peer whether it lives, and leaves one that does not (G-14, G-15, G-16)."""
        while True:
            await asyncio.sleep(self.ping_after_s / 4)
            silent_s = monotonic() - self._socket.heard
            if silent_s >= self.dead_after_s:
                self.fail(CloseCode.LIVENESS_LOST)
                return self._socket.transport.close()
            if silent_s >= self.ping_after_s:
                self.ping()


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == 'localhost'
