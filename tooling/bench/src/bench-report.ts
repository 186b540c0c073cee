/** One row of a bench's table. */
export interface BenchRow {
  readonly name: string;
  readonly value: number | string;
  readonly unit?: string;
  /** What it must be, as text, and whether it is. */
  readonly target?: string;
  readonly ok?: boolean;
}

/** Prints rows as an aligned table, then the one JSON line that ends a bench, and sets the exit code. */
export function printBench(name: string, rows: readonly BenchRow[]): void {
  const cells = rows.map((row) => [row.name, show(row.value), row.unit ?? '', row.target ?? '', mark(row.ok)]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((cell) => (cell[column] ?? '').length)));
  for (const cell of cells) {
    const [label = '', value = '', unit = '', target = '', ok = ''] = cell;
    const text = `${label.padEnd(widths[0] ?? 0)}  ${value.padStart(widths[1] ?? 0)} ${unit.padEnd(widths[2] ?? 0)}  ${target.padEnd(widths[3] ?? 0)}  ${ok}`;
    console.log(text.trimEnd());
  }
  const pass = rows.every((row) => row.ok !== false);
  const figures = Object.fromEntries(rows.map((row) => [row.name, row.value]));
  console.log(JSON.stringify({ name, pass, figures }));
  process.exitCode = pass ? 0 : 1;
}

function show(value: number | string): string {
  if (typeof value === 'string' || Number.isInteger(value)) return String(value);
  return value.toFixed(Math.abs(value) < 10 ? 2 : 1);
}

function mark(ok: boolean | undefined): string {
  if (ok === undefined) return '';
  return ok ? 'ok' : 'FAILED';
}
