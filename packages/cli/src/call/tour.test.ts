import { tone } from '@agentao/audio';
import { type ActiveCall, AgenTaoClient, AgenTaoClientConfig, voiceActivity } from '@agentao/calls';
import { createVirtualClock } from '@agentao/clock';
import { createApiKey, createOperatorToken, createSwitch } from '@agentao/switch';
import { createMemoryNetwork } from '@agentao/transport/memory';
import { filter } from 'rxjs';
import { expect, it } from 'vitest';
import { createReport, type Report } from '../output/report.ts';
import { createTerminal } from '../output/terminal.ts';
import { playPlainCall, type PlainCallOptions } from './plain-call.ts';
import { readVoices, runCall } from './run-call.ts';
import { audibleDb, type Stage } from './stage.ts';
import { playTour } from './tour.ts';

const url = 'ws://127.0.0.1:7350';
const number = '+15559999';
const voices = await readVoices(undefined);
const greeting = tone({ frequencyHz: 600, durationMs: 6_000, sampleRateHz: 24_000, levelDb: -20 });

interface Outcome {
  readonly report: Report;
  readonly text: string;
}

/** One call to an agent, everything on a virtual clock over memory sockets. */
async function placeCall(
  handler: ((call: ActiveCall, die: () => void) => unknown) | undefined,
  play: (stage: Stage) => Promise<void>,
): Promise<Outcome> {
  const clock = createVirtualClock({ settle: () => new Promise((resolve) => setImmediate(resolve)) });
  const { connect, listen, connections } = createMemoryNetwork({ clock });
  const { key, stored } = createApiKey();
  const operator = createOperatorToken();
  const sw = createSwitch({
    clock,
    connectors: [{ uuid: 'shop', numbers: [number], keys: [stored] }],
    operators: { tokenSha256: operator.sha256, dev: true },
  });
  sw.start();
  listen({ host: '127.0.0.1:7350', onUpgrade: sw.onUpgrade });
  const config = AgenTaoClientConfig.sandbox({ apiKey: key, connectorUuid: 'shop', baseUrl: url });
  let isDead = false;
  const transport: typeof connect = (request) => (isDead ? Promise.reject(new Error('dead')) : connect(request));
  const client = new AgenTaoClient(config, { clock, transport });
  /** What becomes of the sockets of a process that dies. */
  const die = (): void => {
    isDead = true;
    for (const connection of connections()) if (/\/(media|control)$/.test(connection.url)) connection.cut();
  };
  if (handler) client.on('call.incoming', (call) => handler(call, die));
  let text = '';
  const write = (more: string): void => {
    text += more;
  };
  const report = createReport(createTerminal({ out: { write }, err: { write } }, {}));
  const whole = async (): Promise<void> => {
    await client.connect();
    await runCall({ clock, connect, url, operatorToken: operator.token, number, voices, report, play });
    await client.disconnect();
    await sw.close();
  };
  await clock.runUntil(whole(), { maxMs: 120_000 });
  return { report, text };
}

interface Habits {
  readonly interruptible?: boolean;
  readonly whispers?: boolean;
  readonly leaves?: boolean;
}

/** The quickstart agent, with its good habits to be switched off one by one. */
function quickstart({ interruptible = true, whispers = true, leaves = true }: Habits = {}) {
  return async (call: ActiveCall): Promise<void> => {
    call.on('call.dtmf', ({ digit }) => {
      if (digit === '1') void call.connect();
      if (digit === '2' && whispers) void call.whisper();
      if (digit === '9' && leaves) void call.close();
    });
    await call.answer();
    const speech = call.audio$().pipe(voiceActivity());
    const interruption = speech.pipe(filter(({ type }) => type === 'start'));
    const listening = interruptible ? interruption.subscribe(() => void call.clearSendAudioBuffer()) : undefined;
    await call.play(greeting);
    listening?.unsubscribe();
    await call.sendAudio(new Int16Array(24_000));
    for await (const chunk of call.audioStream()) await call.sendAudio(chunk);
  };
}

it('passes with the quickstart agent, every step heard, with exact silence where nobody may hear', async () => {
  const { report, text } = await placeCall(quickstart(), playTour);
  expect(report.failed, text).toEqual([]);
  expect(report.figures.get('whisperDb')).toMatchObject({ callerHearsAgent: -120 });
  expect(report.figures.get('leftDb')).toMatchObject({ calleeHearsAgent: -120 });
  expect(report.figures.get('gaps')).toEqual({ caller: 0, callee: 0 });
});

const faults: readonly (readonly [name: string, habits: Habits, failed: readonly string[]])[] = [
  ['does not stop when the caller speaks', { interruptible: false }, ['caller hears the greeting stop']],
  ['goes on speaking to both when it shall whisper', { whispers: false }, ['caller hears nothing of that']],
  ['stays when it shall leave', { leaves: false }, ['callee hears no agent any more']],
];
it.each(faults)('finds out an agent that %s', async (_, habits, failed) => {
  const { report, text } = await placeCall(quickstart(habits), playTour);
  expect(report.failed, text).toEqual(expect.arrayContaining([...failed]));
});

it('stops at an agent that never answers, and tells what to look at', async () => {
  const { report, text } = await placeCall((call) => call.ended, playTour);
  expect(report.failed).toEqual(['caller is answered']);
  expect(text).toContain('Does the agent call answer()?');
});

const echo = async (call: ActiveCall): Promise<void> => {
  await call.answer();
  call.on('call.dtmf', ({ digit }) => (digit === '#' ? call.disconnect() : call.connect()));
  for await (const chunk of call.audioStream()) await call.sendAudio(chunk);
};
const habits: readonly (readonly [options: PlainCallOptions, told: readonly RegExp[]])[] = [
  [
    { keys: '1', callee: 'answers' },
    [/callee {2}picks up and speaks/, /caller {2}hangs up/, /over +hangup, by the caller/],
  ],
  [{ keys: '1', callee: 'rejects' }, [/callee {2}rejects/, /caller {2}hangs up/]],
  [{ keys: '1#', callee: 'ignores' }, [/callee {2}rings/, /presses #/, /over +disconnected, by the agent/]],
];
it.each(habits)('goes through a plain call to any agent: %j', async (options, told) => {
  const { report, text } = await placeCall(echo, (stage) => playPlainCall(stage, options));
  expect(report.failed, text).toEqual([]);
  const { caller } = report.figures.get('speechDb') as { caller: number };
  expect(caller).toBeGreaterThan(audibleDb);
  for (const pattern of told) expect(text).toMatch(pattern);
});

const plain = (stage: Stage): Promise<void> => playPlainCall(stage, { keys: '1', callee: 'answers' });

it('finds out an agent that ends the call on its own, and says nothing more into it', async () => {
  const { report, text } = await placeCall(async (call) => {
    await call.answer();
    await call.disconnect();
  }, plain);
  expect(report.failed, text).toEqual(['caller keeps the line']);
  expect(text).toMatch(/✗ .*keeps the line +disconnected, by the agent\n +The agent ended the call on its own/);
  expect(text).not.toContain('speaks');
});

it('finds out an agent whose handler throws once it has answered', async () => {
  const { report, text } = await placeCall(async (call) => {
    await call.answer();
    throw new Error('no model');
  }, plain);
  expect(report.failed, text).toEqual(['caller keeps the line']);
});

async function dies(call: ActiveCall, die: () => void): Promise<void> {
  await call.answer();
  await call.play(greeting.subarray(0, 24_000));
  die();
}

it('finds out an agent that dies after it has answered, which no phone can tell while another one is sought', async () => {
  const { report, text } = await placeCall(dies, (stage) => playPlainCall(stage, { keys: '', callee: 'answers' }));
  expect(report.failed, text).toEqual(['agent stays with the call']);
  expect(text).toMatch(/✗ .*agent +stays with the call +it is gone\n +The switch has lost it/);
});

it('finds out an agent that takes no calls: the callee was rung without a key', async () => {
  const { report, text } = await placeCall(undefined, plain);
  expect(report.failed, text).toEqual(['callee rings']);
  expect(text).toMatch(/no agent took the call\n +Does the agent register a handler/);
});

it('asks for a key before the callee rings, unless the caller has none to press', async () => {
  const connects = async (call: ActiveCall): Promise<void> => {
    await call.answer();
    await call.connect();
    await call.ended;
  };
  expect((await placeCall(connects, plain)).report.failed).toEqual(['callee rings']);
  const quiet = await placeCall(connects, (stage) => playPlainCall(stage, { keys: '', callee: 'answers' }));
  expect(quiet.report.failed, quiet.text).toEqual([]);
});
