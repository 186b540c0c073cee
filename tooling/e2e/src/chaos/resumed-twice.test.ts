import { expect, it } from 'vitest';
import { openBreakableLine } from '../breakable-line.ts';

it('a resume that breaks at any byte is told again by the next one, and what came behind it only then', async () => {
  let toldTwice = 0;
  for (let bytes = 1; bytes < 700; bytes += 20) {
    const line = await openBreakableLine({ latencyMs: 5 });
    const { clock, settled } = line.virtual;
    const { call, callee, media } = await line.ring();
    await settled(call.answer());
    const seen: string[] = [];
    call.events$.subscribe(({ type }) => seen.push(`${type}: ${call.state}`));
    const connected = call.connect();
    await settled(callee.until('ringing'));
    const first = media();
    first?.cut();
    for (let waitedMs = 0; media() === undefined && waitedMs < 1_000; waitedMs++) await clock.advance(1);
    media()?.cutAfter('toClient', bytes);
    await clock.advance(40);
    callee.answer();
    await settled(connected);
    await clock.advance(500);
    const order = seen.filter((text) => !text.endsWith('DISCONNECTED'));
    const at = order.indexOf('call.connected: CONNECTED');
    expect(order.slice(0, at), `cut after ${bytes} bytes`).toEqual(
      order.slice(0, at).map(() => 'call.resumed: ANSWERED'),
    );
    if (order.length === 3 && at === 1) toldTwice++;
    await settled(call.disconnect());
    expect(await line.close()).toBe(0);
  }
  expect(toldTwice).toBeGreaterThan(0);
});
