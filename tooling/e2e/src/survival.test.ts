import { tone } from '@agentao/audio';
import { sleep } from '@agentao/clock';
import { expect, it } from 'vitest';
import { calleeNumber, clock, hears, openRealLine } from './real-line.ts';

// The first call makes every mistake a subscriber or a caller can make; the second is an echo.
const carelessAgent = `
import { AgenTaoClient, AgenTaoClientConfig, events } from '@agentao/calls';
import { map } from 'rxjs';
const fail = () => { throw new Error('a slip of the user'); };
const client = new AgenTaoClient(AgenTaoClientConfig.fromEnv());
client.calls$.subscribe(fail);
client.connection$.subscribe(fail);
client.on(events.INCOMING_CALL, async (call) => {
  await call.answer();
  if (call.callerNumber === '+15550001') {
    call.audio$().subscribe(fail);
    call.audio$().pipe(map(fail)).subscribe();
    call.state$.subscribe(fail);
    call.events$.subscribe({ next: fail, complete: fail });
    call.on(events.CALL_DTMF, fail);
    call.on(events.CALL_DTMF, () => Promise.reject(new Error('a late slip')));
    void call.sendAudio(new Uint8Array(3));
    void call.sendAudio(new Uint8Array(64_000_000));
    void call.whisper();
    void call.connect({ ringTimeSeconds: 9_999 });
    console.log('slipped');
    await call.ended;
    void call.sendAudio(new Int16Array(10));
    void call.answer();
    fail();
  }
  for await (const { samples } of call.audioStream()) void call.sendAudio(samples);
});
await client.connect();
await client.runForever();
`;

it('keeps the process and the other call when subscribers throw and rejected promises are not awaited', async () => {
  await using line = await openRealLine(carelessAgent);
  const careless = line.phones.phone('+15550001');
  const other = line.phones.phone('+15550002');
  other.dial(calleeNumber);
  await other.until('answered');
  other.say(tone({ frequencyHz: 700, durationMs: 10_000, sampleRateHz: 24_000, levelDb: -15 }));
  await hears(other, 700);
  careless.dial(calleeNumber);
  await careless.until('answered');
  careless.say(tone({ frequencyHz: 500, durationMs: 500, sampleRateHz: 24_000, levelDb: -15 }));
  careless.press('5');
  await line.prints('slipped');
  await sleep(clock, 1_000);
  await hears(other, 700);
  careless.hangUp();
  await careless.until('ended');
  await hears(other, 700);
  expect(line.running).toBe(true);
  expect(line.complaints).toBe('');
});
