import type { Call } from './call.ts';
import type { CallOptions } from './call-options.ts';
import { SwitchCall } from './switch-call.ts';

export type { CallLimits, CallOptions, TakeoverPolicy } from './call-options.ts';

/**
 * Makes a call for a leg that a provider reported, starts that leg and puts the call on the wheel. Throws `RangeError` where the caller's rate
 * cannot be served.
 */
export function createCall(options: CallOptions): Call {
  const call = new SwitchCall(options);
  call.start();
  return call;
}
