"""Runs the vectors of `../../vectors` that concern a client against its codecs. Exit code 0 if all come out right."""

from __future__ import annotations

import json
import struct
import sys
from pathlib import Path
from typing import Any

from frames import BadAudio, Frame
from messages import CONTROL, MEDIA, Malformed, Reader, decode

VECTORS = Path(__file__).parents[2] / 'vectors'
NOT_SPOKEN = ('resumed',)
"""Messages of section 4.4, which this client does without: to it they are types it does not know."""


def read(text: str, kinds: Reader) -> dict[str, Any]:
    try:
        message = decode(text, kinds)
    except Malformed:
        return {'close': 'BAD_MESSAGE'}
    if message is None:
        return {'unknown': json.loads(text)['type']}
    if message['type'] == 'event' and message['event'] is None:
        return {'unknown': json.loads(text)['event']['type'], 'seq': message['seq']}
    return {'message': message}


def read_frame(data: bytes) -> dict[str, Any]:
    try:
        frame = Frame.unpack(data)
    except BadAudio:
        return {'close': 'BAD_AUDIO'}
    assert frame.pack() == data
    header = {name: getattr(frame, name) for name in ('track', 'generation', 'flags', 'position')}
    return {'header': header, 'samples': list(struct.unpack(f'<{frame.count}h', frame.samples))}


def main() -> int:
    checked, wrong = 0, 0

    def check(vector: dict[str, Any], seen: dict[str, Any], expected: dict[str, Any]) -> None:
        nonlocal checked, wrong
        checked += 1
        if seen != expected:
            wrong += 1
            print(f'{vector["name"]}: expected {expected}, seen {seen}')

    for file, kinds in (('control.json', CONTROL), ('media.json', MEDIA)):
        for vector in json.loads((VECTORS / file).read_text('utf-8'))['texts']:
            expected = vector['result']
            if vector['from'] == 'switch' and expected.get('message', {}).get('type') not in NOT_SPOKEN:
                check(vector, read(vector['text'], kinds), expected)
    frames = json.loads((VECTORS / 'frames.json').read_text('utf-8'))
    for vector in frames['frames'] + frames['refused']:
        expected = {name: value for name, value in vector.items() if name not in ('name', 'hex')}
        check(vector, read_frame(bytes.fromhex(vector['hex'])), expected)
    figures = {'vectors': checked, 'wrong': wrong}
    print(json.dumps({'name': 'python-vectors', 'pass': wrong == 0 and checked > 0, 'figures': figures}))
    return 0 if wrong == 0 and checked > 0 else 1


if __name__ == '__main__':
    sys.exit(main())
