import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { clientChecks } from './client/test-client.ts';
import { protocolRules } from './rules.ts';
import { switchChecks } from './switch/all-checks.ts';

const protocolText = readFileSync(new URL('../../../protocol/PROTOCOL.md', import.meta.url), 'utf8');
const triedBy = (checks: readonly { readonly clauses: readonly string[] }[]): ReadonlySet<string> =>
  new Set(checks.flatMap(({ clauses }) => clauses));
const tried = { switch: triedBy(switchChecks), client: triedBy(clientChecks) };

describe('the rules of PROTOCOL.md', () => {
  it('are all here, and no others', () => {
    const numbered = [...protocolText.matchAll(/^- \*\*([A-Z]-\d\d)\*\*/gm)].map(([, id]) => id);
    expect(protocolRules.map(({ id }) => id)).toEqual(expect.arrayContaining(numbered));
    expect(protocolRules.length).toBe(numbered.length);
  });

  it('are each tried by one half of the kit, or there is a reason why not', () => {
    const open = protocolRules.filter(({ id }) => !tried.switch.has(id) && !tried.client.has(id));
    expect(open.filter(({ untestable }) => untestable === undefined)).toEqual([]);
  });

  it('have no reason where they are tried on all that they bind', () => {
    const halves = { switch: ['switch'], client: ['client'], both: ['switch', 'client'] } as const;
    const stale = protocolRules.filter(
      ({ id, binds, untestable }) => untestable !== undefined && halves[binds].every((half) => tried[half].has(id)),
    );
    expect(stale).toEqual([]);
  });

  it('are each tried on a switch where they bind one, or there is a reason why not', () => {
    const binding = protocolRules.filter(({ binds }) => binds !== 'client');
    const open = binding.filter(({ id, untestable }) => !tried.switch.has(id) && untestable === undefined);
    expect(open).toEqual([]);
  });

  it('are the only ones that checks name', () => {
    const known = new Set(protocolRules.map(({ id }) => id));
    expect([...tried.switch, ...tried.client].filter((id) => !known.has(id))).toEqual([]);
  });
});

describe('the checks of a switch', () => {
  it('have names of their own, so that a report can be read', () => {
    const names = switchChecks.map(({ name, clauses }) => `${clauses.join()} ${name}`);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it('name only rules that bind a switch', () => {
    const clientOnly = new Set(protocolRules.filter(({ binds }) => binds === 'client').map(({ id }) => id));
    expect([...tried.switch].filter((id) => clientOnly.has(id))).toEqual([]);
  });
});
