import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AgenTaoClient, AgenTaoClientConfig, type CallHandler, events } from '@agentao/calls';
import { type Clock, createSystemClock } from '@agentao/clock';
import { logTo, type Notifier, notifier, type NotifierOptions } from './notify.ts';

/** What a program gives an app beside its model. All of it is the program's, and is closed by it. */
export interface AppParts<Store> {
  readonly clock: Clock;
  readonly store: Store;
  readonly notify: Notifier;
}

/** An app as a program: where its rows are, and what takes its calls. */
export interface RunAppOptions<Store extends Disposable> {
  /** Name of its database. The folder is `AGENTAO_APP_DATA`, by default the one in which it was started; it is made where it is not there. */
  readonly file: string;
  readonly openStore: (path: string, options: { readonly clock: Clock }) => Store;
  /** What there has to be before the first call. */
  readonly fill?: (store: Store, clock: Clock) => unknown;
  readonly createApp: (parts: AppParts<Store>) => { readonly handler: CallHandler };
}

/**
 * Runs an app until `SIGINT`, `SIGTERM` or the end of its client: takes the calls of the connector that the environment names (`AGENTAO_*`), writes
 * notifications to standard output, or posts them to `NOTIFY_URL`. Closes client, notifier and store, in this order. Rejects with what the client, the store
 * or `fill` rejects with; `TypeError` for a `NOTIFY_URL` that is none.
 */
export async function runApp<Store extends Disposable>(options: RunAppOptions<Store>): Promise<void> {
  const { file, openStore, fill, createApp } = options;
  const { AGENTAO_APP_DATA: folder = '.', NOTIFY_URL: url = '' } = process.env;
  const config = AgenTaoClientConfig.fromEnv();
  const clock = createSystemClock(globalThis);
  const log = logTo(process.stdout);
  const notify = openNotifier({ log, clock, ...(url === '' ? {} : { webhook: { url } }) });
  mkdirSync(folder, { recursive: true });
  using store = openStore(join(folder, file), { clock });
  await using closing = new AsyncDisposableStack();
  closing.defer(() => notify.close());
  await fill?.(store, clock);
  await using client = await AgenTaoClient.open(config);
  client.on(events.INCOMING_CALL, createApp({ clock, store, notify }).handler);
  await client.runForever();
}

/** What is wrong is told by the name that the operator has set. */
function openNotifier(options: NotifierOptions): Notifier {
  try {
    return notifier(options);
  } catch (cause) {
    throw new TypeError(`NOTIFY_URL: ${cause instanceof Error ? cause.message : ''}`, { cause });
  }
}
