import { afterEach, beforeEach, expect, it } from 'vitest';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findApp, isAppName } from './find-app.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentao-apps-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function writeApp(name: string, rules: string): Promise<void> {
  await mkdir(join(folder, 'apps', name, 'src'), { recursive: true });
  await writeFile(join(folder, 'apps', name, 'src', 'main.ts'), '');
  await writeFile(join(folder, 'apps', name, 'model.json'), rules);
}

it('tells the name of an app from a file', () => {
  expect(['gemini', 'after-hours-voicemail', './gemini', 'gemini.ts', 'apps/gemini', ''].map(isAppName)).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});

it('finds an app with its rules', async () => {
  await writeApp('shop', '{ "demo": ["hello"], "rules": [{ "say": "hi" }] }');
  expect(await findApp(folder, 'shop')).toEqual({
    name: 'shop',
    agentFile: join('apps', 'shop', 'src', 'main.ts'),
    rulesFile: join('apps', 'shop', 'model.json'),
    rules: { demo: ['hello'], rules: [{ say: 'hi' }] },
  });
});

it('lists the apps there are', async () => {
  await expect(findApp(folder, 'shop')).rejects.toThrow(/^There is no app shop\. There is no folder apps\//);
  await writeApp('shop', '{ "rules": [] }');
  await writeApp('desk', '{ "rules": [] }');
  await mkdir(join(folder, 'apps', 'quickstart'));
  await expect(findApp(folder, 'shops')).rejects.toThrow('There is no app shops. There are: desk, shop.');
});

it('names the file that an app lacks', async () => {
  await writeApp('shop', '{ "rules": [] }');
  await rm(join(folder, 'apps', 'shop', 'model.json'));
  await expect(findApp(folder, 'shop')).rejects.toThrow('The app shop has no apps/shop/model.json.');
});

it('says what is wrong with the rules, and where', async () => {
  await writeApp('shop', '{ "rules": [');
  await expect(findApp(folder, 'shop')).rejects.toThrow(/^apps\/shop\/model\.json is no JSON: /);
  await writeApp('shop', '{ "rules": [{ "hear": "x" }] }');
  await expect(findApp(folder, 'shop')).rejects.toThrow(/apps\/shop\/model\.json.*hear/s);
});
