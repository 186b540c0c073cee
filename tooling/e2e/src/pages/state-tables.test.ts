import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readPage, tableUnder } from './page.ts';
import { runBlock } from './run-block.ts';

// The switch's own tables, read as they stand in its source: they are no part of what it exports.
const page = readPage('docs/call-states.md');
const read = (path: string): string => readFileSync(new URL(`../../../../packages/${path}`, import.meta.url), 'utf8');
const agentTable = await runBlock(read('switch/src/calls/agent-table.ts'));
const callTable = await runBlock(read('switch/src/calls/call-table.ts'));
const matrixTable = await runBlock(read('switch/src/media/matrix.ts'));
const bare = (cell = ''): string => cell.replaceAll('`', '');

describe('the tables of call states', () => {
  it('have every transition of the switch', () => {
    const transitions = agentTable['agentTransitions'] as { from: string | null; trigger: string; to: string }[];
    const rows = transitions.map(({ from, trigger, to }) => [from ?? '-', `\`${trigger}\``, to]);
    expect(tableUnder(page, 'Transitions')).toEqual(rows);
  });

  it('allow a verb where the switch allows its command', () => {
    type Rule = { in: string[]; whileRinging: string };
    const rules = agentTable['agentVerbs'] as Readonly<Record<string, Rule>>;
    const commandOf = new Map([
      ['whisper barge spy', 'mode'],
      ['clearSendAudioBuffer', 'clear'],
      ['sendDtmf', 'dtmf'],
      ['setContext', 'context'],
    ]);
    const commands = tableUnder(page, 'Verbs').map(([verb, pending, answered, connected, whileRinging]) => {
      const command = commandOf.get(bare(verb)) ?? bare(verb);
      const { in: states = [], whileRinging: rule } = rules[command] ?? {};
      const allowed = (state: string): string => (states.includes(state) ? 'yes' : 'no');
      const expected = [allowed('PENDING'), allowed('ANSWERED'), allowed('CONNECTED'), rule];
      expect([pending, answered, connected, whileRinging], verb).toEqual(expected);
      return command;
    });
    // `connect.cancel` and `tracks` are sent by `signal` and `party`.
    expect([...commands, 'connect.cancel', 'tracks'].sort()).toEqual(Object.keys(rules).sort());
  });

  it('say who hears the agent as the matrix does', () => {
    const matrices = matrixTable['matrices'] as Readonly<Record<string, { agent: { caller: number; callee: number } }>>;
    const yes = (gain: number): string => (gain === 0 ? 'no' : 'yes');
    const rows = Object.entries(matrices).map(([name, { agent }]) => [
      `\`${name}\``,
      yes(agent.caller),
      yes(agent.callee),
    ]);
    const byName = (rows: readonly (readonly string[])[]): unknown =>
      Object.fromEntries(rows.map(([name, ...row]) => [name, row]));
    expect(byName(tableUnder(page, 'Who hears the agent'))).toEqual(byName(rows));
  });

  it('say what becomes of a call without its agent', () => {
    const aftermaths = callTable['aftermaths'] as Readonly<Record<string, Readonly<Record<string, string>>>>;
    const rows = Object.entries(aftermaths).map(([how, where]) => [
      `\`${how}\``,
      ...['waiting', 'answered', 'ringing', 'connected'].map((stage) => where[stage]),
    ]);
    expect(tableUnder(page, 'When the agent goes')).toEqual(rows);
  });

  it('have every state and every reason of an end', () => {
    const source = read('protocol/src/call-model.ts');
    const union = (name: string): string[] => {
      const text = new RegExp(`export type ${name} =([^;]*);`).exec(source)?.[1] ?? '';
      return [...text.matchAll(/'(\w+)'/g)].map((match) => match[1] ?? '');
    };
    const firstColumn = (heading: string): string[] => tableUnder(page, heading).map(([cell]) => bare(cell));
    expect(firstColumn('How it ends')).toEqual(union('EndReason'));
    expect(firstColumn('Call states and lifecycle')).toEqual(union('AgentState'));
  });
});
