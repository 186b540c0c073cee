import type { MonitorCall } from '@agentao/protocol';
import { describe, expect, it } from 'vitest';
import { encodeForRoles, timelineFor, viewFor } from './call-view.ts';

const view: MonitorCall = {
  callId: 'call-1',
  connectorUuid: 'connector-1',
  callerNumber: '+15550001',
  calleeNumber: '+15559999',
  direction: 'MT',
  state: 'PENDING',
  ringing: false,
  mode: null,
  startedAtMs: 0,
  hearing: { caller: [], callee: [], agent: [] },
};

describe('what a viewer is shown of numbers', () => {
  it.each([
    ['+15550001', '*01'],
    ['12345', '*45'],
    ['1234', '*'],
    ['7', '*'],
    ['', ''],
  ])('of "%s" is "%s", and an operator is shown all of it', (number, shown) => {
    const call = { ...view, callerNumber: number, calleeNumber: number };
    expect(viewFor('viewer', call)).toEqual({ ...view, callerNumber: shown, calleeNumber: shown });
    expect(viewFor('operator', call)).toEqual(call);
    const entry = { callId: 'call-1', atMs: 5, kind: 'arrived', from: number, to: number };
    const timeline = { type: 'timeline', callId: 'call-1', atMs: 5 };
    expect(timelineFor('viewer', entry)).toEqual({ ...timeline, entry: { kind: 'arrived', from: shown, to: shown } });
    expect(timelineFor('operator', entry)).toEqual({
      ...timeline,
      entry: { kind: 'arrived', from: number, to: number },
    });
  });
});

describe('the text of a fault', () => {
  it('is for operators', () => {
    const fault = { callId: 'call-1', atMs: 5, kind: 'fault', message: 'no leg for +15550001' };
    expect(timelineFor('viewer', fault)).toMatchObject({ entry: { kind: 'fault' } });
    expect(JSON.stringify(timelineFor('viewer', fault))).not.toContain('+15550001');
    expect(timelineFor('operator', fault)).toMatchObject({ entry: { message: 'no leg for +15550001' } });
  });
});

describe('what a client has noted', () => {
  it('is for operators; a viewer sees that there is a note', () => {
    const entry = { callId: 'call-1', atMs: 5, kind: 'note', note: 'transcript', data: { text: 'my secret' } };
    expect(timelineFor('viewer', entry)).toMatchObject({ entry: { kind: 'note', note: 'transcript' } });
    expect(JSON.stringify(timelineFor('viewer', entry))).not.toContain('secret');
    expect(timelineFor('operator', entry)).toMatchObject({ entry: { data: { text: 'my secret' } } });
  });
});

describe('encodeForRoles', () => {
  it('encodes once per role, and not for roles that nobody has', () => {
    const built: string[] = [];
    const textFor = encodeForRoles((role) => {
      built.push(role);
      return { type: 'ended', callId: role, reason: 'hangup', by: 'caller' };
    });
    expect(textFor('viewer')).toBe(textFor('viewer'));
    expect(built).toEqual(['viewer']);
    expect(textFor('operator')).not.toBe(textFor('viewer'));
    expect(built).toEqual(['viewer', 'operator']);
  });
});
