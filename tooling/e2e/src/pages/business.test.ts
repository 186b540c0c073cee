import { afterAll, expect, it } from 'vitest';
import { readPage } from './page.ts';
import { runBlock } from './run-block.ts';

const page = readPage('docs/business.md');
afterAll(() => page.expectAllRun());

it('has opening hours, numbers, notifications, an app and a database as the page on business says', async () => {
  expect(await runBlock(page.code('Opening hours'))).toEqual({ open: true, next: new Date('2026-01-09T08:00:00Z') });
  expect(await runBlock(page.code('Phone numbers'))).toEqual({ office: '+442079460000', withheld: undefined });
  expect(await runBlock(page.code('Notifications'))).toEqual({ outcome: 'logged' });
  expect(await runBlock(page.code('An app as a program'))).toEqual({ main: expect.any(Function) as unknown });
  expect(await runBlock(page.code('A database beside calls'))).toEqual({ sold: [true, false] });
});
