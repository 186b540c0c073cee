import { type ActiveCall, AgenTaoClient, AgenTaoClientConfig, events, WSSError } from '@agentao/calls';
import { createVirtualClock } from '@agentao/clock';
import { createMemoryNetwork } from '@agentao/transport/memory';
import { type ClientStep, createClientScript, type Verb } from './client-scripts.ts';
import { type FuzzOutcome, type FuzzTarget, textOf } from './fuzz-target.ts';
import { fromHex } from './hex-bytes.ts';
import { createHostileSwitch } from './hostile-switch.ts';
import type { MessageGrammar } from './message-grammar.ts';

const host = '127.0.0.1:1';
/** The longest that anything waits by itself: a ring time of 60 s and ten more, and what comes before. */
const settleMs = 200_000;

/**
 * The client against a switch that says anything: every promise settles, with one of the documented errors where it fails; nothing is left to
 * run; and whatever the client says itself is right.
 */
export function createClientTarget(grammar: MessageGrammar): FuzzTarget {
  return {
    name: 'client',
    share: 3,
    cpuMs: 10_000,
    generate: (random) => createClientScript(grammar, random),
    run: (steps) => runClient(steps as readonly ClientStep[]),
  };
}

async function runClient(steps: readonly ClientStep[]): Promise<FuzzOutcome> {
  const findings: string[] = [];
  const clock = createVirtualClock({ settle: () => new Promise((resolve) => setImmediate(resolve)) });
  const network = createMemoryNetwork({ clock });
  const hostile = createHostileSwitch((finding) => findings.push(finding));
  const server = network.listen({ host, onUpgrade: hostile.onUpgrade });
  const config = AgenTaoClientConfig.sandbox({
    apiKey: 'agentao_key',
    connectorUuid: 'fuzz',
    baseUrl: `ws://${host}`,
    bufferSize: 48_000,
    acceptsTakeover: true,
    onHandlerError: 'close',
  });
  const client = new AgenTaoClient(config, { clock, transport: network.connect, random: () => 0.5 });
  const waiting = new Set<string>();
  const calls: ActiveCall[] = [];
  let taken = 0;
  let failed = 0;

  const track = (what: string, promise: Promise<unknown>): void => {
    const name = `${waiting.size} ${what}`;
    waiting.add(name);
    promise
      .then(
        () => void taken++,
        (error: unknown) => {
          failed++;
          const documented = error instanceof WSSError || error === abortReason;
          if (!documented) findings.push(`${what} fails with ${textOf(error)}`);
        },
      )
      .finally(() => waiting.delete(name));
  };

  client.on(events.INCOMING_CALL, async (call) => {
    calls.push(call);
    track('ended', call.ended);
    await call.ended;
  });
  track('connect', client.connect());
  await clock.advance(0);
  for (const step of steps) {
    switch (step.do) {
      case 'say':
        hostile.say(step.on, step.text);
        break;
      case 'bytes':
        hostile.sendBytes(fromHex(step.hex));
        break;
      case 'audio':
        hostile.sendAudio(step);
        break;
      case 'closes':
        hostile.close(step.on, step.code);
        break;
      case 'cuts':
        hostile.terminate(step.on);
        break;
      case 'helps':
        hostile.helpful = step.helpful;
        break;
      case 'refuses':
        hostile.refuses = step.status;
        break;
      case 'wait':
        await clock.advance(step.ms);
        break;
      case 'verb': {
        const call = calls.at(-1);
        if (call !== undefined) track(step.verb, perform(call, step.verb));
        break;
      }
      case 'drain':
        track('drain', client.drain({ timeoutMs: 1_000 }));
        break;
      case 'disconnectClient':
        track('disconnect', client.disconnect());
        break;
      case 'connectClient':
        track('connect', client.connect());
    }
  }
  await clock.advance(0);
  hostile.refuses = 503;
  hostile.end();
  await clock.advance(20);
  await client.disconnect();
  await clock.advance(settleMs);
  for (const name of waiting) findings.push(`${name.replace(/^\d+ /, '')} never settles`);
  for (const call of calls) {
    if (call.state !== 'DISCONNECTED') findings.push(`a call stays ${call.state}`);
    if (call.getSendAudioBufferSize() > 0) findings.push('audio stays queued after the end');
    if (call.playedSamples > call.queuedSamples) findings.push('more was heard than was said');
  }
  if (server.socketCount > 0) findings.push(`${server.socketCount} sockets are left`);
  if (clock.pendingTimers > 0) findings.push(`${clock.pendingTimers} timers are left`);
  await clock.runUntil(server.close(), { maxMs: 1_000 });
  return { accepted: taken, rejected: failed, findings };
}

const abortReason = new Error('the program has changed its mind');
const speech = new Int16Array(9_600).fill(1_000);

function perform(call: ActiveCall, verb: Verb): Promise<unknown> {
  switch (verb) {
    case 'answer':
    case 'close':
    case 'disconnect':
    case 'forceDisconnect':
    case 'whisper':
      return call[verb]();
    case 'connect':
      return call.connect({ mode: 'spy', ringTimeSeconds: 60 });
    case 'abortedConnect': {
      const controller = new AbortController();
      const connecting = call.connect({ signal: controller.signal });
      controller.abort(abortReason);
      return connecting;
    }
    case 'spyAfterPlayout':
      return call.spy({ afterPlayout: true });
    case 'say':
      return call.sendAudio(speech);
    case 'sayWaiting':
      return call.sendAudio(speech, { wait: true });
    case 'play':
      return call.play(speech);
    case 'waitForPlayout':
      return call.waitForPlayout();
    case 'clear':
      return call.clearSendAudioBuffer();
    case 'listen':
      return listen(call);
    case 'dtmf':
      return call.sendDtmf('1#');
    case 'context':
      return call.setContext({ any: ['thing'] });
    case 'annotate':
      return call.annotate('note', 1);
  }
}

/** Reads until the end; positions never go back. */
async function listen(call: ActiveCall): Promise<void> {
  let next = 0;
  for await (const { positionSamples, samples } of call.audioStream()) {
    if (positionSamples < next) throw new Error(`audio goes back from ${next} to ${positionSamples}`);
    next = positionSamples + samples.length;
  }
}
