import { limits } from '@agentao/protocol';
import { NonConformance } from '../check.ts';
import { slackMs } from './clock.ts';

/** One wait between two attempts, as it was seen. */
export interface SeenWait {
  readonly waitMs: number;
  /** What it may be at most. */
  readonly boundMs: number;
  /** How late this machine was meanwhile, at most: by so much less the client may have meant to wait. */
  readonly lateMs: number;
}

/** Whether no wait shows that the bound has doubled. */
export function fellBack(waits: readonly SeenWait[]): boolean {
  return !waits.some(({ waitMs, lateMs }) => waitMs - lateMs > limits.reconnectBaseMs + slackMs);
}

/** Throws for waits that conforming clients have less often than once in ten thousand runs. */
export function judgeWaits(waits: readonly SeenWait[]): void {
  const seen = `waits of ${waits.map(({ waitMs }) => `${Math.round(waitMs)}`).join(', ')} ms`;
  const shares = waits.slice(0, 4).map(({ waitMs, boundMs }) => Math.max(waitMs, 1) / boundMs);
  const likelihood = shares.reduce((product, share) => product * share, 1);
  if (likelihood < 1e-8) throw new NonConformance('random waits between attempts', seen);
  const all = waits.map(({ waitMs }) => waitMs);
  if (Math.max(...all) - Math.min(...all) < 25) throw new NonConformance('random waits between attempts', seen);
  if (fellBack(waits)) throw new NonConformance('waits whose bound doubles, whatever sessions that die young', seen);
}
