import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CheckResult,
  clauseVerdicts,
  type ConformanceReport,
  formatReport,
  formatResult,
  protocolRules,
  testSwitch,
} from '@agentao/testing';
import { describe, expect, it } from 'vitest';
import { type CommandOutcome, runAgentao } from './agentao-command.ts';
import { openSwitchToTest, type SwitchFault, type SwitchToTest } from './faulty-switch.ts';
import { switchFaults } from './switch-faults.ts';

const faultsAtOnce = 10;

describe('the conformance kit for switches', () => {
  it('finds our switch as PROTOCOL.md has it, over real sockets', async () => {
    await using sw = await openSwitchToTest();
    const report = await testSwitch(sw);
    const bad = report.results.filter(({ outcome }) => outcome !== 'passed');
    expect(bad.map(formatResult)).toEqual([]);
    expect(report.pass).toBe(true);
    console.log(formatReport(report).split('\n').at(-1));
    expect(notTried(report)).toEqual([]);
  }, 90_000);

  it('is a command, which ends with 0 or 1', async () => {
    const cwd = await mkdtemp(join(tmpdir(), 'agentao-conformance-'));
    const fault = switchFaults.find(({ clause }) => clause === 'H-16');
    await using right = await openSwitchToTest();
    await using wrong = await openSwitchToTest(fault);
    const [good, bad, none] = await Promise.all([
      runCommand(right, cwd),
      runCommand(wrong, cwd),
      runCommand(right, cwd, 'X-99'),
    ]);
    await rm(cwd, { recursive: true });
    expect(none).toEqual({ exitCode: 1, out: '', err: 'No check tries X-99.\n' });
    expect([good.exitCode, good.err, bad.exitCode, bad.err]).toEqual([0, '', 1, '']);
    expect(good.out).toMatch(/^ok {6}H-16 .*\n[^]*^ {2}passed \(2\) +H-03 H-16\n/m);
    expect(bad.out).toMatch(/^FAILED {2}H-16 .*: expected httponly, saw agentao_/m);
    expect(JSON.parse(bad.out.trim().split('\n').at(-1) ?? '')).toMatchObject({
      name: 'conformance-switch',
      pass: false,
    });
  });

  it('leaves untried what it is given no means for', async () => {
    await using sw = await openSwitchToTest();
    const { url, apiKey } = sw;
    const { results, pass } = await testSwitch({ url, apiKey, only: ['M-09', 'P-06', 'H-17', 'G-12', 'O-01'] });
    const tried = results.filter(({ outcome }) => outcome !== 'untried');
    expect(pass).toBe(true);
    expect([...new Set(tried.flatMap(({ clauses }) => clauses))]).toEqual(['G-12', 'G-08']);
    const whys = new Set(results.flatMap((result) => (result.outcome === 'untried' ? [result.why] : [])));
    expect([...whys]).toEqual(['needs the operator token, with which phones call and browsers sign in']);
  });

  it('finds each fault of a switch, by the rule that it breaks', async () => {
    const missed: string[] = [];
    const waiting = switchFaults.values();
    const work = async (): Promise<void> => {
      for (const fault of waiting) {
        const { results } = await tryFault(fault);
        if (!results.some(failsOn(fault)))
          missed.push(`${fault.clause} ${fault.what}: ${results.map(formatResult).join('; ')}`);
      }
    };
    await Promise.all(Array.from({ length: faultsAtOnce }, work));
    expect(missed).toEqual([]);
    console.log(
      JSON.stringify({ name: 'conformance-switch-faults', pass: true, figures: { faults: switchFaults.length } }),
    );
  }, 90_000);
});

function runCommand(
  { url, apiKey, operatorToken }: SwitchToTest,
  cwd: string,
  only = 'H-16,H-03',
): Promise<CommandOutcome> {
  const secrets = ['--key', apiKey, '--operator-token', operatorToken];
  return runAgentao(['conformance', '--url', url, ...secrets, '--only', only, '--json'], cwd).outcome;
}

/** Rules that bind a switch, that no check of it tries, and for which there is no reason either. */
function notTried(report: ConformanceReport): readonly string[] {
  const verdicts = clauseVerdicts(report);
  const missing = protocolRules.filter(
    ({ id, untestable }) => verdicts.get(id) === 'not covered' && untestable === undefined,
  );
  return missing.map(({ id }) => id);
}

async function tryFault(fault: SwitchFault): Promise<ConformanceReport> {
  await using sw = await openSwitchToTest(fault);
  return await testSwitch({ ...sw, only: [fault.clause], patienceMs: 1_500 });
}

function failsOn({ clause }: SwitchFault): (result: CheckResult) => boolean {
  return ({ outcome, clauses }) => outcome === 'failed' && clauses.includes(clause);
}
