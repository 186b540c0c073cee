import { createAuthority } from '@agentao-tooling/certs';
import { encode, paths, subprotocols } from '@agentao/protocol';
import { beforeAll, describe, expect, it } from 'vitest';
import { openAttackedSwitch } from './attacked-switch.ts';
import { closeCodeOf, drip, eventually, frame, opcodes, openRawLine, upgradeText } from './raw-line.ts';

// Somebody who has all the time in the world keeps a place that others need.

const handshakeTimeoutMs = 400;
/** Drips for half a minute. */
const long = 1_500;
const fill = 'x'.repeat(long);
let tls: { readonly cert: string; readonly key: string };

beforeAll(async () => {
  const authority = await createAuthority();
  const identity = await authority.issue({ commonName: 'localhost', role: 'server' });
  tls = { cert: identity.certificatePem, key: identity.keyPem };
});

describe.concurrent('a stranger who drips a byte every 20 ms is put out within the handshake time', () => {
  it.each([
    ['a request line', '', `GET /${fill}`],
    ['headers', '', `GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ${fill}`],
    ['an upgrade', '', upgradeText({ lines: ['Host: x', `X-Slow: ${fill}`] })],
    ['an upgrade, all but its last byte at once', upgradeText({}).slice(0, -1), ''],
    [
      'a second request on a connection that had a good one',
      'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n',
      `GET /${fill}`,
    ],
    ['a body', `POST /session HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000000\r\n\r\n`, fill],
    [
      'a body in chunks',
      `POST /session HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n`,
      '1\r\nx\r\n'.repeat(300),
    ],
    ['nothing', '', ''],
  ])('as %s', async (_, atOnce, slowly) => {
    await using attacked = await openAttackedSwitch({ listen: { handshakeTimeoutMs } });
    const line = await openRawLine(attacked.port);
    line.write(atOnce);
    await drip(line, slowly);
    await line.hungUp();
    expect(line.tcp.bytesWritten).toBeLessThan(atOnce.length + long);
    expect(line.received).not.toMatch(/^HTTP\/1\.1 101/);
  });

  it('as a TLS greeting, and as a request inside TLS', async () => {
    await using attacked = await openAttackedSwitch({ listen: { handshakeTimeoutMs, tls } });
    // The header of a record that says that a long greeting follows.
    const greeting = Buffer.concat([Buffer.from('160301ffff010000fffb0303', 'hex'), Buffer.alloc(long)]);
    const outside = await openRawLine(attacked.port);
    const inside = await openRawLine(attacked.port, { tls: true });
    await Promise.all([drip(outside, greeting), drip(inside, `GET /${fill}`)]);
    await Promise.all([outside.hungUp(), inside.hungUp()]);
    expect(outside.tcp.bytesWritten).toBeLessThan(long);
  });
});

describe.concurrent('somebody with a credential who then takes their time', () => {
  it('over the first message is closed with 4408, however much of it has come', async () => {
    await using attacked = await openAttackedSwitch();
    const line = await openRawLine(attacked.port);
    line.write(upgradeText({ lines: ['Host: x', `Authorization: Bearer ${attacked.key.key}`] }));
    await line.gets(/^HTTP\/1\.1 101 /);
    // A text of 60,000 bytes begins.
    await drip(
      line,
      Buffer.concat([Buffer.from([opcodes.text, 0xfe, 0xea, 0x60, 0, 0, 0, 0]), Buffer.alloc(long, 32)]),
    );
    await line.hungUp();
    expect(closeCodeOf(line.received)).toBe(4408);
  });

  it('over a message is no living phone: the bytes of half a message are no sign of life', async () => {
    await using attacked = await openAttackedSwitch();
    const line = await openRawLine(attacked.port);
    const lines = ['Host: x', `Authorization: Bearer ${attacked.operator.token}`];
    line.write(upgradeText({ path: paths.phone, subprotocol: subprotocols.phone, lines }));
    await line.gets(/^HTTP\/1\.1 101 /);
    line.write(frame(opcodes.text, encode({ type: 'register', number: '+15550001', sampleRateHz: 8_000 })));
    await eventually(() => line.received.includes('"registered"'), 'not registered');
    await drip(
      line,
      Buffer.concat([Buffer.from([opcodes.text, 0xfe, 0xea, 0x60, 0, 0, 0, 0]), Buffer.alloc(long, 32)]),
    );
    await line.hungUp();
    expect(closeCodeOf(line.received)).toBe(4504);
  });
});
