import { AgenTaoClient, AgenTaoClientConfig, events } from '@agentao/calls';
import { createCountingEar, type EarReport, fillCounting } from './counting-signal.ts';

/** What the agent process reports of one call when it has ended. */
export interface AgentReport {
  readonly callId: string;
  readonly ear: EarReport;
  readonly frames: number;
  /** Frames whose position did not follow the one before. */
  readonly jumps: number;
  readonly failure: string | undefined;
}

// 100 ms, what a voice model typically hands over at once.
const chunk = new Int16Array(2_400);

/** What begins to count anew when the measured time begins. */
const resets = new Set<() => void>();
const client = new AgenTaoClient(AgenTaoClientConfig.fromEnv());

client.on(events.INCOMING_CALL, async (call) => {
  const ear = createCountingEar();
  let frames = 0;
  let jumps = 0;
  let failure: string | undefined;
  const reset = (): void => {
    ear.reset();
    frames = jumps = 0;
  };
  resets.add(reset);
  const listen = async (): Promise<void> => {
    let next: number | undefined;
    for await (const { samples, positionSamples } of call.audioStream()) {
      if (next !== undefined && positionSamples !== next) jumps++;
      next = positionSamples + samples.length;
      frames++;
      ear.hear(samples);
    }
  };
  const speak = async (): Promise<void> => {
    for (let position = 0; call.state !== 'DISCONNECTED'; position += chunk.length) {
      fillCounting(chunk, position);
      await call.sendAudio(chunk, { wait: true, signal: call.signal });
    }
  };
  try {
    await call.answer();
    await Promise.all([listen(), speak().catch((error: unknown) => call.signal.aborted || Promise.reject(error))]);
  } catch (error) {
    failure = String(error);
  }
  resets.delete(reset);
  process.send?.({ callId: call.callId, ear: ear.report(), frames, jumps, failure } satisfies AgentReport);
});

await client.connect();
process.send?.('ready');
process.once('disconnect', () => process.exit(0));
const cpuAtStart = process.cpuUsage();
process.on('message', (message) => {
  if (message === 'reset') for (const reset of resets) reset();
  if (message === 'cpu') process.send?.({ cpuMs: cpuMs(cpuAtStart), rssMb: process.memoryUsage.rss() / 1e6 });
});
await client.runForever();

function cpuMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1_000;
}
