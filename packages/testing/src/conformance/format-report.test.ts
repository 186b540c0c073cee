import { expect, it } from 'vitest';
import { clauseVerdicts, formatReport } from './format-report.ts';
import type { CheckResult, ConformanceReport } from './report.ts';

const results: readonly CheckResult[] = [
  { name: 'answers a ping', clauses: ['G-12'], durationMs: 3, outcome: 'passed' },
  {
    name: 'counts events',
    clauses: ['M-09', 'M-03'],
    durationMs: 3,
    outcome: 'failed',
    why: 'expected 2,\nsaw \u{1b}[31m3',
  },
  { name: 'ends a call', clauses: ['M-03'], durationMs: 3, outcome: 'passed' },
  { name: 'rings', clauses: ['K-10', 'G-12'], durationMs: 3, outcome: 'untried', why: 'no phones' },
];
const report: ConformanceReport = { side: 'switch', target: 'ws://127.0.0.1:1', results, pass: false };

it('has one line per check with its rules, what became of it and why, on which nothing steers a terminal', () => {
  expect(formatReport(report).split('\n').slice(0, 4)).toEqual([
    'ok      G-12               answers a ping',
    'FAILED  M-09 M-03          counts events: expected 2,�saw �[31m3',
    'ok      M-03               ends a call',
    'untried K-10 G-12          rings: no phones',
  ]);
});

it('says of each rule that binds the side what its checks say together', () => {
  const verdicts = clauseVerdicts(report);
  const of = (id: string): string | undefined => verdicts.get(id);
  expect(['G-12', 'M-09', 'M-03', 'K-10', 'A-12'].map(of)).toEqual([
    'passed',
    'failed',
    'failed',
    'untried',
    'not covered',
  ]);
  expect(of('H-07')).toBeUndefined();
  expect(clauseVerdicts({ ...report, side: 'client' }).get('H-07')).toBe('not covered');
});

it('tells why rules are not covered and checks untried, where there is a reason', () => {
  const text = formatReport(report);
  expect(text).toContain('\n  1 check: no phones\n');
  expect(text).toMatch(/\n {2}H-09 {3}only who runs the switch/);
});

it('ends with one line for programs', () => {
  const last = JSON.parse(formatReport(report).split('\n').at(-1) ?? '') as { readonly figures: object };
  expect(last).toMatchObject({ name: 'conformance-switch', pass: false });
  expect(last.figures).toMatchObject({
    checks: 4,
    passed: 2,
    failed: 1,
    untried: 1,
    rulesPassed: 1,
    rulesFailed: 2,
    rulesUntried: 1,
  });
});

it('misses nothing that the run was not to try', () => {
  const narrowed = { ...report, results: results.filter(({ clauses }) => clauses.includes('G-12')), only: ['G-12'] };
  expect([...clauseVerdicts(narrowed)]).toEqual([['G-12', 'passed']]);
  expect(formatReport(narrowed)).not.toContain('not covered');
});
