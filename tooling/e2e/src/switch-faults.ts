import { frameFlags } from '@agentao/protocol';
import {
  changes,
  drops,
  eventType,
  everyTenthLost,
  fromZero,
  moved,
  on,
  oncePerId,
  renamed,
  says,
  swapped,
  without,
} from './fault-kinds.ts';
import type { SwitchFault } from './faulty-switch.ts';

const media = '/media';
const control = '/control';

/** Faults of a switch, each with the rule that a conformance kit has to name. */
export const switchFaults: readonly SwitchFault[] = [
  {
    clause: 'G-12',
    what: 'answers no ping',
    connection: () => ({ says: (message) => (message.type === 'pong' ? [] : [message]) }),
  },
  {
    clause: 'C-01',
    what: 'closes with another code',
    connection: () => ({ closes: (code) => (code === 4422 ? 4400 : code) }),
  },
  {
    clause: 'G-09',
    what: 'closes with a code of its own',
    connection: on(media, () => ({ closes: (code) => (code === 1000 ? 4999 : code) })),
  },
  {
    clause: 'G-06',
    what: 'repeats a key',
    connection: says(
      control,
      () => (message) =>
        message.type === 'welcome' ? [JSON.stringify(message).replace('{', '{"sessionId":"x",')] : [message],
    ),
  },
  {
    clause: 'G-15',
    what: 'never asks whether its peer lives',
    connection: drops(media, ({ type }) => type === 'ping'),
  },
  {
    clause: 'G-16',
    what: 'closes without the code of liveness',
    connection: () => ({ closes: (code) => (code === 4504 ? 1000 : code) }),
  },
  {
    clause: 'H-03',
    what: 'tells an unknown key by the status',
    decides: (decision) =>
      !decision.accept && decision.code === 'UNAUTHENTICATED' ? { ...decision, status: 403 } : decision,
  },
  {
    clause: 'H-16',
    what: 'lets scripts read its cookie',
    replies: (reply) => ({
      ...reply,
      headers: Object.fromEntries(
        Object.entries(reply.headers ?? {}).map(([name, value]) => [name, value.replace(/ HttpOnly;?/i, '')]),
      ),
    }),
  },
  {
    clause: 'C-03',
    what: 'does not listen to a client that is not ready any more',
    connection: on(control, () => ({ hears: (message) => (message['ready'] === false ? [] : [message]) })),
  },
  {
    clause: 'C-04',
    what: 'forgets how many calls a client takes',
    connection: on(control, () => ({ hears: without('maxCalls') })),
  },
  {
    clause: 'C-05',
    what: 'does not listen to who declines',
    connection: on(control, () => ({ hears: (message) => (message.type === 'decline' ? [] : [message]) })),
  },
  {
    clause: 'M-02',
    what: 'gives more credit than the window',
    connection: changes(media, 'attached', ({ upTo }) => ({ upTo: Number(upTo) * 20 })),
  },
  {
    clause: 'M-03',
    what: 'does not tell the end',
    connection: drops(media, (message) => eventType(message) === 'call.terminated'),
  },
  {
    clause: 'M-06',
    what: 'responds twice',
    connection: says(media, () => (message) => (message.type === 'response' ? [message, message] : [message])),
  },
  {
    clause: 'M-09',
    what: 'repeats the number of an event',
    connection: changes(media, 'event', ({ seq }) => ({ seq: Math.max(1, Number(seq) - 1) })),
  },
  {
    clause: 'M-10',
    what: 'forgets marks',
    connection: on(media, () => ({ hears: (message) => (message.type === 'mark' ? [] : [message]) })),
  },
  {
    clause: 'R-02',
    what: 'gives the same token again',
    connection: changes(media, 'resumed', () => ({ resumeToken: 'rt_again' })),
  },
  {
    clause: 'R-03',
    what: 'does not tell that a client is back',
    connection: drops(media, (message) => eventType(message) === 'call.resumed'),
  },
  {
    clause: 'R-04',
    what: 'does not flag what it replays',
    connection: on(media, () => ({ plays: (frame) => [frame.with(2, (frame[2] ?? 0) & ~frameFlags.replayed)] })),
  },
  { clause: 'K-02', what: 'leaves a repeat without a response', connection: on(media, oncePerId) },
  {
    clause: 'K-03',
    what: 'calls a refusal a success',
    connection: says(media, () => (message) => [
      message['ok'] === false ? { type: 'response', id: message['id'], ok: true, result: {} } : message,
    ]),
  },
  {
    clause: 'K-09',
    what: 'responds before the event',
    connection: says(media, () =>
      swapped(
        (message) => String(eventType(message)).startsWith('call.connect'),
        ({ type }) => type === 'response',
      ),
    ),
  },
  {
    clause: 'K-13',
    what: 'mistakes whisper for barge',
    connection: on(media, () => ({
      hears: (message) => [message.type === 'mode' ? { ...message, mode: 'barge' } : message],
    })),
  },
  {
    clause: 'K-15',
    what: 'changes the mode at once',
    connection: on(media, () => ({ hears: without('afterPosition') })),
  },
  {
    clause: 'K-17',
    what: 'tells a wrong position of a clear',
    connection: changes(media, 'response', ({ result }) => ({ result: moved(result) })),
  },
  { clause: 'A-04', what: 'loses audio without a word', connection: on(media, everyTenthLost) },
  { clause: 'A-12', what: 'grants no credit', connection: drops(media, ({ type }) => type === 'credit') },
  { clause: 'A-13', what: 'reports no playout', connection: drops(media, ({ type }) => type === 'playout') },
  {
    clause: 'P-06',
    what: 'tells a phone of the end twice',
    connection: says('/phone', () => (message) => (message.type === 'ended' ? [message, message] : [message])),
  },
  {
    clause: 'P-02',
    what: 'keeps the older phone',
    connection: on('/phone', () => ({
      hears: (message) => [message.type === 'register' ? { ...message, onlyIfFree: true } : message],
    })),
  },
  {
    clause: 'O-05',
    what: 'tells a viewer the numbers',
    connection: changes('/monitor', 'call', ({ call }) => ({
      call: { ...(call as object), callerNumber: '+15550001' },
    })),
  },
  { clause: 'O-06', what: 'tells no levels', connection: drops('/monitor', ({ type }) => type === 'levels') },
  {
    clause: 'H-12',
    what: 'lets its answers be kept',
    replies: ({ headers = {}, ...reply }) => ({ ...reply, headers: { ...headers, 'cache-control': 'max-age=60' } }),
  },
  {
    clause: 'C-02',
    what: 'lets a key have any connector',
    connection: on(control, () => ({ hears: without('connectorUuid') })),
  },
  {
    clause: 'C-06',
    what: 'does not say that an offer has ended',
    connection: drops(control, ({ type }) => type === 'offer.cancelled'),
  },
  {
    clause: 'R-05',
    what: 'does not know who was there before',
    decides: (decision) =>
      !decision.accept && decision.code === 'TAKEN_OVER'
        ? { ...decision, status: 401, code: 'INVALID_TOKEN' }
        : decision,
  },
  {
    clause: 'R-06',
    what: 'says that it has less than it has',
    connection: changes(media, 'resumed', ({ received }) => ({ received: Number(received) - 160 })),
  },
  {
    clause: 'R-07',
    what: 'closes a displaced connection as any other',
    connection: on(media, () => ({ closes: (code) => (code === 4409 ? 1000 : code) })),
  },
  {
    clause: 'R-08',
    what: 'tells the wrong state of a call that is over',
    connection: changes(media, 'resumed', () => ({ state: 'ANSWERED' })),
  },
  {
    clause: 'R-09',
    what: 'does not say that a call is taken over',
    connection: on(control, () => ({ says: (message) => without('takeover')(message) })),
  },
  { clause: 'R-13', what: 'knows no hand-over', connection: on(media, () => ({ hears: without('handOver') })) },
  {
    clause: 'K-04',
    what: 'makes a fault of an unknown command',
    connection: changes(media, 'response', renamed('UNKNOWN_COMMAND', 'INTERNAL')),
  },
  {
    clause: 'K-08',
    what: 'has another word for a callee that refuses',
    connection: changes(media, 'response', renamed('CALL_REJECTED', 'CALL_UNANSWERED')),
  },
  {
    clause: 'K-12',
    what: 'responds to the cancelling first',
    connection: says(media, () =>
      swapped(
        (message) => message['ok'] === false,
        ({ type }) => type === 'response',
      ),
    ),
  },
  {
    clause: 'K-16',
    what: 'calls what was overtaken a success',
    connection: says(media, () => (message) => [
      message['ok'] === false ? { type: 'response', id: message['id'], ok: true, result: {} } : message,
    ]),
  },
  {
    clause: 'K-19',
    what: 'takes `close` for `disconnect`',
    connection: on(media, () => ({
      hears: (message) => [message.type === 'close' ? { ...message, type: 'disconnect' } : message],
    })),
  },
  { clause: 'A-02', what: 'sends no audio', connection: on(media, () => ({ plays: () => [] })) },
  { clause: 'A-03', what: 'counts incoming audio from 0', connection: on(media, fromZero) },
  {
    clause: 'A-08',
    what: 'takes credit back',
    connection: on(media, () => ({
      says: (message) =>
        message.type === 'credit' ? [message, { ...message, upTo: Number(message['upTo']) - 1 }] : [message],
    })),
  },
  {
    clause: 'A-17',
    what: 'tells the jump behind the response',
    connection: says(media, () =>
      swapped(
        ({ type }) => type === 'playout',
        ({ type }) => type === 'response',
      ),
    ),
  },
  { clause: 'P-03', what: 'does not say that it dials', connection: drops('/phone', ({ type }) => type === 'dialing') },
  {
    clause: 'P-07',
    what: 'says nothing of a verb that does not fit',
    connection: drops('/phone', ({ type }) => type === 'error'),
  },
  {
    clause: 'P-08',
    what: 'gives phones the wrong track',
    connection: on('/phone', () => ({ plays: (frame) => [frame.with(0, 1)] })),
  },
  {
    clause: 'P-10',
    what: 'does not tell a lost phone from one that hangs up',
    connection: changes(media, 'event', ({ event }) => ({
      event: {
        ...(event as object),
        ...(eventType({ type: '', event }) === 'call.terminated' ? { reason: 'hangup' } : {}),
      },
    })),
  },
  {
    clause: 'O-01',
    what: 'begins with a call',
    connection: says('/monitor', () =>
      swapped(
        ({ type }) => type === 'snapshot',
        ({ type }) => type === 'call',
      ),
    ),
  },
  {
    clause: 'O-02',
    what: 'does not tell the end of a call',
    connection: drops('/monitor', ({ type }) => type === 'ended'),
  },
  {
    clause: 'O-03',
    what: 'tells the timeline of everybody',
    connection: says(
      '/monitor',
      () => (message) =>
        message.type === 'call'
          ? [message, { type: 'timeline', callId: 'call-0', atMs: 0, entry: { kind: 'arrived' } }]
          : [message],
    ),
  },
];
