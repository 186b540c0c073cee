"""An agent on `agentao_client`: it answers, says a second later what it hears, and obeys the keys of a phone.

    *  clear: forget what has not been heard yet        4  spy: nobody hears the agent
    1  connect the callee                               9  close: leave the call
    2  whisper: only the callee hears the agent         #  disconnect: end the call for all
    3  barge: both hear the agent

`AGENTAO_BASE_URL`, `AGENTAO_API_KEY` and `AGENTAO_CONNECTOR_UUID` say where it serves. It prints `ready` on stdout
when it takes calls, and one line for each event on stderr. SIGTERM and SIGINT make it leave its calls and end (C-09).
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import Awaitable, Optional

from agentao_client import Call, CommandFailed, Control, Offer, OfferGone
from wire import Closed, Refused

SAMPLE_RATE = 24000
RING_TIME_MS = 30_000
LISTENERS = {None: 0, 'spy': 0, 'whisper': 1, 'barge': 2}

DELAY = bytes(2 * SAMPLE_RATE)
"""A second of silence that runs ahead of the echo, so that a second of it always waits to be heard."""


class Agent:
    """One call, from its offer to its end."""

    def __init__(self, offer: Offer, stopping: asyncio.Event) -> None:
        self._offer = offer
        self._stopping = stopping

    async def run(self) -> None:
        try:
            call = await self._offer.accept(SAMPLE_RATE)
        except OfferGone as gone:
            return self._log(f'missed: {gone}')
        call.say(DELAY)
        call.on_audio = lambda frame: call.say(frame.samples)
        # Commands run side by side: a key is obeyed also while the callee is rung.
        commands = [asyncio.create_task(self._try(call.answer())), asyncio.create_task(self._try(self._leave(call)))]
        async for event in call:
            self._log(event)
            if event.type == 'call.dtmf':
                commands.append(asyncio.create_task(self._try(press(call, event.fields['digit']))))
        for command in commands:
            command.cancel()

    async def _leave(self, call: Call) -> None:
        await self._stopping.wait()
        await call.close()

    async def _try(self, command: Awaitable[Optional[str]]) -> None:
        try:
            if outcome := await command:
                self._log(outcome)
        except (CommandFailed, asyncio.TimeoutError) as failure:
            self._log(repr(failure))

    def _log(self, what: object) -> None:
        print(self._offer.call_id, what, file=sys.stderr, flush=True)


async def press(call: Call, key: str) -> Optional[str]:
    if key == '*':
        return f'cleared {await call.clear(then=DELAY)} samples'
    elif key == '1':
        await call.connect(RING_TIME_MS, 'barge')
    elif key == '2':
        await change_mode(call, 'whisper')
    elif key == '3':
        await change_mode(call, 'barge')
    elif key == '4':
        await change_mode(call, 'spy')
    elif key == '9':
        await call.close()
    elif key == '#':
        await call.disconnect()
    return None


async def change_mode(call: Call, mode: str) -> None:
    """Whoever is admitted does not hear what was said for fewer ears (K-14)."""
    if LISTENERS[mode] > LISTENERS[call.mode]:
        await call.set_mode_and_clear(mode, then=DELAY)
    else:
        await call.set_mode(mode)


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
            control.on_ready = lambda: print('ready', flush=True)
            async for offer in control:
                calls.add(task := asyncio.create_task(Agent(offer, stopping).run()))
                task.add_done_callback(calls.discard)
            await asyncio.gather(*calls)
    except (Refused, Closed) as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(asyncio.run(main()))
