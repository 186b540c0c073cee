import { createApiKey, createOperatorToken } from '@agentao/switch';
import { isMap, isSeq } from 'yaml';
import { CommandError } from '../command-error.ts';
import { connectorNodes, keysOf, openConfigFile } from '../service/config-file.ts';
import { loadConfig } from '../service/load-config.ts';
import type { CommandContext } from './command-context.ts';
import { configPath } from './switch.ts';

/** Options of `agentao keys create`. */
export interface CreateKeyOptions {
  readonly config?: string | undefined;
  readonly connector?: string | undefined;
  readonly name?: string | undefined;
  /** Makes an operator token instead. */
  readonly operator: boolean;
}

const howToReload =
  'A running switch takes it over on SIGHUP (systemctl reload agentao-switch), or by itself with --watch.';

/** Makes a key, stores its SHA-256 in the file and prints the key, once. Returns the exit code. */
export async function createKey(context: CommandContext, options: CreateKeyOptions): Promise<number> {
  if (options.operator) return createOperator(context, options);
  const { terminal } = context;
  const path = configPath(context, options.config);
  const file = await openConfigFile(path);
  const connectors = connectorNodes(file.document);
  const uuids = connectors.map((connector) => String(connector.get('uuid')));
  const uuid = options.connector ?? (uuids.length === 1 ? uuids[0] : undefined);
  const connector = connectors.find((candidate) => candidate.get('uuid') === uuid);
  if (connector === undefined) {
    const known = uuids.length === 0 ? 'there are none' : `there are ${uuids.join(', ')}`;
    throw new CommandError(
      uuid === undefined ? `Say --connector <uuid>: ${known}` : `There is no connector ${uuid}: ${known}`,
    );
  }
  const { key, stored } = createApiKey();
  const { name } = options;
  const entry = { id: stored.keyId, ...(name === undefined ? {} : { name }), sha256: stored.sha256 };
  keysOf(file.document, connector).add(file.document.createNode(entry));
  await file.save();
  terminal.line(key);
  terminal.problem(`This is shown once; the file has its SHA-256, under the id ${stored.keyId}. ${howToReload}`);
  return 0;
}

async function createOperator(context: CommandContext, { config, connector, name }: CreateKeyOptions): Promise<number> {
  if (connector !== undefined || name !== undefined) {
    throw new CommandError('There is one operator token, of the whole switch: it has no --connector and no --name');
  }
  const file = await openConfigFile(configPath(context, config));
  const replaced = file.document.hasIn(['operators', 'tokenSha256']);
  const { token, sha256 } = createOperatorToken();
  if (isMap(file.document.get('operators'))) file.document.setIn(['operators', 'tokenSha256'], sha256);
  else file.document.set('operators', file.document.createNode({ tokenSha256: sha256 }));
  await file.save();
  context.terminal.line(token);
  const before = replaced ? 'the one before is worth nothing then' : 'there was none before';
  context.terminal.problem(
    `This is shown once; the file has its SHA-256. It counts from the next start of the switch; ${before}.`,
  );
  return 0;
}

/** Lists the keys of the file: connector, id, name. Returns the exit code. */
export async function listKeys(
  context: CommandContext,
  options: { readonly config?: string | undefined; readonly json: boolean },
): Promise<number> {
  const { terminal, cwd } = context;
  const loaded = await loadConfig(configPath(context, options.config), { env: {}, cwd });
  if (!loaded.ok) throw new CommandError(loaded.problems[0] ?? 'the file cannot be read');
  const rows = loaded.config.connectors.flatMap(({ uuid, keys }) =>
    keys.map(({ id, name }) => ({ connector: uuid, id, ...(name === undefined ? {} : { name }) })),
  );
  if (options.json) terminal.line(JSON.stringify(rows));
  else for (const { connector, id, name = '' } of rows) terminal.line(`${id}  ${connector}  ${name}`.trimEnd());
  if (rows.length === 0 && !options.json) terminal.problem('There are no keys.');
  return 0;
}

/** Takes a key out of the file, from every connector. Returns the exit code. */
export async function revokeKey(
  context: CommandContext,
  options: { readonly config?: string | undefined; readonly id: string },
): Promise<number> {
  const { terminal } = context;
  const file = await openConfigFile(configPath(context, options.config));
  let found = 0;
  for (const connector of connectorNodes(file.document)) {
    const keys: unknown = connector.get('keys', true);
    if (!isSeq(keys)) continue;
    const kept = keys.items.filter((item) => !(isMap(item) && item.get('id') === options.id));
    found += keys.items.length - kept.length;
    keys.items = kept;
  }
  if (found === 0)
    throw new CommandError(`No connector has a key with the id ${options.id}; agentao keys list shows them`);
  await file.save();
  terminal.line(
    `Taken out of ${found === 1 ? 'one connector' : `${found} connectors`}. What it has open is closed once the switch has read the file. ${howToReload}`,
  );
  return 0;
}
