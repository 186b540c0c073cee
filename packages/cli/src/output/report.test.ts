import { expect, it } from 'vitest';
import { createReport } from './report.ts';
import { printSummary, resultLine } from './summary.ts';
import { createTerminal, type Terminal } from './terminal.ts';
import { showCount, showDuration, showLevel } from './units.ts';

function recordTerminal(isTTY = false, env: NodeJS.ProcessEnv = {}): { terminal: Terminal; text: () => string } {
  let text = '';
  const write = (more: string): void => {
    text += more;
  };
  return { terminal: createTerminal({ out: { write, isTTY }, err: { write } }, env), text: () => text };
}

it('lines up time, actor, event and figure, marks checks, and tells what to look at when one fails', () => {
  const { terminal, text } = recordTerminal();
  const report = createReport(terminal);
  report.start(5_000);
  report.note(5_000, { who: 'caller', what: 'dials +15559999' });
  report.check(6_234, { who: 'caller', what: 'hears the greeting', ok: true, detail: '-18.2 dBFS', hint: 'unseen' });
  report.check(17_000, { who: 'callee', what: 'rings', ok: false, detail: 'silence', hint: 'Look at connect().' });
  expect(text()).toBe(
    [
      '    0.000 s  caller  dials +15559999',
      '✓   1.234 s  caller  hears the greeting                        -18.2 dBFS',
      '✗  12.000 s  callee  rings                                     silence',
      '             Look at connect().',
      '',
    ].join('\n'),
  );
  expect(report.failed).toEqual(['callee rings']);
});

it('ends with one JSON line that tells pass, figures and what failed', () => {
  const report = createReport(recordTerminal().terminal);
  report.figure('setupMs', 41.234);
  report.figure('whisperDb', { calleeHearsAgent: -20.04, callerHearsAgent: -120 });
  expect(JSON.parse(resultLine('start', report))).toEqual({
    name: 'start',
    pass: true,
    figures: { setupMs: 41.2, whisperDb: { calleeHearsAgent: -20, callerHearsAgent: -120 } },
    failed: [],
  });
  report.check(0, { who: 'callee', what: 'rings', ok: false, detail: '' });
  expect(JSON.parse(resultLine('start', report))).toMatchObject({ pass: false, failed: ['callee rings'] });
});

it('sums up for people with units, and names each failed step', () => {
  const { terminal, text } = recordTerminal();
  const report = createReport(recordTerminal().terminal);
  report.figure('setupMs', 41.2);
  report.figure('framesReceived', { caller: 1_000, callee: 1 });
  report.figure('gaps', { caller: 0, callee: 1 });
  report.check(0, { who: 'callee', what: 'rings', ok: false, detail: '' });
  printSummary(terminal, report, 'out');
  expect(text()).toContain('set-up: dialled to answered');
  expect(text()).toMatch(/caller: 1000 frames received +0 gaps\n.*callee: 1 frame received +1 gap\n/);
  expect(text()).toContain('1 step failed: callee rings');
});

it('colours only a terminal that has not declined', () => {
  const coloured = (isTTY: boolean, env: NodeJS.ProcessEnv): boolean =>
    recordTerminal(isTTY, env).terminal.colours.red('x') !== 'x';
  expect(coloured(true, {})).toBe(true);
  expect(coloured(false, { CI: '1', FORCE_COLOR: '1' })).toBe(false);
  expect(coloured(true, { NO_COLOR: '1' })).toBe(false);
  expect(coloured(true, { TERM: 'dumb' })).toBe(false);
});

it('shows levels, durations and counts with their units', () => {
  expect([showLevel(-18.24), showLevel(-120)]).toEqual(['-18.2 dBFS', 'silence']);
  expect([showDuration(41.4), showDuration(999.6), showDuration(1_130)]).toEqual(['41 ms', '1.00 s', '1.13 s']);
  expect([showCount(1, 'gap'), showCount(0, 'gap')]).toEqual(['1 gap', '0 gaps']);
});
