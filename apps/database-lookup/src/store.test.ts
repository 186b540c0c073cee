import { expect, it } from 'vitest';
import { openStore } from './store.ts';

const ada = '+12125550101';

it('keeps a customer once, with the tickets that were given last', async () => {
  using store = openStore(':memory:');
  await store.addCustomer(ada, { name: 'Ada', openTickets: ['a slow export', 'a wrong invoice'] });
  await store.addCustomer(ada, { name: 'Ada L.', openTickets: ['a wrong invoice'] });
  expect(await store.find(ada)).toEqual({ name: 'Ada L.', openTickets: ['a wrong invoice'] });
});

it('tells a lead that is new from one that called before, and takes no other spelling of a number', async () => {
  using store = openStore(':memory:');
  expect(await store.addLead(ada)).toBe(true);
  expect(await store.addLead(ada)).toBe(false);
  for (const number of ['+1 212 555 0101', '+12125550101x', '2125550101', ''])
    await expect(store.addLead(number)).rejects.toThrow('CHECK');
  expect(await store.leads()).toEqual([ada]);
});
