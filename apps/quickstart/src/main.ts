import { readFile } from 'node:fs/promises';
import { type ActiveCall, AgenTaoClient, AgenTaoClientConfig, events, voiceActivity } from '@agentao/calls';
import { filter } from 'rxjs';

const greeting = await readFile(new URL('../clips/greeting.wav', import.meta.url));

const keys = new Map<string, (call: ActiveCall) => Promise<void>>([
  ['1', (call) => call.connect({ ringTimeSeconds: 30 })],
  ['2', (call) => call.whisper()],
  ['3', (call) => call.barge({ keepQueued: true })], // the second of delay is what is queued
  ['4', (call) => call.spy()],
  ['9', (call) => call.close()],
]);

const client = new AgenTaoClient(AgenTaoClientConfig.fromEnv());

client.on(events.INCOMING_CALL, async (call) => {
  call.on(events.CALL_DTMF, ({ digit }) => {
    keys
      .get(digit)?.(call)
      .catch((error: Error) => console.error(`Key ${digit}: ${error.message}`));
  });
  await call.answer();

  const speech = call.audio$().pipe(voiceActivity());
  const starts = speech.pipe(filter(({ type }) => type === 'start'));
  const interruption = starts.subscribe(() => void call.clearSendAudioBuffer());
  await call.play(greeting); // until it was heard, or cleared by the interruption
  interruption.unsubscribe();

  await call.sendAudio(new Int16Array(call.sampleRateHz)); // one second of silence
  for await (const chunk of call.audioStream()) await call.sendAudio(chunk);
});

await client.connect();
await client.runForever();
