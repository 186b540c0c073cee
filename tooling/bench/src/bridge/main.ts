import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { printBench } from '../bench-report.ts';
import type { VariantReport } from './client-process.ts';

// What the integration of Gemini costs beside a sketch of raw ws, JSON and base64: the same audio both ways in the same run, one
// process for each variant, in turns.
const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '60' },
    seconds: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '3' },
  },
});
const { sessions, seconds } = values;
const target = 1.3;

const peer = fork(fileURLToPath(new URL('live-peer-process.ts', import.meta.url)), { execPath: process.execPath });
try {
  const [{ url }] = (await once(peer, 'message', { signal: AbortSignal.timeout(20_000) })) as [{ url: string }];
  console.log(`${sessions} sessions, 100 ms each way every 100 ms, ${seconds} s a turn`);
  const reports = { raw: [] as VariantReport[], gemini: [] as VariantReport[] };
  for (let round = 1; round <= Number(values.rounds); round++) {
    for (const variant of ['raw', 'gemini'] as const) {
      const report = await run(variant, url);
      reports[variant].push(report);
      console.log(`  round ${round}: ${variant.padEnd(6)}  ${report.cpuMs.toFixed(0).padStart(6)} ms of CPU`);
    }
  }
  const cpu = (variant: 'raw' | 'gemini'): number => median(reports[variant].map(({ cpuMs }) => cpuMs));
  const ratio = cpu('gemini') / cpu('raw');
  const expected = Number(sessions) * Number(seconds) * 10;
  const least = Math.min(
    ...Object.values(reports)
      .flat()
      .flatMap(({ sentPieces, heardPieces }) => [sentPieces, heardPieces]),
  );
  const perSession = (variant: 'raw' | 'gemini'): number => cpu(variant) / Number(seconds) / 10 / Number(sessions);
  printBench('bridge', [
    { name: 'sessions', value: Number(sessions) },
    { name: 'fewest pieces of a turn', value: least, target: `>= ${expected * 0.98}`, ok: least >= expected * 0.98 },
    { name: 'raw, a session', value: perSession('raw'), unit: '% of a core' },
    { name: 'gemini, a session', value: perSession('gemini'), unit: '% of a core' },
    { name: 'gemini / raw', value: ratio, target: `<= ${target}`, ok: ratio <= target },
  ]);
} finally {
  if (peer.connected) peer.disconnect();
}

async function run(variant: 'raw' | 'gemini', url: string): Promise<VariantReport> {
  const file = fileURLToPath(new URL('client-process.ts', import.meta.url));
  const child = fork(file, [variant, url, sessions, seconds], { execPath: process.execPath });
  const [report] = (await once(child, 'message', {
    signal: AbortSignal.timeout(60_000 + Number(seconds) * 1_000),
  })) as [VariantReport];
  return report;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0;
}
