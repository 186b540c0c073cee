import { randomBytes } from 'node:crypto';
import { chmod, chown, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { type Document, isMap, isSeq, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml';
import { CommandError } from '../command-error.ts';
import { loadConfig, readConfig } from './load-config.ts';

/** A configuration file that is changed by a command: its comments stay, and it is whole at every moment. */
export interface ConfigFile {
  readonly document: Document;
  /** Replaces the file, unless what it says now has faults. Throws CommandError then, and if it was changed meanwhile. */
  save(): Promise<void>;
}

/** Opens a file for changing. Throws CommandError if it is not a good configuration. */
export async function openConfigFile(path: string): Promise<ConfigFile> {
  const surroundings = { env: process.env, cwd: process.cwd() };
  const loaded = await loadConfig(path, surroundings);
  if (!loaded.ok) throw new CommandError(`${loaded.problems[0]} (agentao switch --check says all)`);
  const target = await realpath(path);
  const before = await readFile(target, 'utf8');
  const document = parseDocument(before, { logLevel: 'error' });
  return {
    document,
    save: async () => {
      const text = document.toString({ lineWidth: 0, flowCollectionPadding: false });
      const result = readConfig(text, path, surroundings);
      if (!result.ok) throw new CommandError(result.problems[0] ?? 'the file would not be a good configuration');
      await replaceFile(target, { before, text });
    },
  };
}

/** Writes beside the file and renames, so that a reader sees the old one or the new one. Mode and owner stay. */
async function replaceFile(
  target: string,
  { before, text }: { readonly before: string; readonly text: string },
): Promise<void> {
  const lock = `${target}.lock`;
  const held = await open(lock, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST')
      throw new CommandError(`Another command is changing the file. If none is, remove ${lock}`);
    throw new CommandError(`${target} cannot be changed: ${error.message}`);
  });
  const temporary = `${target}.${randomBytes(4).toString('hex')}`;
  try {
    const { mode, uid, gid } = await stat(target);
    if ((await readFile(target, 'utf8')) !== before) {
      throw new CommandError('The file was changed meanwhile. Try again.');
    }
    const file = await open(temporary, 'wx', mode & 0o777);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await chmod(temporary, mode & 0o7777);
    // Only root may give a file away; for everybody else it is their own anyway.
    if (process.getuid?.() === 0) await chown(temporary, uid, gid);
    await rename(temporary, target);
  } finally {
    await rm(temporary, { force: true });
    await held.close();
    await rm(lock, { force: true });
  }
}

/** The connectors of a document with their places. */
export function connectorNodes(document: Document): readonly YAMLMap[] {
  const list: unknown = document.get('connectors');
  return isSeq(list) ? list.items.filter((item) => isMap(item)) : [];
}

/** The list of keys of a connector; made where there is none. */
export function keysOf(document: Document, connector: YAMLMap): YAMLSeq {
  const keys: unknown = connector.get('keys', true);
  if (isSeq(keys)) return keys;
  const created = document.createNode([]) as YAMLSeq;
  connector.set('keys', created);
  return created;
}
