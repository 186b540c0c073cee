import type { CheckResult, ConformanceReport } from './report.ts';
import { type ProtocolRule, protocolRules } from './rules.ts';

const marks = { passed: 'ok', failed: 'FAILED', untried: 'untried' } as const;
const markWidth = 8;
const clausesWidth = 18;

/** One check and what became of it, as one line. */
export function formatResult(result: CheckResult): string {
  const { outcome, clauses, name } = result;
  const why = result.outcome === 'passed' ? '' : `: ${printable(result.why)}`;
  return `${marks[outcome].padEnd(markWidth)}${clauses.join(' ').padEnd(clausesWidth)} ${name}${why}`;
}

/** The report as a table for people, then what it says of each rule, then one line of JSON for programs. */
export function formatReport(report: ConformanceReport): string {
  const { side, target, results, pass } = report;
  const lines = results.map(formatResult);
  lines.push('', `${side === 'switch' ? 'Switch' : 'Client'} ${printable(target)}, by the rules of PROTOCOL.md:`);
  const verdicts = clauseVerdicts(report);
  for (const verdict of ['passed', 'failed', 'untried', 'not covered'] as const) {
    const ids = [...verdicts].filter(([, found]) => found === verdict).map(([id]) => id);
    if (ids.length > 0) lines.push(...folded(`${verdict} (${ids.length})`.padEnd(17), ids));
  }
  const reasonsUntried = untriedReasons(results);
  if (reasonsUntried.length > 0) lines.push('', 'Untried, because:', ...reasonsUntried);
  const reasons = protocolRules.filter(({ id, untestable }) => verdicts.get(id) === 'not covered' && untestable);
  if (reasons.length > 0) lines.push('', 'Not covered, because:', ...reasons.map(reasonLine));
  lines.push('', JSON.stringify({ name: `conformance-${side}`, pass, figures: figures(results, verdicts) }));
  return lines.join('\n');
}

/** What a report says of one rule; `failed` if one of its checks failed, `untried` if none of them could be tried. */
export type ClauseVerdict = 'passed' | 'failed' | 'untried' | 'not covered';

/** Every rule that binds the side that was tried, or to which the run was narrowed, and what the report says of it. */
export function clauseVerdicts({ side, results, only }: ConformanceReport): ReadonlyMap<string, ClauseVerdict> {
  const binding = protocolRules.filter(({ binds }) => binds === side || binds === 'both').map(({ id }) => id);
  const tried = results.flatMap(({ clauses }) => clauses);
  // Of a run that was narrowed down nothing is missing that it was not to try.
  const ids = new Set(
    only === undefined ? [...binding, ...tried] : results.flatMap((result) => narrowedTo(result, only)),
  );
  return new Map([...ids].map((id) => [id, verdictOn(results.filter(({ clauses }) => clauses.includes(id)))]));
}

/** Rules of a check that the run was to try; all of them where it was wanted by its name. */
function narrowedTo({ clauses }: CheckResult, only: readonly string[]): readonly string[] {
  const wanted = clauses.filter((id) => only.includes(id));
  return wanted.length === 0 ? clauses : wanted;
}

function verdictOn(results: readonly CheckResult[]): ClauseVerdict {
  if (results.length === 0) return 'not covered';
  if (results.some(({ outcome }) => outcome === 'failed')) return 'failed';
  return results.some(({ outcome }) => outcome === 'passed') ? 'passed' : 'untried';
}

function figures(
  results: readonly CheckResult[],
  verdicts: ReadonlyMap<string, ClauseVerdict>,
): Readonly<Record<string, number>> {
  const checks = (wanted: CheckResult['outcome']): number => results.filter((r) => r.outcome === wanted).length;
  const rules = (wanted: ClauseVerdict): number => [...verdicts.values()].filter((found) => found === wanted).length;
  return {
    checks: results.length,
    passed: checks('passed'),
    failed: checks('failed'),
    untried: checks('untried'),
    rules: verdicts.size,
    rulesPassed: rules('passed'),
    rulesFailed: rules('failed'),
    rulesUntried: rules('untried'),
    rulesNotCovered: rules('not covered'),
  };
}

/** Why checks could not be tried, and how many for each reason. */
function untriedReasons(results: readonly CheckResult[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const result of results) {
    if (result.outcome === 'untried') counts.set(result.why, (counts.get(result.why) ?? 0) + 1);
  }
  return [...counts].map(([why, count]) => `  ${count} ${count === 1 ? 'check' : 'checks'}: ${printable(why)}`);
}

const idsPerLine = 14;

function folded(title: string, ids: readonly string[]): string[] {
  const lines: string[] = [];
  for (let from = 0; from < ids.length; from += idsPerLine) {
    const head = from === 0 ? title : ' '.repeat(title.length);
    lines.push(`  ${head} ${ids.slice(from, from + idsPerLine).join(' ')}`);
  }
  return lines;
}

function reasonLine({ id, untestable }: ProtocolRule): string {
  return `  ${id.padEnd(6)} ${untestable}`;
}

/** A peer's text as one line that steers no terminal. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{fffd}');
}
