import type { MonitorState } from '../../monitor/monitor.ts';

/** How the page is connected: a lamp and words. `reachable` is whether the switch answers at all. */
export function connectionWords(
  connection: MonitorState['connection'],
  reachable: boolean,
): { readonly lamp: 'live' | 'wait' | 'bad'; readonly text: string } {
  if (!reachable) return { lamp: 'bad', text: 'No answer, trying again' };
  switch (connection) {
    case 'live':
      return { lamp: 'live', text: 'Live' };
    case 'connecting':
      return { lamp: 'wait', text: 'Connecting' };
    case 'lost':
      return { lamp: 'bad', text: 'Lost, connecting again' };
  }
}
