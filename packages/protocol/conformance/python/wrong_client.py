"""A client that does everything wrong, to see whether a switch answers each fault as PROTOCOL.md says.

`FAULTS` is the table: the rule, how it is broken (or what only looks as if it were), and what the text promises: an
HTTP status, a close code, an error code, or that nothing happens. Each fault has a connection of its own, and they run
side by side. Those on media sockets need a call each: the program then prints `waiting for a call` on stdout, and
somebody has to call the number of the connector. It ends with a table of what was seen, one line of JSON, and exit
code 0 if all was as documented.

`AGENTAO_BASE_URL`, `AGENTAO_API_KEY` and `AGENTAO_CONNECTOR_UUID` say where.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections import deque
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, AsyncIterator, Awaitable, Callable, Mapping, Sequence, Union

from websockets.exceptions import ConnectionClosed

from frames import Frame
from wire import CloseCode, Refused, Socket, open_socket

BASE_URL = os.environ['AGENTAO_BASE_URL'].rstrip('/')
API_KEY = os.environ['AGENTAO_API_KEY']
CONTROL, MEDIA = 'agentao.control.v1', 'agentao.media.v1'
HELLO = {'type': 'hello', 'client': 'wrong-client/1', 'connectorUuid': os.environ['AGENTAO_CONNECTOR_UUID']}
ATTACH = {'type': 'attach', 'sampleRateHz': 8000}

CALLS_AT_ONCE = 4
SETTLE_S = 0.3
PATIENCE_S = 25
LAST_PING = 4_000_000_000


@dataclass(frozen=True)
class Raw:
    """Bytes as they travel, below the messages of a WebSocket."""

    data: bytes


@dataclass(frozen=True)
class Silence:
    """From here on nothing is said, but perhaps `pong`, until the switch closes."""

    pongs: bool


Step = Union[str, bytes, dict[str, Any], Frame, Raw, Silence, float, Callable[[int], Any]]
"""Text, bytes, a message, audio, seconds to pause; or a function of the credit that gives one of these."""


class Peer:
    """One connection: takes its steps, and notes what it sees of responses, events, errors and the end."""

    def __init__(self, socket: Socket) -> None:
        self._socket = socket
        self._seen: list[str] = []
        self._pongs = True
        self._credit: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._settled = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    async def take(self, *steps: Step) -> str:
        for step in steps:
            await self._step(step)
        if not isinstance(steps[-1], Silence):
            await asyncio.sleep(SETTLE_S)
            await self._step({'type': 'ping', 'id': LAST_PING})
        settled = asyncio.create_task(self._settled.wait())
        await asyncio.wait([self._reading, settled], return_when=asyncio.FIRST_COMPLETED)
        settled.cancel()
        seen = ', '.join(self._seen) or 'stays open'
        await self._socket.close(CloseCode.FORCE_DISCONNECT)
        return seen

    async def _step(self, step: Step) -> None:
        try:
            if callable(step):
                await self._step(step(await self._credit))
            elif isinstance(step, Silence):
                self._pongs = step.pongs
            elif isinstance(step, float):
                await asyncio.sleep(step)
            elif isinstance(step, Raw):
                self._socket.transport.write(step.data)
            elif isinstance(step, Frame):
                await self._socket.send(step.pack())
            else:
                await self._socket.send(json.dumps(step) if isinstance(step, dict) else step)
        except ConnectionClosed:
            pass  # seen by the reading side

    async def _read(self) -> None:
        try:
            async for data in self._socket:
                if isinstance(data, str):
                    await self._hear(json.loads(data))
        except ConnectionClosed:
            pass
        code = self._socket.close_code
        self._seen.append(f'closes {CloseCode(code).name if code in set(CloseCode) else code}')

    async def _hear(self, message: dict[str, Any]) -> None:
        kind = message['type']
        if kind == 'ping' and self._pongs:
            await self._step({'type': 'pong', 'id': message['id']})
        elif kind == 'pong' and message['id'] == LAST_PING:
            self._settled.set()
        elif kind == 'attached':
            self._credit.set_result(message['upTo'])
        elif kind == 'response':
            self._seen.append('ok' if message['ok'] else message['error']['code'])
        elif kind == 'error':
            self._seen.append(message['code'])
        elif kind == 'event':
            self._seen.append(message['event']['type'])


class Bench:
    """The one connection that does nothing wrong: it takes the calls that the faults on media sockets need."""

    def __init__(self) -> None:
        self._wanted: deque[asyncio.Future[dict[str, Any]]] = deque()
        self._cancelled: dict[str, asyncio.Event] = {}
        self._places = asyncio.Semaphore(CALLS_AT_ONCE)

    async def __aenter__(self) -> Bench:
        self._socket = await open_socket(BASE_URL + '/control', [CONTROL], bearer(API_KEY))
        self._reading = asyncio.create_task(self._read())
        await self._send(HELLO)
        await self._send({'type': 'ready', 'ready': True})
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._socket.close()
        self._reading.cancel()

    @asynccontextmanager
    async def offer(self) -> AsyncIterator[dict[str, Any]]:
        async with self._places:
            self._wanted.append(wanted := asyncio.get_running_loop().create_future())
            print('waiting for a call', flush=True)
            yield await wanted

    async def decline(self, offer: dict[str, Any]) -> None:
        await self._send({'type': 'decline', 'offerId': offer['offerId']})

    async def cancelled(self, offer: dict[str, Any]) -> None:
        await self._cancelled[offer['offerId']].wait()

    async def _send(self, message: dict[str, Any]) -> None:
        await self._socket.send(json.dumps(message))

    async def _read(self) -> None:
        async for text in self._socket:
            message = json.loads(text)
            if message['type'] == 'ping':
                await self._send({'type': 'pong', 'id': message['id']})
            elif message['type'] == 'offer.cancelled':
                self._cancelled[message['offerId']].set()
            elif message['type'] == 'offer':
                self._cancelled[message['offerId']] = asyncio.Event()
                if self._wanted:
                    self._wanted.popleft().set_result(message)
                else:
                    await self.decline(message)


Run = Callable[[Bench], Awaitable[str]]


def bearer(credential: str) -> dict[str, str]:
    return {'Authorization': f'Bearer {credential}'}


async def opened(path: str, subprotocols: Sequence[str], headers: Mapping[str, str]) -> str:
    try:
        socket = await open_socket(BASE_URL + path, subprotocols, headers)
    except Refused as refusal:
        return f'HTTP {refusal.status} {refusal.code}'
    await socket.close()
    return f'opens {socket.subprotocol}'


def upgrade(path: str, *subprotocols: str, **headers: str) -> Run:
    return lambda bench: opened(path, subprotocols, headers)


def control(*steps: Step, hello: bool = True) -> Run:
    async def run(bench: Bench) -> str:
        socket = await open_socket(BASE_URL + '/control', [CONTROL], bearer(API_KEY))
        return await Peer(socket).take(*([HELLO] if hello else []), *steps)

    return run


def media(*steps: Step, attach: bool = True) -> Run:
    async def run(bench: Bench) -> str:
        async with bench.offer() as offer:
            socket = await open_socket(BASE_URL + offer['mediaUrl'], [MEDIA], bearer(offer['mediaToken']))
            return await Peer(socket).take(*([ATTACH] if attach else []), *steps)

    return run


async def token_used_twice(bench: Bench) -> str:
    async with bench.offer() as offer:
        await opened(offer['mediaUrl'], [MEDIA], bearer(offer['mediaToken']))
        return await opened(offer['mediaUrl'], [MEDIA], bearer(offer['mediaToken']))


async def token_declined(bench: Bench) -> str:
    async with bench.offer() as offer:
        await bench.decline(offer)
        await bench.cancelled(offer)
        return await opened(offer['mediaUrl'], [MEDIA], bearer(offer['mediaToken']))


async def token_expired(bench: Bench) -> str:
    async with bench.offer() as offer:
        await bench.cancelled(offer)
        return await opened(offer['mediaUrl'], [MEDIA], bearer(offer['mediaToken']))


def nested(levels: int) -> str:
    return '{"type":"ping","id":1,"x":' + '[' * (levels - 1) + ']' * (levels - 1) + '}'


def long(size: int) -> str:
    message = '{"type":"ping","id":1,"x":""}'
    return message.replace('""', '"' + 'x' * (size - len(message)) + '"')


def audio(position: int, count: int, generation: int = 0, track: int = 3, flags: int = 0) -> Frame:
    return Frame(track, position, bytes(2 * count), generation, flags)


def command(kind: str, id: int = 1, **arguments: Any) -> dict[str, Any]:
    return {'type': kind, 'id': id, **arguments}


@dataclass(frozen=True)
class Fault:
    rule: str
    what: str
    expected: str
    run: Run


KEY_ID = API_KEY.split('_')[1]
OTHER_SECRET = API_KEY[:-8] + API_KEY[-8:][::-1].swapcase()
EMPTY_TALK: list[Step] = [{'type': 'ping', 'id': 1}, {'type': 'later'}, 0.5]
MARK = {'type': 'mark', 'position': 1_000_000}
CLEAR = command('clear', generation=1, position=160)
OPENS, STAYS = f'opens {CONTROL}', 'stays open'

FAULTS = [
    # Upgrades
    Fault('H-01', 'a version that nobody speaks', 'HTTP 400 SUBPROTOCOL_UNSUPPORTED',
          upgrade('/control', 'agentao.control.v9', **bearer(API_KEY))),
    Fault('H-01', 'the subprotocol of another socket', 'HTTP 400 SUBPROTOCOL_UNSUPPORTED',
          upgrade('/control', MEDIA, **bearer(API_KEY))),
    Fault('H-01', 'no subprotocol', 'HTTP 400 SUBPROTOCOL_UNSUPPORTED', upgrade('/control', **bearer(API_KEY))),
    Fault('H-01', 'a later version first, then this one', OPENS,
          upgrade('/control', 'agentao.control.v9', CONTROL, **bearer(API_KEY))),
    Fault('H-02', 'a path where nothing is', 'HTTP 404 NOT_FOUND', upgrade('/nowhere', CONTROL, **bearer(API_KEY))),
    Fault('H-02', 'no credential', 'HTTP 401 UNAUTHENTICATED', upgrade('/control', CONTROL)),
    Fault('H-03', 'a credential that is no key', 'HTTP 401 UNAUTHENTICATED',
          upgrade('/control', CONTROL, **bearer('hello'))),
    Fault('H-03', 'a wrong secret', 'HTTP 401 UNAUTHENTICATED', upgrade('/control', CONTROL, **bearer(OTHER_SECRET))),
    Fault('H-03', 'an unknown key id', 'HTTP 401 UNAUTHENTICATED',
          upgrade('/control', CONTROL, **bearer(API_KEY.replace(KEY_ID, KEY_ID[::-1] + '0')))),
    Fault('H-06', 'the origin of a strange page', 'HTTP 403 FORBIDDEN',
          upgrade('/control', CONTROL, Origin='https://elsewhere.example', **bearer(API_KEY))),
    Fault('H-02', 'no media token', 'HTTP 401 UNAUTHENTICATED', upgrade('/media', MEDIA)),
    Fault('H-02', 'an invented media token', 'HTTP 401 INVALID_TOKEN', upgrade('/media', MEDIA, **bearer('mt_x'))),
    Fault('H-02', 'the API key as a media token', 'HTTP 401 INVALID_TOKEN',
          upgrade('/media', MEDIA, **bearer(API_KEY))),
    Fault('C-06', 'a media token used twice', 'HTTP 401 INVALID_TOKEN', token_used_twice),
    Fault('C-06', 'the token of an offer that was declined', 'HTTP 401 INVALID_TOKEN', token_declined),
    Fault('C-06', 'the token of an offer that has expired', 'HTTP 401 INVALID_TOKEN', token_expired),

    # Any socket
    Fault('G-02', 'audio on the control connection', 'closes BAD_MESSAGE', control(audio(0, 160))),
    Fault('G-03', 'a field that nobody knows', STAYS, control({'type': 'ping', 'id': 1, 'later': {'x': [1]}})),
    Fault('G-03', 'a type that nobody knows', STAYS, control({'type': 'later'})),
    Fault('G-03', 'a message of the other side', STAYS, control({'type': 'offer.cancelled', 'offerId': 7})),
    Fault('G-04', 'text that is not JSON', 'closes BAD_MESSAGE', control('{"type":"ping"')),
    Fault('G-04', 'an array', 'closes BAD_MESSAGE', control('[{"type":"ping","id":1}]')),
    Fault('G-04', 'no type', 'closes BAD_MESSAGE', control({'id': 1})),
    Fault('G-04', 'a missing field', 'closes BAD_MESSAGE', control({'type': 'decline'})),
    Fault('G-04', 'a field of the wrong type', 'closes BAD_MESSAGE', control({'type': 'ready', 'ready': 1})),
    Fault('G-04', 'a number out of its bounds', 'closes BAD_MESSAGE',
          control({'type': 'hello', 'client': 'x', 'maxCalls': 0}, hello=False)),
    Fault('G-04', 'null for a field that may be left out', 'closes BAD_MESSAGE',
          control({'type': 'hello', 'client': 'x', 'maxCalls': None}, hello=False)),
    Fault('G-04', 'text that is not JSON, on media', 'closes BAD_MESSAGE', media('answer')),
    Fault('G-05', 'a message of just the limit', STAYS, control(long(131_072))),
    Fault('G-05', 'a message beyond the limit', 'closes TOO_LARGE', control(long(131_073))),
    Fault('G-05', 'audio beyond the limit', 'closes TOO_LARGE', media(audio(0, 65_533))),
    Fault('G-05', 'nested as deep as allowed', STAYS, control(nested(32))),
    Fault('G-05', 'nested one level deeper', 'closes BAD_MESSAGE', control(nested(33))),
    Fault('10.2', 'text that is not UTF-8', 'closes BAD_TEXT', control(Raw(b'\x81\x81\0\0\0\0\xff'))),
    Fault('10.2', 'a frame that is not masked', 'closes BAD_FRAME', control(Raw(b'\x81\x02{}'))),
    Fault('G-01', 'a bit of an extension', 'closes BAD_FRAME', control(Raw(b'\xc1\x82\0\0\0\0{}'))),
    Fault('G-12', 'a pong that answers nothing', STAYS, control({'type': 'pong', 'id': 7})),
    Fault('G-14', 'silence on the control connection', 'closes LIVENESS_LOST', control(Silence(pongs=False))),
    Fault('G-15', 'silence on a media connection', 'closes LIVENESS_LOST', media(Silence(pongs=False))),

    # Control
    Fault('C-01', 'ping before hello', STAYS, control({'type': 'ping', 'id': 1}, hello=False)),
    Fault('C-01', 'pings and unknown messages, but no hello', 'closes HANDSHAKE_TIMEOUT',
          control(*EMPTY_TALK * 11, Silence(pongs=True), hello=False)),
    Fault('C-01', 'ready before hello', 'closes OUT_OF_ORDER', control({'type': 'ready', 'ready': True}, hello=False)),
    Fault('C-01', 'a second hello', 'closes OUT_OF_ORDER', control(HELLO)),
    Fault('C-02', 'a connector of somebody else', 'FORBIDDEN, closes FORBIDDEN',
          control({**HELLO, 'connectorUuid': 'of-somebody-else'}, hello=False)),
    Fault('C-06', 'decline of an offer that is over', STAYS, control({'type': 'decline', 'offerId': 'long-ago'})),
    Fault('H-08', 'no hello', 'closes HANDSHAKE_TIMEOUT', control(Silence(pongs=True), hello=False)),

    # Media
    Fault('H-08', 'no attach', 'closes HANDSHAKE_TIMEOUT', media(Silence(pongs=True), attach=False)),
    Fault('M-01', 'pings and unknown messages, but no attach', 'closes HANDSHAKE_TIMEOUT',
          media(*EMPTY_TALK * 5, Silence(pongs=True), attach=False)),
    Fault('M-01', 'a command before attach', 'closes OUT_OF_ORDER', media(command('answer'), attach=False)),
    Fault('M-01', 'an unknown command before attach', 'closes OUT_OF_ORDER', media(command('later'), attach=False)),
    Fault('M-01', 'a second attach', 'closes OUT_OF_ORDER', media(ATTACH)),
    Fault('G-04', 'attach at a rate that is none', 'closes BAD_MESSAGE',
          media({'type': 'attach', 'sampleRateHz': 44_100}, attach=False)),
    Fault('M-10', 'one mark too many', 'closes BAD_MESSAGE',
          media(*[MARK] * 350, 1.0, *[MARK] * 350, 1.0, *[MARK] * 325)),
    Fault('K-02', 'a command repeated before its response', 'call.answered, ok',
          media(command('answer'), command('answer'))),
    Fault('K-02', 'a command repeated after its response', 'call.answered, ok, ok',
          media(command('answer'), 0.2, command('answer'))),
    Fault('K-02', 'another command with the same id', 'call.answered, ok, ok',
          media(command('answer'), 0.2, command('disconnect'))),
    Fault('K-02', 'an id again after BAD_ARGUMENT', 'BAD_ARGUMENT, call.answered, ok',
          media(command('dtmf'), command('answer'))),
    Fault('K-06', 'commands after the end', 'call.terminated, ok, closes NORMAL',
          media(command('close'), command('answer', 2), command('close', 3))),
    Fault('K-03', 'mode in PENDING', 'INVALID_STATE', media(command('mode', mode='spy'))),
    Fault('K-03', 'a second answer', 'call.answered, ok, INVALID_STATE',
          media(command('answer'), 0.2, command('answer', 2))),
    Fault('K-04', 'an unknown command', 'UNKNOWN_COMMAND', media(command('later'))),
    Fault('K-04', 'a missing argument', 'BAD_ARGUMENT', media(command('connect', mode='barge'))),
    Fault('K-04', 'null for an argument', 'BAD_ARGUMENT', media(command('dtmf', digits=None))),
    Fault('K-04', 'an argument out of its bounds', 'BAD_ARGUMENT',
          media(command('connect', ringTimeMs=999, mode='barge'))),
    Fault('K-04', 'a known command without id', 'closes BAD_MESSAGE', media({'type': 'answer'})),
    Fault('K-04', 'an unknown command without a good id', STAYS, media({'type': 'later', 'id': 0})),
    Fault('K-12', 'connect.cancel when nothing rings', 'INVALID_STATE', media(command('connect.cancel', connectId=1))),
    Fault('K-15', 'discard and afterPosition at once', 'BAD_ARGUMENT',
          media(command('mode', mode='spy', afterPosition=0, discard={'generation': 1, 'position': 0}))),
    Fault('K-17', 'clear with a generation that does not follow', 'BAD_ARGUMENT',
          media(command('clear', generation=2, position=0))),
    Fault('K-17', 'clear with a position behind what was sent', 'BAD_ARGUMENT',
          media(audio(0, 160), command('clear', generation=1, position=80))),

    # Audio
    Fault('A-01', 'audio before attach', 'closes OUT_OF_ORDER', media(audio(0, 160), attach=False)),
    Fault('M-01', 'bytes that are no audio, before attach', 'closes OUT_OF_ORDER', media(b'x', attach=False)),
    Fault('A-01', 'a header cut short', 'closes BAD_AUDIO', media(bytes(7))),
    Fault('A-01', 'half a sample', 'closes BAD_AUDIO', media(audio(0, 160).pack() + b'\0')),
    Fault('A-07', 'no samples at the wrong position', 'closes BAD_AUDIO', media(audio(160, 0))),
    Fault('A-01', 'no samples at all', STAYS, media(audio(0, 0))),
    Fault('A-01', 'flags that nobody knows', STAYS, media(audio(0, 160, flags=0xFFF8))),
    Fault('A-06', 'an incoming track', 'closes BAD_AUDIO', media(audio(0, 160, track=0))),
    Fault('A-07', 'a first position that is not 0', 'closes BAD_AUDIO', media(audio(160, 160))),
    Fault('A-07', 'a position that jumps', 'closes BAD_AUDIO', media(audio(0, 160), audio(320, 160))),
    Fault('A-07', 'a position that goes back', 'closes BAD_AUDIO', media(audio(0, 160), audio(80, 160))),
    Fault('A-08', 'all of the credit', STAYS, media(lambda credit: audio(0, credit))),
    Fault('A-08', 'one sample more', 'closes CREDIT_EXCEEDED', media(lambda credit: audio(0, credit + 1))),
    Fault('A-15', 'a generation that has not begun', 'closes BAD_AUDIO', media(audio(0, 160, generation=1))),
    Fault('A-15', 'an older generation, whatever it holds', 'ok',
          media(audio(0, 160), CLEAR, audio(9_999, 9_999), audio(0, 160, track=2))),
    Fault('A-15', 'half a sample of an older generation', 'ok, closes BAD_AUDIO',
          media(audio(0, 160), CLEAR, 0.2, audio(0, 160).pack() + b'\0')),
    Fault('A-15', 'new audio that does not start where the clear says', 'ok, closes BAD_AUDIO',
          media(audio(0, 160), CLEAR, 0.2, audio(0, 160, generation=1))),
    Fault('A-18', 'clears that do not wait for each other', 'ok, ok',
          media(audio(0, 160), CLEAR, audio(160, 80, generation=1), command('clear', 2, generation=2, position=240))),
    Fault('A-18', 'a mode refused, its generation begun by a clear', 'INVALID_STATE, ok',
          media(command('mode', mode='spy', discard={'generation': 1, 'position': 160}),
                command('clear', 2, generation=1, position=160), audio(160, 160, generation=1))),
    Fault('A-14', 'more than the window after a clear', 'ok, closes CREDIT_EXCEEDED',
          media(audio(0, 160), CLEAR, 0.2, lambda window: audio(160, window + 1, generation=1))),
    Fault('A-18', 'audio of a generation whose mode was refused', 'INVALID_STATE, closes BAD_AUDIO',
          media(command('mode', mode='spy', discard={'generation': 1, 'position': 0}), audio(0, 160, generation=1))),
]  # fmt: skip


async def seen(fault: Fault, bench: Bench) -> str:
    try:
        return await asyncio.wait_for(fault.run(bench), PATIENCE_S)
    except asyncio.TimeoutError:
        return f'nothing within {PATIENCE_S} s'
    except (OSError, ConnectionClosed) as error:
        return f'{type(error).__name__}: {error}'


async def main() -> int:
    async with Bench() as bench:
        outcomes = await asyncio.gather(*(seen(fault, bench) for fault in FAULTS))
    rows = [('rule', 'fault', 'expected', 'seen', 'ok')]
    for fault, outcome in zip(FAULTS, outcomes):
        rows.append((fault.rule, fault.what, fault.expected, outcome, 'ok' if outcome == fault.expected else 'WRONG'))
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        print('  '.join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
    good = sum(row[-1] == 'ok' for row in rows[1:])
    figures = {'faults': len(FAULTS), 'asDocumented': good}
    print(json.dumps({'name': 'wrong-client', 'pass': good == len(FAULTS), 'figures': figures}))
    return 0 if good == len(FAULTS) else 1


if __name__ == '__main__':
    sys.exit(asyncio.run(main()))
