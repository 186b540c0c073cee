import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { findLeaks } from './find-leaks.ts';
import { createSaid } from './said.ts';
import { createSecrets } from './secrets.ts';

const root = fileURLToPath(new URL('./planted', import.meta.url));
const vitest = fileURLToPath(new URL('../../../../node_modules/vitest/vitest.mjs', import.meta.url));

/** Runs one of the planted files as a test run of its own. */
async function run(file: string): Promise<{ readonly exitCode: number; readonly out: string }> {
  const { VITEST: _, ...inherited }: NodeJS.ProcessEnv = process.env;
  const env = { ...inherited, NO_COLOR: '1' };
  const args = [vitest, 'run', '--root', root, file];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (out += String(data)));
  const [exitCode] = (await once(child, 'close')) as [number];
  return { exitCode, out };
}

describe('a test run', () => {
  it('fails with a line for each secret that was written to a log or a span, and shows none of them', async () => {
    const { exitCode, out } = await run('leaks.planted.ts');
    const found = [...out.matchAll(/secret written: (.*)/g)].map((match) => match[1]);
    const expected = [
      'token or key pla… (15 characters) in authorization of the info line of @agentao/calls "connecting"',
      'token or key pla… (23 characters) in err of the error line of @agentao/calls "refused"',
      'token or key mt_… (22 characters) in planted.url of the span planted',
      'token or key pla… (22 characters) in message of the warn line of another process',
      'private key or certificate in pem of the info line of @agentao/calls "certificate read"',
      'phone number *77 (8 characters) in message of the warn line of @agentao/calls "call of *77 offered"',
      'phone number *88 (9 characters) in to of the span planted',
      'digits * (2 characters) in typed of the debug line of @agentao/calls "a message"',
      'digits * (5 characters) in message of the debug line of @agentao/calls "the pin * was typed"',
      'a name for digits in digit of the span planted',
      'text of a call pla… (15 characters) in status of the span planted',
      'text of a call a p… (20 characters) in text of the info line of @agentao/calls "turn"',
    ];
    for (const line of expected)
      expect(found, out).toContain(`${line}; tooling/e2e/src/redaction/planted/leaks.planted.ts`);
    expect(exitCode).not.toBe(0);
    expect(out).toMatch(/Tests\s+8 passed/);
    for (const line of found) expect(line).not.toMatch(/planted-|15557777|15558888|90210|planted (peanuts|transcript)/);
  });

  it('passes where the same secrets are used and not written', async () => {
    const { exitCode, out } = await run('clean.planted.ts');
    expect(exitCode, out).toBe(0);
  });
});

interface Project {
  readonly root: string;
  readonly test: { readonly setupFiles?: readonly string[] };
}

it('is searched wherever the tests of a package have calls', async () => {
  const repository = fileURLToPath(new URL('../../../../', import.meta.url));
  const haveCalls = globSync('{packages,apps,tooling}/*/package.json', { cwd: repository }).flatMap((file) => {
    const folder = file.replace('/package.json', '');
    const manifest = readFileSync(`${repository}${file}`, 'utf8');
    const tests = globSync('src/**/*.test.ts', { cwd: `${repository}${folder}` });
    return /"@agentao\/(calls|switch)"/.test(manifest) && tests.length > 0 ? [folder] : [];
  });
  const config = new URL('../../../../vitest.config.ts', import.meta.url).href;
  const { default: root } = (await import(config)) as { default: { test: { projects: readonly Project[] } } };
  const isSearched = ({ test }: Project): boolean =>
    test.setupFiles?.some((file) => file.endsWith('redaction/setup.ts')) === true;
  const searched = root.test.projects.filter(isSearched).map((project) => project.root);
  expect(haveCalls).toContain('tooling/browser');
  expect(searched).toEqual(expect.arrayContaining(haveCalls));
});

it('finds a secret wherever in a text it stands, and no digits that are part of something else', () => {
  const secrets = createSecrets();
  const said = createSaid();
  secrets.token('rt_0123456789abcdefghij');
  secrets.digits('4711');
  said.add('line', 'glued', 'xx0123456789abcdefghijyy');
  said.add('line', 'callId', 'call_4711');
  expect(findLeaks(secrets.all, said)).toEqual(['token or key 012… (20 characters) in glued of the line']);
});
