import { limits } from '@agentao/protocol';
import { dial, live } from './perform-act.ts';
import type { Plan } from './plan.ts';
import type { World } from './world.ts';

/** How long the last of what waits may take once the phones have hung up: a resume window and what finds out that there is none. */
const boundMs = 25_000;

/** Lets it come to its end: nobody is on the phone any more, nothing waits, all is closed. */
export async function finishRun(world: World, { finale, heals }: Plan): Promise<void> {
  const { clock, callSwitch, clients, pairs, probes, ledger, server, network, calls } = world;
  if (heals) for (const whose of clients) whose.network.heal();
  const alive = clients.filter(({ dead }) => !dead);
  await clock.advance(finale === 'hangUp' ? 500 : 0);
  // The deadline, what is said to people at it, and what agents add to the records after it.
  const drainMs = 1_500 + 3_000 + limits.lateAnnotateMs;
  if (finale === 'drainSwitch') await clock.runUntil(callSwitch.drain({ timeoutMs: 1_500 }), { maxMs: drainMs });
  // Nobody answers any more.
  if (finale === 'closeSwitch') for (const whose of clients) whose.network.faultMs = Number.POSITIVE_INFINITY;
  if (finale === 'closeSwitch') await clock.runUntil(callSwitch.close(), { maxMs: 1_000 });
  if (finale === 'drainClients') {
    for (const whose of alive) live(world, whose, { do: 'drainClient' });
    await clock.advance(1_000);
  }
  // Whoever is called is hung up on by the switch.
  for (const { caller } of pairs) caller.hangUp();
  await clock.advance(20);
  const pending = ledger.entries.filter(({ client }) => !clients[client]?.dead).map(({ settled }) => settled);
  await clock.runUntil(Promise.all(pending), { maxMs: boundMs }).catch((error: unknown) => {
    ledger.complaints.push(`hangs: ${String(error)}`);
  });
  if (finale === 'hangUp' && heals) await probe(world);
  for (const { number, state } of [...pairs, ...probes].flatMap(({ caller, callee }) => [caller, callee])) {
    if (state !== 'idle') ledger.complaints.push(`phone ${number} is ${state}`);
  }
  for (const { client } of alive) await client.disconnect();
  await clock.runUntil(callSwitch.close(), { maxMs: 1_000 });
  // Whoever tore a call down may say so to the switch for as long as it could have come back.
  if (calls.some(({ forced }) => forced)) await clock.advance(limits.resumeWindowMs);
  // Whoever is still at work with a call that is over has so long to add to its record.
  else await clock.advance(limits.lateAnnotateMs);
  for (const [index, { dead, pendingTimers }] of clients.entries()) {
    if (!dead && pendingTimers > 0) ledger.complaints.push(`client ${index} has ${pendingTimers} timers left`);
  }
  // Closing handshakes, late handlers and the aborts of the plan come to their end.
  await clock.advance(5_000);
  if (server.socketCount > 0) ledger.complaints.push(`the switch has ${server.socketCount} sockets open`);
  await clock.runUntil(server.close(), { maxMs: 1_000 });
  // What is open now at a client's end where nobody is any more is no socket of ours.
  for (const whose of clients) for (const line of whose.network.lines()) if (line.orphaned) line.connection.cut();
  await clock.advance(0);
  if (network.connections().length > 0) {
    ledger.complaints.push(
      `left open: ${network
        .connections()
        .map(({ url }) => url)
        .join(', ')}`,
    );
  }
}

/** The network is whole and all calls are over: every client that is left gets a call, whatever it went through. */
async function probe({ clock, clients, probes, calls, ledger }: World): Promise<void> {
  const fit = clients.filter(({ dead, retired }) => !dead && !retired);
  // Lines that died silently are found out, and back-offs come to their end.
  await clock.advance(45_000);
  const before = calls.length;
  // Some of those that have been drained may have connected again.
  const used = probes.slice(0, clients.filter(({ dead }) => !dead).length);
  for (const pair of used) dial(pair);
  await clock.advance(600);
  const reached = new Set(calls.slice(before).map(({ client }) => client));
  for (const whose of fit) {
    const index = clients.indexOf(whose);
    if (!reached.has(index)) ledger.complaints.push(`client ${index} gets no calls any more`);
  }
  for (const { caller } of used) caller.hangUp();
  await clock.advance(1_000);
}
