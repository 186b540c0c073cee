import { expect } from 'vitest';
import type { RawPeer, TestSwitch } from './test-switch.ts';

/** A call that has been dialled and offered. */
export interface OfferedCall {
  readonly callId: string;
  readonly offerId: string;
  readonly token: string;
  readonly control: RawPeer;
  readonly caller: RawPeer;
  readonly callee: RawPeer;
}

/** A call with everybody in it, spoken raw. */
export interface TestCall extends OfferedCall {
  readonly media: RawPeer;
}

/** Who takes the call and how. */
export interface TestCallOptions {
  /** A client that is ready; default: a new one. */
  readonly control?: RawPeer;
  /** False leaves the media connection open without a word. */
  readonly attach?: boolean;
}

let lastNumber = 0;

/** Numbers of a caller and a callee that no other test call has. */
export function freshNumbers(): { readonly from: string; readonly to: string } {
  const number = 1_000 + ++lastNumber;
  return { from: `+1${number}`, to: `+2${number}` };
}

/** A caller dials, and the client gets the offer. */
export async function placeCall(test: TestSwitch, options: TestCallOptions = {}): Promise<OfferedCall> {
  const control = options.control ?? (await test.openControl());
  const { from, to } = freshNumbers();
  const caller = await test.openPhone(from);
  const callee = await test.openPhone(to);
  caller.send({ type: 'dial', to });
  const { callId } = await caller.next('dialing');
  const { mediaToken: token, offerId } = await control.next('offer');
  return { callId, offerId, token, control, caller, callee };
}

/** A call in which a client has attached. */
export async function attachCall(test: TestSwitch, options: TestCallOptions = {}): Promise<TestCall> {
  const call = await placeCall(test, options);
  const media = await test.open('media', call.token);
  if (options.attach ?? true) {
    media.send({ type: 'attach', sampleRateHz: 24_000 });
    await media.next('attached');
  }
  return { ...call, media };
}

/** A call in which the agent has answered. */
export async function answerCall(test: TestSwitch, options: TestCallOptions = {}): Promise<TestCall> {
  const call = await attachCall(test, options);
  call.media.send({ type: 'answer', id: 1 });
  expect(await call.media.next('response')).toMatchObject({ id: 1, ok: true });
  return call;
}

/** A call in which the agent has connected the callee. */
export async function connectCall(test: TestSwitch, options: TestCallOptions = {}): Promise<TestCall> {
  const call = await answerCall(test, options);
  call.media.send({ type: 'connect', id: 2, ringTimeMs: 10_000, mode: 'barge' });
  await call.callee.next('incoming');
  call.callee.send({ type: 'answer' });
  expect(await call.media.next('response')).toMatchObject({ id: 2, ok: true });
  return call;
}

/**
 * Runs a call beside whatever a test does to others, with a client that takes no further calls.
 * The result lets another half second pass, and fails unless that call has lost no tick.
 */
export async function runSecondCall(test: TestSwitch, options: TestCallOptions = {}): Promise<() => Promise<void>> {
  const call = await answerCall(test, options);
  call.control.send({ type: 'ready', ready: false });
  await test.clock.advance(200);
  const expectNoTickLost = watchTicks(test, call);
  return async () => {
    await test.clock.advance(500);
    expectNoTickLost();
  };
}

/** Watches the ticks of an answered call from now on; the result fails unless every one reached the agent and both ends are there. */
export function watchTicks(test: TestSwitch, { media, caller }: TestCall): () => void {
  const firstFrame = media.frames.length;
  const startMs = test.clock.now();
  return () => {
    expect(media.closed).toBeUndefined();
    expect(caller.closed).toBeUndefined();
    const frames = media.frames.slice(firstFrame);
    const ticks = (test.clock.now() - startMs) / 20;
    expect(frames.length).toBeGreaterThanOrEqual(Math.floor(ticks));
    expect(frames.length).toBeLessThanOrEqual(Math.ceil(ticks));
    const first = frames[0]?.header.position ?? 0;
    expect(frames.map(({ header }) => header.position)).toEqual(frames.map((_, tick) => first + tick * 480));
    expect(frames.every(({ header }) => header.flags === 0)).toBe(true);
  };
}
