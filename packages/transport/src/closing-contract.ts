import assert from 'node:assert/strict';
import { contractCase, type SocketContractCase } from './contract-bench.ts';
import type { Socket } from './socket.ts';

const bytesOf = (...values: number[]): Uint8Array => Uint8Array.from(values);

/** How a socket begins and ends. */
export const closingContract: readonly SocketContractCase[] = [
  contractCase('closes with code and reason, from either side, after what was sent before', async (bench) => {
    for (const closer of ['client', 'server'] as const) {
      const pair = await bench.pair();
      const [closing, other] = closer === 'client' ? [pair.client, pair.atServer] : [pair.server, pair.atClient];
      for (let index = 0; index < 100; index++) closing.send(`${index}`);
      closing.close(4409, 'a newer one – für immer');
      closing.close(4400, 'too late');
      assert.deepEqual(await pair.atClient.ended(), { code: 4409, reason: 'a newer one – für immer' });
      assert.deepEqual(await pair.atServer.ended(), { code: 4409, reason: 'a newer one – für immer' });
      assert.equal(other.messages.length, 100);
    }
  }),

  contractCase('closes with 1000 and no reason by default', async (bench) => {
    const { client, atServer } = await bench.pair();
    client.close();
    assert.deepEqual(await atServer.ended(), { code: 1000, reason: '' });
  }),

  contractCase('still hands out what the peer sends until it has answered a close', async (bench) => {
    const { client, server, atClient } = await bench.pair();
    server.send('before');
    client.close(1000);
    assert.equal((await atClient.ended()).code, 1000);
    assert.deepEqual(atClient.messages, ['before']);
  }),

  contractCase('closes once when both sides close at the same time', async (bench) => {
    const { client, server, atClient, atServer } = await bench.pair();
    client.close(4001, 'client');
    server.close(4002, 'server');
    assert.deepEqual(await atClient.ended(), { code: 4002, reason: 'server' });
    assert.deepEqual(await atServer.ended(), { code: 4001, reason: 'client' });
  }),

  contractCase('refuses a close code that may not travel, and cuts a reason that is too long', async (bench) => {
    const { client, atServer } = await bench.pair();
    for (const code of [0, 999, 1005, 1006, 1015, 2000, 5000, 1000.5]) {
      assert.throws(() => client.close(code), RangeError);
    }
    client.close(4400, 'é'.repeat(100));
    assert.deepEqual(await atServer.ended(), { code: 4400, reason: 'é'.repeat(61) });
  }),

  contractCase('terminates with 1006 on both sides, and hands out nothing more', async (bench) => {
    for (const ender of ['client', 'server'] as const) {
      const pair = await bench.pair();
      pair.client.send('late');
      pair.server.send('late');
      const [ending, silenced] = ender === 'client' ? [pair.client, pair.atClient] : [pair.server, pair.atServer];
      ending.terminate();
      ending.terminate();
      assert.deepEqual(await pair.atClient.ended(), { code: 1006, reason: '' });
      assert.deepEqual(await pair.atServer.ended(), { code: 1006, reason: '' });
      assert.equal(silenced.messages.length, 0);
    }
  }),

  contractCase('terminates from within a handler: what came with that message is not handed out', async (bench) => {
    const { client, server, atClient, atServer } = await bench.pair();
    atClient.onMessage = () => client.terminate();
    server.send('first');
    server.send('second');
    server.close(4000, 'not seen');
    assert.deepEqual(await atClient.ended(), { code: 1006, reason: '' });
    assert.deepEqual(atClient.messages, ['first']);
    await atServer.ended();
  }),

  contractCase('ignores what is sent or closed after the end', async (bench) => {
    const { client, server, atClient, atServer } = await bench.pair();
    client.close(1000);
    client.send('after close');
    await Promise.all([atClient.ended(), atServer.ended()]);
    for (const socket of [client, server]) {
      socket.send('after the end');
      socket.close(4400);
      socket.terminate();
      assert.equal(socket.bufferedBytes, 0);
    }
    assert.deepEqual(atServer.messages, []);
  }),

  contractCase('holds what arrives before start, and the end too', async (bench) => {
    const onOpen = (socket: Socket): void => {
      socket.send('early');
      socket.send(bytesOf(1));
      socket.close(4408, 'no hello');
    };
    const { client, atClient } = await bench.pair({ startClient: false, onOpen });
    await bench.pair();
    client.start(atClient);
    assert.deepEqual(atClient.messages, []);
    assert.deepEqual(await atClient.ended(), { code: 4408, reason: 'no hello' });
    assert.deepEqual(atClient.messages, ['early', bytesOf(1)]);
  }),

  contractCase('can be closed before it is started', async (bench) => {
    const { client, atClient, atServer } = await bench.pair({ startClient: false });
    client.close(4001, 'changed my mind');
    assert.deepEqual(await atServer.ended(), { code: 4001, reason: 'changed my mind' });
    client.start(atClient);
    assert.deepEqual(await atClient.ended(), { code: 4001, reason: 'changed my mind' });
  }),

  contractCase('ends with 1011 when a handler throws, and the socket beside it goes on', async (bench) => {
    const { client, atClient, atServer } = await bench.pair();
    const beside = await bench.pair();
    const fault = new Error('from the handler');
    atServer.onMessage = () => {
      throw fault;
    };
    client.send('bang');
    client.send('not seen');
    assert.equal((await atClient.ended()).code, 1011);
    const { code, cause } = await atServer.ended();
    assert.deepEqual([code, cause], [1011, fault]);
    assert.equal(atServer.messages.length, 1);
    beside.client.send('still here');
    await beside.atServer.received(1);
  }),

  contractCase('gives up on a close that is not answered', async (bench) => {
    const { server, atServer } = await bench.pair({ startClient: false });
    server.close(1001, 'goodbye');
    assert.equal((await atServer.ended()).code, 1006);
  }),

  contractCase('terminates what is open when the server closes', async (bench) => {
    const { atClient } = await bench.pair();
    await bench.server.close();
    assert.equal((await atClient.ended()).code, 1006);
  }),
];
