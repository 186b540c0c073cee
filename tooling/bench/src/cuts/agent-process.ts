import { writeFile } from 'node:fs/promises';
import { encodeWav } from '@agentao/audio';
import { AgenTaoClient, AgenTaoClientConfig, events } from '@agentao/calls';
import { createSystemClock } from '@agentao/clock';
import { fillCounting } from '../calls/counting-signal.ts';
import { createEarLog } from './ear-log.ts';

/** What the agent's process reports of its one call. */
export interface AgentReport {
  readonly saidSamples: number;
  readonly inOrder: number;
  readonly lost: number;
  readonly repeated: number;
  readonly silent: number;
  /** Samples that are missing between frames, by their positions. */
  readonly missing: number;
  /** Frames that began before the one before them had ended. */
  readonly overlaps: number;
  readonly replayedSamples: number;
  readonly resumed: number;
  readonly failure: string | undefined;
}

// 100 ms, what a voice model typically hands over at once.
const chunk = new Int16Array(2_400);
const { AGENTAO_API_KEY = '', AGENTAO_CONNECTOR_UUID = '', AGENTAO_BASE_URL = '' } = process.env;
const { CUTS_MEDIA_ORIGIN = '', CUTS_WAV = '', CUTS_SECONDS = '' } = process.env;
const clock = createSystemClock(globalThis);
const client = new AgenTaoClient(
  AgenTaoClientConfig.sandbox({
    apiKey: AGENTAO_API_KEY,
    connectorUuid: AGENTAO_CONNECTOR_UUID,
    baseUrl: AGENTAO_BASE_URL,
    allowedMediaOrigins: [CUTS_MEDIA_ORIGIN],
    // Two seconds, so that little is left to be said at the end.
    bufferSize: 96_000,
  }),
);
const stop = new AbortController();
const leave = Promise.withResolvers<void>();

client.on(events.INCOMING_CALL, async (call) => {
  const ear = createEarLog(() => clock.now(), Number(CUTS_SECONDS) + 60);
  let missing = 0;
  let overlaps = 0;
  let resumed = 0;
  let replayedSamples = 0;
  let failure: string | undefined;
  call.on(events.CALL_RESUMED, (event) => {
    resumed++;
    replayedSamples += event.replayedSamples;
  });
  const listen = async (): Promise<void> => {
    let next: number | undefined;
    for await (const { samples, positionSamples } of call.audioStream()) {
      const ahead = positionSamples - (next ?? positionSamples);
      if (ahead > 0) missing += ahead;
      if (ahead < 0) overlaps++;
      next = positionSamples + samples.length;
      ear.hear(samples);
    }
  };
  const speak = async (): Promise<void> => {
    for (let position = 0; !stop.signal.aborted; position += chunk.length) {
      fillCounting(chunk, position);
      await call.sendAudio(chunk, { wait: true });
    }
    const outcome = await call.waitForPlayout();
    if (outcome !== 'played') throw new Error(`the end of what was said: ${outcome}`);
    process.send?.('said');
  };
  try {
    const listening = listen();
    await call.answer();
    await speak();
    await leave.promise;
    await call.disconnect();
    await listening;
  } catch (error) {
    failure = String(error);
  }
  await writeFile(CUTS_WAV, encodeWav(ear.heard, { sampleRateHz: 24_000 }));
  const saidSamples = call.queuedSamples;
  const report: AgentReport = { saidSamples, ...ear.report(), missing, overlaps, replayedSamples, resumed, failure };
  process.send?.(report);
});

process.on('message', (message) => {
  if (message === 'stop') stop.abort();
  if (message === 'leave') leave.resolve();
});
process.once('disconnect', () => process.exit(0));
await client.connect();
process.send?.('ready');
await client.runForever();
