import type { ControlOffer } from '@agentao/protocol';
import { check, must, same, type SwitchCheck } from '../make-check.ts';
import type { SwitchBench } from '../bench.ts';
import type { Peer } from '../peer.ts';

/** How long nothing may come of an offer that must not come. */
const neverMs = 300;

/** The offer of a call to one of these clients, and to whom. */
async function offerTo(
  clients: readonly Peer[],
  callId: string,
): Promise<{ readonly client: Peer; readonly offer: ControlOffer }> {
  const [first] = clients;
  if (first === undefined) throw new RangeError('an offer goes to somebody');
  return await Promise.any(
    clients.map(async (client) => ({
      client,
      offer: await client.message('offer', (offer) => offer.callId === callId),
    })),
  ).catch((error: unknown) => {
    throw error instanceof AggregateError ? error.errors[0] : error;
  });
}

/** No such offer came so far, and none comes for a while. */
async function isNotOffered(bench: SwitchBench, client: Peer, callId: string): Promise<void> {
  await bench.sleep(neverMs);
  await client.pong();
  must(client.find('offer', (offer) => offer.callId === callId) === undefined, 'no offer of the call', '`offer`');
}

async function dialled(bench: SwitchBench): Promise<{ readonly caller: Peer; readonly callId: string }> {
  const { caller } = await bench.dial();
  const { callId } = await caller.message('dialing');
  return { caller, callId };
}

function other(clients: readonly [Peer, Peer], one: Peer): Peer {
  return clients[0] === one ? clients[1] : clients[0];
}

async function two(bench: SwitchBench, fields: object = {}): Promise<readonly [Peer, Peer]> {
  return [await bench.readyControl(fields), await bench.readyControl(fields)];
}

/** Who is offered which call. No other client may take calls meanwhile. */
export const offerChecks: readonly SwitchCheck[] = [
  check('C-03', 'a client is offered nothing before it is ready, nor after it is not', async (bench) => {
    const [never, before] = [await bench.control(), await bench.readyControl()];
    before.send({ type: 'ready', ready: false });
    await before.pong();
    const ready = await bench.readyControl();
    const { callId } = await dialled(bench);
    await offerTo([ready], callId);
    await isNotOffered(bench, never, callId);
    await isNotOffered(bench, before, callId);
  }),
  check('C-03', 'a client that is ready again is offered calls from the `pong` on', async (bench) => {
    const client = await bench.readyControl();
    client.send({ type: 'ready', ready: false });
    client.send({ type: 'ready', ready: true });
    await client.pong();
    await offerTo([client], (await dialled(bench)).callId);
  }),
  check('C-03', 'an offer that stands goes on standing when the client is not ready any more', async (bench) => {
    const client = await bench.readyControl();
    const { offer } = await offerTo([client], (await dialled(bench)).callId);
    client.send({ type: 'ready', ready: false });
    await client.pong();
    const { attached } = await bench.take(offer);
    same(attached.state, 'PENDING', 'state');
    must(client.find('offer.cancelled') === undefined, 'no `offer.cancelled`', client.describe());
  }),
  check('C-04', 'a client is offered no more calls than `maxCalls`, offers that stand included', async (bench) => {
    const client = await bench.readyControl({ maxCalls: 1 });
    const rest = await bench.readyControl();
    rest.send({ type: 'ready', ready: false });
    await rest.pong();
    const first = await dialled(bench);
    const { offer } = await offerTo([client], first.callId);
    rest.send({ type: 'ready', ready: true });
    await rest.pong();
    const second = await dialled(bench);
    await offerTo([rest], second.callId);
    await isNotOffered(bench, client, second.callId);
    const { media } = await bench.take(offer);
    const third = await dialled(bench);
    await offerTo([rest], third.callId);
    await isNotOffered(bench, client, third.callId);
    for (const { caller } of [second, third]) {
      caller.send({ type: 'hangup' });
      await caller.message('ended');
    }
    media.command('disconnect');
    await media.closes('NORMAL');
    rest.send({ type: 'ready', ready: false });
    await rest.pong();
    await client.pong();
    await offerTo([client], (await dialled(bench)).callId);
  }),
  check(
    'C-05 C-06',
    'a client that declines is not asked again; the next ready one is, and the caller waits',
    async (bench) => {
      const clients = await two(bench);
      const { caller, callId } = await dialled(bench);
      const first = await offerTo(clients, callId);
      first.client.send({ type: 'decline', offerId: first.offer.offerId });
      const second = await offerTo([other(clients, first.client)], callId);
      must(second.offer.mediaToken !== first.offer.mediaToken, 'a token of its own', 'the same token');
      const { media } = await bench.take(second.offer);
      await media.pong();
      must(caller.find('ended') === undefined, 'the caller waiting', caller.describe());
      same(first.client.all('offer').length, 1, 'number of offers');
    },
  ),
  check('C-05 C-06', 'when an offer expires the next ready client is asked', async (bench) => {
    const clients = await two(bench);
    const { callId } = await dialled(bench);
    const first = await offerTo(clients, callId);
    const { offer } = await offerTo([other(clients, first.client)], callId);
    const { reason } = await first.client.message('offer.cancelled');
    same(reason, 'expired', 'reason');
    await bench.take(offer);
  }),
  check('C-04 K-19', '`close` in PENDING: the next ready client is asked, never the same one again', async (bench) => {
    const clients = await two(bench);
    const { caller, callId } = await dialled(bench);
    const first = await offerTo(clients, callId);
    const { media } = await bench.take(first.offer);
    media.command('close');
    const { event } = await media.message('event');
    same(event.type === 'call.terminated' && [event.reason, event.by], ['declined', 'agent'], 'reason and by');
    const second = await offerTo([other(clients, first.client)], callId);
    const taken = await bench.take(second.offer);
    same(taken.attached.state, 'PENDING', 'state');
    taken.media.command('close');
    await taken.media.closes('NORMAL');
    await isNotOfferedAgain(bench, clients, callId);
    must(caller.all('dialing').length === 1, 'one `dialing`', caller.describe());
  }),
  check('M-04', 'an agent that is gone for good in PENDING: the next ready client is asked', async (bench) => {
    const clients = await two(bench);
    const { callId } = await dialled(bench);
    const first = await offerTo(clients, callId);
    const { media } = await bench.take(first.offer);
    media.socket.close(1000);
    await offerTo([other(clients, first.client)], callId);
  }),
  check('C-08', 'with the control connection its standing offers end, and the next client is asked', async (bench) => {
    const clients = await two(bench);
    const { callId } = await dialled(bench);
    const first = await offerTo(clients, callId);
    first.client.socket.terminate();
    const second = await offerTo([other(clients, first.client)], callId);
    same(await bench.mediaAnswer(first.offer.mediaToken), 'HTTP 401 INVALID_TOKEN', 'answer');
    await bench.take(second.offer);
  }),
  check('C-08', 'calls that were accepted outlive the control connection', async (bench) => {
    const client = await bench.readyControl();
    const { offer } = await offerTo([client], (await dialled(bench)).callId);
    const { media } = await bench.take(offer);
    client.socket.close(1000);
    await client.until('the end', () => client.close);
    await bench.sleep(1_500);
    await media.pong();
    const id = media.command('answer');
    await media.message('response', (response) => response.id === id && response.ok);
  }),
  check('C-04', 'connections of one key are clients of their own: each may have its own calls', async (bench) => {
    const clients = await two(bench, { maxCalls: 1 });
    const [first, second] = [await dialled(bench), await dialled(bench)];
    const [one, another] = [await offerTo(clients, first.callId), await offerTo(clients, second.callId)];
    must(one.client !== another.client, 'two clients', 'one client with both calls');
  }),
];

async function isNotOfferedAgain(bench: SwitchBench, clients: readonly Peer[], callId: string): Promise<void> {
  await bench.sleep(neverMs);
  for (const client of clients) {
    await client.pong();
    same(client.all('offer').filter((offer) => offer.callId === callId).length, 1, 'number of offers');
  }
}
