import { ConsoleNotBuiltError } from '@agentao/console';
import { expect, it } from 'vitest';
import { readConsolePage } from './console-page.ts';

it('is empty where the console is missing, and the log says so', async () => {
  const lines: string[] = [];
  const logger = { warn: (_: object, message: string) => void lines.push(message) };
  const page = await readConsolePage(() => Promise.reject(new ConsoleNotBuiltError('not built')), logger);
  expect(page.size).toBe(0);
  expect(lines).toEqual(['the console is not there; its address says 404']);
  const files = new Map([['/', { status: 200, headers: {}, body: '' }]]);
  expect(await readConsolePage(() => Promise.resolve(files), logger)).toBe(files);
  await expect(readConsolePage(() => Promise.reject(new Error('disk')), logger)).rejects.toThrow('disk');
  expect(lines).toHaveLength(1);
});
