import { tone } from '@agentao/audio';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { handsetProcessorName, type LineOrder } from './handset-messages.ts';

/** A port whose other end is the test, without delay. */
class TestPort extends EventTarget {
  readonly posted: { readonly [field: string]: unknown }[] = [];
  started = false;
  closed = false;

  postMessage(message: { readonly [field: string]: unknown }): void {
    this.posted.push(message);
  }

  start(): void {
    this.started = true;
  }

  close(): void {
    this.closed = true;
  }

  tell(data: unknown): void {
    this.dispatchEvent(new MessageEvent('message', { data }));
  }
}

/** What the browser gives the base class of a processor. */
class TestProcessor {
  readonly port = new TestPort();
}

interface Processor extends TestProcessor {
  process(inputs: readonly Float32Array[][], outputs: readonly Float32Array[][]): boolean;
}

const processors = new Map<string, new () => Processor>();

beforeAll(async () => {
  vi.stubGlobal('AudioWorkletProcessor', TestProcessor);
  vi.stubGlobal('sampleRate', 48_000);
  vi.stubGlobal('registerProcessor', (name: string, made: new () => Processor) => processors.set(name, made));
  // Not by its name, lest the types of a page judge what runs in a worklet.
  const file = './handset-processor.ts';
  await import(/* @vite-ignore */ file);
});

afterAll(() => void vi.unstubAllGlobals());

interface Bench {
  readonly processor: Processor;
  readonly line: TestPort;
  order(order: LineOrder): void;
  /** Lets so much time pass and returns what is heard in it. */
  run(ms: number, microphone?: (quantum: number) => Float32Array[]): Float32Array;
}

const quantum = 128;

function createBench(): Bench {
  const Made = processors.get(handsetProcessorName);
  if (Made === undefined) throw new Error('no processor was registered');
  const processor = new Made();
  const line = new TestPort();
  processor.port.tell({ type: 'line', port: line });
  return {
    processor,
    line,
    order: (order) => line.tell(order),
    run: (ms, microphone = () => []) => {
      const count = Math.round((ms * 48) / quantum);
      const heard = new Float32Array(count * quantum);
      for (let i = 0; i < count; i++) {
        const output = heard.subarray(i * quantum, (i + 1) * quantum);
        processor.process([microphone(i)], [[output]]);
      }
      return heard;
    },
  };
}

const tone440 = (): Int16Array<ArrayBuffer> =>
  new Int16Array(tone({ frequencyHz: 440, sampleRateHz: 24_000, durationMs: 400 }));
const loud = (): Float32Array[] => [new Float32Array(quantum).fill(0.5)];

describe('handset processor', () => {
  it('gives frames of the microphone to the line while it listens, by the clock of the device', () => {
    const { line, order, run } = createBench();
    run(200, loud);
    expect(line.posted).toEqual([]);
    order({ type: 'listen', on: true });
    run(1000, loud);
    expect(line.posted).toHaveLength(50);
    const buffers = line.posted.map(({ samples }) => samples as Int16Array);
    expect(buffers.every((samples) => samples.length === 480)).toBe(true);
    expect(new Set(buffers.map(({ buffer }) => buffer)).size).toBe(50);
    order({ type: 'listen', on: false });
    run(100, loud);
    expect(line.posted).toHaveLength(50);
  });

  it('gives silence at the same pace without a microphone', () => {
    const { line, order, run } = createBench();
    order({ type: 'listen', on: true });
    run(1000);
    run(1000, () => [new Float32Array(0)]);
    expect(line.posted).toHaveLength(100);
    expect(line.posted.every(({ samples }) => (samples as Int16Array).every((sample) => sample === 0))).toBe(true);
  });

  it('plays what the line gives it, until it is hushed', () => {
    const { order, run } = createBench();
    order({ type: 'play', samples: tone440(), position: 0 });
    expect(run(40).some((sample) => sample !== 0)).toBe(true);
    order({ type: 'hush' });
    run(3);
    expect(run(400).every((sample) => sample === 0)).toBe(true);
  });

  it('tells the page the levels of both directions every 60 ms', () => {
    const { processor, order, run } = createBench();
    order({ type: 'play', samples: tone440(), position: 0 });
    run(120, loud);
    const last = processor.port.posted.at(-1);
    expect(last?.['spokenDb']).toBeCloseTo(-6, 0);
    expect(last?.['heardDb']).toBeGreaterThan(-22);
    run(880, loud);
    expect(processor.port.posted).toHaveLength(16);
  });

  it('says silence while it is muted', () => {
    const { processor, run } = createBench();
    processor.port.tell({ type: 'mute', on: true });
    run(300, loud);
    expect(processor.port.posted.at(-1)).toEqual({ spokenDb: -120, heardDb: -120 });
  });

  it('lives until it is ended', () => {
    const { processor, line } = createBench();
    const output = [[new Float32Array(quantum)]];
    expect(processor.process([[]], output)).toBe(true);
    expect(processor.process([[]], [[]])).toBe(true);
    processor.port.tell({ type: 'end' });
    expect(processor.process([[]], output)).toBe(false);
    expect(line.closed).toBe(true);
  });
});
