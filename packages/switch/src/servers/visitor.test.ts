import { createVirtualClock } from '@agentao/clock';
import type { Socket, SocketHandlers } from '@agentao/transport';
import { describe, expect, it } from 'vitest';
import { silentLogger } from './logger.ts';
import { admitVisitor } from './visitor.ts';

function setUp() {
  const clock = createVirtualClock({ settle: () => Promise.resolve() });
  const log: string[] = [];
  let handlers: SocketHandlers | undefined;
  let revoke = (): void => undefined;
  const socket: Socket = {
    subprotocol: '',
    bufferedBytes: 0,
    lastReceivedMs: 0,
    start: (given) => {
      handlers = given;
    },
    send: () => undefined,
    close: (code) => log.push(`close ${code}`),
    terminate: () => undefined,
  };
  const visitor = {
    role: 'viewer',
    hold: (close: () => void) => {
      revoke = close;
      return () => log.push('released');
    },
  } as const;
  const limits = { messagesPerSecond: 50, unreadBytes: 1_000 };
  const admission = admitVisitor(visitor, { clock, logger: silentLogger, ...limits }, (peer) =>
    peer.start({ text: () => undefined, binary: () => undefined, over: ({ by }) => log.push(`over by ${by}`) }),
  );
  if (!admission.accept) throw new Error('it is let in');
  admission.open(socket, () => log.push('gone'));
  return { log, revoke: () => revoke(), closed: (code: number) => handlers?.closed({ code, reason: '' }) };
}

describe('the socket of a visitor', () => {
  it('is held by its session until it is gone', () => {
    const { log, closed } = setUp();
    closed(1_006);
    expect(log).toEqual(['over by peer', 'released', 'gone']);
  });

  it('is closed with 4401 when its session ends', () => {
    const { log, revoke, closed } = setUp();
    revoke();
    revoke();
    closed(4_401);
    expect(log).toEqual(['close 4401', 'over by switch', 'released', 'gone']);
  });
});
