import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as calls from '@agentao/calls';
import { closeCodes, errorCodes } from '@agentao/protocol';
import { afterAll, describe, expect, it } from 'vitest';
import { openVirtualLine } from '../virtual-line.ts';
import { calleeNumber } from '../virtual-switch.ts';
import { exportedNames } from './exported-names.ts';
import { readPage, tableUnder } from './page.ts';
import { openProgramLine } from './program-line.ts';
import { runBlock } from './run-block.ts';

const api = readPage('docs/api-reference.md');
const errors = readPage('docs/error-handling.md');
const advanced = readPage('docs/advanced-topics.md');
const fromPython = readPage('docs/from-python.md');
afterAll(() => {
  for (const page of [api, errors, advanced]) page.expectAllRun();
});

const bare = (cell = ''): string => cell.replaceAll('`', '');
/** The names that a cell begins to tell of: `a()` `b$` gives a and b$. */
const namesIn = (cell = ''): string[] =>
  [...cell.matchAll(/`(?:new |AgenTaoClient\w*\.)?(\[?[\w$.]+\]?)[^`]*`/g)].map((match) => match[1] ?? '');

const names = exportedNames('packages/calls/src/index.ts');

describe('the API reference', () => {
  it('names everything that the package exports', () => {
    const missing = [...names.keys()].filter((name) => !new RegExp(`\\b${name}\\b`).test(api.text));
    expect(missing).toEqual([]);
    expect([...names.keys()]).toEqual(expect.arrayContaining(Object.keys(calls)));
  });

  it.each([
    ['AgenTaoClientConfig', ['mode', 'toString', 'toJSON', 'prototype'], ['sandbox', 'production', 'fromEnv']],
    ['AgenTaoClient', ['prototype'], undefined],
    ['ActiveCall', [], undefined],
    ['SandboxOptions', [], undefined],
    ['ProductionOptions', [], undefined],
    ['CommonOptions', [], undefined],
  ])('tells of every member of %s, and of none that is not there', (type, untold, only) => {
    const listed = tableUnder(api, type).flatMap(([cell]) => namesIn(cell));
    const common = names.get('CommonOptions') ?? [];
    const members = (names.get(type) ?? [])
      .filter((name) => !untold.includes(name) && (only === undefined || only.includes(name)))
      .filter((name) => type === 'CommonOptions' || !type.endsWith('Options') || !common.includes(name))
      .map((name) => (name.startsWith('__@asyncDispose') ? '[Symbol.asyncDispose]' : name));
    expect(listed.filter((name) => name !== type).sort()).toEqual([...new Set(members)].sort());
  });

  it('lists the operators', () => {
    const listed = tableUnder(api, 'Operators').flatMap(([cell]) => namesIn(cell));
    const functions = Object.entries(calls).filter(
      ([name, value]) => typeof value === 'function' && /^[a-z]/.test(name),
    );
    expect(listed.sort()).toEqual(functions.map(([name]) => name).sort());
  });
});

it('has in the page for Python users nothing that is not there, and everything by its name in camelCase', () => {
  const camelCase = (name: string): string =>
    name.replaceAll(/(?<=[a-z])_(\w)/g, (_, letter: string) => letter.toUpperCase());
  const objects = new Map([
    ['client', 'AgenTaoClient'],
    ['call', 'ActiveCall'],
    ['AgenTaoClientConfig', 'AgenTaoClientConfig'],
    ['error', 'WSSCallCommandError'],
  ]);
  const rows = tableUnder(fromPython, 'Names').map((row) => row.map(bare));
  expect(rows.length).toBeGreaterThan(40);
  for (const [python = '', typeScript = ''] of rows) {
    const [, object = '', member = ''] = /^(\w+)\.(\w+)/.exec(typeScript) ?? [];
    if (object === 'events') {
      expect(Object.keys(calls.events)).toContain(member);
      expect(python).toBe(typeScript);
    } else if (objects.has(object)) {
      expect(names.get(objects.get(object) ?? ''), typeScript).toContain(member);
      const words = (text: string): string[] => text.match(/\w+/g) ?? [];
      expect(words(typeScript)).toEqual(expect.arrayContaining(words(camelCase(python))));
    } else {
      const [name = ''] = /AgenTaoClient|\w+Error/.exec(typeScript) ?? [];
      expect(Object.keys(calls)).toContain(name);
      expect(python).toContain(name);
    }
  }
  const told = new Set(rows.map(([python]) => python));
  for (const name of Object.keys(calls).filter((exported) => exported.endsWith('Error'))) expect(told).toContain(name);
});

describe('error handling', () => {
  const classes = new Map(Object.entries(calls).filter(([name]) => name.endsWith('Error'))) as Map<string, () => void>;

  it('draws the tree of errors as it is', () => {
    const tree = /```text\n([\s\S]*?)```/.exec(errors.text)?.[1] ?? '';
    const drawn: Record<string, string> = {};
    const path: string[] = [];
    for (const line of tree.trimEnd().split('\n')) {
      const [, indent = '', name = ''] = /^([^A-Za-z]*)(\w+)$/.exec(line) ?? [];
      path[indent.length / 3] = name;
      drawn[name] = path[indent.length / 3 - 1] ?? 'Error';
    }
    const real = [...classes].map(([name, type]) => [name, (Object.getPrototypeOf(type) as { name: string }).name]);
    expect(drawn).toEqual(Object.fromEntries(real));
  });

  it('has every class and every code of the switch, with its meaning', () => {
    const listed = tableUnder(errors, 'Error handling').map(([cell]) => bare(cell));
    expect([...listed, 'WSSError', 'WSSCallError'].sort()).toEqual([...classes.keys()].sort());
    const codes = tableUnder(errors, 'Codes of the switch').map(([code, meaning]) => [bare(code), meaning]);
    expect(Object.fromEntries(codes)).toEqual(errorCodes);
  });

  it('has every code that the SDK makes itself, and none that it does not', () => {
    const folder = fileURLToPath(new URL('../../../../packages', import.meta.url));
    const sourceOf = (name: string): string =>
      globSync(`${name}/src/**/*.ts`, { cwd: folder, exclude: (path) => /testing|\.test\.ts$/.test(path) })
        .map((path) => readFileSync(`${folder}/${path}`, 'utf8'))
        .join('\n');
    const source = sourceOf('calls');
    const everywhere = source + sourceOf('transport');
    const listed = tableUnder(errors, 'Codes of the SDK').map(([code]) => bare(code));
    expect(listed.filter((code) => !everywhere.includes(`'${code}'`))).toEqual([]);
    const made = [...source.matchAll(/\bcode: '([A-Z_]+)'/g)].map((match) => match[1] ?? '');
    const known = new Set([...listed, ...Object.keys(errorCodes), ...Object.keys(closeCodes)]);
    expect(made.filter((code) => !known.has(code))).toEqual([]);
    const sdkClasses = tableUnder(errors, 'Codes of the SDK').map(([, name]) => bare(name));
    for (const name of sdkClasses) expect(classes.has(name), name).toBe(true);
  });

  it('says in a word how connecting came out', async () => {
    const exports = await runBlock(errors.code('Handle a refusal'));
    const tryToConnect = exports['tryToConnect'] as (
      call: calls.ActiveCall,
      ringTimeSeconds: number,
    ) => Promise<string>;
    await using line = await openVirtualLine();
    const { callee, clock, settled } = line;
    const call = await line.ring();
    expect(await settled(tryToConnect(call, 5))).toBe('again: CALL_UNANSWERED');
    await expect(settled(tryToConnect(call, 500))).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    const connecting = tryToConnect(call, 5);
    await clock.advance(1_000);
    callee.answer();
    expect(await settled(connecting)).toBe('connected');
    expect(await settled(tryToConnect(call, 5))).toBe('no: INVALID_STATE');
    await settled(call.disconnect());
    expect(await settled(tryToConnect(call, 5))).toBe('over');
  });
});

describe('advanced topics', () => {
  it('waits for the connection', async () => {
    const exports = await runBlock(advanced.code('Connections that come back'));
    const whenConnected = exports['whenConnected'] as (client: calls.AgenTaoClient, ms: number) => Promise<unknown>;
    await using line = await openVirtualLine();
    expect(await whenConnected(line.client, 100)).toMatchObject({ name: 'connected', connectorUuid: 'e2e' });
    await line.client.disconnect();
    await expect(whenConnected(line.client, 5)).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it('resumes a lost media connection, as the page says', async () => {
    await using line = await openVirtualLine();
    const { clock, network, settled } = line;
    const call = await line.ring();
    await settled(call.answer());
    const told: string[] = [];
    call.events$.subscribe(({ type }) => told.push(type));
    for (const connection of network.connections()) connection.cut();
    await clock.advance(10_000);
    expect(told).toEqual(['call.resumed']);
    expect(call.state).toBe('ANSWERED');
  });

  it('takes one call and drains', async () => {
    await using line = openProgramLine();
    const { ended } = await line.start(advanced.code('Stop without dropping calls'));
    const { phones, clock, settled } = line;
    const [first, second] = ['+15550001', '+15550002'].map((number) => phones.phone(number));
    first?.dial(calleeNumber);
    second?.dial(calleeNumber);
    await clock.advance(1_000);
    first?.hangUp();
    await clock.advance(1_000);
    expect(line.printed).toEqual(['hangup']);
    expect(second?.state, 'a running call is waited for').toBe('answered');
    second?.hangUp();
    await settled(ended);
  });

  it('takes a call over where the process before it left it', async () => {
    await using line = openProgramLine();
    const { clock, phones, settled } = line;
    const code = advanced.code('Take over from a process that is gone');
    await line.start(code);
    const caller = phones.phone('+15550001');
    caller.dial(calleeNumber);
    await settled(caller.until('answered'));
    await line.start(code);
    await clock.advance(100);
    for (const key of ['4', '2']) {
      caller.press(key);
      await clock.advance(500);
    }
    const [first, second] = line.clients;
    const draining = first?.drain({ timeoutMs: 1_000 });
    await clock.advance(2_000);
    await draining;
    expect(line.printed).toEqual(['begins at "", ANSWERED', 'begins at "42", ANSWERED']);
    expect([caller.state, second?.getCall(line.callSwitch.calls[0]?.callId ?? '')?.takenOver]).toEqual([
      'answered',
      true,
    ]);
    caller.hangUp();
    await clock.advance(100);
  });

  it('logs to the console, and no number', async () => {
    await using line = openProgramLine();
    const { config } = await line.run(advanced.code('Logging'));
    const { clock, network, phones, settled } = line;
    const client = new calls.AgenTaoClient(config as calls.AgenTaoClientConfig, { clock, transport: network.connect });
    client.on(calls.events.INCOMING_CALL, (call) => call.answer());
    await settled(Promise.all([client.connect(), line.whenReady()]));
    const caller = phones.phone('+15550001');
    caller.dial(calleeNumber);
    await clock.advance(100);
    caller.hangUp();
    await clock.advance(100);
    await settled(client.disconnect());
    const text = line.printed.join('\n');
    expect(text).toContain('info connected to the switch');
    expect(text).toContain('call.answered');
    expect(text).not.toContain('5550001');
  });

  it('tests an agent in virtual time', async () => {
    const printed: unknown[] = [];
    const output = { log: (value: unknown) => void printed.push(value), error: () => undefined };
    const startedMs = performance.now();
    await runBlock(advanced.code('Test your agent in virtual time'), { console: output });
    expect(printed).toEqual([true]);
    expect(performance.now() - startedMs).toBeLessThan(30_000);
  }, 40_000);
});
