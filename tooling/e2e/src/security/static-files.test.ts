import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConsoleFiles } from '@agentao/console';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AttackedSwitch, openAttackedSwitch } from './attacked-switch.ts';
import { openRawLine } from './raw-line.ts';

// Files are read once, at the start, into a table; a request is looked up there as it is, letter by letter. So no path leads anywhere else.

const secret = 'nobody is to read this';
let folder: string;
let attacked: AttackedSwitch;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'agentao-static-'));
  const page = join(folder, 'page');
  mkdirSync(join(page, 'assets'), { recursive: true });
  mkdirSync(join(folder, 'outside'));
  writeFileSync(join(folder, 'outside', 'secret.js'), secret);
  writeFileSync(join(folder, 'secret.js'), secret);
  writeFileSync(join(page, 'index.html'), '<title>page</title>');
  writeFileSync(join(page, 'assets', 'main.js'), 'good');
  writeFileSync(join(page, 'server.key'), secret);
  writeFileSync(join(page, '.env'), secret);
  symlinkSync(join(folder, 'secret.js'), join(page, 'link.js'));
  symlinkSync(join(folder, 'outside'), join(page, 'assets', 'away'));
  attacked = await openAttackedSwitch({ made: { staticRoutes: await readConsoleFiles({ folder: page }) } });
  // What comes into the folder later is not served either.
  writeFileSync(join(page, 'later.js'), secret);
});

afterAll(async () => {
  await attacked[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

async function ask(target: string, method = 'GET'): Promise<string> {
  const line = await openRawLine(attacked.port);
  line.write(Buffer.from(`${method} ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`, 'latin1'));
  await line.hungUp();
  return line.received;
}

const encodings = [
  '..',
  '%2e%2e',
  '%2E%2E',
  '.%2e',
  '%252e%252e',
  '%c0%ae%c0%ae',
  '%uff0e%uff0e',
  '..;',
  '....',
  '.. ',
  '..%00',
  '..\\',
];
const slashes = ['/', '//', '\\', '%2f', '%5c', '%252f', '%c0%af', '/./', '/;/'];
const climbs = encodings.flatMap((up) =>
  slashes.flatMap((slash) => [
    `/${up}${slash}secret.js`,
    `/assets${slash}${up}${slash}${up}${slash}secret.js`,
    `/assets/${up}${slash}..${slash}secret.js`,
  ]),
);

describe('a path', () => {
  it('of the table is served, and says of itself what it is', async () => {
    expect(await ask('/')).toContain('<title>page</title>');
    const script = await ask('/assets/main.js');
    expect(script).toMatch(/^HTTP\/1\.1 200 [^]*good$/);
    expect(script).toMatch(/x-content-type-options: nosniff/i);
  });

  it('that climbs out of the folder, in whatever notation, leads nowhere', async () => {
    expect(climbs.length).toBeGreaterThan(300);
    for (const target of climbs) {
      const answer = await ask(target);
      expect([target, answer.slice(9, 12)]).toEqual([target, expect.stringMatching(/^(404|400)$/)]);
      expect(answer).not.toContain(secret);
    }
  });

  it.each([
    '/assets/../assets/main.js',
    '/./assets/main.js',
    '/assets//main.js',
    '//assets/main.js',
    '/assets%2fmain.js',
    '/assets\\main.js',
    '/%61ssets/main.js',
    '/ASSETS/main.js',
    '/assets/MAIN.JS',
    '/assets/main.js/',
    '/assets/main.js.',
    '/assets/main.js%20',
    '/assets/main.js%00',
    '/assets/main.js%00.html',
    '/assets/main.js;x',
    '/assets/main.js::$DATA',
    '/assets/main~1.js',
    '/assets/',
    '/assets',
    '/index.html',
    'assets/main.js',
    'http://127.0.0.1/assets/main.js',
    'http://evil.example/assets/main.js',
    'file:///etc/passwd',
    '/etc/passwd',
    '/C:/secret.js',
    '/__proto__',
    '/constructor',
    '/toString',
    '/assets/main.js\x00',
    '/link.js',
    '/assets/away/secret.js',
    '/later.js',
    '/server.key',
    '/.env',
  ])('that is not the table’s to the letter is nowhere: %j', async (target) => {
    const answer = await ask(target);
    expect(answer.slice(9, 12)).toMatch(/^(404|400)$/);
    expect(answer).not.toContain(secret);
    expect(answer).not.toContain('good');
  });

  it('of any kind gives a file only where it is one of the table’s', async () => {
    const piece = fc.constantFrom(
      '/',
      '..',
      '.',
      '%2e',
      '%2f',
      '\\',
      'assets',
      'main.js',
      'secret.js',
      'away',
      'link.js',
      '%00',
      '~',
      ';',
      'page',
    );
    const target = fc.array(piece, { minLength: 1, maxLength: 8 }).map((pieces) => `/${pieces.join('')}`);
    await fc.assert(
      fc.asyncProperty(target, async (path) => {
        const answer = await ask(path);
        expect(answer).not.toContain(secret);
        expect(answer.includes('good')).toBe(path === '/assets/main.js');
      }),
      { numRuns: 300 },
    );
  });

  it('with a query is that of the path in front of it, and the query opens nothing', async () => {
    expect(await ask('/assets/main.js?../../secret.js')).toContain('good');
    expect((await ask('/?/assets/main.js')).includes('good')).toBe(false);
  });

  it.each(['PUT', 'POST', 'DELETE', 'PATCH', 'TRACE', 'OPTIONS', 'CONNECT'])(
    'is not written to, nor echoed: %s',
    async (method) => {
      const answer = await ask('/assets/main.js', method);
      expect(answer).toMatch(/^(HTTP\/1\.1 (405|400|404) |$)/);
    },
  );
});
