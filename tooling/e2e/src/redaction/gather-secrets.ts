import childProcess from 'node:child_process';
import crypto from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import fs from 'node:fs';
import type { ClientRequest } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import type { Secrets } from './secrets.ts';
import { secretsInMessage } from './secrets-in-message.ts';

/** One line that another process has written. */
export type ChildLine = (line: string) => void;

const longestPem = 20_000;

/**
 * Watches the places where secrets enter or leave this process, whatever program it runs: JSON on the wire, SHA-256 (the switch keeps hashes
 * and hashes whatever it is shown), files in PEM, `Authorization` headers, the environment of agents. Returns what ends that.
 */
export function gatherSecrets(secrets: Secrets, childLine: ChildLine): () => void {
  const { parse, stringify } = JSON;
  const { createHash } = crypto;
  const { readFileSync } = fs;
  const { spawn } = childProcess;

  JSON.parse = (text, reviver) => {
    const value: unknown = parse(text, reviver);
    secretsInMessage(value, secrets);
    return value;
  };
  JSON.stringify = (value: unknown, ...rest: unknown[]) => {
    secretsInMessage(value, secrets);
    return (stringify as (...args: unknown[]) => string)(value, ...rest);
  };

  crypto.createHash = (algorithm, options) => {
    const hash = createHash(algorithm, options);
    if (algorithm !== 'sha256') return hash;
    const { update } = hash;
    hash.update = (data: crypto.BinaryLike, encoding?: crypto.Encoding) => {
      if (typeof data === 'string' && /^[\w-]{1,512}$/.test(data)) secrets.token(data);
      return update.call(hash, data as string, encoding as crypto.Encoding);
    };
    return hash;
  };

  const readFile = (...args: Parameters<typeof readFileSync>): ReturnType<typeof readFileSync> => {
    const content = readFileSync(...args);
    if (typeof content === 'string' && content.length < longestPem && content.includes('-----BEGIN'))
      secrets.pem(content);
    return content;
  };
  fs.readFileSync = readFile as typeof readFileSync;

  const run = (...args: readonly unknown[]): childProcess.ChildProcess => {
    const child = (spawn as (...args: readonly unknown[]) => childProcess.ChildProcess)(...args);
    for (const arg of args) {
      if (typeof arg !== 'object' || arg === null || !('env' in arg)) continue;
      secrets.token((arg.env as Record<string, unknown>)['AGENTAO_API_KEY']);
    }
    for (const stream of [child.stdout, child.stderr]) watchLines(stream, childLine);
    return child;
  };
  childProcess.spawn = run as typeof spawn;
  syncBuiltinESMExports();

  const requested = (message: unknown): void => {
    const { request } = message as { readonly request: ClientRequest };
    const shown = request.getHeader('authorization');
    if (typeof shown === 'string') secrets.token(shown.replace(/^Bearer /, ''));
  };
  subscribe('http.client.request.start', requested);

  return () => {
    unsubscribe('http.client.request.start', requested);
    JSON.parse = parse;
    JSON.stringify = stringify;
    crypto.createHash = createHash;
    fs.readFileSync = readFileSync;
    childProcess.spawn = spawn;
    syncBuiltinESMExports();
  };
}

/** Sees what a stream says without making it flow. */
function watchLines(stream: NodeJS.ReadableStream | null, line: ChildLine): void {
  if (stream === null) return;
  const { emit } = stream;
  let rest = '';
  stream.emit = (event, ...args: unknown[]) => {
    if (event === 'data') {
      const lines = (rest + String(args[0])).split('\n');
      rest = lines.pop() ?? '';
      for (const text of lines) line(text);
    }
    return emit.call(stream, event, ...args);
  };
}
