import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { contractCase, maxMessageBytes, type SocketContractCase, subprotocol } from './contract-bench.ts';
import { SocketRecorder } from './socket-recorder.ts';
import type { Socket } from './socket.ts';

/** How a socket is asked for, and what comes of it. */
export const openingContract: readonly SocketContractCase[] = [
  contractCase('shows the server what was asked for', async (bench) => {
    const headers = { Authorization: 'Bearer key', 'X-Trace': '7' };
    const client = await bench.harness.connect(bench.request({ subprotocols: ['other.v2', subprotocol], headers }));
    client.terminate();
    const [request] = bench.requests;
    assert.equal(request?.path, '/path/to');
    assert.deepEqual(request?.subprotocols, ['other.v2', subprotocol]);
    assert.equal(request?.headers.get('authorization'), 'Bearer key');
    assert.equal(request?.headers.get('x-trace'), '7');
    assert.equal(request?.headers.get('host'), new URL(bench.server.url).host);
    assert.notEqual(request?.remoteAddress, '');
    assert.equal(request?.clientCertificate?.trim(), bench.harness.tls?.cert?.trim());
  }),

  contractCase('opens without a subprotocol if none is offered', async (bench) => {
    const client = await bench.harness.connect(bench.request({ subprotocols: [] }));
    assert.equal(client.subprotocol, '');
    client.terminate();
  }),

  contractCase('carries a refusal with its status and body to the client', async (bench) => {
    bench.answerWith(() => ({ accept: false, status: 403, code: 'FORBIDDEN', message: 'not this connector – ever' }));
    const error = await bench.failure(bench.request());
    assert.deepEqual([error.code, error.status], ['REFUSED', 403]);
    assert.deepEqual(JSON.parse(error.body ?? ''), { code: 'FORBIDDEN', message: 'not this connector – ever' });
    assert.equal(bench.server.socketCount, 0);
  }),

  contractCase('answers 500 when the decision throws', async (bench) => {
    bench.answerWith(() => {
      throw new Error('secret detail');
    });
    const error = await bench.failure(bench.request());
    assert.deepEqual([error.code, error.status], ['REFUSED', 500]);
    assert.ok(!error.body?.includes('secret'));
  }),

  contractCase('does not open with a subprotocol that was not offered', async (bench) => {
    const gone: Promise<unknown>[] = [];
    const open = (socket: Socket): void => {
      const recorder = new SocketRecorder();
      socket.start(recorder);
      gone.push(recorder.ended());
    };
    for (const chosen of ['unknown.v9', '']) {
      bench.answerWith(() => ({ accept: true, subprotocol: chosen, maxMessageBytes: maxMessageBytes, open }));
      assert.equal((await bench.failure(bench.request())).code, 'PROTOCOL');
    }
    await Promise.all(gone);
  }),

  contractCase('closes a socket whose opener does not start it, or throws', async (bench) => {
    for (const thrown of [undefined, new Error('from open')]) {
      const atServer = new SocketRecorder();
      const open = (socket: Socket): void => {
        atServer.socket = socket;
        if (thrown !== undefined) throw thrown;
      };
      bench.answerWith(() => ({ accept: true, subprotocol, maxMessageBytes: maxMessageBytes, open }));
      const client = await bench.harness.connect(bench.request());
      const atClient = new SocketRecorder();
      client.start(atClient);
      assert.equal((await atClient.ended()).code, 1011);
      atServer.socket?.start(atServer);
      assert.equal((await atServer.ended()).code, 1011);
    }
  }),

  contractCase('tells an address where nobody listens', async (bench) => {
    const gone = await bench.harness.listen({ onUpgrade: () => assert.fail('unused') });
    await gone.close();
    assert.equal((await bench.failure(bench.request({ url: gone.url }))).code, 'UNREACHABLE');
  }),

  contractCase('refuses a URL of another kind', async (bench) => {
    for (const url of ['http://127.0.0.1/', 'nonsense', '']) {
      assert.equal((await bench.failure(bench.request({ url }))).code, 'PROTOCOL');
    }
  }),

  contractCase('gives up opening at its deadline', async (bench) => {
    const silent = await bench.harness.listenSilently();
    const error = await bench.failure(bench.request({ url: silent.url, openTimeoutMs: 50 }));
    assert.equal(error.code, 'TIMEOUT');
    await silent.close();
  }),

  contractCase('stops opening when aborted, before it begins and in the middle', async (bench) => {
    const silent = await bench.harness.listenSilently();
    const reason = new Error('no longer needed');
    const early = await bench.failure(bench.request({ url: silent.url, signal: AbortSignal.abort(reason) }));
    assert.deepEqual([early.code, early.cause], ['ABORTED', reason]);
    const controller = new AbortController();
    const opening = bench.failure(bench.request({ url: silent.url, signal: controller.signal }));
    controller.abort(reason);
    assert.deepEqual((await opening).code, 'ABORTED');
    await silent.close();
  }),

  contractCase('lets go of the signal once it is open', async (bench) => {
    const controller = new AbortController();
    const client = await bench.harness.connect(bench.request({ signal: controller.signal }));
    assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
    controller.abort();
    const recorder = new SocketRecorder();
    client.start(recorder);
    client.close(4000);
    assert.equal((await recorder.ended()).code, 4000);
  }),
];
