import type { AgentState } from '@agentao/protocol';
import { filter, type MonoTypeOperatorFunction, takeUntil } from 'rxjs';
import type { ActiveCall } from '../active-call.ts';

/** Lets values through only while `call` is in one of `states`. */
export function whenState<T>(call: ActiveCall, ...states: readonly AgentState[]): MonoTypeOperatorFunction<T> {
  return filter(() => states.includes(call.state));
}

/** Completes when `call` ends. */
export function takeUntilTerminated<T>(call: ActiveCall): MonoTypeOperatorFunction<T> {
  return takeUntil(call.events$.pipe(filter(({ type }) => type === 'call.terminated')));
}
