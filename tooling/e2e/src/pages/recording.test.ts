import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeWav } from '@agentao/audio';
import { createSystemClock } from '@agentao/clock';
import * as records from '@agentao/switch/records';
import { afterAll, describe, expect, it } from 'vitest';
import { readPage, tableUnder } from './page.ts';
import { runBlock } from './run-block.ts';

const page = readPage('docs/recording.md');
const folder = mkdtempSync(join(tmpdir(), 'agentao-page-'));
afterAll(() => {
  page.expectAllRun();
  rmSync(folder, { recursive: true });
});

const written = new Map<string, Buffer>();
const printed: string[] = [];
/** A block's folder and files are those of this test. */
const world = {
  modules: new Map([
    [
      '@agentao/switch/records',
      {
        openRecords: (options: records.RecordsOptions) => records.openRecords({ ...options, folder }),
        openCallArchive: () => records.openCallArchive({ folder }),
      },
    ],
    [
      'node:fs/promises',
      {
        writeFile: (path: string, pieces: Iterable<Uint8Array>) =>
          void written.set(path, Buffer.concat([...pieces].map((piece) => Uint8Array.from(piece)))),
      },
    ],
  ]),
  console: { log: (...values: unknown[]) => void printed.push(values.map(String).join(' ')), error: () => undefined },
};

/** One recorded call, as a switch would leave it. */
async function leaveCall(): Promise<void> {
  await using open = await records.openRecords({ folder, clock: createSystemClock(globalThis) });
  const startedAtMs = Date.UTC(2026, 5, 1);
  const parties = { connectorUuid: 'sales', direction: 'MT', callerNumber: '', calleeNumber: '+15559999' } as const;
  open.store.write({ type: 'arrived', callId: 'call_1', ...parties, startedAtMs });
  await new Promise<void>((resolve) => {
    const header = {
      callId: 'call_1',
      connectorUuid: 'sales',
      startedAtMs,
      startMs: 0,
      startTick: 0,
      consentClip: undefined,
    };
    const sink = open.recorder?.begin(header, (recording) => {
      open.store.write({ type: 'recording', callId: 'call_1', recording });
      if (recording.state === 'complete') resolve();
    });
    sink?.end(50);
  });
  open.store.write({ type: 'ended', callId: 'call_1', atMs: 1_000, reason: 'hangup', by: 'caller' });
}

describe('the page about recording', () => {
  it('keeps records and reads them', async () => {
    await runBlock(page.code('Keep them'), world);
    expect(printed.splice(0)).toEqual(['0']);
    await leaveCall();
    await runBlock(page.code('Read them'), world);
    expect(printed[0]).toBe('call_1 hangup complete');
    expect(decodeWav(written.get('call_1.wav') as Buffer).samples).toHaveLength(24_000);
    const line = JSON.parse(printed[1] ?? '') as object;
    expect(tableUnder(page, 'A line of the export').map(([field = '']) => field.replaceAll('`', ''))).toEqual(
      Object.keys(line),
    );
  });

  it('records in virtual time', async () => {
    await runBlock(page.code('In tests'), { console: world.console });
    const [ended, samples] = (printed.at(-1) ?? '').split(' ');
    expect(ended).toBe('true');
    expect(Math.abs(Number(samples) - 4 * 24_000)).toBeLessThanOrEqual(960);
  });

  it('lists every content of a WAV', () => {
    const contents: Readonly<Record<records.WavContent, true>> = {
      mono: true,
      parties: true,
      'caller-ear': true,
      'callee-ear': true,
    };
    expect(tableUnder(page, 'Read them').map(([name = '']) => name.replaceAll('`', ''))).toEqual(Object.keys(contents));
  });
});
