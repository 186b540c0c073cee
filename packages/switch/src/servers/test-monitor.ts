import type { MonitorCall, MonitorSwitchMessage } from '@agentao/protocol';
import type { RawMessage, RawPeer, TestSwitch } from './test-switch.ts';

/** A monitor with the operator token that has had its snapshot. */
export async function openMonitor(test: TestSwitch): Promise<RawPeer> {
  const monitor = await test.open('monitor', test.operatorToken);
  await monitor.next('snapshot');
  return monitor;
}

/** Whether a message is of this call. */
export function isOf(callId: string): (message: RawMessage) => boolean {
  return (message: RawMessage): boolean => {
    return 'callId' in message ? message.callId === callId : message.type === 'call' && message.call.callId === callId;
  };
}

/** What a monitor was shown of one call, as `state ringing mode`. */
export function looksOf(monitor: RawPeer, callId: string): readonly string[] {
  return monitor.messages.flatMap((message) => {
    if (message.type !== 'call' || message.call.callId !== callId) return [];
    const { state, ringing, mode } = message.call;
    return [`${state}${ringing ? ' ringing' : ''}${mode === null ? '' : ` ${mode}`}`];
  });
}

/** What it was shown last of one call. */
export function lastLook(monitor: RawPeer, callId: string): MonitorCall | undefined {
  const looks = monitor.messages.flatMap((message) =>
    message.type === 'call' && message.call.callId === callId ? [message.call] : [],
  );
  return looks.at(-1);
}

/** What it was told of the timeline of one call. */
export function timelineOf(
  monitor: RawPeer,
  callId: string,
): readonly Extract<MonitorSwitchMessage, { readonly type: 'timeline' }>[] {
  return monitor.messages.flatMap((message) =>
    message.type === 'timeline' && message.callId === callId ? [message] : [],
  );
}
