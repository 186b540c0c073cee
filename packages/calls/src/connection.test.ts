import { readFileSync } from 'node:fs';
import { closeCodes } from '@agentao/protocol';
import { describe, expect, it } from 'vitest';
import { AgenTaoClient } from './client.ts';
import { clientName } from './client-name.ts';
import { AgenTaoClientConfig } from './config.ts';
import { WSSAuthenticationError, WSSConnectionError, type WSSError } from './errors.ts';
import { events } from './events.ts';
import { type Bench, createBench } from './testing/bench.ts';

function states(bench: Bench): string[] {
  const seen: string[] = [];
  bench.client.connection$.subscribe(({ name }) => seen.push(name));
  return seen;
}

describe('connecting', () => {
  it('is not done by making a client, nor by installing a handler', async () => {
    const bench = createBench();
    bench.client.on(events.INCOMING_CALL, () => undefined);
    await bench.pass(60_000);
    expect(bench.peer.asked).toEqual([]);
    expect(bench.clock.pendingTimers).toBe(0);
    expect(bench.log).toEqual([]);
  });

  it('introduces the client with its key in the header and nowhere else', async () => {
    const bench = createBench({ maxCalls: 5, acceptsTakeover: true });
    const seen = states(bench);
    await bench.until(bench.client.connect());
    const { session } = bench.peer;
    expect(session.authorization).toBe('Bearer ak_test_secret');
    expect(session.hello).toEqual({
      type: 'hello',
      client: clientName,
      connectorUuid: 'c-1',
      maxCalls: 5,
      acceptsTakeover: true,
    });
    expect(seen).toEqual(['idle', 'connecting', 'connected']);
    expect(bench.network.connections()[0]?.url).toBe('ws://127.0.0.1:7350/control');
    expect(JSON.stringify(bench.log)).not.toContain('secret');
  });

  it('names the version of this package', () => {
    const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(clientName).toBe(`@agentao/calls ${manifest.version}`);
  });

  it('keeps a base path', async () => {
    const bench = createBench({ baseUrl: 'ws://127.0.0.1:7350/tenant/' });
    await bench.until(bench.client.connect().catch(() => undefined));
    expect(bench.peer.asked).toEqual(['/tenant/control']);
  });

  it('is idempotent, before and after it is done', async () => {
    const bench = createBench();
    await bench.until(Promise.all([bench.client.connect(), bench.client.connect()]));
    await bench.until(bench.client.connect());
    expect(bench.peer.sessions).toHaveLength(1);
    await bench.until(Promise.all([bench.client.disconnect(), bench.client.disconnect()]));
    await bench.pass();
    expect(bench.peer.session.closedWith).toBe(closeCodes.NORMAL.code);
    expect(bench.network.connections()).toEqual([]);
    await bench.until(bench.client.connect());
    expect(bench.peer.sessions).toHaveLength(2);
  });

  const refusals: [status: number, code: string, type: typeof WSSError, retryable: boolean][] = [
    [401, 'UNAUTHENTICATED', WSSAuthenticationError, false],
    [403, 'FORBIDDEN', WSSAuthenticationError, false],
    [404, 'NOT_FOUND', WSSConnectionError, false],
    [429, 'RATE_LIMITED', WSSConnectionError, true],
    [503, 'SHUTTING_DOWN', WSSConnectionError, true],
  ];
  it.each(refusals)('refused with %d %s rejects with the typed cause', async (status, code, type, retryable) => {
    const bench = createBench();
    const seen = states(bench);
    bench.peer.refusal = { status, code, message: 'no' };
    const error = await bench.until(bench.client.connect().catch((reason: unknown) => reason));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ code, retryable });
    expect(seen).toEqual(['idle', 'connecting', 'closed']);
    bench.peer.refusal = undefined;
    await bench.until(bench.client.connect());
  });

  it('to nobody rejects as unreachable', async () => {
    const bench = createBench();
    await bench.peer.server.close();
    const error = await bench.until(bench.client.connect().catch((reason: unknown) => reason));
    expect(error).toBeInstanceOf(WSSConnectionError);
    expect(error).toMatchObject({ code: 'UNREACHABLE', retryable: true });
  });

  it('to a peer that does not welcome it gives up in time', async () => {
    const bench = createBench();
    bench.peer.welcomes = false;
    await expect(bench.until(bench.client.connect())).rejects.toMatchObject({ code: 'HANDSHAKE_TIMEOUT' });
    expect(bench.clock.now()).toBe(5000);
    expect(bench.peer.session.closedWith).toBe(closeCodes.HANDSHAKE_TIMEOUT.code);
  });

  it('given up by disconnect rejects, and leaves nothing open', async () => {
    const bench = createBench({ latencyMs: 100 });
    const connecting = bench.client.connect();
    await bench.pass(150);
    await bench.client.disconnect();
    await expect(connecting).rejects.toMatchObject({ code: 'CLOSED' });
    await bench.pass(1000);
    expect(bench.network.connections()).toEqual([]);
  });

  it('tells what the switch said before it closed', async () => {
    const bench = createBench();
    bench.peer.welcomes = false;
    const connecting = bench.client.connect();
    await bench.pass();
    bench.peer.session.send({ type: 'error', code: 'FORBIDDEN', message: 'the key fits several connectors' });
    bench.peer.session.close('FORBIDDEN');
    const error = await bench.until(connecting.catch((reason: unknown) => reason));
    expect(error).toBeInstanceOf(WSSAuthenticationError);
    expect((error as Error).message).toContain('several connectors');
  });
});

describe('reconnecting', () => {
  it('happens by itself, with readiness declared again', async () => {
    const bench = createBench();
    const seen = states(bench);
    bench.client.on(events.INCOMING_CALL, () => undefined);
    await bench.until(bench.client.connect());
    await bench.pass();
    expect(bench.peer.session.ready).toBe(true);
    bench.peer.session.cut();
    await bench.pass(1000);
    expect(bench.peer.sessions).toHaveLength(2);
    expect(bench.peer.session.ready).toBe(true);
    expect(seen).toEqual(['idle', 'connecting', 'connected', 'backing-off', 'connecting', 'connected']);
    expect(bench.logged('warn')).toHaveLength(1);
  });

  it('waits up to twice as long each time, half a second at first and half a minute at most', async () => {
    const bench = createBench({ random: () => 1 - Number.EPSILON });
    await bench.until(bench.client.connect());
    const waits: number[] = [];
    bench.client.connection$.subscribe((state) => {
      if (state.name === 'backing-off') waits.push(Math.round(state.retryInMs));
    });
    await bench.peer.server.close();
    await bench.pass(150_000);
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000, 30_000]);
  });

  it('takes up the back-off where it was after a session that died young', async () => {
    const bench = createBench({ random: () => 1 - Number.EPSILON });
    await bench.until(bench.client.connect());
    const waits: number[] = [];
    bench.client.connection$.subscribe((state) => {
      if (state.name === 'backing-off') waits.push(Math.round(state.retryInMs));
    });
    for (const livedMs of [100, 100, 20_000, 100]) {
      await bench.pass(livedMs);
      bench.peer.session.cut();
      await bench.pass(5000);
    }
    expect(waits).toEqual([500, 1000, 500, 1000]);
  });

  it('does not happen once the credential is refused', async () => {
    const bench = createBench();
    const seen = states(bench);
    await bench.until(bench.client.connect());
    bench.peer.session.close('UNAUTHENTICATED');
    await bench.pass(100_000);
    expect(seen.at(-1)).toBe('closed');
    expect(bench.peer.sessions).toHaveLength(1);

    const other = createBench();
    await other.until(other.client.connect());
    other.peer.refusal = { status: 401, code: 'UNAUTHENTICATED', message: 'revoked' };
    other.peer.session.cut();
    await other.pass(100_000);
    expect(other.client.getCall('x')).toBeUndefined();
    other.peer.refusal = undefined;
    await other.pass(100_000);
    expect(other.peer.sessions).toHaveLength(1);
  });

  it('goes on when a restarting switch refuses for other reasons', async () => {
    const bench = createBench();
    await bench.until(bench.client.connect());
    bench.peer.refusal = { status: 503, code: 'SHUTTING_DOWN', message: 'not yet' };
    bench.peer.session.close('GOING_AWAY');
    await bench.pass(10_000);
    bench.peer.refusal = undefined;
    await bench.pass(30_000);
    expect(bench.peer.sessions).toHaveLength(2);
  });

  it('does not happen after any refusal that is not worth a retry', async () => {
    for (const [status, code] of [
      [302, 'FOUND'],
      [400, 'SUBPROTOCOL_UNSUPPORTED'],
      [404, 'NOT_FOUND'],
    ] as const) {
      const bench = createBench();
      await bench.until(bench.client.connect());
      bench.peer.refusal = { status, code, message: 'no' };
      bench.peer.session.close('GOING_AWAY');
      await bench.pass(10_000);
      bench.peer.refusal = undefined;
      await bench.pass(100_000);
      expect(bench.peer.sessions).toHaveLength(1);
    }
  });

  it('notices a line that died silently after two heartbeats', async () => {
    const bench = createBench();
    const seen = states(bench);
    await bench.until(bench.client.connect());
    await bench.pass(30_000);
    expect(seen.at(-1)).toBe('connected');
    bench.network.connections()[0]?.halfOpen();
    await bench.pass(10_100);
    expect(seen).toContain('backing-off');
  });

  it('is independent of running calls', async () => {
    const bench = createBench();
    const { call } = await bench.call();
    bench.peer.session.cut();
    await bench.pass();
    await bench.until(call.answer());
    await bench.client.disconnect();
    await bench.pass(60_000);
    expect(call.state).toBe('ANSWERED');
    expect(bench.client.getCall(call.callId)).toBe(call);
  });

  it('follows a message the client cannot take', async () => {
    const bench = createBench();
    await bench.until(bench.client.connect());
    bench.peer.session.sendText('not JSON');
    await bench.pass();
    expect(bench.peer.session.closedWith).toBe(closeCodes.BAD_MESSAGE.code);
  });
});

describe('open', () => {
  it('connects inside, and drains and closes at the end', async () => {
    const bench = createBench();
    const config = AgenTaoClientConfig.sandbox({ apiKey: 'k', connectorUuid: 'c-1' });
    const opening = AgenTaoClient.open(config, { clock: bench.clock, transport: bench.network.connect });
    {
      await using client = await bench.until(opening);
      expect(bench.peer.sessions).toHaveLength(1);
      expect(client.getCall('none')).toBeUndefined();
    }
    await bench.pass();
    expect(bench.peer.session.closedWith).toBe(closeCodes.NORMAL.code);
  });

  it('rejects with the typed cause', async () => {
    const bench = createBench();
    bench.peer.refusal = { status: 401, code: 'UNAUTHENTICATED', message: 'no' };
    const config = AgenTaoClientConfig.sandbox({ apiKey: 'k', connectorUuid: 'c-1' });
    const opening = AgenTaoClient.open(config, { clock: bench.clock, transport: bench.network.connect });
    await expect(bench.until(opening)).rejects.toBeInstanceOf(WSSAuthenticationError);
  });
});
