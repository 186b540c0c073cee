import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSystemClock } from '@agentao/clock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTerminal } from '../output/terminal.ts';
import { writeDevFile } from '../sandbox/dev-file.ts';
import { printConsoleLink } from './console-link.ts';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'agentao-console-'));
});
afterEach(() => rm(cwd, { recursive: true }));

interface Reply {
  readonly status: number;
  readonly body?: object;
}

/** Runs the command where a switch gives these replies, by method and path; returns what it printed and what was asked. */
async function consoleAt(
  replies: Readonly<Record<string, Reply>>,
  options = { viewer: false, json: false },
): Promise<{ readonly out: string; readonly asked: readonly string[] }> {
  const asked: string[] = [];
  const server = createServer(({ method, url, headers }, response) => {
    const question = `${method} ${url}`;
    asked.push([question, ...(headers.authorization === undefined ? [] : [headers.authorization])].join(' '));
    const { status, body } = replies[question] ?? { status: 200 };
    response.writeHead(status).end(body === undefined ? undefined : JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const entry = { url: `ws://127.0.0.1:${port}`, operatorToken: 'op_x', number: '+15559999', pid: process.pid };
  await writeDevFile(cwd, entry);
  let out = '';
  const write = (text: string): void => {
    out += text;
  };
  const connect = (): Promise<never> => Promise.reject(new Error('no socket in this test'));
  const terminal = createTerminal({ out: { write }, err: { write } }, {});
  try {
    await printConsoleLink({ clock: createSystemClock(globalThis), connect, fetch, terminal, cwd }, options);
    return { out: out.replaceAll(String(port), 'PORT'), asked };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const given = { status: 201, body: { token: 'si_y', role: 'operator', expiresInMs: 600_000 } };

it('asks the switch of this folder for a link with the token of its file, and says what it is good for', async () => {
  const { out, asked } = await consoleAt({ 'POST /sign-in?role=operator': given });
  expect(out).toBe(
    '  http://127.0.0.1:PORT/#sign-in=si_y\n  It signs one browser in to watch and to make calls, within 10 minutes.\n',
  );
  expect(asked).toEqual(['HEAD /', 'POST /sign-in?role=operator Bearer op_x']);
});

it('asks for a viewer, and prints one line for programs', async () => {
  const { out } = await consoleAt({ 'POST /sign-in?role=viewer': given }, { viewer: true, json: true });
  expect(JSON.parse(out)).toEqual({
    url: expect.stringMatching(/#sign-in=si_y$/) as string,
    role: 'viewer',
    expiresInMs: 600_000,
  });
});

describe('it says in one line', () => {
  it('that the page is missing, or that the switch knows the token of the file no longer', async () => {
    await expect(consoleAt({ 'HEAD /': { status: 404 } })).rejects.toThrow(
      /^The switch at ws:\S+ has no console: its page has not been built\.$/,
    );
    await expect(consoleAt({ 'POST /sign-in?role=operator': { status: 401 } })).rejects.toThrow(
      /^The switch at ws:\S+ gives no link \(HTTP 401\)\. Is it the one of this folder\?$/,
    );
  });

  it('that nobody answers', async () => {
    await writeDevFile(cwd, { url: 'ws://127.0.0.1:1', operatorToken: 'op_x', number: '1', pid: process.pid });
    const context = { clock: createSystemClock(globalThis), connect: () => Promise.reject(new Error('unused')), fetch };
    const terminal = createTerminal({ out: { write: () => true }, err: { write: () => true } }, {});
    await expect(printConsoleLink({ ...context, terminal, cwd }, { viewer: false, json: false })).rejects.toThrow(
      'The switch at ws://127.0.0.1:1 does not answer.',
    );
  });
});
