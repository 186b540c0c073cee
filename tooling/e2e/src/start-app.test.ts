import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { decodeWav, levelDb } from '@agentao/audio';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runAgentao } from './agentao-command.ts';

const gemini = new URL('../../../apps/gemini/', import.meta.url);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentao-start-app-'));
});
afterAll(() => rm(folder, { recursive: true }));

it('runs an app with a local model, and tells the turns and tools of a call to it', async () => {
  const app = join(folder, 'apps', 'short');
  await mkdir(join(app, 'src'), { recursive: true });
  await writeFile(
    join(app, 'src', 'main.ts'),
    `import '${pathToFileURL(new URL('src/main.ts', gemini).pathname).href}';\n`,
  );
  const rules = JSON.parse(await readFile(new URL('model.json', gemini), 'utf8')) as object;
  const demo = ['When do you open', 'Goodbye'];
  await writeFile(join(app, 'model.json'), JSON.stringify({ ...rules, demo }));
  const env = { GEMINI_API_KEY: '', GOOGLE_API_KEY: '' };
  const { out, err, exitCode } = await runAgentao(['start', 'short', '--once', '--port', '0'], folder, env).outcome;
  const result = JSON.parse(out.trimEnd().split('\n').at(-1) ?? '') as object;
  expect(result, out).toMatchObject({ name: 'start short', pass: true, failed: [], figures: { turns: 3, tools: 2 } });
  expect([exitCode, err]).toEqual([0, '']);
  expect(out).toContain('No GEMINI_API_KEY: a local model speaks by the rules of apps/short/model.json');
  const steps = [...out.matchAll(/^(?:✓| ) +[\d.]+ s {2}(\w+) +(.+?)(?: {2,}.*)?$/gm)].map(
    ([, who, what]) => `${who} ${what}`,
  );
  expect(steps).toEqual([
    'caller dials +15559999',
    'caller is answered',
    'agent Hello, this is the bicycle workshop. How',
    'caller When do you open',
    'agent uses opening_hours',
    'agent Today we are open from nine to five.',
    'caller Goodbye',
    'agent uses end_call',
    'agent Goodbye, and mind the potholes!',
    'caller is told that the call is over',
  ]);
  const heard = decodeWav(await readFile(join(folder, '.agentao', 'last-call', 'caller-ear.wav')));
  expect(heard.samples.length).toBeGreaterThan(0);
  expect(levelDb(heard.samples)).toBeGreaterThan(-50);
});
