import type { Breakage } from './faulty-proxy.ts';

/** One thing that goes wrong. `pick` is any number, which picks one of those whom it can happen to. */
export type Fault = { readonly atMs: number; readonly pick: number } & (
  | { readonly kind: 'agent killed'; readonly awayMs: number }
  | { readonly kind: 'agent stalled' | 'phones stalled'; readonly ms: number }
  | {
      readonly kind: 'sockets cut';
      readonly breakage: Breakage;
      readonly share: number;
      readonly downMs: number;
    }
  | { readonly kind: 'phone cut' }
  | { readonly kind: 'wall clock stepped'; readonly ms: number }
  | { readonly kind: 'switch blocked' | 'agent blocked'; readonly ms: number }
  /** No file of the switch may grow any more. */
  | { readonly kind: 'disk full'; readonly ms: number }
);

/** What can go wrong. */
export type FaultKind = Fault['kind'];

/** How often of 20 times. */
const shares: readonly (readonly [FaultKind, number])[] = [
  ['agent killed', 2],
  ['agent stalled', 3],
  ['phones stalled', 2],
  ['sockets cut', 4],
  ['phone cut', 2],
  ['wall clock stepped', 2],
  ['switch blocked', 2],
  ['agent blocked', 2],
  ['disk full', 1],
];

/** Every kind there is. */
export const faultKinds: readonly FaultKind[] = shares.map(([kind]) => kind);

const everyMs = 1_000;

/** The faults of `durationMs`, one a second at a random moment, every kind in each 20 of them; the same for the same `random`. */
export function planFaults(durationMs: number, random: () => number): Fault[] {
  const faults: Fault[] = [];
  let deck: FaultKind[] = [];
  for (let slotMs = 0; slotMs + everyMs <= durationMs; slotMs += everyMs) {
    if (deck.length === 0) deck = shares.flatMap(([kind, share]) => Array<FaultKind>(share).fill(kind));
    const [kind] = deck.splice(Math.floor(random() * deck.length), 1);
    const at = { atMs: slotMs + random() * everyMs, pick: Math.floor(random() * 1_000_000) };
    faults.push(makeFault(kind as FaultKind, at, random));
  }
  return faults;
}

function makeFault(kind: FaultKind, at: Pick<Fault, 'atMs' | 'pick'>, random: () => number): Fault {
  const between = (least: number, most: number): number => Math.round(least + random() * (most - least));
  switch (kind) {
    case 'agent killed':
      return { ...at, kind, awayMs: between(0, 4_000) };
    case 'agent stalled':
      // A third of them for longer than anybody waits.
      return { ...at, kind, ms: random() < 0.33 ? between(2_000, 9_000) : between(100, 2_000) };
    case 'phones stalled':
      return { ...at, kind, ms: between(100, 1_500) };
    case 'sockets cut': {
      const dice = random();
      const half = dice < 0.2 ? ('half-open' as const) : undefined;
      const breakage: Breakage = half
        ? { how: half }
        : dice < 0.6
          ? { how: 'mid-frame', bytes: between(1, 6_000) }
          : { how: 'reset' };
      const share = random() < 0.3 ? 1 : random() * 0.5;
      return { ...at, kind, breakage, share, downMs: random() < 0.5 ? 0 : between(0, 4_000) };
    }
    case 'phone cut':
      return { ...at, kind };
    case 'wall clock stepped':
      return { ...at, kind, ms: between(-86_400_000, 86_400_000) };
    case 'switch blocked':
    case 'agent blocked':
      return { ...at, kind, ms: between(50, 500) };
    case 'disk full':
      return { ...at, kind, ms: between(1_000, 6_000) };
  }
}
