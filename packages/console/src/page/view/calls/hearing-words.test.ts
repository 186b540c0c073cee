import type { MonitorHearing } from '@agentao/protocol';
import { expect, it } from 'vitest';
import { absenceWords, callParties, hearsWords, situationWords } from './hearing-words.ts';
import type { WatchedCall } from '../../monitor/monitor.ts';

const nobody: MonitorHearing = { caller: [], callee: [], agent: [] };
const whisper: MonitorHearing = { caller: ['callee', 'agent'], callee: ['caller', 'agent'], agent: ['callee'] };
const call: WatchedCall = {
  callId: 'call-1',
  connectorUuid: 'c',
  callerNumber: '+15550001',
  calleeNumber: '+15559999',
  direction: 'MT',
  state: 'CONNECTED',
  ringing: false,
  mode: 'whisper',
  startedAtMs: 0,
  hearing: whisper,
};

it('tells for each party whom it hears', () => {
  expect(callParties.map((party) => hearsWords(whisper, party))).toEqual([
    'callee',
    'caller and agent',
    'caller and callee',
  ]);
  expect(hearsWords(nobody, 'agent')).toBe('nobody');
});

it('says what each mode means', () => {
  const inMode = (mode: WatchedCall['mode']): string => situationWords({ ...call, mode });
  expect((['barge', 'whisper', 'spy'] as const).map(inMode)).toEqual([
    'Barge: everybody hears everybody.',
    'Whisper: only the callee hears the agent.',
    'Spy: the agent listens, nobody hears it.',
  ]);
});

it('tells how a call ended', () => {
  const ending = { reason: 'hangup', by: 'callee', atMs: 1 } as const;
  expect(situationWords({ ...call, ending })).toBe('The call has ended: the callee hung up.');
});

it('tells ringing with and without an agent on the line', () => {
  const ringing = { ...call, mode: null, ringing: true, hearing: nobody };
  expect(situationWords({ ...ringing, state: 'ANSWERED' })).toBe('Caller and agent talk while the callee is rung.');
  expect(situationWords({ ...ringing, state: 'DISCONNECTED' })).toContain('ring-back');
});

it('marks who is not on the line', () => {
  const absent = (changed: Partial<WatchedCall>): readonly string[] =>
    callParties.map((party) => absenceWords({ ...call, hearing: nobody, ...changed }, party));
  expect(absent({ state: 'PENDING' })).toEqual(['waits', '', '']);
  expect(absent({ state: 'ANSWERED', ringing: true })).toEqual(['', 'rings', '']);
  expect(absent({ state: 'DISCONNECTED' })).toEqual(['', '', 'gone']);
  expect(absent({})).toEqual(['', '', '']);
});
