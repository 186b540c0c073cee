import { spawnSync } from 'node:child_process';
import { readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { runAgentao } from './agentao-command.ts';
import { eventually } from './production-line.ts';
import { openServiceLine, removeServiceTemplate, type ServiceLine, type ServicePhone } from './service-line.ts';

const number = '+15559999';
afterAll(removeServiceTemplate);

/** Calls that an agent has answered, each of a phone of its own. */
async function startCalls(line: ServiceLine, count: number): Promise<readonly ServicePhone[]> {
  const phones: ServicePhone[] = [];
  for (let index = 0; index < count; index++) {
    const phone = await line.phone(`+1555000${index}`);
    phone.dial(number);
    await phone.heard('answered');
    phones.push(phone);
  }
  return phones;
}

const said = (line: ServiceLine, message: string): boolean => line.log().some(({ msg }) => msg === message);

it('runs from nothing: certificates, a call over mutual TLS, probes, metrics, and a log without numbers and secrets', async () => {
  await using line = await openServiceLine();
  for (const name of ['ca.key', 'server.key', 'agent-1.key']) {
    expect(statSync(join(line.folder, 'certs', name)).mode & 0o777, name).toBe(0o600);
  }
  expect(await line.run('switch', '--check')).toMatchObject({ exitCode: 0, err: '' });
  expect((await line.get('/readyz')).text).toBe('{"status":"ready"}');
  expect((await line.get('/healthz')).status).toBe(200);
  expect((await line.get('/control')).status, 'agents do not come by here').toBe(404);

  const { calls } = await line.agent();
  const [caller] = await startCalls(line, 1);
  const { text } = await line.get('/metrics');
  for (const metric of ['agentao_calls_active{connector="front"} 1', 'agentao_agents_ready{connector="front"} 1']) {
    expect(text.split('\n')).toContain(metric);
  }
  expect(text).toMatch(/^agentao_connections_open\{path="\/media"\} 1$/m);
  caller?.hangUp();
  expect(await calls[0]?.ended).toEqual({ reason: 'hangup', by: 'caller' });

  line.process.kill('SIGTERM');
  const { exitCode, out, err } = await line.process.outcome;
  expect(exitCode).toBe(0);
  expect(err).toMatch(
    /^AgenTao switch on wss:\/\/127\.0\.0\.1:\d+, operations on http:\/\/127\.0\.0\.1:\d+, pid \d+\..*\nDraining: 0 calls/,
  );
  const arrived = line.log().find(({ msg }) => msg === 'call arrived');
  expect(arrived).toMatchObject({
    callId: expect.stringMatching(/^call_/) as string,
    callerNumber: '*00',
    level: 'info',
  });
  const key = readFileSync(join(line.folder, 'certs', 'agent-1.key'), 'utf8').split('\n')[1] ?? '';
  for (const secret of ['15559999', '15550000', key, 'op_', 'mt_']) expect(out).not.toContain(secret);
});

it('takes over the file on SIGHUP without dropping a call: a connector goes, a faulty file changes nothing, certificates are read again', async () => {
  await using line = await openServiceLine();
  const { client, calls } = await line.agent();
  const [caller] = await startCalls(line, 1);
  const reload = async (message: string, times = 1): Promise<void> => {
    line.process.kill('SIGHUP');
    await eventually(() => line.log().filter(({ msg }) => msg === message).length >= times, `not said: ${message}`);
  };

  line.edit((text) => text.replace("numbers: ['+15559999']", 'numbers: [15559999]\n    nmae: x'));
  await reload('the configuration has a fault; nothing was changed', 2);
  const problems = line.log().flatMap(({ problem }) => (typeof problem === 'string' ? [problem] : []));
  expect(problems).toEqual([
    expect.stringMatching(/^connectors\[0\]\.numbers\[0\]: must be a number in quotes.*\(agentao\.yaml:13\)$/),
    expect.stringMatching(/^connectors\[0\]\.nmae: there is no such key/),
  ]);
  const second = await line.phone('+15550007');
  second.dial(number);
  await second.heard('answered');
  second.hangUp();

  line.edit((text) => text.replace('numbers: [15559999]\n    nmae: x', "numbers: ['+15559999']"));
  const renamed = ['server.pem', 'server.key'].map((name) => join(line.folder, 'certs', name));
  for (const path of renamed) renameSync(path, `${path}.old`);
  await line.run('certs', 'server', '--host', 'localhost', '127.0.0.1');
  await reload('configuration taken over');
  const third = await line.phone('+15550008');
  third.dial(number);
  await third.heard('answered');
  third.hangUp();
  for (const path of renamed) rmSync(`${path}.old`);

  line.edit((text) => text.replace(/connectors:[\s\S]*(?=# A machine)/, 'connectors: []\n'));
  await reload('configuration taken over', 2);
  const late = await line.phone('+15550009');
  late.dial(number);
  expect(await late.heard('error')).toMatchObject({ code: 'CALLEE_UNREACHABLE' });
  expect(caller?.told.map(({ type }) => type)).toEqual(['registered', 'dialing', 'answered']);
  expect(calls[0]?.state).toBe('ANSWERED');
  const { text } = await line.get('/metrics');
  expect(text).toMatch(/^agentao_config_reloads_total\{outcome="refused"\} 1$/m);
  expect(text).toMatch(/^agentao_config_reloads_total\{outcome="taken_over"\} 2$/m);
  await client.disconnect();
});

it('takes over the file as soon as it changes where it is told to watch it', async () => {
  await using line = await openServiceLine({ watch: true });
  line.edit((text) => text.replace('drainMs: 60000', 'drainMs: 50000'));
  await eventually(() => said(line, 'configuration taken over'), 'the change is not taken over');
});

it('keeps a SIGHUP that comes while it starts for when it has started', async () => {
  await using line = await openServiceLine();
  const pipe = join(line.folder, 'pipe.yaml');
  spawnSync('mkfifo', [pipe]);
  const starting = runAgentao(['switch', '--config', 'pipe.yaml'], line.folder);
  // It opens once the switch reads at the other end.
  const write = async (): Promise<void> => {
    const file = await open(pipe, 'w');
    starting.kill('SIGHUP');
    await file.writeFile('listen: { port: 0 }\n');
    await file.close();
  };
  await write();
  await starting.said(/"msg":"switch started"/);
  await write();
  await starting.said(/"msg":"configuration taken over"/);
  starting.kill('SIGKILL');
  await starting.outcome;
});

it('drains on SIGTERM: no call is taken, none is cut, and it ends with the last one', async () => {
  await using line = await openServiceLine();
  await line.agent();
  const callers = await startCalls(line, 3);
  const idle = await line.phone('+15550009');
  line.process.kill('SIGTERM');
  await eventually(() => said(line, 'draining'), 'it does not drain');
  expect(await line.get('/readyz')).toMatchObject({ status: 503, text: expect.stringContaining('draining') as string });
  idle.dial(number);
  expect(await idle.heard('error')).toMatchObject({ code: 'SHUTTING_DOWN' });
  for (const [index, caller] of callers.entries()) {
    expect(
      caller.told.some(({ type }) => type === 'ended'),
      `call ${index}`,
    ).toBe(false);
    caller.hangUp();
    await caller.heard('ended');
  }
  expect(await line.process.outcome).toMatchObject({ exitCode: 0 });
});

it('ends what is left at the deadline, or on a second SIGTERM, and says so by its exit code', async () => {
  for (const { drainMs, again } of [
    { drainMs: 300, again: false },
    { drainMs: 60_000, again: true },
  ]) {
    await using line = await openServiceLine({ drainMs });
    await line.agent();
    const [caller] = await startCalls(line, 1);
    line.process.kill('SIGTERM');
    await eventually(() => said(line, 'draining'), 'it does not drain');
    if (again) line.process.kill('SIGTERM');
    expect(await caller?.heard('ended')).toMatchObject({ reason: 'shutdown', by: 'switch' });
    expect(await line.process.outcome).toMatchObject({ exitCode: 2 });
  }
});

it('does not start on a faulty file, and tells every fault in one line', async () => {
  await using line = await openServiceLine();
  line.edit((text) => text.replace('certs/server.pem', 'none.pem').replace('port: 0 #', 'prot: 0 #'));
  const { exitCode, out, err } = await line.run('switch');
  expect({ exitCode, out }).toEqual({ exitCode: 1, out: '' });
  expect(err).toMatch(
    /^operations\.prot: there is no such key; did you mean port\? \(agentao\.yaml:6\)\nlisten\.tls\.certificate: .*none\.pem cannot be read \(ENOENT\)\n$/,
  );
  line.edit((text) => text.replace('prot: 0 #', 'port: 0 #'));
  for (const args of [['switch'], ['switch', '--check']]) {
    const refused = await line.run(...args);
    expect(refused.exitCode).toBe(1);
    expect(refused.err).toMatch(/^listen\.tls\.certificate: .*none\.pem cannot be read \(ENOENT\)\n$/);
  }
});
