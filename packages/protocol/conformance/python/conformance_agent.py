"""The conformance agent of docs/conformance.md on `agentao_client`: what it does on a call is told by the number called.

`AGENTAO_BASE_URL`, `AGENTAO_API_KEY` and `AGENTAO_CONNECTOR_UUID` say where it serves. It lacks resume, `context` and
`annotate`, as the client does. A command that fails is the end of what it does, and not of the call.
"""

from __future__ import annotations

import asyncio
import os
import signal
import struct
import sys
from typing import Awaitable, Callable

from agentao_client import Call, CommandFailed, Control, Event, Offer, OfferGone
from wire import Closed, Refused

SAMPLE_RATE = 24000
RING_TIME_MS = 20_000


def counting(position: int, seconds: float) -> bytes:
    """Samples that tell their position: a lost, repeated or exchanged one shows."""
    count = round(seconds * SAMPLE_RATE)
    return struct.pack(f'<{count}h', *((position + index) % 32_768 for index in range(count)))


class Agent:
    """One call, from its offer to its end."""

    def __init__(self, offer: Offer, stop: Callable[[], None], stopping: asyncio.Event) -> None:
        self._offer = offer
        self._stop = stop
        self._stopping = stopping
        self._said = 0

    async def run(self) -> None:
        scenario = self._offer.callee_number
        try:
            call = await self._offer.accept(SAMPLE_RATE, ('caller', 'callee') if scenario == 'tracks' else ('mix',))
        except OfferGone as gone:
            return print(f'missed: {gone}', file=sys.stderr, flush=True)
        act = getattr(self, scenario.replace('-', '_'), self.idle)
        tasks = [asyncio.create_task(self._try(act(call))), asyncio.create_task(self._try(self._leave(call)))]
        async for event in call:
            tasks.append(asyncio.create_task(self._try(self._happened(call, event))))
        for task in tasks:
            task.cancel()

    def _say(self, call: Call, seconds: float) -> int:
        self._said = call.say(counting(self._said, seconds))
        return self._said

    async def idle(self, call: Call) -> None:
        pass

    async def answer(self, call: Call) -> None:
        await call.answer()

    async def decline(self, call: Call) -> None:
        await call.close()

    async def talk(self, call: Call) -> None:
        self._say(call, 3)
        await call.answer()

    async def echo(self, call: Call) -> None:
        call.on_audio = lambda frame: call.say(frame.samples)
        await call.answer()

    async def dtmf(self, call: Call) -> None:
        await call.answer()
        outcomes = await asyncio.gather(call.dtmf('1'), call.dtmf('2'), return_exceptions=True)
        if digits := ''.join(digit for digit, outcome in zip('12', outcomes) if outcome is None):
            await call.dtmf(digits)

    async def connect(self, call: Call) -> None:
        await call.connect(RING_TIME_MS)

    async def connect_cancel(self, call: Call) -> None:
        connecting = asyncio.create_task(self._try(call.connect(RING_TIME_MS)))
        await asyncio.sleep(0.3)
        await call.cancel_connect()
        await connecting

    async def clear(self, call: Call) -> None:
        self._say(call, 3)
        await call.answer()
        await asyncio.sleep(1)
        for _ in range(2):
            said = counting(self._said, 0.5)
            self._said += SAMPLE_RATE // 2
            await call.clear(then=said)

    async def discard(self, call: Call) -> None:
        self._say(call, 3)
        await call.connect(RING_TIME_MS, 'spy')
        await call.set_mode_and_clear('whisper', then=counting(self._said, 0.5))

    async def after_playout(self, call: Call) -> None:
        end = self._say(call, 1)
        await call.connect(RING_TIME_MS)
        await call.set_mode('whisper', after_position=end)

    async def heard(self, call: Call) -> None:
        await call.answer()
        if await call.heard(self._say(call, 0.5)):
            await call.dtmf('9')

    async def marks(self, call: Call) -> None:
        await asyncio.gather(*(call.heard(self._say(call, 1 / SAMPLE_RATE)) for _ in range(1_100)))

    async def leave(self, call: Call) -> None:
        await call.answer()
        await call.close()

    async def hang_up(self, call: Call) -> None:
        await call.answer()
        await call.disconnect()

    async def force(self, call: Call) -> None:
        await call.answer()
        call.tear_down()

    async def tracks(self, call: Call) -> None:
        await call.answer()

    async def stop(self, call: Call) -> None:
        self._stop()

    async def _happened(self, call: Call, event: Event) -> None:
        if event.type == 'call.dtmf' and self._offer.callee_number == 'echo':
            await call.dtmf(event.fields['digit'])

    async def _leave(self, call: Call) -> None:
        await self._stopping.wait()
        await asyncio.sleep(0.5)
        await call.close()

    async def _try(self, command: Awaitable[object]) -> None:
        try:
            await command
        except (CommandFailed, asyncio.TimeoutError) as failure:
            print(self._offer.call_id, repr(failure), file=sys.stderr, flush=True)


async def main() -> int:
    stopping = asyncio.Event()
    calls: set[asyncio.Task[None]] = set()
    try:
        async with Control(
            os.environ['AGENTAO_BASE_URL'], os.environ['AGENTAO_API_KEY'], os.environ.get('AGENTAO_CONNECTOR_UUID')
        ) as control:

            def stop() -> None:
                control.stop()
                stopping.set()

            for number in (signal.SIGTERM, signal.SIGINT):
                asyncio.get_running_loop().add_signal_handler(number, stop)
            async for offer in control:
                calls.add(task := asyncio.create_task(Agent(offer, stop, stopping).run()))
                task.add_done_callback(calls.discard)
            await asyncio.gather(*calls)
    except (Refused, Closed) as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(asyncio.run(main()))
