import { createVirtualClock } from '@agentao/clock';
import { expect, it } from 'vitest';
import { createStrangerWatch } from './stranger-watch.ts';

it('counts every connection that is cut, and logs once a minute how many there were', async () => {
  const clock = createVirtualClock({ settle: () => new Promise((resolve) => setImmediate(resolve)) });
  const lines: object[] = [];
  let counted = 0;
  const cut = createStrangerWatch({
    clock,
    logger: { warn: (fields) => void lines.push(fields) },
    counter: { add: (count) => void (counted += count) },
  });
  for (let index = 0; index < 500; index++) cut();
  expect(lines).toEqual([{ cut: 1 }]);
  await clock.advance(59_999);
  cut();
  expect(lines).toHaveLength(1);
  await clock.advance(1);
  cut();
  expect(lines).toEqual([{ cut: 1 }, { cut: 501 }]);
  expect(counted).toBe(502);
});
