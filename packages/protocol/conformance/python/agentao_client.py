"""A client of the AgenTao protocol, version 1, written from PROTOCOL.md alone (numbers of its rules in brackets).

    async with Control('wss://switch.example', api_key='ak_…', connector_uuid='…') as control:
        async for offer in control:
            call = await offer.accept(sample_rate=24000)
            call.on_audio = lambda frame: call.say(frame.samples)
            await call.answer()
            async for event in call:
                print(event)

`Control` keeps the control connection and yields offers. An `Offer` becomes a `Call`, which is one media connection:
commands, events, what the agent hears (`on_audio`) and what it says (`say`). A program with more than one call at a
time handles each in a task of its own. Everything runs on one event loop; nothing here is safe for threads.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, AsyncIterator, Awaitable, Callable, Optional, Sequence
from urllib.parse import urljoin, urlsplit

from websockets.exceptions import InvalidHandshake

from frames import Frame, Speech
from messages import CONTROL, MEDIA
from wire import Closed, CloseCode, Message, Refused, Wire

RECONNECT_BASE_S, RECONNECT_CAP_S, RECONNECT_SETTLED_S = 0.5, 30, 10
HEARTBEAT_S = 5
MEDIA_PING_S, MEDIA_DEAD_S = 0.5, 2
COMMAND_TIMEOUT_S = 10
PENDING_MARKS = 1024


class CommandFailed(Exception):
    """A command was refused or came to nothing. Programs act on `code` (G-10)."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f'{code}: {message}')
        self.code = code


class OfferGone(Exception):
    """The offer ended before the call was this client's (C-06)."""


@dataclass(frozen=True)
class Event:
    """An event of section 6: its `type`, and `fields` that include `atMs`."""

    seq: int
    type: str
    fields: Message

    def __str__(self) -> str:
        return ' '.join([self.type, *(f'{name}={value}' for name, value in self.fields.items())])


@dataclass
class Offer:
    offer_id: str
    call_id: str
    caller_number: str
    callee_number: str
    direction: str
    takeover: Optional[Message]
    _control: Control = field(repr=False)
    _media_url: str = field(repr=False)
    _media_token: str = field(repr=False)
    cancelled: Optional[str] = None
    """Why, once the offer has ended without this client."""

    async def accept(self, sample_rate: int = 24000, tracks: Sequence[str] = ('mix',)) -> Call:
        """Makes the call this client's (C-05). How long that may take is for the switch to say."""
        self._control._standing.pop(self.offer_id, None)
        try:
            return await Call._attach(self._media_url, self._media_token, sample_rate, tracks)
        except (Refused, Closed, InvalidHandshake, asyncio.TimeoutError, OSError) as error:
            raise OfferGone(self.cancelled or str(error) or 'timed out') from error

    def decline(self) -> None:
        if self._control._standing.pop(self.offer_id, None):
            self._control._send({'type': 'decline', 'offerId': self.offer_id})


class Control:
    """The control connection. It connects again where that may help, until `stop` (C-08, H-11)."""

    def __init__(
        self,
        base_url: str,
        api_key: str,
        connector_uuid: Optional[str] = None,
        client: str = 'agentao-python/1',
        max_calls: Optional[int] = None,
    ) -> None:
        self._url = base_url.rstrip('/') + '/control'
        self._api_key = api_key
        hello = {'type': 'hello', 'client': client, 'connectorUuid': connector_uuid, 'maxCalls': max_calls}
        self._hello = {name: value for name, value in hello.items() if value is not None}
        self._offers: asyncio.Queue[Optional[Offer]] = asyncio.Queue()
        self._standing: dict[str, Offer] = {}
        self._wire: Optional[Wire] = None
        self._welcomed = False
        self.on_ready: Callable[[], None] = lambda: None
        """Called whenever the switch has come to count this client as ready."""
        self._stopped = asyncio.Event()
        self._bound = RECONNECT_BASE_S

    async def __aenter__(self) -> Control:
        self._task = asyncio.create_task(self._run())
        self._task.add_done_callback(lambda _: self._offers.put_nowait(None))
        return self

    async def __aexit__(self, *_: object) -> None:
        """Says goodbye (C-09): the calls have ended by now, or go on without a control connection (C-08)."""
        self.stop()
        if self._wire:
            self._wire.close()
        else:
            self._task.cancel()
        await asyncio.wait([self._task])

    async def __aiter__(self) -> AsyncIterator[Offer]:
        """The offers, until `stop`. Raises `Refused` or `Closed` where connecting again does not help."""
        while offer := await self._offers.get():
            yield offer
        if self._task.done():
            self._task.result()

    def stop(self) -> None:
        """Takes no further call; calls that are under way are not touched."""
        if not self._stopped.is_set():
            self._stopped.set()
            self._send({'type': 'ready', 'ready': False})
            for offer in list(self._standing.values()):
                offer.decline()
            self._offers.put_nowait(None)

    async def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                await self._session()
            except (Refused, Closed) as failure:
                if not failure.retry and not self._stopped.is_set():
                    raise
            except (InvalidHandshake, asyncio.TimeoutError, OSError):
                pass
            try:
                await asyncio.wait_for(self._stopped.wait(), random.uniform(0, self._bound))
            except asyncio.TimeoutError:
                self._bound = min(2 * self._bound, RECONNECT_CAP_S)

    async def _session(self) -> None:
        wire = await Wire.open(
            self._url, 'agentao.control.v1', self._api_key, CONTROL, HEARTBEAT_S, 2 * HEARTBEAT_S
        )
        opened = monotonic()
        self._wire = wire
        self._welcomed = False
        wire.send(self._hello)
        try:
            async for message in wire.messages():
                if isinstance(message, Frame):
                    wire.fail(CloseCode.BAD_MESSAGE)  # G-02
                else:
                    self._take(wire, message)
        finally:
            self._wire = None
            for offer in self._standing.values():
                offer.cancelled = 'the control connection was lost'  # C-08
            self._standing.clear()
            if monotonic() - opened >= RECONNECT_SETTLED_S:
                self._bound = RECONNECT_BASE_S

    def _take(self, wire: Wire, message: Message) -> None:
        if (message['type'] == 'welcome') == self._welcomed and message['type'] != 'error':
            wire.fail(CloseCode.OUT_OF_ORDER)  # G-07: a second `welcome`, or something else before the first
        elif message['type'] == 'welcome':
            self._welcomed = True
            wire.ping_after_s, wire.dead_after_s = message['heartbeatMs'] / 1000, message['heartbeatMs'] / 500  # G-14
            if not self._stopped.is_set():
                wire.send({'type': 'ready', 'ready': True})
                wire.ping(lambda: self.on_ready())  # a `pong` is all that confirms it (G-08)
        elif message['type'] == 'offer':
            offer = Offer(
                offer_id=message['offerId'],
                call_id=message['callId'],
                caller_number=message['callerNumber'],
                callee_number=message['calleeNumber'],
                direction=message['direction'],
                takeover=message.get('takeover'),
                _control=self,
                _media_url=urljoin(self._url, message['mediaUrl']),
                _media_token=message['mediaToken'],
            )
            self._standing[offer.offer_id] = offer
            foreign = urlsplit(offer._media_url)[:2] != urlsplit(self._url)[:2]
            if self._stopped.is_set() or foreign or offer.takeover:
                offer.decline()  # the token goes to no other origin (C-07), and nobody here goes on with a call
            else:
                self._offers.put_nowait(offer)
        elif message['type'] == 'offer.cancelled' and message['offerId'] in self._standing:
            self._standing.pop(message['offerId']).cancelled = message['reason']

    def _send(self, message: Message) -> None:
        if self._wire:
            self._wire.send(message)


class Call:
    """One call, from `attached` to `call.terminated`. Iterate over it for its events."""

    def __init__(self, wire: Wire, sample_rate: int) -> None:
        self.sample_rate = sample_rate
        self.state = 'PENDING'
        self.mode: Optional[str] = None
        self.played = 0
        """The outgoing position after the last sample heard, or jumped over by a clear, as far as reported."""
        self.on_audio: Callable[[Frame], object] = lambda frame: None
        """Called with every incoming frame, in order and at once; it must not block."""
        self._speech = Speech(0, 0, 0)
        self._wire = wire
        self._attached: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._last_id = 0
        self._pending: dict[int, tuple[str, asyncio.Future[Message]]] = {}
        self._events: asyncio.Queue[Optional[Event]] = asyncio.Queue()
        self._last_seq = 0
        self._marks: list[tuple[int, asyncio.Future[bool]]] = []
        self._clearing = asyncio.Lock()
        self._task = asyncio.create_task(self._run())

    @classmethod
    async def _attach(cls, url: str, token: str, sample_rate: int, tracks: Sequence[str]) -> Call:
        wire = await Wire.open(url, 'agentao.media.v1', token, MEDIA, MEDIA_PING_S, MEDIA_DEAD_S)
        call = cls(wire, sample_rate)
        wire.send({'type': 'attach', 'sampleRateHz': sample_rate, 'tracks': list(tracks)})
        await call._attached
        return call

    async def __aiter__(self) -> AsyncIterator[Event]:
        """The events; `call.terminated` is the last one, also where the connection is lost (M-11)."""
        while event := await self._events.get():
            yield event

    # Commands (section 5). Each returns the result, or raises CommandFailed.

    async def answer(self) -> None:
        await self._command('answer')

    async def connect(self, ring_time_ms: int, mode: str = 'barge') -> None:
        await self._command('connect', ring_time_ms / 1000, ringTimeMs=ring_time_ms, mode=mode)

    async def cancel_connect(self) -> None:
        """Stops the ringing, if any (K-12)."""
        connects = [id for id, (kind, _) in self._pending.items() if kind == 'connect']
        await self._command('connect.cancel', connectId=connects[-1] if connects else 1)

    async def set_mode(self, mode: str, *, after_position: Optional[int] = None) -> int:
        """Changes who hears the agent, now or at an outgoing position; returns the position of the change (K-13)."""
        if after_position is None:
            return int((await self._command('mode', mode=mode))['position'])
        longer_s = max(0, after_position - self.played) / self.sample_rate
        result = await self._command('mode', longer_s, mode=mode, afterPosition=after_position)
        return int(result['position'])

    async def set_mode_and_clear(self, mode: str, then: bytes = b'') -> int:
        """Changes the mode and clears on one tick: whoever is admitted hears nothing said before (K-14)."""
        async with self._clearing:
            generation, position = self._speech.drop()
            self._speech.held = True
            self._speech.say(then)
            begin = {'generation': generation, 'position': position}
            try:
                return int((await self._command('mode', mode=mode, discard=begin))['clearedSamples'])
            except CommandFailed:
                # The generation has not begun at the switch, but what was queued here is gone: begin it by a clear.
                if self._wire.closed is None:
                    await self._command('clear', **begin)
                raise
            finally:
                self._speech.held = False
                self._flush()

    async def clear(self, then: bytes = b'') -> int:
        """Makes the agent silent at once, and lets it go on with `then`; returns how much nobody heard (7.4)."""
        async with self._clearing:
            generation, position = self._speech.drop()
            cleared = self._command('clear', generation=generation, position=position)
            self.say(then)
            return int((await cleared)['clearedSamples'])

    async def dtmf(self, digits: str) -> None:
        await self._command('dtmf', digits=digits)

    async def close(self) -> None:
        """Leaves the call (K-19)."""
        await self._command('close')

    async def disconnect(self) -> None:
        """Ends the call for all (K-18)."""
        await self._command('disconnect')

    def tear_down(self) -> None:
        """Ends the call for all without a word (M-04)."""
        self._wire.close(CloseCode.FORCE_DISCONNECT)

    # Audio (section 7).

    def say(self, pcm: bytes, end: bool = False) -> int:
        """Queues samples and returns the outgoing position after them. `end`: nothing follows for now (A-10)."""
        position = self._speech.say(pcm, end)
        self._flush()
        return position

    async def heard(self, position: int) -> bool:
        """Waits until an outgoing position was heard or jumped over; false when the call ends before."""
        if self.state == 'DISCONNECTED':
            return False
        reached: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._marks.append((position, reached))
        if len(self._marks) <= PENDING_MARKS:  # M-10; whoever waits beyond that is told by the regular reports
            self._wire.send({'type': 'mark', 'position': position})
        return await reached

    def _flush(self) -> None:
        for frame in self._speech.frames():
            self._wire.send(frame)

    # The connection (section 4).

    def _command(self, kind: str, longer_s: float = 0, **arguments: Any) -> Awaitable[Message]:
        """Sends a command at once. Awaiting the outcome comes second, so that what follows keeps its place."""
        if self._wire.closed is not None:
            raise CommandFailed('CALL_ENDED', 'the call has ended')
        self._last_id += 1
        response: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._pending[self._last_id] = (kind, response)
        self._wire.send({'type': kind, 'id': self._last_id, **arguments})
        return asyncio.wait_for(response, COMMAND_TIMEOUT_S + longer_s)  # M-08

    async def _run(self) -> None:
        try:
            async for message in self._wire.messages():
                attaching = not self._attached.done()
                if attaching != (isinstance(message, dict) and message['type'] == 'attached'):
                    self._wire.fail(CloseCode.OUT_OF_ORDER)  # M-02
                elif isinstance(message, Frame):
                    if message.track in (0, 1, 2):
                        self.on_audio(message)
                else:
                    self._take(message)
        except Closed as closed:
            if not self._attached.done():
                self._attached.set_exception(closed)
        finally:
            self._end()

    def _take(self, message: Message) -> None:
        if message['type'] == 'attached':
            self.state, self.mode = message['state'], message['mode']
            self._speech = Speech(message['generation'], message['upTo'], message['windowSamples'])
            self._attached.set_result(None)
        elif message['type'] == 'event':
            self._last_seq = message['seq']
            if message['event']:
                self._happened(message['event'])
        elif message['type'] == 'response':
            kind, response = self._pending.pop(message['id'], ('', None))
            if response and not response.done():
                if message['ok']:
                    response.set_result(message['result'])
                else:
                    response.set_exception(CommandFailed(message['error']['code'], message['error']['message']))
        elif message['type'] == 'credit':
            self._speech.grant(message['generation'], message['upTo'])
            self._flush()
        elif message['type'] == 'playout':
            self.played = message['played']
            for position, reached in self._marks:
                if position <= self.played and not reached.done():
                    reached.set_result(True)
            self._marks = [mark for mark in self._marks if mark[0] > self.played]

    def _happened(self, event: Message) -> None:
        kind = event.pop('type')
        if kind == 'call.answered':
            self.state = 'ANSWERED'
        elif kind in ('call.connected', 'call.mode_changed'):
            self.state, self.mode = 'CONNECTED', event['mode']
        elif kind == 'call.terminated':
            self.state = 'DISCONNECTED'
        self._events.put_nowait(Event(self._last_seq, kind, event))

    def _end(self) -> None:
        if self.state != 'DISCONNECTED':  # M-11
            self._last_seq += 1
            self._happened({'type': 'call.terminated', 'reason': 'media_lost', 'by': 'switch'})
        self._events.put_nowait(None)
        for kind, response in self._pending.values():
            if response.done():
                continue
            if kind in ('close', 'disconnect'):  # K-06
                response.set_result({})
            else:
                response.set_exception(CommandFailed('CALL_ENDED', 'the call has ended'))
        for _, reached in self._marks:
            if not reached.done():
                reached.set_result(False)
