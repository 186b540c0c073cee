import type { HttpReply, SocketOpenError } from '@agentao/transport';
import type { FuzzOutcome, FuzzTarget } from './fuzz-target.ts';
import { fromHex } from './hex-bytes.ts';
import type { MessageGrammar } from './message-grammar.ts';
import { createRogueLine, type RogueLine } from './rogue-line.ts';
import { createSwitchScript } from './switch-scripts.ts';
import { rogueCallers, type SwitchStep } from './switch-steps.ts';
import { closeSwitchWorld, openSwitchWorld, switchHost, type SwitchWorld } from './switch-world.ts';

/**
 * A switch on a virtual clock beside two healthy calls: strangers do as they like on all its sockets and over HTTP. The healthy calls lose no
 * sample, the switch says nothing wrong, nothing fails inside it, and nothing is left.
 */
export function createSwitchTarget(grammar: MessageGrammar): FuzzTarget {
  return {
    name: 'switch',
    share: 6,
    cpuMs: 10_000,
    generate: (random) => createSwitchScript(grammar, random),
    run: async (steps) => {
      const world = await openSwitchWorld();
      const stranger = new Stranger(world, grammar);
      for (const step of steps) await stranger.act(step as SwitchStep);
      await world.clock.advance(20);
      const heard = world.healthy.judge();
      stranger.leave();
      const left = await closeSwitchWorld(world, stranger.cookies);
      const { accepted, rejected } = stranger;
      return { accepted, rejected, findings: [...world.complaints, ...heard, ...left] } satisfies FuzzOutcome;
    },
  };
}

const statuses: ReadonlySet<number> = new Set([200, 201, 204, 400, 401, 403, 404, 405, 409, 429, 500, 503]);

/** Everybody who misbehaves in one case. */
class Stranger {
  readonly cookies: string[] = [];
  accepted = 0;
  rejected = 0;
  readonly #world: SwitchWorld;
  readonly #grammar: MessageGrammar;
  readonly #lines = new Map<number, RogueLine>();
  readonly #all: RogueLine[] = [];
  /** Which connection of the network is whose. */
  readonly #connections = new Map<number, ReturnType<SwitchWorld['network']['connections']>[number]>();

  constructor(world: SwitchWorld, grammar: MessageGrammar) {
    this.#world = world;
    this.#grammar = grammar;
  }

  async act(step: SwitchStep): Promise<void> {
    const { clock, callSwitch, handedOut, keyId, phones } = this.#world;
    if (step.do === 'open') return this.#open(step);
    if (step.do === 'wait') return clock.advance(step.ms);
    if (step.do === 'http') return this.#request(step);
    if (step.do === 'revoke') {
      callSwitch.revokeKey(keyId);
      return clock.advance(0);
    }
    if (step.do === 'dial' || step.do === 'hangUp' || step.do === 'press') {
      const phone = phones.phone(rogueCallers[step.phone] ?? '');
      if (step.do === 'hangUp') phone.hangUp();
      else if (step.do === 'press') phone.press('5');
      else if (phone.state === 'idle') phone.dial(step.to);
      return clock.advance(0);
    }
    const line = this.#lines.get(step.line);
    if (line === undefined) return;
    const connection = this.#connections.get(step.line);
    switch (step.do) {
      case 'text':
        line.send(handedOut.fill(step.text));
        break;
      case 'bytes':
        line.send(fromHex(step.hex));
        break;
      case 'audio':
        line.sendAudio({ ...step, track: step.track ?? 3 });
        break;
      case 'close':
        line.close(step.code);
        break;
      case 'stall':
        line.expectLoss();
        connection?.stall('toClient');
        break;
      case 'resume':
        connection?.resume();
        break;
      default:
        line.expectLoss();
        connection?.[step.do]();
    }
  }

  /** All lines are gone at once. */
  leave(): void {
    for (const line of this.#all) {
      line.expectLoss();
      line.close(1_000);
    }
    for (const connection of this.#connections.values()) connection.cut();
  }

  async #open(step: Extract<SwitchStep, { readonly do: 'open' }>): Promise<void> {
    const { clock, network, handedOut, complaints } = this.#world;
    this.#lines.get(step.line)?.expectLoss();
    this.#connections.get(step.line)?.cut();
    this.#lines.delete(step.line);
    const before = new Set(network.connections());
    const headers = Object.fromEntries(
      Object.entries(step.headers).map(([name, value]) => [name, handedOut.fill(value)]),
    );
    const opening = network.connect({
      url: `ws://${switchHost}${step.path}`,
      subprotocols: step.subprotocols.map((name) => handedOut.fill(name)),
      headers,
      maxMessageBytes: 16_777_216,
      openTimeoutMs: 1_000,
    });
    const opened = opening.then(
      (socket) => {
        const complain = (finding: string): void => void complaints.push(finding);
        const line = createRogueLine(socket, { polite: step.polite, grammar: this.#grammar, handedOut, complain });
        this.#lines.set(step.line, line);
        this.#all.push(line);
        const connection = network.connections().find((one) => !before.has(one));
        if (connection !== undefined) this.#connections.set(step.line, connection);
        this.accepted++;
      },
      (error: SocketOpenError) => {
        this.rejected++;
        const { status = 0, body = '' } = error;
        if (error.code !== 'REFUSED' || !statuses.has(status) || status === 500)
          complaints.push(`refused: ${error.message}`);
        this.#judgeBody(body);
      },
    );
    await clock.advance(0);
    await opened;
  }

  async #request(step: Extract<SwitchStep, { readonly do: 'http' }>): Promise<void> {
    const { callSwitch, handedOut, complaints } = this.#world;
    const headers = new Map([['host', switchHost]]);
    for (const [name, value] of Object.entries(step.headers)) headers.set(name, handedOut.fill(value));
    const reply: HttpReply | undefined = callSwitch.onRequest({ ...step, headers });
    if (reply === undefined || reply.status >= 400) this.rejected++;
    else this.accepted++;
    if (reply === undefined) return;
    const body = String(reply.body);
    if (!statuses.has(reply.status) || reply.status === 500)
      complaints.push(`${step.method} ${step.path} gives ${reply.status}`);
    if (body.startsWith('file ') && body !== `file ${step.path}`) complaints.push(`${step.path} gives ${body}`);
    for (const value of Object.values(reply.headers ?? {})) {
      if (/[\r\n]/.test(value)) complaints.push('a header of several lines');
    }
    this.#judgeBody(body);
    const cookie = reply.headers?.['set-cookie']?.split(';')[0];
    if (cookie !== undefined && reply.status === 201) {
      this.cookies.push(cookie);
      handedOut.set('cookie', cookie);
    }
    if (reply.status === 201) handedOut.note(JSON.parse(body));
  }

  #judgeBody(body: string): void {
    const { secrets, complaints } = this.#world;
    if (secrets.some((secret) => body.includes(secret))) complaints.push('an answer holds a secret');
    if (body.includes('node_modules') || body.includes('root:'))
      complaints.push('an answer holds a file of the machine');
  }
}
