import { expect, it } from 'vitest';
import { openStore } from './store.ts';

const ada = '+12125550101';
const grace = '+12125550102';

it('settles only what is of that number, and only once', async () => {
  using store = openStore(':memory:');
  await store.add(ada, 'Your parcel arrives tomorrow');
  const { notification } = await store.next(ada);
  const id = notification?.id ?? 0;
  expect(await store.settle(grace, id, { answer: 'acknowledged' })).toBe(false);
  expect(await store.states(ada)).toEqual(['pending']);
  expect(await store.settle(ada, id, { answer: 'follow-up', wish: 'please call' })).toBe(true);
  expect(await store.settle(ada, id, { answer: 'acknowledged' })).toBe(false);
  expect(await store.states(ada)).toEqual(['follow-up']);
});

it('has no rows for what is no number, and no wish of somebody who has none', async () => {
  using store = openStore(':memory:');
  for (const number of ['anonymous', '', '2125550101'])
    await expect(store.add(number, 'news')).rejects.toThrow('CHECK');
  await store.add(ada, 'news');
  await expect(store.settle(ada, 1, { answer: 'acknowledged', wish: 'more' })).rejects.toThrow('CHECK');
});
