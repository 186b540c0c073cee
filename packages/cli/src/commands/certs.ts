import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type CertifiedKey, createAuthority, issueCertificate } from '../certs/authority.ts';
import { CommandError, firstLine } from '../command-error.ts';
import type { CommandContext } from './command-context.ts';

/** Where the files go, and how long the certificate is good. */
export interface CertsOptions {
  readonly out: string;
  readonly days: number;
}

const dayMs = 86_400_000;
const authorityName = 'ca';

/** Makes an authority: `ca.pem`, which everybody is given, and `ca.key`. Returns the exit code. */
export async function makeAuthority(context: CommandContext, options: CertsOptions): Promise<number> {
  const made = await createAuthority('AgenTao development authority', validity(context, options.days));
  return write(context, { ...options, name: authorityName, made });
}

/** Makes the certificate of a switch, good for these names and addresses. Returns the exit code. */
export async function makeServerCertificate(
  context: CommandContext,
  options: CertsOptions & { readonly host: readonly string[] },
): Promise<number> {
  const { host: hosts } = options;
  const [commonName = 'localhost'] = hosts;
  for (const host of hosts)
    if (!/^[A-Za-z0-9.:-]{1,253}$/.test(host)) throw new CommandError(`${host} is no host name and no address`);
  const made = await issue(context, options, { commonName: commonName.slice(0, 64), role: 'server', hosts });
  return write(context, { ...options, name: 'server', made });
}

/** Makes the certificate of a client; its name is who the client is for the switch. Returns the exit code. */
export async function makeClientCertificate(
  context: CommandContext,
  options: CertsOptions & { readonly name: string },
): Promise<number> {
  const { name } = options;
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name) || [authorityName, 'server'].includes(name)) {
    throw new CommandError(
      'A name is 1 to 64 letters, digits, dots, hyphens and underscores, and neither ca nor server',
    );
  }
  const made = await issue(context, options, { commonName: name, role: 'client', hosts: [] });
  const code = await write(context, { ...options, name, made });
  context.terminal.line(`The switch knows it by its name: list ${name} under certificates of a connector.`);
  return code;
}

function validity({ clock }: CommandContext, days: number): { readonly notBefore: Date; readonly notAfter: Date } {
  const nowMs = clock.wallTime();
  // A peer whose clock is an hour behind takes it too.
  return { notBefore: new Date(nowMs - 3_600_000), notAfter: new Date(nowMs + days * dayMs) };
}

async function issue(
  context: CommandContext,
  { out, days }: CertsOptions,
  subject: { readonly commonName: string; readonly role: 'server' | 'client'; readonly hosts: readonly string[] },
): Promise<CertifiedKey> {
  const folder = resolve(context.cwd, out);
  try {
    const certificatePem = await readFile(join(folder, `${authorityName}.pem`), 'utf8');
    const keyPem = await readFile(join(folder, `${authorityName}.key`), 'utf8');
    return await issueCertificate({ certificatePem, keyPem }, { ...subject, ...validity(context, days) });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new CommandError(`There is no authority in ${folder}. First: agentao certs ca`);
    throw new CommandError(`The authority in ${folder} cannot be used: ${firstLine(error)}`);
  }
}

async function write(
  { terminal, cwd }: CommandContext,
  { out, days, name, made }: CertsOptions & { readonly name: string; readonly made: CertifiedKey },
): Promise<number> {
  const folder = resolve(cwd, out);
  const key = join(folder, `${name}.key`);
  const certificate = join(folder, `${name}.pem`);
  const there = [key, certificate].find((path) => existsSync(path));
  if (there !== undefined)
    throw new CommandError(
      `${there} is there already; nothing was written. Remove it first, or choose another folder: --out`,
    );
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(key, made.keyPem, { flag: 'wx', mode: 0o600 });
  try {
    await writeFile(certificate, made.certificatePem, { flag: 'wx', mode: 0o644 });
  } catch (error) {
    await rm(key);
    throw error;
  }
  terminal.line(`${certificate}  good for ${days} days`);
  terminal.line(`${key}  for its owner alone`);
  return 0;
}
