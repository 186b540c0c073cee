import type { Monitor } from '../monitor/monitor.ts';
import type { Session } from '../session/session.ts';
import type { Softphone } from '../softphone/softphone.ts';

/** What a session works with: the view of calls, and two phones for an operator. */
export interface Workplace {
  readonly monitor: Monitor;
  readonly phones: { readonly caller: Softphone; readonly callee: Softphone } | undefined;
}

/** Sets up the workplace of a session that has just been signed in. */
export type OpenWorkplace = (session: Session) => Workplace;

/** Unplugs the phones and closes the view. */
export function closeWorkplace({ monitor, phones }: Workplace): void {
  phones?.caller.unplug();
  phones?.callee.unplug();
  monitor.close();
}
