import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { trace } from '@opentelemetry/api';
import { findLeaks } from './find-leaks.ts';
import { gatherSecrets } from './gather-secrets.ts';
import { createSaid } from './said.ts';
import { createSecrets, type Secrets } from './secrets.ts';
import { createWatchingTracerProvider } from './watching-tracer-provider.ts';

/** Watches this process: what is secret in it, and what is written to logs and spans. */
export interface RedactionWatch extends Disposable {
  readonly secrets: Secrets;
  /** How many different values were written. */
  readonly written: number;
  /** One line per secret that was found where none belongs. */
  leaks(): readonly string[];
}

interface PublishedLine {
  readonly source: string;
  readonly level: string;
  readonly fields: object;
  readonly message: string;
}

/** Begins to watch. Takes the place of the registered tracer provider, if there is one. */
export function watchRedaction(): RedactionWatch {
  const secrets = createSecrets();
  const said = createSaid();
  const logged = (line: unknown): void => {
    const { source, level, fields, message } = line as PublishedLine;
    const origin = `${level} line of ${source} "${message}"`;
    said.add(origin, 'message', message);
    said.add(origin, 'fields', fields);
  };
  // What the library writes in another process; all else there is what people are told.
  const childLine = (line: string): void => {
    const [entry, level] = /agentao (debug|info|warn|error): .*/.exec(line) ?? [];
    if (entry !== undefined) said.add(`${level} line of another process`, 'message', entry);
  };
  const stopGathering = gatherSecrets(secrets, childLine);
  subscribe('agentao:log', logged);
  trace.disable();
  trace.setGlobalTracerProvider(createWatchingTracerProvider(said));
  return {
    secrets,
    get written() {
      return said.values.size;
    },
    leaks: () => findLeaks(secrets.all, said),
    [Symbol.dispose]: () => {
      stopGathering();
      unsubscribe('agentao:log', logged);
      trace.disable();
    },
  };
}
