import { createWheel } from '@agentao/clock';
import { createWsConnector } from '@agentao/transport/ws';
import { createSteppedClock, leave, obey, tell } from './child-side.ts';
import { type Pair, startPair } from './phone-pair.ts';

/** How this process is told what to be. */
export interface PhonesSetup {
  readonly url: string;
  readonly operatorToken: string;
}

const setup = JSON.parse(process.env['CHAOS_PHONES'] ?? '') as PhonesSetup;
const clock = createSteppedClock();
const errors: string[] = [];
const wheel = createWheel({ clock, onError: (error) => errors.push(String(error)) });
const site = { ...setup, clock, wheel, connect: createWsConnector({ clock }) };
const pairs = new Set<Pair>();

obey(
  clock,
  () => ({ calls: pairs.size, busy: [...pairs].reduce((sum, { phones }) => sum + phones.length, 0), errors }),
  (asked) => {
    if (asked.type === 'place') {
      const pair = startPair(asked.plan, site);
      pairs.add(pair);
      void pair.over.then((report) => {
        pairs.delete(pair);
        tell(report);
      });
    } else if (asked.type === 'cut') {
      const phones = [...pairs].flatMap((pair) => pair.phones).filter(({ busy }) => busy);
      phones[asked.pick % phones.length]?.cut();
    } else if (asked.type === 'finish') {
      for (const pair of pairs) pair.finish(Math.random() * asked.withinMs);
    }
  },
);
tell({ type: 'ready' });
process.once('SIGTERM', () => void leave());
