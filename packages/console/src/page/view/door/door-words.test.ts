import { expect, it } from 'vitest';
import { doorWords } from './door-words.ts';

const whys = ['no-link', 'link-used', 'session-over', 'signed-out'] as const;

it('gives whoever is signed out the command that makes a new link', () => {
  for (const why of whys) expect(doorWords({ name: 'signed-out', why }).command).toBe('agentao console');
});

it('says something else for each reason', () => {
  expect(new Set(whys.map((why) => doorWords({ name: 'signed-out', why }).title)).size).toBe(whys.length);
});

it('gives no command while the switch does not answer: the page recovers by itself', () => {
  expect(doorWords({ name: 'unreachable' }).command).toBeUndefined();
});
