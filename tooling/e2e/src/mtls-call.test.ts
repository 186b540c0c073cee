import { tone } from '@agentao/audio';
import { type ActiveCall, events } from '@agentao/calls';
import { describe, expect, it } from 'vitest';
import {
  calleeNumber,
  eventually,
  openProductionLine,
  type ProductionClient,
  type ProductionLine,
} from './production-line.ts';

const callerHz = 440;
const agentHz = 1_000;

/** A tone at -20 dB. */
function speech(frequencyHz: number): Int16Array {
  return tone({ frequencyHz, durationMs: 10_000, sampleRateHz: 24_000, levelDb: -20 });
}

/** Dials, and resolves with the call as the client gets it and the caller's phone. */
async function ring(line: ProductionLine, { client }: ProductionClient) {
  const taken = Promise.withResolvers<ActiveCall>();
  const off = client.on(events.INCOMING_CALL, async (call) => {
    taken.resolve(call);
    await call.ended;
  });
  await client.connect();
  await line.callSwitch.whenReady('e2e');
  const caller = line.phones.phone('+15550001');
  const outcome = caller.dial(calleeNumber);
  expect(outcome).toMatchObject({ accepted: true });
  return { call: await taken.promise, caller, off };
}

/** Whether the agent hears the caller's tone, measured over the next half second of its audio. */
async function agentHears(call: ActiveCall): Promise<boolean> {
  const samples: number[] = [];
  for await (const chunk of call.audioStream()) {
    samples.push(...chunk.samples);
    if (samples.length >= 12_000) break;
  }
  const rms = Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length) / 32_768;
  return 20 * Math.log10(rms) > -30;
}

describe('a call in production mode', () => {
  it('is answered and heard both ways over mutual TLS, by certificates alone', async () => {
    await using line = await openProductionLine();
    const made = line.client(await line.issue());
    const { call, caller } = await ring(line, made);
    await call.answer();
    caller.say(speech(callerHz));
    await eventuallyHears(call);
    void call.play(speech(agentHz));
    const heard = (): boolean =>
      caller.levelDb({ frequencyHz: agentHz, fromMs: Math.max(0, caller.heardMs - 200) }) > -30;
    await eventually(heard, 'the caller does not hear the agent');
    await call.disconnect();
    expect(await call.ended).toEqual({ reason: 'disconnected', by: 'agent' });
    expect(made.log.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
  });

  it('is taken with the new pair once the files have been replaced, and outlives the old certificate and the old server certificate', async () => {
    await using line = await openProductionLine();
    const before = await line.issue();
    const made = line.client(before);
    await made.client.connect();
    made.replace(await line.issue());
    const { call, caller } = await ring(line, made);
    await call.answer();
    const renewed = await line.authority.issue({ commonName: 'localhost', role: 'server' });
    const clientCa = line.authority.certificatePem;
    line.server.setTls({ cert: renewed.certificatePem, key: renewed.keyPem, clientCa });
    line.revoke(before);
    await made.reached('connected', 2);
    expect(call.state).toBe('ANSWERED');
    caller.say(speech(callerHz));
    await eventuallyHears(call);
    await call.disconnect();
  });

  it('ends for a client whose certificate is revoked in the middle of it', async () => {
    await using line = await openProductionLine();
    const identity = await line.issue();
    const made = line.client(identity);
    const { call } = await ring(line, made);
    await call.answer();
    line.revoke(identity);
    expect(await call.ended).toMatchObject({ by: 'switch' });
    await made.reached('closed');
  });
});

async function eventuallyHears(call: ActiveCall): Promise<void> {
  for (let tries = 0; !(await agentHears(call)); tries++) {
    if (tries > 10) throw new Error('the agent does not hear the caller');
  }
}
