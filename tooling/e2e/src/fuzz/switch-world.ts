import { createVirtualClock, type VirtualClock } from '@agentao/clock';
import { createApiKey, createOperatorToken, createSwitch, type Switch } from '@agentao/switch';
import { createScriptedPhones, type ScriptedPhones } from '@agentao/switch/testing';
import type { SocketServer } from '@agentao/transport';
import { createMemoryNetwork, type MemoryNetwork } from '@agentao/transport/memory';
import { createHandedOut, type HandedOut } from './handed-out.ts';
import { type HealthyCalls, healthyNumbers, openHealthyCalls } from './healthy-calls.ts';
import { rogueCallees, rogueCallers } from './switch-steps.ts';

/** A switch with two healthy calls, and all that a stranger needs to misbehave, on one virtual clock. */
export interface SwitchWorld {
  readonly clock: VirtualClock;
  readonly network: MemoryNetwork;
  readonly callSwitch: Switch;
  readonly server: SocketServer;
  readonly phones: ScriptedPhones;
  readonly healthy: HealthyCalls;
  readonly handedOut: HandedOut;
  /** Of the stranger's key. */
  readonly keyId: string;
  /** What nobody but their owners may be told. */
  readonly secrets: readonly string[];
  readonly complaints: string[];
}

/** Where it listens, in memory. */
export const switchHost = '127.0.0.1:1';
/** Small enough that a stranger comes to the bounds. */
const worldLimits = {
  monitors: 2,
  operatorSessions: 3,
  unusedSignIns: 2,
  unusedTickets: 2,
  sessionsPerKey: 3,
} as const;
/** Files that it serves. */
export const worldFiles = ['/', '/app.js'] as const;

const aDay = 86_400_000;

/** Opens it. */
export async function openSwitchWorld(): Promise<SwitchWorld> {
  const clock = createVirtualClock({ settle: () => new Promise((resolve) => setImmediate(resolve)) });
  const network = createMemoryNetwork({ clock });
  const phones = createScriptedPhones({ clock });
  const [healthyKey, rogueKey, operator] = [createApiKey(), createApiKey(), createOperatorToken()];
  const complaints: string[] = [];
  const callSwitch = createSwitch({
    clock,
    legs: [phones],
    connectors: [
      { uuid: 'healthy', numbers: [healthyNumbers.agent], keys: [healthyKey.stored] },
      { uuid: 'direct', numbers: [healthyNumbers.phone] },
      {
        uuid: 'rogue',
        numbers: ['+15556*'],
        keys: [rogueKey.stored],
        limits: { maxCalls: 4, maxPendingMs: 3_000, maxCallMs: 5_000, agentlessRingMs: 1_000 },
        takeover: { connected: true },
      },
    ],
    operators: { tokenSha256: operator.sha256, dev: true },
    limits: worldLimits,
    staticRoutes: new Map(worldFiles.map((path) => [path, { status: 200, body: `file ${path}` }])),
    logger: {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: (fields, message) => {
        const { err } = fields as { readonly err?: unknown };
        const at = err instanceof Error ? (/\n\s+at (.*)/.exec(err.stack ?? '')?.[1] ?? '') : '';
        complaints.push(
          `the switch logs: ${message}: ${err instanceof Error ? err.message : JSON.stringify(fields)} ${at}`,
        );
      },
    },
  });
  const server = network.listen({ host: switchHost, onUpgrade: callSwitch.onUpgrade, onRequest: callSwitch.onRequest });
  callSwitch.start();
  for (const number of rogueCallers) phones.phone(number);
  const [answers = '', rejects = '', silent = ''] = rogueCallees;
  phones.phone(answers, { answerAfterMs: 200 });
  phones.phone(rejects, { reject: true });
  phones.phone(silent);
  const baseUrl = `ws://${switchHost}`;
  const healthy = await openHealthyCalls({ clock, network, phones, baseUrl, apiKey: healthyKey.key });
  const handedOut = createHandedOut();
  handedOut.set('key', rogueKey.key);
  handedOut.set('operator', operator.token);
  handedOut.set('signIn', callSwitch.createSignIn({ role: 'operator', expiresInMs: aDay }));
  handedOut.set('viewer', callSwitch.createSignIn({ role: 'viewer', expiresInMs: aDay }));
  const [healthyCall] = callSwitch.calls;
  if (healthyCall !== undefined) handedOut.set('healthyCall', healthyCall.callId);
  const secrets = [healthyKey.key, rogueKey.key, operator.token];
  return {
    clock,
    network,
    callSwitch,
    server,
    phones,
    healthy,
    handedOut,
    keyId: rogueKey.stored.keyId,
    secrets,
    complaints,
  };
}

/** Lets everything end, and tells what has not. `sessions` are cookies that browsers were given. */
export async function closeSwitchWorld(world: SwitchWorld, cookies: readonly string[]): Promise<readonly string[]> {
  const { clock, network, callSwitch, server, phones, healthy } = world;
  const findings: string[] = [];
  await healthy.end();
  for (const number of [...rogueCallers, ...rogueCallees]) phones.phone(number).hangUp();
  // Closing handshakes of peers that say nothing more take two seconds.
  await clock.advance(2_500);
  if (callSwitch.calls.length > 0) findings.push(`${callSwitch.calls.length} calls are left`);
  if (server.socketCount > 0) findings.push(`${server.socketCount} sockets are left`);
  if (network.connections().length > 0) findings.push('connections are left');
  const signedIn = cookies.filter((cookie) => {
    const headers = new Map([
      ['host', switchHost],
      ['cookie', cookie],
    ]);
    return callSwitch.onRequest({ method: 'GET', path: '/session', query: '', headers })?.status === 200;
  });
  if (signedIn.length > worldLimits.operatorSessions) findings.push(`${signedIn.length} sessions are open`);
  await clock.runUntil(callSwitch.close(), { maxMs: 1_000 });
  await clock.runUntil(server.close(), { maxMs: 1_000 });
  // Tokens of agents whose part is over are good for ten seconds more.
  await clock.advance(11_000);
  if (clock.pendingTimers > 0) findings.push(`${clock.pendingTimers} timers are left`);
  return findings;
}
