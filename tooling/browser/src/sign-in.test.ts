import { findChromium } from '@agentao-tooling/engines';
import { subprotocols, ticketSubprotocolPrefix } from '@agentao/protocol';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTonePage, type TonePage } from './chromium-page.ts';
import { agentNumber, type ConsoleLine, openConsoleLine } from './console-line.ts';

const { path: executablePath } = findChromium();

/** What became of a socket that a page opened: `open`, or the code it closed with, and the first message. */
interface SocketOutcome {
  readonly opened: boolean;
  readonly code?: number;
  readonly message?: string;
}

/** Opens a socket from inside the page and, once open, sends `text`. */
function openSocket(
  page: Page,
  request: { readonly url: string; readonly protocols: readonly string[]; readonly send?: string },
): Promise<SocketOutcome> {
  return page.evaluate(
    ({ url, protocols, send }) =>
      new Promise<SocketOutcome>((resolve) => {
        const socket = new WebSocket(url, [...protocols]);
        let opened = false;
        socket.addEventListener('open', () => {
          opened = true;
          if (send !== undefined) socket.send(send);
        });
        socket.addEventListener('message', ({ data }) => {
          socket.close();
          resolve({ opened, message: String(data) });
        });
        socket.addEventListener('close', ({ code }) => resolve({ opened, code }));
      }),
    request,
  );
}

/** A ticket of the page's own session. */
function takeTicket(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const response = await fetch('/session/ticket', { method: 'POST' });
    const { ticket } = (await response.json()) as { readonly ticket: string };
    return ticket;
  });
}

describe.skipIf(executablePath === undefined)('signing in from a browser', () => {
  let line: ConsoleLine;
  let browser: TonePage;

  beforeAll(async () => {
    line = await openConsoleLine();
    browser = await openTonePage({ executablePath: executablePath ?? '' });
  });

  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await line?.[Symbol.asyncDispose]();
  });

  const url = (path: string): string => `ws://127.0.0.1:${line.port}${path}`;
  const phone = (ticket: string): readonly string[] => [subprotocols.phone, ticketSubprotocolPrefix + ticket];
  const register = JSON.stringify({ type: 'register', number: '+15550001', sampleRateHz: 24_000 });

  it('takes the token out of the address and out of the history', async () => {
    await browser.page.goto(line.link());
    await browser.page.getByRole('region', { name: 'Caller' }).waitFor();
    expect(new URL(browser.page.url()).hash).toBe('');
    expect(await browser.page.evaluate(() => history.length)).toBeLessThanOrEqual(2);
  });

  it('goes on with its session when the page is loaded again, also by the used link', async () => {
    await browser.page.reload();
    await browser.page.getByRole('region', { name: 'Caller' }).waitFor();
  });

  it('lets a second browser in by no used link, and says how to get another', async () => {
    const link = line.link();
    await browser.page.goto(link);
    await browser.page.getByRole('region', { name: 'Caller' }).waitFor();
    await using other = await openTonePage({ executablePath: executablePath ?? '' });
    await other.page.goto(link);
    await other.page.getByText(/agentao console/).waitFor();
    expect(await other.page.getByRole('region', { name: 'Caller' }).count()).toBe(0);
  });

  it('opens one socket with a ticket, and none with the same ticket again', async () => {
    const ticket = await takeTicket(browser.page);
    const first = await openSocket(browser.page, { url: url('/phone'), protocols: phone(ticket), send: register });
    expect(first).toMatchObject({ opened: true, message: expect.stringContaining('registered') as string });
    const second = await openSocket(browser.page, { url: url('/phone'), protocols: phone(ticket), send: register });
    expect(second).toEqual({ opened: false, code: 1006 });
  });

  it('opens nothing for a page of another origin, not even with a good ticket', async () => {
    const server = createServer((_, response) => {
      response.setHeader('content-type', 'text/html').end('<title>another site</title>');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('the server has no port');
      const ticket = await takeTicket(browser.page);
      const foreign = await browser.context.newPage();
      await foreign.goto(`http://127.0.0.1:${address.port}/`);
      const outcome = await openSocket(foreign, { url: url('/phone'), protocols: phone(ticket), send: register });
      expect(outcome).toEqual({ opened: false, code: 1006 });
      // A page of another origin may not read what the switch answers; the browser knows it.
      const network = await browser.context.newCDPSession(foreign);
      const statuses: number[] = [];
      const cookies: string[] = [];
      network.on('Network.responseReceivedExtraInfo', ({ statusCode }) => statuses.push(statusCode));
      network.on('Network.requestWillBeSentExtraInfo', ({ associatedCookies }) =>
        cookies.push(...associatedCookies.filter((it) => it.blockedReasons.length === 0).map((it) => it.cookie.name)),
      );
      await network.send('Network.enable');
      const asked = await foreign.evaluate(
        (target) =>
          fetch(target, { method: 'POST', credentials: 'include', mode: 'cors' }).then(
            () => 'read',
            () => 'kept from the page',
          ),
        `http://127.0.0.1:${line.port}/session/ticket`,
      );
      expect(asked).toBe('kept from the page');
      // The session itself comes along: a port is no other site.
      await expect.poll(() => cookies).toHaveLength(1);
      await expect.poll(() => statuses).toEqual([403]);
      await foreign.close();
    } finally {
      server.close();
    }
  });

  it('gives a viewer the calls and no phone', async () => {
    await using viewer = await openTonePage({ executablePath: executablePath ?? '' });
    await viewer.page.goto(line.link('viewer'));
    await viewer.page
      .getByRole('table', { name: 'Calls' })
      .or(viewer.page.getByText(/no calls/i))
      .first()
      .waitFor();
    expect(await viewer.page.getByRole('button', { name: 'Plug in' }).count()).toBe(0);
    const dial = await openSocket(viewer.page, {
      url: url('/phone'),
      protocols: phone(await takeTicket(viewer.page)),
      send: register,
    });
    expect(dial).toEqual({ opened: false, code: 1006 });
    const watch = await openSocket(viewer.page, {
      url: url('/monitor'),
      protocols: [subprotocols.monitor, ticketSubprotocolPrefix + (await takeTicket(viewer.page))],
    });
    expect(watch).toMatchObject({ opened: true, message: expect.stringContaining('snapshot') as string });
  });

  it('lets nobody dial on a switch that is not in dev mode', async () => {
    await using strict = await openConsoleLine({ dev: false });
    await using page = await openTonePage({ executablePath: executablePath ?? '' });
    await page.page.goto(strict.link());
    await page.page.getByRole('region', { name: 'Caller' }).waitFor();
    const outcome = await page.page.evaluate(
      ({ target, protocols, messages }) =>
        new Promise<string>((resolve) => {
          const socket = new WebSocket(target, [...protocols]);
          socket.addEventListener('open', () => {
            for (const message of messages) socket.send(message);
          });
          socket.addEventListener('message', ({ data }) => {
            const { type, code } = JSON.parse(String(data)) as { readonly type: string; readonly code?: string };
            if (type === 'error' || type === 'dialing') resolve(code ?? type);
          });
        }),
      {
        target: `ws://127.0.0.1:${strict.port}/phone`,
        protocols: phone(await takeTicket(page.page)),
        messages: [register.replace('+15550001', agentNumber), JSON.stringify({ type: 'dial', to: agentNumber })],
      },
    );
    expect(outcome).toBe('FORBIDDEN');
    expect(strict.callSwitch.calls).toHaveLength(0);
  });

  it('closes everything when the person signs out', async () => {
    await browser.page.goto(line.link());
    await browser.page.getByRole('button', { name: 'Sign out' }).click();
    await browser.page
      .getByText(/signed out/i)
      .first()
      .waitFor();
    await browser.page.reload();
    await browser.page
      .getByText(/agentao console/)
      .first()
      .waitFor();
    expect(await browser.page.getByRole('region', { name: 'Caller' }).count()).toBe(0);
  });
});
