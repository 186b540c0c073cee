import { createServer } from 'node:net';
import type { Clock } from '@agentao/clock';
import { checkRecordsFolder, RecordsError } from '@agentao/switch/records';
import { readPromptFiles } from './prompt-files.ts';
import { type ListenConfig, type ServiceConfig, showPath } from './service-config.ts';
import { readTlsFiles } from './tls-files.ts';

/** What `--check` finds beyond the file itself. */
export interface ServiceCheck {
  /** What keeps it from running. */
  readonly problems: readonly string[];
  /** What may be meant so. */
  readonly notes: readonly string[];
}

/**
 * Looks at everything that the file names: certificates, keys, ports, the folder of the records, which it makes where it is missing. Opens nothing for longer
 * than a moment.
 */
export async function checkService(config: ServiceConfig, clock: Clock): Promise<ServiceCheck> {
  const { listen, operations, connectors, operators, records, prompts } = config;
  const problems: string[] = [];
  const notes: string[] = [];
  if (listen.tls !== undefined) {
    const files = readTlsFiles(listen.tls, clock.wallTime());
    if (files.ok) notes.push(...files.notes);
    else problems.push(...files.faults.map(({ path, message }) => `${showPath(path)}: ${message}`));
  }
  const clips = readPromptFiles(prompts);
  if (!clips.ok) problems.push(...clips.faults.map(({ path, message }) => `${showPath(path)}: ${message}`));
  if (records === undefined && prompts.recordingNotice !== undefined)
    notes.push('prompts.recordingNotice: nobody hears it without records');
  if (records !== undefined) {
    try {
      checkRecordsFolder(records.folder);
    } catch (error) {
      if (!(error instanceof RecordsError)) throw error;
      problems.push(error.message);
    }
  }
  for (const [name, address] of Object.entries({ listen, ...(operations === undefined ? {} : { operations }) })) {
    const taken = await portFault(address);
    if (taken?.inUse)
      notes.push(`${name}.port: ${address.port} is in use; that is right if it is this switch, already running`);
    else if (taken) problems.push(`${name}.host: cannot listen on ${address.host}:${address.port} (${taken.code})`);
  }
  if (connectors.length === 0) notes.push('connectors: there are none, so every call is refused');
  const mutual = listen.tls?.clientAuthority !== undefined;
  for (const [index, { keys, certificates }] of connectors.entries()) {
    if (keys.length === 0 && certificates.length === 0) {
      notes.push(`connectors[${index}]: lists neither keys nor certificates, so that nobody can serve it`);
    }
    if (certificates.length > 0 && !mutual) {
      notes.push(`connectors[${index}].certificates: nobody is asked for one without listen.tls.clientAuthority`);
    }
  }
  if (mutual && operations === undefined) {
    notes.push('operations: without it probes, Prometheus and people need a client certificate too');
  }
  if (operators?.dev)
    notes.push('operators.dev: whoever may sign in can dial any number from any number; for trials only');
  return { problems, notes };
}

function portFault({
  host,
  port,
}: Pick<ListenConfig, 'host' | 'port'>): Promise<{ readonly code: string; readonly inUse: boolean } | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', ({ code = 'unknown' }: NodeJS.ErrnoException) =>
      resolve({ code, inUse: code === 'EADDRINUSE' }),
    );
    probe.listen(port, host, () => probe.close(() => resolve(undefined)));
  });
}
