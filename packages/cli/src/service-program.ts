import { type Command, InvalidArgumentError } from 'commander';
import type { CertsOptions } from './commands/certs.ts';
import type { CommandContext } from './commands/command-context.ts';
import type { CreateKeyOptions } from './commands/keys.ts';
import type { SwitchCommandOptions } from './commands/switch.ts';

/** Adds the commands of those who run a switch as a service. What they need is loaded when one of them runs. */
export function addServiceCommands(
  program: Command,
  context: CommandContext,
  onExit: (exitCode: number) => void,
): void {
  const configOption = [
    '--config <file>',
    'the configuration (default: AGENTAO_SWITCH_CONFIG, or agentao.yaml)',
  ] as const;

  program
    .command('switch')
    .description('run a switch as a service, as a configuration file says')
    .option(...configOption)
    .option('--check', 'say what would run and what is wrong, and run nothing', false)
    .option('--watch', 'take over the file when it changes', false)
    .action(async (options: SwitchCommandOptions) => {
      const { listenForServiceSignals } = await import('./service/service-signals.ts');
      using signals = listenForServiceSignals();
      const { runSwitch } = await import('./commands/switch.ts');
      onExit(await runSwitch(context, options, signals));
    });

  const keys = program.command('keys').description('the API keys of a configuration file');
  keys
    .command('create')
    .description('make a key, print it once, and store its SHA-256 in the file')
    .option(...configOption)
    .option('--connector <uuid>', 'the connector it may serve (default: the only one)')
    .option('--name <name>', 'what it is for, in your words')
    .option('--operator', 'make the token of operators instead', false)
    .action(async (options: CreateKeyOptions) => {
      const { createKey } = await import('./commands/keys.ts');
      onExit(await createKey(context, options));
    });
  keys
    .command('list')
    .description('list the ids of the keys, never the keys')
    .option(...configOption)
    .option('--json', 'print one line of JSON', false)
    .action(async (options: { config?: string; json: boolean }) => {
      const { listKeys } = await import('./commands/keys.ts');
      onExit(await listKeys(context, options));
    });
  keys
    .command('revoke')
    .description('take a key out of the file')
    .argument('<id>', 'the id of the key')
    .option(...configOption)
    .action(async (id: string, options: { config?: string }) => {
      const { revokeKey } = await import('./commands/keys.ts');
      onExit(await revokeKey(context, { ...options, id }));
    });

  const certs = program.command('certs').description('certificates for mutual TLS: an authority, switches and clients');
  const certificate = (name: string, days: number): Command =>
    certs
      .command(name)
      .option('--out <folder>', 'where the files go', 'certs')
      .option('--days <days>', 'how long it is good', parseDays, days);
  certificate('ca', 3_650)
    .description('make an authority: ca.pem for everybody, ca.key for nobody else')
    .action(async (options: CertsOptions) => {
      const { makeAuthority } = await import('./commands/certs.ts');
      onExit(await makeAuthority(context, options));
    });
  certificate('server', 365)
    .description('make the certificate of a switch, signed by the authority in the folder')
    .option('--host <name...>', 'host names and addresses it is good for', ['localhost', '127.0.0.1'])
    .action(async (options: CertsOptions & { host: string[] }) => {
      const { makeServerCertificate } = await import('./commands/certs.ts');
      onExit(await makeServerCertificate(context, options));
    });
  certificate('client', 90)
    .description('make the certificate of a client, signed by the authority in the folder')
    .argument('<name>', 'its common name')
    .action(async (name: string, options: CertsOptions) => {
      const { makeClientCertificate } = await import('./commands/certs.ts');
      onExit(await makeClientCertificate(context, { ...options, name }));
    });
}

function parseDays(text: string): number {
  const days = Number(text);
  if (/^\d+$/.test(text) && days >= 1 && days <= 36_500) return days;
  throw new InvalidArgumentError('Days are a whole number from 1 to 36500.');
}
