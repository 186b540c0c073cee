import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readConsoleFiles } from '@agentao/console';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { quickstart, runAgentao, type RunningCommand } from './agentao-command.ts';

const link = /^ {2}Console: (http:\/\/127\.0\.0\.1:\d+)\/#sign-in=(\S+)$/m;
const policy =
  "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/** Of all scripts together; a development build of React alone is beyond it. */
const scriptBytes = 400_000;
const rootFolder = fileURLToPath(new URL('../../../', import.meta.url));
let folder: string;
let dev: RunningCommand;
let origin: string;
let token: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentao-console-'));
  dev = runAgentao(['dev', '--port', '0'], folder);
  [, origin = '', token = ''] = await dev.said(link);
});
afterAll(async () => {
  dev.kill('SIGTERM');
  await dev.outcome;
  await rm(folder, { recursive: true });
});

async function signIn(signInToken: string): Promise<{ readonly status: number; readonly role?: string }> {
  const headers = { authorization: `Bearer ${signInToken}` };
  const reply = await fetch(`${origin}/session`, { method: 'POST', headers });
  return { status: reply.status, ...((await reply.json()) as object) };
}

it('serves the page and all that belongs to it under its content security policy', async () => {
  const files = await readConsoleFiles();
  expect(files.size).toBeGreaterThan(3);
  for (const [path, { body }] of files) {
    const reply = await fetch(origin + path);
    expect(reply.status, path).toBe(200);
    expect(reply.headers.get('content-security-policy'), path).toBe(policy);
    expect(reply.headers.get('cache-control'), path).toBe(
      path === '/' ? 'no-cache' : 'public, max-age=31536000, immutable',
    );
    // The page names the command as it is typed here; nothing else of it differs.
    const neutral = (bytes: Uint8Array): string =>
      Buffer.from(bytes)
        .toString('latin1')
        .replace(/("agentao-command" content=")[^"]+/, '$1');
    expect(neutral(new Uint8Array(await reply.arrayBuffer())) === neutral(body), path).toBe(true);
  }
  const page = await (await fetch(`${origin}/`)).text();
  expect(page).toContain('<div id="root">');
  for (const [, path = ''] of page.matchAll(/(?:src|href)="([^"]+)"/g)) expect([...files.keys()]).toContain(path);
});

it('is built for production, though a test runner has it built: small, and without a path of the machine', async () => {
  let bytes = 0;
  for (const [path, { body }] of await readConsoleFiles()) {
    if (path.endsWith('.js')) bytes += body.length;
    expect(Buffer.from(body).includes(rootFolder.slice(0, -1)), path).toBe(false);
  }
  expect(bytes).toBeGreaterThan(100_000);
  expect(bytes).toBeLessThan(scriptBytes);
});

it('prints a link that signs one browser in, once', async () => {
  expect(await signIn(token)).toMatchObject({ status: 201, role: 'operator' });
  expect(await signIn(token)).toMatchObject({ status: 401 });
});

it('gives further links, for viewers too, by the command in the same folder', async () => {
  for (const [flags, role] of [
    [[], 'operator'],
    [['--viewer'], 'viewer'],
  ] as const) {
    const { out, err, exitCode } = await runAgentao(['console', '--json', ...flags], folder).outcome;
    expect({ err, exitCode }).toEqual({ err: '', exitCode: 0 });
    const { url } = JSON.parse(out) as { readonly url: string };
    const [address, fragment = ''] = url.split('#sign-in=');
    expect(address).toBe(`${origin}/`);
    expect(await signIn(fragment)).toMatchObject({ status: 201, role });
    expect(await signIn(fragment)).toMatchObject({ status: 401 });
  }
});

it('writes the token nowhere but in that line', async () => {
  expect(await readFile(join(folder, '.agentao', 'dev.json'), 'utf8')).not.toContain(token);
  dev.kill('SIGTERM');
  const { out, err, exitCode } = await dev.outcome;
  expect({ err, exitCode }).toEqual({ err: '', exitCode: 0 });
  expect(out.split(token)).toHaveLength(2);
});

it('says no more where the switch has stopped', async () => {
  const { out, err, exitCode } = await runAgentao(['console'], folder).outcome;
  expect({ out, exitCode }).toEqual({ out: '', exitCode: 1 });
  expect(err).toMatch(/^No switch runs here\. Start one in this folder first: .*agentao dev <agent-file>\n$/);
});

it('is there as soon as start has its agent, so that the first call can be watched', async () => {
  const start = runAgentao(['start', quickstart, '--port', '0'], folder);
  await start.said(link);
  start.kill('SIGTERM');
  await start.outcome;
});
