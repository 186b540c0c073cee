"""What a client makes of the texts that a switch sends: rules G-02 to G-06, tables 3.2, 4.2 and 6 of PROTOCOL.md.

`decode` returns a message as a dictionary of its known fields, or `None` for a type it does not know, or raises
`Malformed`, upon which the connection closes with `BAD_MESSAGE`.
"""

from __future__ import annotations

import json
from typing import Any, Callable, Mapping, Optional

SWITCH_NESTING = 40

Reader = Callable[[Any], Any]
"""Returns the value, rid of fields it does not know, or raises `Malformed`."""


class Malformed(ValueError):
    """Text that breaks G-04, G-05 or G-02."""


def number(low: float, high: float, whole: bool = True) -> Reader:
    def read(value: Any) -> Any:
        if type(value) not in (int, float) or not low <= value <= high or (whole and value != int(value)):
            raise Malformed(f'{value!r} is not a number from {low} to {high}')
        return int(value) if whole else value

    return read


def text(low: int, high: int, control_characters: bool = True) -> Reader:
    def read(value: Any) -> str:
        if not isinstance(value, str) or not low <= len(value.encode('utf-16-le', 'surrogatepass')) // 2 <= high:
            raise Malformed(f'not a text of {low} to {high} units')
        if not control_characters and any(ord(c) < 0x20 or 0x7F <= ord(c) <= 0x9F for c in value):
            raise Malformed('control characters in a number')
        return value

    return read


def one_of(*values: Any) -> Reader:
    def read(value: Any) -> Any:
        if not any(type(value) is type(v) and value == v for v in values):
            raise Malformed(f'{value!r} is none of {values}')
        return value

    return read


def nullable(reader: Reader) -> Reader:
    return lambda value: None if value is None else reader(value)


def anything(value: Any) -> Any:
    return value


def record(fields: Mapping[str, Reader]) -> Reader:
    """An object. A name that ends in `?` may be left out."""

    def read(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise Malformed('not an object')
        seen = {}
        for name, reader in fields.items():
            key = name.rstrip('?')
            if key in value:
                seen[key] = reader(value[key])
            elif key == name:
                raise Malformed(f'{key} is missing')
        return seen

    return read


def tagged(kinds: Mapping[str, Reader]) -> Reader:
    """An object told apart by its `type`; `None` where the type is not known."""

    def read(value: Any) -> Optional[dict[str, Any]]:
        if not isinstance(value, dict) or not isinstance(value.get('type'), str):
            raise Malformed('not an object with a type')
        reader = kinds.get(value['type'])
        return None if reader is None else {'type': value['type'], **reader(value)}

    return read


ID = text(1, 128)
NUMBER = text(1, 128, control_characters=False)
NUMBER_OR_EMPTY = text(0, 128, control_characters=False)
TOKEN = text(1, 1024)
TEXT = text(0, 1024)
CODE = text(1, 128)
U8 = number(0, 0xFF)
U32 = number(0, 0xFFFF_FFFF)
U32_POSITIVE = number(1, 0xFFFF_FFFF)
MS = number(0, 2**53 - 1, whole=False)
FLAG = one_of(True, False)
MODE = one_of('barge', 'whisper', 'spy')
STATE = one_of('PENDING', 'ANSWERED', 'CONNECTED', 'DISCONNECTED')
LIVE_STATE = one_of('PENDING', 'ANSWERED', 'CONNECTED')
REASON = one_of('hangup', 'disconnected', 'left', 'declined', 'unanswered', 'rejected', 'timeout', 'taken_over',
                'media_lost', 'shutdown', 'failed')  # fmt: skip
FAILURE = {'errorCode': CODE, 'errorMessage': TEXT}
LIVENESS = {'ping': record({'id': U32}), 'pong': record({'id': U32})}

EVENT = tagged({name: record({'atMs': MS, **fields}) for name, fields in {
    'call.answered': {},
    'call.connected': {'mode': MODE},
    'call.answer_failed': FAILURE,
    'call.connect_failed': FAILURE,
    'call.mode_changed': {'mode': MODE, 'position': U32},
    'call.dtmf': {'digit': one_of(*'0123456789*#ABCD'), 'party': one_of('caller', 'callee'), 'durationMs': MS},
    'call.resumed': {'outageMs': MS, 'replayedSamples': U32},
    'call.audio_overflow': {'party': one_of('mix', 'caller', 'callee'), 'droppedSamples': U32},
    'call.error': FAILURE,
    'call.terminated': {'reason': REASON, 'by': one_of('caller', 'callee', 'agent', 'switch')},
}.items()})  # fmt: skip


def response(value: Any) -> dict[str, Any]:
    """`result` belongs to success, `error` to failure; the other one is a field not known here."""
    done = record({'ok': FLAG})(value)['ok']
    outcome = {'result': record({'position?': U32, 'clearedSamples?': U32})} if done else {
        'error': record({'code': CODE, 'message': TEXT})}  # fmt: skip
    read: dict[str, Any] = record({'id': U32_POSITIVE, 'ok': FLAG, **outcome})(value)
    return read


CONTROL = tagged({
    **LIVENESS,
    'welcome': record({'sessionId': ID, 'connectorUuid': ID, 'heartbeatMs': U32_POSITIVE}),
    'offer': record({
        'offerId': ID, 'callId': ID, 'callerNumber': NUMBER_OR_EMPTY, 'calleeNumber': NUMBER,
        'direction': one_of('MT', 'MO'), 'mediaUrl': text(1, 2048), 'mediaToken': TOKEN,
        'acceptWithinMs': U32_POSITIVE,
        'takeover?': record({'state': LIVE_STATE, 'mode': nullable(MODE), 'context': anything}),
    }),
    'offer.cancelled': record({'offerId': ID, 'reason': one_of('expired', 'declined', 'caller_gone', 'shutdown')}),
    'error': record({'code': CODE, 'message': TEXT}),
})  # fmt: skip

MEDIA = tagged({
    **LIVENESS,
    'attached': record({
        'state': STATE, 'mode': nullable(MODE), 'atMs': MS, 'generation': U8, 'upTo': U32, 'windowSamples': U32,
        'resumeToken': TOKEN, 'resumeWithinMs': U32,
    }),
    'response': response,
    'credit': record({'generation': U8, 'upTo': U32}),
    'playout': record({'generation': U8, 'played': U32, 'audible': FLAG, 'atMs': MS}),
    'event': record({'seq': U32_POSITIVE, 'event': EVENT}),
})  # fmt: skip


def decode(message: str, kinds: Reader) -> Optional[dict[str, Any]]:
    try:
        value = json.loads(message, parse_constant=_no_json, object_pairs_hook=_without_proto)
    except (ValueError, RecursionError) as error:
        raise Malformed(str(error)) from error
    if _nesting(value) > SWITCH_NESTING:
        raise Malformed('nested too deeply')
    known: Optional[dict[str, Any]] = kinds(value)
    return known


def _no_json(name: str) -> None:
    raise Malformed(f'{name} is not JSON')


def _without_proto(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {key: value for key, value in pairs if key != '__proto__'}


def _nesting(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(_nesting, inner), default=0)
