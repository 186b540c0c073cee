import { describe, expect, it } from 'vitest';
import { closeCodes, errorCodes, limits, refusalStatuses } from './index.ts';

describe('the close-code table', () => {
  const entries = Object.values(closeCodes);

  it('gives each code once', () => {
    expect(new Set(entries.map(({ code }) => code)).size).toBe(entries.length);
  });

  it('holds codes that may be sent, or that a WebSocket library sends by itself', () => {
    for (const { code } of entries)
      expect([1000, 1001, 1002, 1007, 1009, 1011].includes(code) || (code >= 4000 && code <= 4999)).toBe(true);
  });

  it('has reasons that fit into a close frame', () => {
    for (const { reason } of entries) expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
  });
});

it('every refusal is an error of the table with an HTTP error status', () => {
  for (const [code, status] of Object.entries(refusalStatuses)) {
    expect(errorCodes).toHaveProperty(code);
    expect(status).toBeGreaterThanOrEqual(400);
  }
});

describe('the limits', () => {
  it('let a context of full size through in a command and in an offer', () => {
    expect(limits.mediaMessageBytes).toBeGreaterThan(limits.contextBytes + 1_024);
    const restOfOfferBytes =
      3 * (3 * limits.idLength + 2 * limits.numberLength + limits.urlLength + limits.tokenLength);
    expect(limits.controlMessageBytes).toBeGreaterThan(limits.contextBytes + restOfOfferBytes);
  });

  it('let a context of full depth through in an offer', () => {
    expect(limits.switchNesting).toBeGreaterThan(limits.clientNesting);
  });

  it('let one second of credit through in one binary message', () => {
    expect(limits.mediaMessageBytes).toBeGreaterThan(8 + (2 * 24_000 * limits.creditMaxMs) / 1_000);
  });

  it('detect a dead peer only after it had time for an answer to a ping', () => {
    expect(limits.mediaDeadMs).toBeGreaterThan(2 * limits.mediaPingMs);
  });
});
