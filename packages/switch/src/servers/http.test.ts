import { describe, expect, it } from 'vitest';
import { createTestSwitch } from './test-switch.ts';

describe('HTTP', () => {
  const body = (reply: { body: string | Uint8Array } | undefined): unknown => JSON.parse(String(reply?.body));

  it('tells that the process lives, and whether it takes calls', async () => {
    const { network, sw } = createTestSwitch();
    expect(network.request('http://switch.memory/healthz')).toMatchObject({ status: 200 });
    expect(network.request('http://switch.memory/readyz')).toMatchObject({ status: 200 });
    await sw.drain({ timeoutMs: 0 });
    expect(network.request('http://switch.memory/healthz')).toMatchObject({ status: 200 });
    const reply = network.request('http://switch.memory/readyz');
    expect(reply).toMatchObject({ status: 503 });
    expect(body(reply)).toMatchObject({ code: 'SHUTTING_DOWN' });
  });

  it('serves what it was handed under its exact path, to GET and HEAD only', () => {
    const page = { status: 200, headers: { 'content-type': 'text/html' }, body: '<p>hi' };
    const { network } = createTestSwitch({ staticRoutes: new Map([['/', page]]) });
    expect(network.request('http://switch.memory/')).toEqual(page);
    expect(network.request('http://switch.memory/', { method: 'POST' })).toMatchObject({ status: 405 });
    expect(network.request('http://switch.memory/other')).toMatchObject({ status: 404 });
  });
});
