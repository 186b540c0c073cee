import { readFileSync } from 'node:fs';

interface Results {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[];
}

/**
 * `N passed, N failed` from the JSON report of the test command. A file that could not run counts as one failure, so
 * does each further fault named by the caller.
 */
export function summarise(results: Results | undefined, furtherFaults: number): string {
  const broken = results?.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  ).length;
  const failed = (results?.numFailedTests ?? 1) + (broken ?? 0) + furtherFaults;
  return `${results?.numPassedTests ?? 0} passed, ${failed} failed`;
}

function read(file: string): Results | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Results;
  } catch {
    return undefined;
  }
}

if (import.meta.main) {
  const [file = '', furtherFaults = '0'] = process.argv.slice(2);
  console.log(summarise(read(file), Number(furtherFaults)));
}
