import { type ActiveCall, AgenTaoClient, AgenTaoClientConfig, events } from '@agentao/calls';
import { type Clock, createSystemClock } from '@agentao/clock';
import { readConsoleFiles } from '@agentao/console';
import { createApiKey, createOperatorToken, createSwitch, type OperatorRole, type Switch } from '@agentao/switch';
import { listenWs } from '@agentao/transport/ws';

export const clock: Clock = createSystemClock(globalThis);
/** The agent's number, and that of the person who was called. */
export const agentNumber = '+15559999';

/** A switch on a real port that serves the console, and an agent on it that does what the test says. */
export interface ConsoleLine extends AsyncDisposable {
  readonly callSwitch: Switch;
  readonly port: number;
  readonly operatorToken: string;
  /** The link with which a page signs in, once; through another port if one is given. */
  link(role?: OperatorRole, port?: number): string;
  /** The next call that the agent gets. */
  nextCall(): Promise<ActiveCall>;
}

/** How a line differs from one in development. */
export interface ConsoleLineOptions {
  /** Default true: phones may dial. */
  readonly dev?: boolean;
}

/** Opens it, with the agent ready. The agent does nothing by itself; its handler lasts as long as the call. */
export async function openConsoleLine({ dev = true }: ConsoleLineOptions = {}): Promise<ConsoleLine> {
  const { key, stored } = createApiKey();
  const operator = createOperatorToken();
  const connectorUuid = 'browser';
  const callSwitch = createSwitch({
    clock,
    connectors: [{ uuid: connectorUuid, numbers: [agentNumber], keys: [stored] }],
    operators: { tokenSha256: operator.sha256, dev },
    staticRoutes: await readConsoleFiles(),
  });
  const { onUpgrade, onRequest } = callSwitch;
  const server = await listenWs({ clock, port: 0, onUpgrade, onRequest });
  callSwitch.start();
  const client = new AgenTaoClient(AgenTaoClientConfig.sandbox({ apiKey: key, connectorUuid, baseUrl: server.url }));
  const calls: ActiveCall[] = [];
  const waiting: ((call: ActiveCall) => void)[] = [];
  client.on(events.INCOMING_CALL, async (call) => {
    const take = waiting.shift();
    if (take) take(call);
    else calls.push(call);
    await call.ended;
  });
  await client.connect();
  await callSwitch.whenReady(connectorUuid);
  const port = Number(new URL(server.url).port);
  return {
    callSwitch,
    port,
    operatorToken: operator.token,
    link: (role = 'operator', through = port) =>
      `http://127.0.0.1:${through}/#sign-in=${callSwitch.createSignIn({ role })}`,
    nextCall: () => {
      const call = calls.shift();
      return call ? Promise.resolve(call) : new Promise((resolve) => waiting.push(resolve));
    },
    [Symbol.asyncDispose]: async () => {
      await client.disconnect();
      await callSwitch.close();
      await server.close();
    },
  };
}
