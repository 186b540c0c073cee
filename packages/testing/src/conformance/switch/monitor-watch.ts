import type { ConnectionWatch, Report } from './observer.ts';

/** What holds on a monitor connection at all times: the snapshot comes first and once, a call ends once. */
export function createMonitorWatch(report: Report): ConnectionWatch {
  const live = new Set<string>();
  let snapshots = 0;
  return {
    heard: (entry) => {
      if (entry.kind !== 'message') return;
      const { message } = entry;
      if (message.type === 'snapshot') {
        if (++snapshots > 1) report('O-01', 'a second `snapshot` came');
        for (const { callId } of message.calls) live.add(callId);
      } else if (message.type === 'call' || message.type === 'timeline' || message.type === 'levels') {
        if (snapshots === 0) report('O-01', `\`${message.type}\` came before \`snapshot\``);
        if (message.type === 'call') live.add(message.call.callId);
        else if (!live.has(message.callId)) report('O-03', `\`${message.type}\` of a call that is not there`);
      } else if (message.type === 'ended' && 'callId' in message) {
        if (!live.delete(message.callId)) report('O-02', '`ended` of a call that was not there');
      }
    },
  };
}
