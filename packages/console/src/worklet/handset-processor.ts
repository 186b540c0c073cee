import { createEar } from './ear.ts';
import { frameSamples, handsetProcessorName, type HandsetOrder, type HandsetReport } from './handset-messages.ts';
import { createMouth } from './mouth.ts';

/** Levels are reported with every third frame, each 60 ms. */
const framesPerReport = 3;

/** Microphone in, speaker out; the line is reached through `port`, see `handset-messages.ts`. */
class HandsetProcessor extends AudioWorkletProcessor {
  readonly #mouth = createMouth({ inputRateHz: sampleRate, onFrame: (frame) => this.#spoken(frame) });
  readonly #ear = createEar({ outputRateHz: sampleRate });
  #listening = false;
  #ended = false;
  #frames = 0;

  constructor() {
    super();
    this.port.addEventListener('message', ({ data }: MessageEvent<HandsetOrder>) => this.#obey(data));
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
    if (this.#listening) {
      const samples = new Int16Array(frameSamples);
      samples.set(frame);
      this.#report({ type: 'frame', samples }, [samples.buffer]);
    }
    this.#frames += 1;
    if (this.#frames % framesPerReport > 0) return;
    this.#report({ type: 'levels', spokenDb: this.#mouth.levelDb, heardDb: this.#ear.levelDb });
  }

  #report(report: HandsetReport, transfer: Transferable[] = []): void {
    this.port.postMessage(report, transfer);
  }

  #obey(order: HandsetOrder): void {
    switch (order.type) {
      case 'listen':
        this.#listening = order.on;
        return;
      case 'mute':
        this.#mouth.muted = order.on;
        return;
      case 'play':
        this.#ear.push(order.samples, order.position);
        return;
      case 'hush':
        this.#ear.hush();
        return;
      case 'end':
        this.#ended = true;
    }
  }
}

registerProcessor(handsetProcessorName, HandsetProcessor);
