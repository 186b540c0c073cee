import type { Clock } from '@agentao/clock';
import {
  type CloseCodeName,
  closeCodes,
  decodePhoneClient,
  type ErrorCode,
  frameSamples,
  limits as wire,
  type MutableFrameHeader,
  type PhoneClientMessage,
  type PhoneRegister,
  ProtocolError,
  readFrameHeader,
  tracks,
} from '@agentao/protocol';
import type { IncomingCall, IncomingOutcome, Leg } from '../legs/leg.ts';
import { createAudioGate } from './audio-gate.ts';
import { type KeepAlive, keepAlive } from './keep-alive.ts';
import { type Logger, maskNumber } from './logger.ts';
import type { Peer } from './peer.ts';
import { createBusyLeg, PhoneLeg, type PhoneLine } from './phone-leg.ts';
import type { ServerLimits } from './server-limits.ts';

/** What phone connections share. */
export interface PhoneConnectionContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: ServerLimits;
  /** Whether phones may dial, and have whatever number they like. */
  readonly dev: boolean;
  /** Whether a connector serves a number, so that a call to it may ring a phone. */
  readonly serves: (number: string) => boolean;
  /** Reports a dialled call to the switch. */
  readonly incoming: (call: IncomingCall) => IncomingOutcome;
}

/** Who has which number, and who is connected at all. */
export interface PhoneRegistry {
  readonly connections: Set<PhoneConnection>;
  readonly byNumber: Map<string, PhoneConnection>;
}

/** One phone socket. */
export interface PhoneConnection {
  /** Rings the phone, which is registered; a busy one gives a leg that ends `rejected`. */
  ring(callId: string, from: string): Leg;
  close(name: CloseCodeName, reason?: string): void;
}

type State =
  | { readonly name: 'fresh' }
  | { readonly name: 'registered'; readonly line: PhoneLine; readonly alive: KeepAlive; leg: PhoneLeg | undefined }
  | { readonly name: 'over' };

/** Speaks `agentao.phone.v1` with one phone until either side is gone; is in `registry` for as long. */
export function openPhoneConnection(
  peer: Peer,
  options: PhoneConnectionContext & { readonly registry: PhoneRegistry },
): void {
  const { clock, logger, limits, registry } = options;
  const { mediaPingMs, mediaDeadMs } = wire;
  const header: MutableFrameHeader = { track: 0, generation: 0, flags: 0, position: 0 };
  const registerTimer = clock.setTimer(clock.now() + wire.helloTimeoutMs, () => peer.close('HANDSHAKE_TIMEOUT'));
  let state: State = { name: 'fresh' };

  const fail = (code: ErrorCode, message: string): void => peer.send({ type: 'error', code, message });

  const createLine = ({ number, sampleRateHz, outputDelayMs = 0 }: PhoneRegister): PhoneLine => {
    const boundBytes = (limits.unreadAudioMs * sampleRateHz * 2) / 1_000;
    const gate = createAudioGate({ clock, boundBytes, stalledMs: limits.stalledMs });
    return {
      number,
      sampleRateHz,
      outputDelayMs,
      send: (message) => peer.send(message),
      sendAudio: (frame) => {
        const gateState = gate.check(peer.unreadBytes);
        if (gateState === 'open') peer.sendBytes(frame);
        else if (gateState === 'stalled') peer.close('SLOW_READER');
        return gateState === 'open';
      },
      hungUp: (leg) => {
        if (state.name === 'registered' && state.leg === leg) state.leg = undefined;
      },
    };
  };

  const register = (message: PhoneRegister): void => {
    const { number } = message;
    if (message.onlyIfFree === true && registry.byNumber.has(number)) {
      fail('NUMBER_IN_USE', 'another phone has this number');
      return;
    }
    registerTimer.cancel();
    if (!options.dev && !options.serves(number)) {
      peer.close('FORBIDDEN', 'no connector serves this number');
      return;
    }
    // The older connection leaves the registry before this one enters it.
    registry.byNumber.get(number)?.close('DISPLACED');
    registry.byNumber.set(number, connection);
    const alive = keepAlive(peer, { clock, everyMs: mediaPingMs, quietMs: mediaPingMs, deadMs: mediaDeadMs });
    state = { name: 'registered', line: createLine(message), alive, leg: undefined };
    logger.info({ number: maskNumber(number), sampleRateHz: message.sampleRateHz }, 'phone registered');
    peer.send({ type: 'registered', number });
  };

  const dial = (to: string): void => {
    if (state.name !== 'registered') return;
    if (!options.dev) return fail('FORBIDDEN', 'this switch lets no phone dial');
    if (state.leg !== undefined) return fail('INVALID_STATE', 'this phone is in a call');
    const leg = new PhoneLeg(state.line);
    state.leg = leg;
    const outcome = options.incoming({ caller: leg, calleeNumber: to });
    if (outcome.accepted) {
      peer.send({ type: 'dialing', callId: outcome.callId });
    } else {
      state.leg = undefined;
      fail(outcome.code, outcome.message);
    }
  };

  const act = (message: Exclude<PhoneClientMessage, { type: 'register' | 'ping' | 'pong' }>, leg?: PhoneLeg): void => {
    switch (message.type) {
      case 'dial':
        return dial(message.to);
      case 'answer':
        if (!leg?.pickedUp()) fail('INVALID_STATE', 'this phone does not ring');
        return;
      case 'reject':
        if (!leg?.rejected()) fail('INVALID_STATE', 'this phone does not ring');
        return;
      case 'hangup':
        if (leg === undefined) fail('INVALID_STATE', 'this phone is in no call');
        leg?.putDown();
        return;
      case 'dtmf':
        if (!leg?.open) fail('INVALID_STATE', 'this phone has no open line');
        leg?.pressed(message.digit, message.durationMs ?? 100);
    }
  };

  const text = (raw: string): void => {
    const message = decodePhoneClient(raw);
    logger.debug({ type: message.type }, 'phone message');
    if (message.type === 'unknown') return;
    if (message.type === 'ping') {
      peer.send({ type: 'pong', id: message.id });
    } else if (message.type === 'pong') {
      if (state.name === 'registered') state.alive.pong(message.id);
    } else if (message.type === 'register') {
      if (state.name !== 'fresh') throw new ProtocolError('OUT_OF_ORDER', 'a second register');
      register(message);
    } else if (state.name === 'registered') {
      act(message, state.leg);
    } else {
      throw new ProtocolError('OUT_OF_ORDER', `${message.type} before register`);
    }
  };

  const binary = (bytes: Uint8Array): void => {
    if (state.name !== 'registered') throw new ProtocolError('OUT_OF_ORDER', 'audio before register');
    readFrameHeader(bytes, header);
    if (header.track !== tracks.mix) throw new ProtocolError('BAD_AUDIO', 'audio on a track that is not the mix');
    if (header.generation !== 0)
      throw new ProtocolError('BAD_AUDIO', 'audio of a generation that a phone does not have');
    state.leg?.spoke(frameSamples(bytes), header.position);
  };

  const connection: PhoneConnection = {
    ring: (callId, from) => {
      if (state.name !== 'registered') throw new Error('only a registered phone rings');
      if (state.leg !== undefined) return createBusyLeg(state.line);
      const leg = new PhoneLeg(state.line, { type: 'incoming', callId, from });
      state.leg = leg;
      return leg;
    },
    close: (name, reason) => peer.close(name, reason),
  };

  registry.connections.add(connection);
  peer.start({
    text,
    binary,
    over: ({ by, code }) => {
      registerTimer.cancel();
      registry.connections.delete(connection);
      const last = state;
      state = { name: 'over' };
      if (last.name !== 'registered') return;
      const { number } = last.line;
      registry.byNumber.delete(number);
      last.alive.stop();
      if (by === 'peer' && saysGoodbye(code)) last.leg?.putDown();
      else last.leg?.lost();
      logger.info({ number: maskNumber(number), by, code }, 'phone gone');
    },
  });
}

/** Whether a close frame says that the phone was put away, as a page that is closed does; 1005 is a frame without a code. */
function saysGoodbye(code: number): boolean {
  return code === closeCodes.NORMAL.code || code === closeCodes.GOING_AWAY.code || code === 1005;
}
