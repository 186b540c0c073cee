import { expect, it } from 'vitest';
import { type AnyCallEvent, events } from './events.ts';
import { createBench } from './testing/bench.ts';

it('an event is the same for all who are told: nobody can change it for the others', async () => {
  const bench = createBench();
  const { call, peer } = await bench.call();
  const seen: AnyCallEvent[] = [];
  call.on(events.CALL_DTMF, (event) => Object.assign(event, { digit: '2' }));
  call.on(events.CALL_DTMF, (event) => seen.push(event));
  call.events$.subscribe((event) => seen.push(event));
  peer.event({ type: 'call.dtmf', digit: '1', party: 'caller', durationMs: 100 });
  await bench.pass();
  expect(seen).toMatchObject([{ digit: '1' }, { digit: '1' }]);
  expect(bench.logged('error')).toHaveLength(1);
});
