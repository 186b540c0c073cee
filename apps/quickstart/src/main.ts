import { readFile } from 'node:fs/promises';
import { type ActiveCall, AgenTaoClient, AgenTaoClientConfig, events, voiceActivity } from '@agentao/calls';
import { filter, take } from 'rxjs';

const greeting = await readFile(new URL('../clips/greeting.wav', import.meta.url));
const config = AgenTaoClientConfig.fromEnv();
const oneSecondOfSilence = new Int16Array(config.sampleRate);

const keys = new Map<string, (call: ActiveCall) => Promise<unknown>>([
  ['1', (call) => call.connect({ ringTimeSeconds: 30 })],
  ['2', (call) => call.whisper()],
  ['3', (call) => call.barge({ keepQueued: true })], // the second of delay is in what is queued
  ['4', (call) => call.spy()],
  ['9', (call) => call.close()],
]);

const client = new AgenTaoClient(config);

client.on(events.INCOMING_CALL, async (call) => {
  call.on(events.CALL_DTMF, ({ digit }) => {
    keys
      .get(digit)?.(call)
      .catch((error: Error) => console.error(`key ${digit}: ${error.message}`));
  });
  await call.answer();

  const interruption = call.audio$().pipe(
    voiceActivity(),
    filter(({ speaking }) => speaking),
    take(1),
  );
  const listening = interruption.subscribe(() => void call.clearSendAudioBuffer());
  await call.play(greeting); // resolves when it was heard, or cleared by the interruption
  listening.unsubscribe();

  await call.sendAudio(oneSecondOfSilence);
  for await (const { samples } of call.audioStream()) await call.sendAudio(samples);
});

await client.connect();
await client.runForever();
