"""Audio on the media socket: section 7 of PROTOCOL.md. Bytes and bookkeeping, no I/O.

`Frame` is one binary message. `Speech` is what the agent says: the queue in front of the switch, the credit that
the switch grants, and the generations by which a clear makes both forget what was not yet heard.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import Iterator

HEADER = struct.Struct('<BBHI')
SAMPLE_BYTES = 2
MESSAGE_SAMPLES = (131_072 - HEADER.size) // SAMPLE_BYTES
TICKS_PER_SECOND = 50


class BadAudio(ValueError):
    """A binary message that is shorter than its header or holds half a sample (A-01)."""


class Track(IntEnum):
    MIX = 0
    CALLER = 1
    CALLEE = 2
    AGENT = 3


class Flag(IntFlag):
    REPLAYED = 1
    GAP_BEFORE = 2
    END_OF_TRACK = 4


@dataclass(frozen=True)
class Frame:
    """One binary message. `samples` is signed 16-bit little-endian mono PCM, as it travels."""

    track: int
    position: int
    samples: bytes
    generation: int = 0
    flags: int = 0

    @property
    def count(self) -> int:
        return len(self.samples) // SAMPLE_BYTES

    @property
    def end(self) -> int:
        """The position after the last sample."""
        return self.position + self.count

    def pack(self) -> bytes:
        return HEADER.pack(self.track, self.generation, self.flags, self.position) + self.samples

    @classmethod
    def unpack(cls, data: bytes) -> Frame:
        if len(data) < HEADER.size or (len(data) - HEADER.size) % SAMPLE_BYTES:
            raise BadAudio(f'{len(data)} bytes are no header with whole samples')
        track, generation, flags, position = HEADER.unpack_from(data)
        return cls(track, position, data[HEADER.size:], generation, flags)


class Speech:
    """The outgoing track. Positions count samples accepted by `say` in the whole call, sent or not (7.3)."""

    def __init__(self, generation: int, up_to: int, window: int) -> None:
        self.generation = generation
        self.accepted = 0
        self.held = False
        """True between a command that begins a generation and its success, where it may also be refused."""
        self._sent = 0
        self._up_to = up_to
        self._window = window
        self._queue = bytearray()
        self._end = False

    def say(self, pcm: bytes, end: bool = False) -> int:
        """Accepts samples and returns the position after them. `end`: nothing follows for now (A-10)."""
        if len(pcm) % SAMPLE_BYTES:
            raise BadAudio('half a sample')
        self._queue += pcm
        self.accepted += len(pcm) // SAMPLE_BYTES
        self._end = end
        return self.accepted

    def grant(self, generation: int, up_to: int) -> None:
        """Takes credit; that of another generation was sent before the switch saw the clear (A-16)."""
        if generation == self.generation:
            self._up_to = up_to

    def drop(self) -> tuple[int, int]:
        """Empties the queue and begins the next generation; returns it and its first position (7.4)."""
        self._queue.clear()
        self._end = False
        self.generation = (self.generation + 1) % 256
        self._sent = self.accepted
        self._up_to = self.accepted + self._window
        return self.generation, self.accepted

    def frames(self) -> Iterator[Frame]:
        """What may be sent now, in as few messages as the credit allows (A-09)."""
        while not self.held:
            count = min(self.accepted, self._up_to, self._sent + MESSAGE_SAMPLES) - self._sent
            if count <= 0:
                return
            samples = bytes(self._queue[: count * SAMPLE_BYTES])
            del self._queue[: count * SAMPLE_BYTES]
            flags = Flag.END_OF_TRACK if self._end and not self._queue else 0
            yield Frame(Track.AGENT, self._sent, samples, self.generation, flags)
            self._sent += count
