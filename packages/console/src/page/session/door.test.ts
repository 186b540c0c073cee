import { describe, expect, it } from 'vitest';
import { createTestTime, type TestTime } from '../socket/test-time.ts';
import type { AddressBar } from './address-bar.ts';
import { createDoor } from './door.ts';
import type { Door, DoorState } from './session.ts';

interface Asked {
  readonly line: string;
  readonly authorization: string | null;
  answer(status: number, body?: unknown): void;
  fail(): void;
}

interface Bench {
  readonly time: TestTime;
  readonly door: Door;
  readonly states: DoorState[];
  readonly asked: readonly Asked[];
  /** Whether the token is still in the address bar. */
  readonly token: string | undefined;
  /** The oldest question that has no answer yet. */
  next(): Asked;
  paste(token: string): void;
}

const session = { role: 'operator', mayDial: true, numbers: ['+15559999'] } as const;
const wireSession = { ...session, expiresInMs: 1000 };

const settle = async (): Promise<void> => {
  for (let i = 0; i < 50; i++) await Promise.resolve();
};

function createBench(first?: string): Bench {
  const time = createTestTime();
  const asked: Asked[] = [];
  let taken = 0;
  let token = first;
  let changed = (): void => undefined;
  const addressBar: AddressBar = {
    takeToken: () => {
      const found = token;
      token = undefined;
      return found;
    },
    onChange: (listener) => {
      changed = listener;
    },
    link: (secret) => `http://switch/#sign-in=${secret}`,
  };
  const door = createDoor({
    fetch: (path, init) =>
      new Promise((resolve, reject) => {
        asked.push({
          line: `${init.method} ${path}`,
          authorization: new Headers(init.headers).get('authorization'),
          answer: (status, body) => resolve(new Response(body === undefined ? null : JSON.stringify(body), { status })),
          fail: () => reject(new TypeError('failed to fetch')),
        });
      }),
    addressBar,
    time,
    random: () => 0.5,
  });
  const states: DoorState[] = [];
  door.subscribe(() => states.push(door.state));
  return {
    time,
    door,
    states,
    asked,
    get token() {
      return token;
    },
    next: () => {
      const question = asked[taken++];
      if (question === undefined) throw new Error('nothing was asked');
      return question;
    },
    paste: (pasted) => {
      token = pasted;
      changed();
    },
  };
}

async function signedIn(): Promise<Bench> {
  const bench = createBench('si_1');
  bench.next().answer(201, wireSession);
  await settle();
  return bench;
}

describe('door', () => {
  it('takes the token out of the address bar at once and signs in with it', async () => {
    const bench = createBench('si_1');
    expect(bench.token).toBeUndefined();
    expect(bench.door.state).toEqual({ name: 'signing-in' });
    const question = bench.next();
    expect([question.line, question.authorization]).toEqual(['POST /session', 'Bearer si_1']);
    question.answer(201, wireSession);
    await settle();
    expect(bench.door.state).toEqual({ name: 'signed-in', session });
    expect(bench.asked).toHaveLength(1);
  });

  it('goes on with the session of the cookie when there is no token', async () => {
    const { door, next } = createBench();
    const question = next();
    expect([question.line, question.authorization]).toEqual(['GET /session', null]);
    question.answer(200, wireSession);
    await settle();
    expect(door.state).toEqual({ name: 'signed-in', session });
  });

  it('takes a used link for no error while the session is good', async () => {
    const { door, next, states } = createBench('si_used');
    next().answer(401, { code: 'INVALID_TOKEN', message: 'x' });
    await settle();
    const question = next();
    expect(question.line).toBe('GET /session');
    question.answer(200, wireSession);
    await settle();
    expect(door.state).toEqual({ name: 'signed-in', session });
    expect(states).toHaveLength(1);
  });

  it.each([
    ['si_used', 'link-used'],
    [undefined, 'no-link'],
  ] as const)('stays outside without a session (token %s)', async (token, why) => {
    const { door, next } = createBench(token);
    next().answer(401, {});
    await settle();
    if (token !== undefined) next().answer(401, {});
    await settle();
    expect(door.state).toEqual({ name: 'signed-out', why });
  });

  it('tries again by itself while the switch cannot be reached, with the same token', async () => {
    const { door, time, next } = createBench('si_1');
    next().fail();
    await settle();
    expect(door.state).toEqual({ name: 'unreachable' });
    time.advance(250);
    await settle();
    next().answer(503, {});
    await settle();
    expect(door.state).toEqual({ name: 'unreachable' });
    time.advance(500);
    await settle();
    const question = next();
    expect(question.authorization).toBe('Bearer si_1');
    question.answer(201, wireSession);
    await settle();
    expect(door.state).toEqual({ name: 'signed-in', session });
  });

  it('does not take an answer that is nonsense for a session', async () => {
    const { door, next } = createBench();
    next().answer(200, { role: 'king' });
    await settle();
    expect(door.state).toEqual({ name: 'unreachable' });
  });

  it('signs in with a link that is put into the address bar of the open page', async () => {
    const bench = createBench();
    bench.next().answer(401, {});
    await settle();
    bench.paste('si_2');
    expect(bench.token).toBeUndefined();
    expect(bench.door.state).toEqual({ name: 'signing-in' });
    bench.next().answer(201, { ...wireSession, role: 'viewer', mayDial: false });
    await settle();
    expect(bench.door.state).toMatchObject({ name: 'signed-in', session: { role: 'viewer', mayDial: false } });
  });

  it('stays signed in while a further link is tried', async () => {
    const bench = await signedIn();
    bench.paste('si_used');
    expect(bench.door.state.name).toBe('signed-in');
    bench.next().answer(401, {});
    await settle();
    bench.next().answer(200, wireSession);
    await settle();
    expect(bench.door.state).toEqual({ name: 'signed-in', session });
  });

  it('gets tickets', async () => {
    const { door, next } = await signedIn();
    const ticket = door.ticket();
    const question = next();
    expect(question.line).toBe('POST /session/ticket');
    question.answer(201, { ticket: 'ti_1', expiresInMs: 10_000 });
    expect(await ticket).toBe('ti_1');
  });

  it.each([
    [401, 'SIGNED_OUT', 'signed-out'],
    [403, 'FORBIDDEN', 'signed-in'],
    [429, 'UNREACHABLE', 'signed-in'],
    [500, 'UNREACHABLE', 'signed-in'],
    [201, 'UNREACHABLE', 'signed-in'],
  ])('rejects a ticket that is answered with %i as %s', async (status, code, name) => {
    const { door, next } = await signedIn();
    const ticket = door.ticket();
    next().answer(status, {});
    await expect(ticket).rejects.toMatchObject({ name: 'DoorError', code });
    expect(door.state.name).toBe(name);
  });

  it('asks for no ticket once it is signed out', async () => {
    const { door, asked } = await signedIn();
    door.sessionOver();
    expect(door.state).toEqual({ name: 'signed-out', why: 'session-over' });
    await expect(door.ticket()).rejects.toMatchObject({ code: 'SIGNED_OUT' });
    expect(asked).toHaveLength(1);
  });

  it('lets somebody else in by a link', async () => {
    const { door, next } = await signedIn();
    const link = door.invite('viewer');
    const question = next();
    expect(question.line).toBe('POST /sign-in?role=viewer');
    question.answer(201, { token: 'si_9', role: 'viewer', expiresInMs: 600_000 });
    expect(await link).toBe('http://switch/#sign-in=si_9');
  });

  it('signs out, and says so only once the switch has heard it', async () => {
    const { door, next, time } = await signedIn();
    const done = door.signOut();
    next().fail();
    await settle();
    expect(door.state).toEqual({ name: 'unreachable' });
    time.advance(250);
    await settle();
    const question = next();
    expect(question.line).toBe('DELETE /session');
    question.answer(204);
    await done;
    expect(door.state).toEqual({ name: 'signed-out', why: 'signed-out' });
  });

  it('takes a session that was over already for signed out', async () => {
    const { door, next } = await signedIn();
    const done = door.signOut();
    next().answer(401, {});
    await done;
    expect(door.state).toEqual({ name: 'signed-out', why: 'signed-out' });
  });
});
