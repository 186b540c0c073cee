import { actAsAgent } from './agent-acts.ts';
import type { Act, LifeAct, NetworkAct, PhoneAct } from './plan.ts';
import { voices } from './witness.ts';
import type { PhonePair, World, WorldClient } from './world.ts';

/** Has it happen now. */
export function performAct(world: World, { who, ...act }: Act): void {
  const client = world.clients[who % world.clients.length] as WorldClient;
  if (act.of === 'agent') {
    const living = world.calls.filter((watched) => !world.clients[watched.client]?.dead);
    const live = living.filter(({ call }) => call.state !== 'DISCONNECTED');
    const those = live.length > 0 ? live : living;
    const watched = those[who % Math.max(1, those.length)];
    if (watched !== undefined) actAsAgent(watched, act.act, world.stage);
  } else if (act.of === 'phone') usePhones(world.pairs[who % world.pairs.length], act.act);
  else if (act.of === 'network') breakNetwork(client, { act: act.act, nowMs: world.clock.now() });
  else live(world, client, act.act);
}

/** The caller calls the callee of the pair, if it is free, and both have something to say. */
export function dial(pair: PhonePair | undefined): void {
  if (pair?.caller.state === 'idle' && pair.caller.dial(pair.callee.number).accepted) speak(pair);
}

function speak({ caller, callee }: PhonePair): void {
  if (caller.unspoken < 24_000) caller.say(new Int16Array(36_000).fill(voices.caller));
  if (callee.unspoken < 24_000) callee.say(new Int16Array(36_000).fill(voices.callee));
}

function usePhones(pair: PhonePair | undefined, act: PhoneAct): void {
  if (pair === undefined) return;
  const { caller, callee } = pair;
  if (act.do === 'dial') dial(pair);
  else if (act.do === 'pickUp' && callee.state === 'ringing') callee.answer();
  else if (act.do === 'reject' && callee.state === 'ringing') callee.reject();
  else if (act.do === 'callerHangsUp') caller.hangUp();
  else if (act.do === 'calleeHangsUp') callee.hangUp();
  else if (act.do === 'press') for (const phone of [caller, callee]) phone.press('5');
  else if (act.do === 'talk') speak(pair);
}

function breakNetwork({ network }: WorldClient, { act, nowMs }: { act: NetworkAct; nowMs: number }): void {
  network.faultMs = nowMs;
  if (act.do === 'reach') {
    network.reach = act.reach;
    return;
  }
  if (act.do === 'cutNextAfter') {
    network.nextCut.set(act.channel, act);
    return;
  }
  const line = network.newest(act.channel);
  if (line === undefined) return;
  if (act.do === 'stale') line.forsake();
  else if (act.do === 'stall') line.connection.stall(act.way);
  else if (act.do === 'cutAfter') network.cutAfter(line, act);
  else if (act.do === 'latency') line.connection.setLatency(act.latencyMs);
  else if (act.do === 'resume') for (const { connection } of network.lines()) connection.resume();
  else line.connection[act.do]();
}

/** Has something become of a client. */
export function live({ callSwitch, ledger, clients, clock }: World, whose: WorldClient, act: LifeAct): void {
  if (whose.dead) return;
  const { client, network, keyId } = whose;
  const index = clients.indexOf(whose);
  switch (act.do) {
    case 'pauseHandler':
      return whose.pauseHandler();
    case 'reconnect':
      void client.disconnect();
      clock.setTimer(clock.now() + 200, () => {
        // One that is turned away at the first attempt does not try again.
        const failed = (): void => {
          whose.retired = true;
        };
        if (!whose.dead) ledger.track({ client: index, what: `connect of client ${index}`, failed }, client.connect());
      });
      return;
    case 'revokeKey':
      whose.retired = true;
      callSwitch.revokeKey(keyId);
      return;
    case 'drainClient':
      whose.retired = true;
      return ledger.track({ client: index, what: `drain of client ${index}` }, client.drain({ timeoutMs: 1_000 }));
    default:
      whose.kill();
      for (const { connection } of network.lines()) {
        if (act.do === 'killProcess') connection.cut();
        else connection.halfOpen();
      }
  }
}
