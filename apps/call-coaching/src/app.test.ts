import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { notifier } from '@agentao/business/notify';
import { createLab, type Lab, type LabCall, readModelRules, scriptedModel } from '@agentao/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createApp } from './app.ts';
import { type CoachingStore, openStore } from './store.ts';

const rules = readModelRules(
  JSON.parse(await readFile(new URL('../model.json', import.meta.url), 'utf8')),
  'model.json',
);
let folder: string;
let path: string;
let store: CoachingStore;
let lines: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentao-coaching-'));
  path = join(folder, 'coaching.sqlite');
  lines = [];
});
afterEach(async () => {
  store[Symbol.dispose]();
  await rm(folder, { recursive: true });
});

interface Options {
  readonly model?: ReturnType<typeof scriptedModel>;
  readonly answerFirst?: boolean;
  readonly webhook?: string;
}

function open({ model = scriptedModel(rules), answerFirst = false, webhook }: Options = {}): Promise<Lab> {
  const write = (fields: object, text: string): void => void lines.push(`${text} ${JSON.stringify(fields)}`);
  return createLab({
    app: ({ clock }) => {
      store = openStore(path, { clock });
      const notify = notifier({
        log: { info: write, warn: write },
        clock,
        ...(webhook === undefined ? {} : { webhook: { url: webhook } }),
      });
      return createApp({ model, store, notify, answerFirst });
    },
  });
}

async function connected(lab: Lab, from = '+15550001'): Promise<readonly [LabCall, LabCall]> {
  const call = await lab.phone(from).call();
  const human = await lab.phone(lab.number).rung();
  human.answer();
  await call.says('Hello');
  await human.hears('Hello', { from: 'low' });
  return [call, human];
}

describe('the coach', () => {
  it.each([false, true])(
    'whispers to the callee alone, and spies again when that was heard (answered first: %s)',
    async (answerFirst) => {
      await using lab = await open({ answerFirst });
      const [call, human] = await connected(lab);
      expect(lab.calls[0]?.mode).toBe('spy');
      await call.says('It is too expensive');
      await human.hears('Offer ten', { from: 'high' });
      expect(lab.calls[0]?.mode).toBe('whisper');
      await human.hears('percent', { from: 'high' });
      await lab.pass(2_000);
      expect(lab.calls[0]?.mode).toBe('spy');
      await human.says('I offer ten percent');
      await call.hears('I offer ten percent', { from: 'middle' });
      await call.says('Thank you');
      await lab.pass(3_000);
      expect(call.heard('high')).toBe('');
      expect(human.heard('high')).toBe('Offer ten percent.');
      expect(await store.of(lab.calls[0]?.callId ?? '')).toEqual([
        { party: 'caller', kind: 'sentiment', text: 'negative' },
        { party: 'caller', kind: 'topic', text: 'price' },
        { party: 'coach', kind: 'advice', text: 'Offer ten percent.' },
        { party: 'caller', kind: 'sentiment', text: 'positive' },
        { party: 'caller', kind: 'topic', text: 'thanks' },
      ]);
      call.hangUp();
      await human.ended();
      await lab.handled();
    },
  );

  it('hears the callee apart from the caller', async () => {
    await using lab = await open();
    const [call, human] = await connected(lab);
    await human.says('I am angry too');
    await human.hears('Offer ten percent', { from: 'high' });
    expect(await store.of(lab.calls[0]?.callId ?? '')).toMatchObject([
      { party: 'callee', text: 'negative' },
      { party: 'callee' },
    ]);
    call.hangUp();
    await lab.handled();
  });

  it('leaves the two to themselves when asked, or when its model is lost', async () => {
    const model = scriptedModel(rules);
    await using lab = await open({ model });
    const [call, human] = await connected(lab);
    await call.says('coach please leave');
    await lab.pass(2_000);
    await lab.handled();
    await call.says('Now we are alone');
    await human.hears('Now we are alone', { from: 'low' });
    call.hangUp();
    await human.ended();
    const [second, other] = await connected(lab, '+15550003');
    model.sessions.at(-1)?.lose();
    await lab.pass(2_000);
    await second.says('Are you there');
    await other.hears('Are you there', { from: 'low' });
    second.hangUp();
  });

  it('tells that somebody called whom nobody answered', async () => {
    await using lab = await open();
    lab.phone(lab.number, { whenRung: 'rejects' });
    const call = await lab.phone('+15550001').call();
    expect(await call.ended()).toMatchObject({ by: 'agent' });
    await lab.handled();
    expect(lines.join()).toContain('+15550001 called and nobody picked up.');
  });

  it.each(['ringing', 'connected', 'whispering'])('survives a caller who hangs up while %s', async (when) => {
    await using lab = await open();
    const call = await lab.phone('+15550001').call();
    const human = await lab.phone(lab.number).rung();
    if (when !== 'ringing') {
      human.answer();
      await call.says('Hello');
      await human.hears('Hello');
    }
    if (when === 'whispering') {
      await call.says('It is too expensive');
      await human.hears('Offer', { from: 'high' });
    }
    call.hangUp();
    await human.ended();
    await lab.handled();
  });

  it('answers a model that calls a wrong tool or gives wrong arguments, unheard', async () => {
    const model = scriptedModel(rules);
    await using lab = await open({ model });
    const [call, human] = await connected(lab);
    model.sessions[0]?.call('coach', {});
    model.sessions[0]?.call('note', { sentiment: 'furious', topic: '' });
    await lab.pass(3_000);
    expect(JSON.stringify(model.sessions[0]?.answers)).toMatch(/There is no tool coach.*Wrong arguments for note/s);
    expect(human.heard('high') + call.heard('high')).toBe('');
    expect(await store.of(lab.calls[0]?.callId ?? '')).toEqual([]);
    call.hangUp();
    await lab.handled();
  });

  it('advises also while its store is locked and nobody can be told', async () => {
    await using lab = await open({ webhook: 'http://127.0.0.1:9/' });
    const [call, human] = await connected(lab);
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    await call.says('It is too expensive');
    await human.hears('Offer ten percent', { from: 'high' });
    other.exec('ROLLBACK');
    other.close();
    call.hangUp();
    await human.ended();
    await lab.handled();
  });

  it('keeps two calls at once apart', async () => {
    await using lab = await open();
    const call = await lab.phone('+15550001').call();
    const human = await lab.phone(lab.number).rung();
    human.answer();
    const other = await lab.phone('+15550003').call();
    await lab.pass(1_000);
    await call.says('It is too expensive');
    await human.hears('Offer ten percent', { from: 'high' });
    expect(other.heard('high')).toBe('');
    expect(await store.of(lab.calls[1]?.callId ?? '')).toEqual([]);
    other.hangUp();
    call.hangUp();
    for (const one of lab.calls) await lab.handled(one);
  });
});
