import assert from 'node:assert/strict';
import { contractCase, maxMessageBytes, type SocketContractCase, subprotocol } from './contract-bench.ts';

const bytesOf = (...values: number[]): Uint8Array => Uint8Array.from(values);

/** How messages travel. */
export const messageContract: readonly SocketContractCase[] = [
  contractCase('carries text and binary both ways, in order and each as what it was sent', async (bench) => {
    const { client, server, atClient, atServer } = await bench.pair();
    client.send('first');
    client.send(bytesOf(1, 2, 3));
    client.send('grüße 👋');
    server.send(bytesOf(9));
    server.send('answer');
    await atServer.received(3);
    await atClient.received(2);
    assert.deepEqual(atServer.messages, ['first', bytesOf(1, 2, 3), 'grüße 👋']);
    assert.deepEqual(atClient.messages, [bytesOf(9), 'answer']);
    assert.equal(client.subprotocol, subprotocol);
    assert.equal(server.subprotocol, subprotocol);
  }),

  contractCase('carries empty messages', async (bench) => {
    const { client, atServer } = await bench.pair();
    client.send('');
    client.send(new Uint8Array(0));
    await atServer.received(2);
    assert.deepEqual(atServer.messages, ['', new Uint8Array(0)]);
  }),

  contractCase('hands out binary on an even offset whatever came before it', async (bench) => {
    const { client, server, atClient, atServer } = await bench.pair();
    for (const text of ['', 'a', 'ab', 'abc']) {
      for (const socket of [client, server]) {
        socket.send(text);
        socket.send(bytesOf(1, 2, 3, 4));
      }
    }
    client.send(new Uint8Array(new ArrayBuffer(8), 1, 4));
    server.send(new Uint8Array(new ArrayBuffer(8), 1, 4));
    await atServer.received(9);
    await atClient.received(9);
    for (const recorder of [atServer, atClient]) {
      assert.deepEqual(
        recorder.offsets.map((offset) => offset % 2),
        [0, 0, 0, 0, 0],
      );
    }
  }),

  contractCase('hands out binary as a plain Uint8Array, of which slice is a copy', async (bench) => {
    const { client, atServer } = await bench.pair();
    client.send(bytesOf(1, 2));
    await atServer.received(1);
    assert.deepEqual(atServer.prototypes, [Uint8Array.prototype]);
  }),

  contractCase('carries large messages', async (bench) => {
    const { client, atServer } = await bench.pair({ maxMessageBytes: 1_000_000 });
    const large = new Uint8Array(1_000_000).map((_, index) => index * 31);
    client.send(large.slice());
    client.send('x'.repeat(1_000_000));
    await atServer.received(2);
    assert.deepEqual(atServer.messages, [large, 'x'.repeat(1_000_000)]);
  }),

  contractCase('carries ten thousand messages in order', async (bench) => {
    const { client, atServer } = await bench.pair();
    for (let index = 0; index < 10_000; index++) client.send(index % 2 === 0 ? `${index}` : bytesOf(index, index >> 8));
    await atServer.received(10_000);
    atServer.messages.forEach((message, index) => {
      assert.equal(typeof message === 'string' ? Number(message) : (message[1] ?? 0) * 256 + (message[0] ?? 0), index);
    });
  }),

  contractCase('closes with 1009 on a message beyond the limit, told to both sides', async (bench) => {
    for (const sender of ['client', 'server'] as const) {
      const pair = await bench.pair();
      const [sending, receiving] = sender === 'client' ? [pair.client, pair.atServer] : [pair.server, pair.atClient];
      sending.send('x'.repeat(maxMessageBytes));
      sending.send(new Uint8Array(maxMessageBytes + 1));
      sending.send('not seen');
      assert.equal((await pair.atClient.ended()).code, 1009);
      assert.equal((await pair.atServer.ended()).code, 1009);
      assert.equal(receiving.messages.length, 1);
    }
  }),

  contractCase('counts the limit in bytes of UTF-8', async (bench) => {
    const { client, atServer } = await bench.pair();
    client.send('ü'.repeat(maxMessageBytes / 2 + 1));
    assert.equal((await atServer.ended()).code, 1009);
  }),

  contractCase('cannot be started twice', async (bench) => {
    const { client, atClient } = await bench.pair();
    assert.throws(() => client.start(atClient), /twice/);
  }),

  contractCase('tells when the peer was last heard', async (bench) => {
    const { client, server, atServer, atClient } = await bench.pair();
    const before = server.lastReceivedMs;
    client.send('hello');
    await atServer.received(1);
    assert.ok(server.lastReceivedMs >= before);
    server.send('hello');
    await atClient.received(1);
    assert.ok(client.lastReceivedMs >= before);
  }),

  contractCase('counts what a peer does not read, and lets go of it when terminated', async (bench) => {
    const { server, atServer } = await bench.pair({ startClient: false });
    const block = new Uint8Array(256 * 1024);
    for (let count = 0; count < 400 && server.bufferedBytes < 2_000_000; count++) server.send(block);
    assert.ok(server.bufferedBytes >= 2_000_000);
    server.terminate();
    assert.equal((await atServer.ended()).code, 1006);
    assert.equal(server.bufferedBytes, 0);
  }),
];
