import { parseArgs } from 'node:util';
import { tone } from '@agentao/audio';
import { createVirtualClock } from '@agentao/clock';
import { createSwitch } from '@agentao/switch';
import { createScriptedPhones, type Phone } from '@agentao/switch/testing';
import { printBench } from '../bench-report.ts';

// Two people on the line for an hour of virtual time, one phone's clock too fast, the other's too slow. The caller speaks with pauses, the
// callee makes one unbroken tone; what each hears must have no click, and come with a delay that stays where it is.
const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '60' }, ppm: { type: 'string', default: '200' } },
});
const minutes = Number(values.minutes);
const ppm = Number(values.ppm);
const sampleRateHz = 24_000;
const speechHz = 440;
const toneHz = 500;
const burstSeconds = 1.5;
const pieceSeconds = 12;

const clock = createVirtualClock({ settle: () => new Promise((resolve) => setImmediate(resolve)) });
const phones = createScriptedPhones({ clock });
const callSwitch = createSwitch({ clock, legs: [phones], connectors: [{ uuid: 'drift', numbers: ['*'], keys: [] }] });
callSwitch.start();
const caller = phones.phone('+15550001', { driftPpm: ppm });
const callee = phones.phone('+15559999', { driftPpm: -ppm, answerAfterMs: 100 });
caller.dial('+15559999');
await clock.runUntil(callee.until('answered'), { maxMs: 10_000 });
await clock.runUntil(caller.until('answered'), { maxMs: 10_000 });
const startedMs = clock.now();
const mouthAt = caller.heardMs;
const earAt = callee.heardMs;

const speech = bursts();
const unbroken = tone({ frequencyHz: toneHz, durationMs: pieceSeconds * 1_000, sampleRateHz, levelDb: -20 });
for (let minute = 0; minute < minutes; minute++) {
  for (let part = 0; part < 6; part++) {
    topUp(caller, speech);
    topUp(callee, unbroken);
    await clock.advance(10_000);
  }
  if (minute % 10 === 9) console.log(`  ${minute + 1} min`);
}
const heardByCallee = callee.heard({ fromMs: earAt });
const heardByCaller = caller.heard({ fromMs: mouthAt });
caller.hangUp();
await clock.advance(1_000);
await callSwitch.close();

const delays = burstDelays(heardByCallee);
const speechBound = clickBound(speechHz);
const toneBound = clickBound(toneHz);
const speechJolt = worstJolt(heardByCallee, 1_000);
const toneJolt = worstJolt(heardByCaller, 1_000);
const expectedBursts = Math.floor((minutes * 60) / burstSeconds) - 2;
printBench('drift', [
  { name: 'virtual time', value: (clock.now() - startedMs) / 60_000, unit: 'min' },
  { name: 'clock error of the phones', value: `+${ppm} and -${ppm}`, unit: 'ppm' },
  {
    name: 'bursts of speech heard',
    value: delays.length,
    target: `>= ${expectedBursts}`,
    ok: delays.length >= expectedBursts,
  },
  {
    name: 'least delay mouth to ear',
    value: Math.min(...delays),
    unit: 'ms',
    target: '>= 0',
    ok: Math.min(...delays) >= 0,
  },
  {
    name: 'most delay mouth to ear',
    value: Math.max(...delays),
    unit: 'ms',
    target: '<= 140',
    ok: Math.max(...delays) <= 140,
  },
  { name: 'worst jolt in speech', value: speechJolt, target: `<= ${speechBound}`, ok: speechJolt <= speechBound },
  { name: 'worst jolt in the tone', value: toneJolt, target: `<= ${toneBound}`, ok: toneJolt <= toneBound },
  {
    name: 'silent ticks in the tone',
    value: silentTicks(heardByCaller),
    target: '0',
    ok: silentTicks(heardByCaller) === 0,
  },
]);

function topUp(phone: Phone, piece: Int16Array): void {
  while (phone.unspoken < pieceSeconds * sampleRateHz) phone.say(piece);
}

/** Twelve seconds of tone bursts, one second on and half a second off, each eased in and out. */
function bursts(): Int16Array {
  const burst = tone({ frequencyHz: speechHz, durationMs: 1_000, sampleRateHz, levelDb: -20 });
  const easeSamples = sampleRateHz / 20;
  for (let i = 0; i < easeSamples; i++) {
    const gain = 0.5 - 0.5 * Math.cos((Math.PI * i) / easeSamples);
    burst[i] = Math.round((burst[i] as number) * gain);
    burst[burst.length - 1 - i] = Math.round((burst[burst.length - 1 - i] as number) * gain);
  }
  const piece = new Int16Array(pieceSeconds * sampleRateHz);
  for (let at = 0; at < piece.length; at += burstSeconds * sampleRateHz) piece.set(burst, at);
  return piece;
}

/** For each burst, when its first loud sample was heard, minus when it was said by a clock that is `ppm` too fast. */
function burstDelays(heard: Int16Array): number[] {
  const loud = 1_000;
  const firstLoud = speech.findIndex((sample) => Math.abs(sample) > loud);
  const delays: number[] = [];
  let quiet = sampleRateHz;
  for (let i = 0; i < heard.length; i++) {
    if (Math.abs(heard[i] as number) <= loud) {
      quiet++;
      continue;
    }
    if (quiet > sampleRateHz / 4) {
      const saidAtSample = delays.length * burstSeconds * sampleRateHz + firstLoud;
      const saidMs = (saidAtSample * 1_000) / (sampleRateHz * (1 + ppm / 1e6));
      delays.push((i * 1_000) / sampleRateHz - saidMs);
    }
    quiet = 0;
  }
  return delays;
}

/** The largest second difference that a sine of this frequency and level has by itself, and a tenth of it. */
function clickBound(frequencyHz: number): number {
  const amplitude = 10 ** (-20 / 20) * 32_768 * Math.SQRT2;
  return Math.ceil(1.1 * amplitude * ((2 * Math.PI * frequencyHz) / sampleRateHz) ** 2 + 4);
}

function worstJolt(heard: Int16Array, fromMs: number): number {
  let worst = 0;
  for (let i = (fromMs * sampleRateHz) / 1_000; i < heard.length - 1; i++) {
    const jolt = Math.abs((heard[i - 1] as number) - 2 * (heard[i] as number) + (heard[i + 1] as number));
    if (jolt > worst) worst = jolt;
  }
  return worst;
}

function silentTicks(heard: Int16Array): number {
  let silent = 0;
  for (let i = sampleRateHz; i + 480 <= heard.length; i += 480) {
    if (heard.subarray(i, i + 480).every((sample) => sample === 0)) silent++;
  }
  return silent;
}
