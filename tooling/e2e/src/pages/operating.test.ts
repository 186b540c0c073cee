import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Script } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommandOutcome, runAgentao } from '../agentao-command.ts';
import { readPage } from './page.ts';

const page = readPage('docs/operating.md');
const root = new URL('../../../../', import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'agentao-page-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Every line of a shell block that is an `agentao` command, in the order of the page; those that run for ever are left to other tests. */
const commands = [...page.text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)]
  .flatMap(([, block = '']) => block.split('\n'))
  .filter((line) => line.startsWith('agentao ') && line !== 'agentao switch')
  .map((line) => [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '').slice(1));

const [, yaml = ''] = /^```yaml\n([\s\S]*?)^```$/m.exec(page.text) ?? [];

describe('the page on operating', () => {
  const outcomes = new Map<string, CommandOutcome>();
  beforeAll(async () => {
    writeFileSync(join(folder, 'agentao.yaml'), yaml);
    for (const args of commands) outcomes.set(args.join(' '), await runAgentao(args, folder).outcome);
  }, 120_000);

  it('has commands that do what it says, one after another, in a folder with nothing but the file', () => {
    expect([...outcomes.keys()]).toEqual([
      'certs ca',
      'certs server --host switch.example.com 127.0.0.1',
      'certs client agent-1',
      'switch --check',
      'keys create --connector front-desk --name night shift',
      'keys list',
      'keys create --operator',
    ]);
    for (const [command, { exitCode, err }] of outcomes)
      expect({ command, exitCode, err: exitCode === 0 ? '' : err }).toEqual({ command, exitCode: 0, err: '' });
    expect(outcomes.get('switch --check')?.out).toMatch(
      /mutual TLS[\s\S]*front-desk: \+15559999[\s\S]*at most 100 calls, 5 a second[\s\S]*is good/,
    );
    expect(outcomes.get('keys list')?.out).toMatch(/^[0-9a-f]{16} {2}front-desk {2}night shift\n$/);
    expect(readFileSync(join(folder, 'agentao.yaml'), 'utf8')).toContain('# Probes, Prometheus and people');
  });

  it('shows the file of deploy, and the unit and the image run commands that there are', () => {
    const deployed = (name: string): string => readFileSync(new URL(`deploy/${name}`, root), 'utf8');
    expect(yaml).toBe(deployed('agentao.yaml'));
    const unit = deployed('agentao-switch.service');
    const run = [...unit.matchAll(/^Exec(?:Start|StartPre)=\/usr\/bin\/env agentao switch (.*)$/gm)].map(
      ([, args = '']) => args.split(' '),
    );
    expect(run).toHaveLength(2);
    const image = deployed('Dockerfile');
    run.push(JSON.parse(/^CMD (\[.*\])$/m.exec(image)?.[1] ?? '[]') as string[]);
    const options = { config: { type: 'string' }, check: { type: 'boolean' } } as const;
    for (const args of run) expect(parseArgs({ args, options }).values.config).toBe('/etc/agentao/agentao.yaml');
    const stopSeconds = Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1]);
    const drainMs = Number(/^drainMs: (\d+)/m.exec(yaml)?.[1]);
    expect(stopSeconds * 1_000, 'systemd waits for the drain').toBeGreaterThan(drainMs);
    const [, probe = ''] = /CMD (\["node", "-e".*\])$/m.exec(image) ?? [];
    expect(() => new Script((JSON.parse(probe) as string[])[2] ?? 'no probe')).not.toThrow();
    const variables = [...image.matchAll(/AGENTAO_SWITCH_\w+/g)].map(([name]) => name);
    for (const name of variables) expect(page.text).toContain(`| \`${name}\` |`);
  });
});
