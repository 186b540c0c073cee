import { decodeFrame, encodeFrame, frameHeaderBytes, ProtocolError } from '@agentao/protocol';
import type { FuzzRandom } from './fuzz-random.ts';
import { fromHex, toHex } from './hex-bytes.ts';
import { type FuzzStep, type FuzzTarget, textOf } from './fuzz-target.ts';

/** Binary messages: any bytes, at any offset of their buffer, come back as they were or are refused with BAD_AUDIO. */
export function createFrameTarget(): FuzzTarget {
  return {
    name: 'frames',
    share: 0.5,
    cpuMs: 500,
    generate: (random) => {
      const length = random.pick([0, 1, 7, 8, 9, 10, 16, 968, 969, random.int(64), random.int(4_000)]);
      return [{ hex: randomBytes(length, random), offset: random.int(4) }];
    },
    run: (steps) => {
      let accepted = 0;
      let rejected = 0;
      const findings: string[] = [];
      for (const step of steps) {
        const { hex, offset } = step as FuzzStep & { readonly hex: string; readonly offset: number };
        const given = fromHex(hex);
        const buffer = new Uint8Array(given.length + offset);
        buffer.set(given, offset);
        const whole = given.length >= frameHeaderBytes && given.length % 2 === 0;
        try {
          const { header, samples } = decodeFrame(buffer.subarray(offset));
          accepted++;
          if (!whole) findings.push(`took ${given.length} bytes`);
          if (toHex(encodeFrame(header, samples)) !== hex) findings.push('a frame changes on its way');
        } catch (error) {
          rejected++;
          if (!(error instanceof ProtocolError) || error.closeCode !== 'BAD_AUDIO')
            findings.push(`threw ${textOf(error)}`);
          else if (whole) findings.push(`refused ${given.length} bytes`);
        }
      }
      return { accepted, rejected, findings };
    },
  };
}

function randomBytes(length: number, random: FuzzRandom): string {
  const fill = random.pick([undefined, undefined, 0, 255, 128]);
  return toHex(fill === undefined ? random.bytes(length) : new Uint8Array(length).fill(fill));
}
