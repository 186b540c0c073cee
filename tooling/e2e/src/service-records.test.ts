import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openCallArchive } from '@agentao/switch/records';
import { afterAll, expect, it } from 'vitest';
import { eventually } from './production-line.ts';
import { openServiceLine, removeServiceTemplate, type ServiceLine } from './service-line.ts';

const number = '+15559999';
afterAll(removeServiceTemplate);

/** A call from its beginning to its end. */
async function makeCall(line: ServiceLine, from: string): Promise<void> {
  const caller = await line.phone(from);
  caller.dial(number);
  await caller.heard('answered');
  // So that there is something to record.
  await new Promise((resolve) => setTimeout(resolve, 300));
  caller.hangUp();
  await caller.heard('ended');
}

it('keeps records and recordings in the folder of the file, takes recording over on SIGHUP, and finishes both at its end', async () => {
  await using line = await openServiceLine({ change: (text) => `${text}records: { folder: kept }\n` });
  const { calls } = await line.agent();
  await makeCall(line, '+15550001');
  line.edit((text) => text.replace("numbers: ['+15559999']", "numbers: ['+15559999']\n    recording: true"));
  line.process.kill('SIGHUP');
  await eventually(() => line.log().some(({ msg }) => msg === 'configuration taken over'), 'it is not taken over');
  await makeCall(line, '+15550002');
  await calls[1]?.ended;
  let text = '';
  await eventually(() => {
    void line.get('/metrics').then((page) => (text = page.text));
    return /^agentao_recordings_total\{outcome="complete"\} 1$/m.test(text);
  }, 'the recording is not complete');
  expect(text).toMatch(/^agentao_recordings_written_bytes_total [1-9]\d{3,}$/m);
  expect(text).toMatch(/^agentao_records_changes_total\{outcome="written"\} [1-9]\d*$/m);
  // Another switch cannot have the folder meanwhile.
  expect(await line.run('switch')).toMatchObject({
    exitCode: 1,
    err: expect.stringMatching(/^records\.folder: another switch/) as string,
  });

  line.process.kill('SIGTERM');
  expect((await line.process.outcome).exitCode).toBe(0);
  using archive = openCallArchive({ folder: join(line.folder, 'kept') });
  const [second, first] = archive.list({ limit: 10 });
  expect(first).toMatchObject({ endReason: 'hangup', recording: { state: 'off' } });
  expect(second).toMatchObject({ endReason: 'hangup', recording: { state: 'complete' } });
  const caller = readFileSync(join(line.folder, 'kept', second?.recording.path ?? '', 'caller.wav'));
  expect(caller.length).toBeGreaterThan(24_000 * 2 * 0.2);
});
