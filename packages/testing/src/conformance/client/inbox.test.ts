import { expect, it } from 'vitest';
import { NonConformance } from '../check.ts';
import { Inbox } from './inbox.ts';

const is = (wanted: number) => (item: number) => item === wanted;
const inbox = (): Inbox<number> => new Inbox((item) => `a ${item}`);

it('gives what is there, or what comes, to whoever waits for it, once', async () => {
  const box = inbox();
  box.push(1);
  box.push(2);
  await expect(box.next(is(2), { expected: '2' })).resolves.toBe(2);
  const [first, second] = [box.next(is(3), { expected: '3' }), box.next(is(3), { expected: '3' })];
  box.push(3);
  box.push(3);
  await expect(Promise.all([first, second])).resolves.toEqual([3, 3]);
  expect(box.items).toEqual([1]);
});

it('says what was expected and what came instead', async () => {
  const box = inbox();
  box.push(1);
  const missed = box.next(is(2), { expected: 'a 2', withinMs: 1 });
  await expect(missed).rejects.toThrow(new NonConformance('a 2 within 1 ms', 'only a 1'));
});

it('is content when nothing came, and tells what did', async () => {
  const box = inbox();
  await box.none(is(1), { expected: 'no 1', withinMs: 1 });
  box.push(1);
  await expect(box.none(is(1), { expected: 'no 1', withinMs: 1 })).rejects.toThrow(new NonConformance('no 1', 'a 1'));
});

it('rejects every wait with the first fault, also one for nothing', async () => {
  const box = inbox();
  const waiting = box.next(is(1), { expected: '1' });
  const quiet = box.none(is(1), { expected: 'no 1' });
  const fault = new NonConformance('sense', 'nonsense');
  box.fail(fault);
  box.fail(new Error('a later one'));
  for (const wait of [waiting, quiet, box.next(is(1), { expected: '1' })]) await expect(wait).rejects.toBe(fault);
});

it('forgets what it is told to', () => {
  const box = inbox();
  for (const item of [1, 2, 1]) box.push(item);
  expect(box.drop(is(1))).toEqual([1, 1]);
  expect(box.items).toEqual([2]);
});
