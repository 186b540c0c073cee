import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

/** Modules about SQLite that Node has loaded behind the import of a file. */
async function loadedBy(file: string): Promise<string> {
  const code = `await import(${JSON.stringify(new URL(file, import.meta.url).href)});
    console.log(process.moduleLoadList.filter((name) => name.includes('sqlite')).join());`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code]);
  return stdout.trim();
}

it('loads SQLite with the records, and not with the core', async () => {
  expect(await loadedBy('../index.ts')).toBe('');
  expect(await loadedBy('../records.ts')).toMatch(/sqlite/);
});
