import { callEventSchemas } from './call-event-schema.ts';
import type { ControlClientMessage, ControlSwitchMessage } from './control-messages.ts';
import { controlClientSchemas, controlSwitchSchemas } from './control-schema.ts';
import type { ErrorCode } from './error-codes.ts';
import { badMessage, isObject, parseMessage } from './json-message.ts';
import { limits } from './limits.ts';
import { mediaCommandSchemas } from './media-command-schema.ts';
import type { MediaClientMessage, MediaSwitchMessage } from './media-messages.ts';
import { mediaClientSchemas, mediaSwitchSchemas } from './media-schema.ts';
import { acceptOrIgnore, createMessageDecoder, type UnknownMessage } from './message-decoder.ts';
import type { MonitorClientMessage, MonitorSwitchMessage } from './monitor-messages.ts';
import { monitorClientSchemas, monitorSwitchSchemas } from './monitor-schema.ts';
import type { PhoneClientMessage, PhoneSwitchMessage } from './phone-messages.ts';
import { phoneClientSchemas, phoneSwitchSchemas } from './phone-schema.ts';
import { positiveU32 } from './wire-values.ts';

/** A command that is answered with this error and changes nothing. */
export interface RefusedCommand {
  readonly type: 'refused';
  readonly id: number;
  readonly code: Extract<ErrorCode, 'UNKNOWN_COMMAND' | 'BAD_ARGUMENT'>;
  readonly message: string;
}

/** Every text message of the four sockets. */
export type AnyMessage =
  | ControlClientMessage
  | ControlSwitchMessage
  | MediaClientMessage
  | MediaSwitchMessage
  | PhoneClientMessage
  | PhoneSwitchMessage
  | MonitorClientMessage
  | MonitorSwitchMessage;

/** The text of a message. The sender keeps it within the socket's size limit. */
export function encode(message: AnyMessage): string {
  return JSON.stringify(message);
}

const fromClient = limits.clientNesting;
const fromSwitch = limits.switchNesting;

const controlClient = createMessageDecoder(controlClientSchemas);
const controlSwitch = createMessageDecoder(controlSwitchSchemas);
const mediaClient = createMessageDecoder(mediaClientSchemas);
const mediaSwitch = createMessageDecoder(mediaSwitchSchemas);
const phoneClient = createMessageDecoder(phoneClientSchemas);
const phoneSwitch = createMessageDecoder(phoneSwitchSchemas);
const monitorClient = createMessageDecoder(monitorClientSchemas);
const monitorSwitch = createMessageDecoder(monitorSwitchSchemas);

const commandTypes: ReadonlySet<string> = new Set(Object.keys(mediaCommandSchemas));
const eventTypes: ReadonlySet<string> = new Set(Object.keys(callEventSchemas));

/** Decodes a client's text on `agentao.control.v1`. Throws ProtocolError BAD_MESSAGE, as all decoders of text do. */
export function decodeControlClient(text: string): ControlClientMessage | UnknownMessage {
  return acceptOrIgnore(controlClient(parseMessage(text, fromClient)));
}

/** Decodes a switch's text on `agentao.control.v1`. */
export function decodeControlSwitch(text: string): ControlSwitchMessage | UnknownMessage {
  return acceptOrIgnore(controlSwitch(parseMessage(text, fromSwitch)));
}

/**
 * Decodes a client's text on `agentao.media.v1`. Whatever carries a command id and cannot be understood is `refused`:
 * it gets an error response, and the connection stays.
 */
export function decodeMediaClient(text: string): MediaClientMessage | RefusedCommand | UnknownMessage {
  const value = parseMessage(text, fromClient);
  const outcome = mediaClient(value);
  const id = positiveU32.safeParse(value['id']);
  if (id.success && outcome.kind === 'unknown') {
    return { type: 'refused', id: id.data, code: 'UNKNOWN_COMMAND', message: `no command ${outcome.name}` };
  }
  if (id.success && outcome.kind === 'invalid' && commandTypes.has(value.type)) {
    return { type: 'refused', id: id.data, code: 'BAD_ARGUMENT', message: outcome.problem };
  }
  return acceptOrIgnore(outcome);
}

/** Decodes a switch's text on `agentao.media.v1`. An unknown event comes as `unknown` with its `seq`. */
export function decodeMediaSwitch(text: string): MediaSwitchMessage | UnknownMessage {
  const value = parseMessage(text, fromSwitch);
  const event = value['event'];
  if (
    value.type === 'event' &&
    isObject(event) &&
    typeof event['type'] === 'string' &&
    !eventTypes.has(event['type'])
  ) {
    const seq = positiveU32.safeParse(value['seq']);
    if (!seq.success) throw badMessage('event.seq: not valid');
    return { type: 'unknown', name: event['type'].slice(0, 64), seq: seq.data };
  }
  return acceptOrIgnore(mediaSwitch(value));
}

/** Decodes a phone's text on `agentao.phone.v1`. */
export function decodePhoneClient(text: string): PhoneClientMessage | UnknownMessage {
  return acceptOrIgnore(phoneClient(parseMessage(text, fromClient)));
}

/** Decodes a switch's text on `agentao.phone.v1`. */
export function decodePhoneSwitch(text: string): PhoneSwitchMessage | UnknownMessage {
  return acceptOrIgnore(phoneSwitch(parseMessage(text, fromSwitch)));
}

/** Decodes a monitor's text on `agentao.monitor.v1`. */
export function decodeMonitorClient(text: string): MonitorClientMessage | UnknownMessage {
  return acceptOrIgnore(monitorClient(parseMessage(text, fromClient)));
}

/** Decodes a switch's text on `agentao.monitor.v1`. */
export function decodeMonitorSwitch(text: string): MonitorSwitchMessage | UnknownMessage {
  return acceptOrIgnore(monitorSwitch(parseMessage(text, fromSwitch)));
}
