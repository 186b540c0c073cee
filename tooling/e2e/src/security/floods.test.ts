import { describe, expect, it } from 'vitest';
import { type AttackedSwitch, openAttackedSwitch } from './attacked-switch.ts';
import {
  closeCodeOf,
  eventually,
  frame,
  opcodes,
  openRawLine,
  pushInto,
  type RawLine,
  upgradeText,
} from './raw-line.ts';

// Whoever floods a socket has a credential; what it is to take from everybody else is next to nothing.

/** More than all buffers between two ends on one machine hold. */
const mostBytes = 64_000_000;

/** Opens a control connection on a switch that waits for a goodbye's answer as long as it takes. */
async function openControl(attacked: AttackedSwitch, lines: readonly string[] = []): Promise<RawLine> {
  const line = await openRawLine(attacked.port);
  line.write(upgradeText({ lines: ['Host: 127.0.0.1', `Authorization: Bearer ${attacked.key.key}`, ...lines] }));
  await line.gets(/^HTTP\/1\.1 101 [^]*\r\n\r\n/);
  return line;
}

const patient = { listen: { closeTimeoutMs: 120_000 } };

describe('a flood', () => {
  it('of messages is closed with 4429, and read no further although the peer never answers that', async () => {
    await using attacked = await openAttackedSwitch(patient);
    const line = await openControl(attacked);
    const chunk = Buffer.concat(Array.from({ length: 500 }, () => frame(opcodes.text, '{"type":"what"}'.padEnd(125))));
    expect(await pushInto(line, chunk, mostBytes)).toBeLessThan(mostBytes);
    expect(closeCodeOf(line.received)).toBe(4429);
    line.tcp.destroy();
  });

  it.each(['ping', 'pong'] as const)(
    'of %ss, which are no messages, is closed with 4429 and read no further',
    async (name) => {
      await using attacked = await openAttackedSwitch(patient);
      const line = await openControl(attacked);
      for (let batch = 0; batch < 4; batch++) {
        const before = line.received.length;
        line.write(Buffer.concat(Array.from({ length: 50 }, () => frame(opcodes[name], 'x'))));
        // The answers to pings are read, so that it is their number alone that counts.
        const awaited = name === 'ping' ? 150 : 0;
        await eventually(
          () => line.received.length >= before + awaited || closeCodeOf(line.received) !== undefined,
          'no answer',
        );
      }
      await eventually(() => closeCodeOf(line.received) === 4429, 'not closed');
      const chunk = Buffer.concat(Array.from({ length: 500 }, () => frame(opcodes[name], 'x'.repeat(125))));
      expect(await pushInto(line, chunk, mostBytes)).toBeLessThan(mostBytes);
      line.tcp.destroy();
    },
  );

  it('of pings whose answers nobody reads leaves none of them waiting in memory', async () => {
    await using attacked = await openAttackedSwitch();
    const line = await openControl(attacked);
    line.tcp.pause();
    const chunk = Buffer.concat(Array.from({ length: 5_000 }, () => frame(opcodes.ping, 'x'.repeat(125))));
    await pushInto(line, chunk, mostBytes);
    await eventually(() => attacked.server.socketCount === 0, 'the socket is kept');
    line.tcp.destroy();
  });

  it('of fragments that never become a message is ended, also where they are empty', async () => {
    await using attacked = await openAttackedSwitch();
    const empty = await openControl(attacked);
    empty.write(frame(opcodes.firstText));
    empty.write(Buffer.concat(Array.from({ length: 20_000 }, () => frame(opcodes.more))));
    await eventually(() => closeCodeOf(empty.received) === 1008, 'not closed for its empty fragments');
    const full = await openControl(attacked);
    full.write(frame(opcodes.firstText, 'x'));
    full.write(Buffer.concat(Array.from({ length: 2_000 }, () => frame(opcodes.more, 'x'.repeat(125)))));
    await eventually(() => closeCodeOf(full.received) === 1009, 'not closed for its size');
  });

  it('of headers, a megabyte of them, is answered before it is all there', async () => {
    await using attacked = await openAttackedSwitch();
    for (const text of [
      `X-Long: ${'x'.repeat(1_000_000)}`,
      'X-Many: x\r\n'.repeat(100_000),
      `Cookie: ${'a=b; '.repeat(200_000)}`,
    ]) {
      const line = await openRawLine(attacked.port);
      line.write(`GET /session HTTP/1.1\r\nHost: 127.0.0.1\r\n${text}`);
      await line.hungUp();
      expect(line.received).toMatch(/^(HTTP\/1\.1 431 |$)/);
    }
    const path = await openRawLine(attacked.port);
    path.write(`GET /${'x'.repeat(1_000_000)}`);
    await path.hungUp();
    expect(path.received).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
  });
});

describe('compression', () => {
  it.each([
    'permessage-deflate',
    'permessage-deflate; client_max_window_bits; server_no_context_takeover',
    'x-webkit-deflate-frame',
  ])('is not agreed to, however it is offered: %s', async (offer) => {
    await using attacked = await openAttackedSwitch();
    const line = await openControl(attacked, [`Sec-WebSocket-Extensions: ${offer}`]);
    expect(line.received).not.toMatch(/sec-websocket-extensions/i);
    line.tcp.destroy();
  });

  it('in a frame all the same closes with 1002: nothing is inflated', async () => {
    await using attacked = await openAttackedSwitch();
    const line = await openControl(attacked, ['Sec-WebSocket-Extensions: permessage-deflate']);
    // A deflated run of zeros, with the bit that says so.
    line.write(frame(opcodes.text | 0x40, Buffer.from('62601805a360140c00000000ffff', 'hex')));
    await eventually(() => closeCodeOf(line.received) === 1002, 'not closed');
  });
});
