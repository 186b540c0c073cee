import { createSystemClock } from '@agentao/clock';
import { createMemoryNetwork } from '@agentao/transport/memory';
import { firstValueFrom, map, merge, mergeMap, type Observable, Subject, throwError } from 'rxjs';
import type { ActiveCall } from '../active-call.ts';
import { AgenTaoClient } from '../client.ts';
import { AgenTaoClientConfig } from '../config.ts';
import { events } from '../events.ts';
import { handleCalls } from '../operators/handle-calls.ts';
import { ScriptedSwitch } from './scripted-switch.ts';

// A program that makes every slip a user can make by accident, and then says that it is alive. With `control` it makes the
// same slip on a plain Observable, which ends it: that shows that the slips are real.

const slip = (): never => {
  throw new Error('slip');
};

/** Every way in which a subscriber may fail. */
function misuse(source: Observable<unknown>): void {
  source.subscribe(slip);
  source.subscribe({ next: slip, complete: slip });
  source.subscribe({ complete: slip });
  source.pipe(map(slip)).subscribe();
  source.pipe(map(slip)).subscribe({ error: slip });
  source.pipe(mergeMap(() => throwError(slip))).subscribe();
  merge(source, new Subject()).subscribe(slip);
  merge(source, new Subject()).pipe(map(slip)).subscribe();
  void source.pipe(map(slip)).forEach(slip);
}

/** Once around the timers: RxJS throws from one, and timers of one length run in the order in which they were set. */
function later(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 1);
  });
}

async function main(): Promise<void> {
  if (process.argv.includes('control')) {
    const plain = new Subject<number>();
    plain.subscribe(slip);
    plain.next(1);
    await later();
    return;
  }
  const clock = createSystemClock(globalThis);
  const network = createMemoryNetwork({ clock });
  const host = '127.0.0.1:7350';
  const peer = new ScriptedSwitch({ clock, network, host });
  const config = AgenTaoClientConfig.sandbox({
    apiKey: 'k',
    connectorUuid: 'c',
    bufferSize: 1000,
    onHandlerError: () => slip(),
  });
  const options = { clock, transport: network.connect };

  const refused = new AgenTaoClient(config, options);
  peer.refusal = { status: 401, code: 'UNAUTHENTICATED', message: 'no' };
  void refused.connect();
  void refused.runForever();
  void AgenTaoClient.open(config, options);
  await later();
  peer.refusal = undefined;

  const client = new AgenTaoClient(config, options);
  const calls: ActiveCall[] = [];
  const handling = client.calls$.pipe(handleCalls((call) => (calls.push(call) > 2 ? slip() : undefined))).subscribe();
  misuse(client.calls$);
  misuse(client.connection$);
  await client.connect();
  await later();
  const scripted = peer.offer();
  await later();
  peer.offer();
  await later();
  peer.offer();
  await later();
  const [victim, bystander] = calls;
  if (victim === undefined || bystander === undefined) throw new Error('the calls did not come');

  const heard: number[] = [];
  bystander.audio$().subscribe(({ positionSamples }) => heard.push(positionSamples));
  misuse(victim.events$);
  misuse(victim.state$);
  misuse(victim.audio$());
  misuse(victim.audio$({ party: 'caller' }));
  victim.on(events.CALL_ANSWERED, slip);
  victim.on(events.CALL_ANSWERED, () => Promise.reject(new Error('slip')));
  await victim.answer();
  scripted.hear('mix', 0, new Int16Array(480));
  peer.calls[1]?.hear('mix', 0, new Int16Array(480));
  await later();

  scripted.onCommand = () => ({ code: 'INVALID_STATE', message: 'no' });
  const unawaited = (call: ActiveCall): void => {
    void call.answer();
    void call.connect();
    void call.connect({ ringTimeSeconds: 0 });
    void call.connect({ signal: AbortSignal.abort() });
    void call.whisper();
    void call.barge({ afterPlayout: true });
    void call.clearSendAudioBuffer();
    void call.sendDtmf('x');
    void call.setContext(undefined);
    void call.annotate('a', 1);
    void call.disconnect();
    void call.close();
    void call.sendAudio(new Uint8Array(3));
    void call.sendAudio(new Int16Array(10_000));
    void call.sendAudio(new Int16Array(10), { signal: AbortSignal.abort() });
    void call.play(new Uint8Array(3));
    void call.waitForPlayout({ timeoutMs: -1 });
  };
  unawaited(victim);
  await later();
  scripted.terminate('hangup', 'caller');
  await victim.ended;
  unawaited(victim);
  misuse(victim.events$);
  misuse(victim.state$);
  misuse(victim.audio$());
  await later();

  handling.unsubscribe();
  client.calls$.pipe(handleCalls(slip)).subscribe(slip);
  peer.offer();
  await later();

  peer.calls[1]?.hear('mix', 480, new Int16Array(480));
  await bystander.answer();
  const state = await firstValueFrom(bystander.state$);
  misuse(client.connection$);
  await client.disconnect();
  await later();
  process.stdout.write(`alive ${state} ${heard.join()}\n`);
  process.exit(0);
}

await main();
