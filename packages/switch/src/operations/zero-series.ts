import type { OfferOutcome } from '../offers/offer-router.ts';
import type { Instruments } from './instruments.ts';

/** Series of counters that are there before their first incident. */
export interface ZeroSeries {
  /** These are the connectors; what counts for each of them is there from now on. */
  keep(uuids: Iterable<string>): void;
}

/** Counters that connectors have, and what they tell apart beside the connector. */
type Counted = Pick<
  Instruments,
  'callsRefused' | 'offers' | 'agentResumes' | 'agentTakeovers' | 'agentLosses' | 'audioDropped'
>;

/** With more of them the series of one metric would be more than a metric may have. */
const maxConnectors = 250;

const outcomes: readonly OfferOutcome[] = ['accepted', 'declined', 'expired', 'caller_gone', 'shutdown'];
const connectorReasons = ['limit', 'rate', 'shedding', 'failed'] as const;
const otherReasons = ['draining', 'no_connector'] as const;
const tracks = ['mix', 'caller', 'callee'] as const;

/** A counter that first appears with its first incident has no increase that an alert could see; so they begin at 0. */
export function createZeroSeries(instruments: Counted): ZeroSeries {
  const known = new Set<string>();
  for (const reason of otherReasons) instruments.callsRefused.add(0, { reason });

  const begin = (connector: string): void => {
    for (const reason of connectorReasons) instruments.callsRefused.add(0, { reason, connector });
    for (const outcome of outcomes) instruments.offers.add(0, { connector, outcome });
    for (const track of tracks) instruments.audioDropped.add(0, { connector, track });
    for (const counter of [instruments.agentResumes, instruments.agentTakeovers, instruments.agentLosses]) {
      counter.add(0, { connector });
    }
  };

  return {
    keep: (uuids) => {
      for (const uuid of uuids) {
        if (known.has(uuid) || known.size >= maxConnectors) continue;
        known.add(uuid);
        begin(uuid);
      }
    },
  };
}
