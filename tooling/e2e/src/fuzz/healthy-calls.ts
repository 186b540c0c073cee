import { AgenTaoClient, AgenTaoClientConfig, events } from '@agentao/calls';
import type { VirtualClock } from '@agentao/clock';
import type { Phone, ScriptedPhones } from '@agentao/switch/testing';
import type { MemoryNetwork } from '@agentao/transport/memory';

/** Two calls that go on while somebody else misbehaves: an agent's, and one between two phones. */
export interface HealthyCalls {
  /** What is wrong with what their parties heard since they began. */
  judge(): readonly string[];
  /** Hangs up and disconnects. */
  end(): Promise<void>;
}

/** What they are made of. */
export interface HealthyOptions {
  readonly clock: VirtualClock;
  readonly network: MemoryNetwork;
  readonly phones: ScriptedPhones;
  readonly baseUrl: string;
  readonly apiKey: string;
}

/** The numbers of the two calls. */
export const healthyNumbers = { agent: '+15550000', phone: '+15550001' } as const;

/** A signal in which each sample follows from the last one, so that a single one that is missing, doubled or made up shows. */
const period = 30_000;
const voice = Int16Array.from({ length: 24_000 * 8 }, (_, at) => (at % period) + 1);
/** At the beginning a line is faded in. */
const fadedSamples = 480;

/** Opens both, and lets them run until everybody is heard. */
export async function openHealthyCalls(options: HealthyOptions): Promise<HealthyCalls> {
  const { clock, network, phones, baseUrl, apiKey } = options;
  const config = AgenTaoClientConfig.sandbox({ apiKey, connectorUuid: 'healthy', baseUrl, maxCalls: 1 });
  const client = new AgenTaoClient(config, { clock, transport: network.connect, random: () => 0.5 });
  const heardByAgent: Int16Array[] = [];
  const wrong: string[] = [];
  let ended = false;
  let hungUp = false;
  client.on(events.INCOMING_CALL, async (call) => {
    let next: number | undefined;
    await call.answer();
    await call.sendAudio(voice);
    for await (const { samples, positionSamples } of call.audioStream()) {
      if (next !== undefined && positionSamples !== next) wrong.push('the agent of the healthy call misses audio');
      next = positionSamples + samples.length;
      heardByAgent.push(samples);
    }
    ended = true;
  });
  await clock.runUntil(client.connect(), { maxMs: 1_000 });
  await clock.advance(0);
  const caller = phones.phone('+15551000');
  const [one, other] = [phones.phone('+15551001'), phones.phone(healthyNumbers.phone, { answerAfterMs: 0 })];
  for (const phone of [caller, one, other]) phone.say(voice);
  caller.dial(healthyNumbers.agent);
  one.dial(healthyNumbers.phone);
  await clock.runUntil(Promise.all([caller, one, other].map((phone) => phone.until('answered'))), { maxMs: 5_000 });
  const startedMs = clock.now();

  return {
    judge: () => {
      const elapsedMs = clock.now() - startedMs;
      const ears: readonly (readonly [string, Int16Array])[] = [
        ['the caller of the healthy call', caller.heard()],
        ['the agent of the healthy call', joined(heardByAgent)],
        ['the caller of the direct call', one.heard()],
        ['the callee of the direct call', other.heard()],
      ];
      const findings = ears.flatMap(([who, heard]) => judgeEar(heard, elapsedMs).map((finding) => `${who} ${finding}`));
      for (const phone of [caller, one, other]) {
        if (phone.state !== 'answered') findings.push(`a healthy call is ${phone.state}`);
      }
      if (ended) findings.push('the agent of the healthy call was told of its end');
      return [...wrong, ...findings];
    },
    end: async () => {
      if (hungUp) return;
      hungUp = true;
      for (const phone of [caller, one] satisfies Phone[]) phone.hangUp();
      await clock.advance(20);
      await client.disconnect();
    },
  };
}

/** What is wrong with the signal in an ear, `elapsedMs` after it could begin. */
function judgeEar(heard: Int16Array, elapsedMs: number): string[] {
  const first = heard.findIndex((sample) => sample !== 0);
  const begin = first + fadedSamples;
  const wantedMs = elapsedMs - 200;
  if (wantedMs > 0 && (first < 0 || (heard.length - first) / 24 < wantedMs)) return ['does not hear enough'];
  if (first < 0) return [];
  for (let at = begin + 1; at < heard.length; at++) {
    const last = heard[at - 1] as number;
    if (heard[at] !== (last % period) + 1) return [`hears ${heard[at]} after ${last}`];
  }
  return [];
}

function joined(parts: readonly Int16Array[]): Int16Array {
  const samples = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    samples.set(part, at);
    at += part.length;
  }
  return samples;
}
