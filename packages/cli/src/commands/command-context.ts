import type { Clock } from '@agentao/clock';
import type { SocketFactory } from '@agentao/transport';
import type { Terminal } from '../output/terminal.ts';

/** What every command works with. */
export interface CommandContext {
  readonly clock: Clock;
  readonly connect: SocketFactory;
  readonly fetch: typeof fetch;
  readonly terminal: Terminal;
  /** Where relative paths start. */
  readonly cwd: string;
}
