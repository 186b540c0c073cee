import { type NewApiKey, type NewOperatorToken, createApiKey, createOperatorToken } from '@agentao/switch';
import { createSwitch, type Switch, type SwitchOptions } from '@agentao/switch';
import { createScriptedPhones, type ScriptedPhones } from '@agentao/switch/testing';
import { listenWs, type WsListenOptions, type WsServer } from '@agentao/transport/ws';
import { clock } from '../real-line.ts';

/** A switch on a real port that keeps what it writes to its log. */
export interface AttackedSwitch extends AsyncDisposable {
  readonly callSwitch: Switch;
  readonly phones: ScriptedPhones;
  readonly server: WsServer;
  readonly port: number;
  readonly key: NewApiKey;
  readonly operator: NewOperatorToken;
  /** The log at its most talkative, as text. */
  readonly log: string;
}

/** The number of its one connector. */
const calleeNumber = '+15559999';

/** Opens it; phones may dial. */
export async function openAttackedSwitch(
  options: { readonly listen?: Partial<WsListenOptions>; readonly made?: Partial<SwitchOptions> } = {},
): Promise<AttackedSwitch> {
  const phones = createScriptedPhones({ clock });
  const key = createApiKey();
  const operator = createOperatorToken();
  const lines: string[] = [];
  const write = (fields: object, message: string): void => {
    const { err, ...rest } = fields as { readonly err?: unknown };
    lines.push(JSON.stringify({ ...rest, err: String(err) }), message);
  };
  const callSwitch = createSwitch({
    clock,
    legs: [phones],
    connectors: [{ uuid: 'attacked', numbers: [calleeNumber], keys: [key.stored] }],
    operators: { tokenSha256: operator.sha256, dev: true },
    logger: { debug: write, info: write, warn: write, error: write },
    ...options.made,
  });
  const server = await listenWs({
    clock,
    port: 0,
    onUpgrade: callSwitch.onUpgrade,
    onRequest: callSwitch.onRequest,
    onError: (error) => write({ err: error }, 'a connection could not be taken'),
    ...options.listen,
  });
  callSwitch.start();
  return {
    callSwitch,
    phones,
    server,
    port: Number(new URL(server.url).port),
    key,
    operator,
    get log() {
      return lines.join('\n');
    },
    [Symbol.asyncDispose]: async () => {
      await callSwitch.close();
      await server.close();
    },
  };
}
