import { createEar } from './ear.ts';
import {
  frameSamples,
  handsetProcessorName,
  type HandsetOrder,
  type HandsetReport,
  type LineOrder,
  type LineReport,
} from './handset-messages.ts';
import { createMouth } from './mouth.ts';

/** Levels are reported with every third frame, each 60 ms. */
const framesPerReport = 3;

/** Microphone in, speaker out; `port` is the page, a further port the line. See `handset-messages.ts`. */
class HandsetProcessor extends AudioWorkletProcessor {
  readonly #mouth = createMouth({ inputRateHz: sampleRate, onFrame: (frame) => this.#spoken(frame) });
  readonly #ear = createEar({ outputRateHz: sampleRate });
  #line: MessagePort | undefined;
  #listening = false;
  #ended = false;
  #frames = 0;

  constructor() {
    super();
    this.port.addEventListener('message', ({ data }: MessageEvent<HandsetOrder<MessagePort>>) => this.#obeyPage(data));
    this.port.start();
  }

  process(inputs: readonly Float32Array[][], outputs: readonly Float32Array[][]): boolean {
    const output = outputs[0]?.[0];
    if (output === undefined) return !this.#ended;
    this.#ear.fill(output);
    const input = inputs[0]?.[0];
    if (input === undefined || input.length === 0) this.#mouth.pause(output.length);
    else this.#mouth.speak(input);
    return !this.#ended;
  }

  #spoken(frame: Int16Array): void {
    if (this.#listening && this.#line !== undefined) {
      const samples = new Int16Array(frameSamples);
      samples.set(frame);
      this.#line.postMessage({ samples } satisfies LineReport, [samples.buffer]);
    }
    this.#frames += 1;
    if (this.#frames % framesPerReport > 0) return;
    const report: HandsetReport = { spokenDb: this.#mouth.levelDb, heardDb: this.#ear.levelDb };
    this.port.postMessage(report, []);
  }

  #obeyPage(order: HandsetOrder<MessagePort>): void {
    switch (order.type) {
      case 'line':
        this.#line = order.port;
        this.#line.addEventListener('message', ({ data }: MessageEvent<LineOrder>) => this.#obeyLine(data));
        this.#line.start();
        return;
      case 'mute':
        this.#mouth.muted = order.on;
        return;
      case 'say':
        this.#mouth.say(order.samples);
        return;
      case 'end':
        this.#ended = true;
        this.#line?.close();
    }
  }

  #obeyLine(order: LineOrder): void {
    switch (order.type) {
      case 'listen':
        this.#listening = order.on;
        return;
      case 'play':
        this.#ear.push(order.samples, order.position);
        return;
      case 'hush':
        this.#ear.hush();
    }
  }
}

registerProcessor(handsetProcessorName, HandsetProcessor);
