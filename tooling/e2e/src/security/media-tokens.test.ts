import { limits } from '@agentao/protocol';
import { describe, expect, it } from 'vitest';
import { answer, type MemoryLine, type MemoryPeer, openMemoryLine, placeCall } from './memory-line.ts';

// Who holds one token has one call: the attack is to get from there into another one.

const voice = Int16Array.from({ length: 4_800 }, () => 9_000);
const loudest = (samples: ArrayLike<number>): number =>
  Array.from(samples).reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);

/** Opens `/media` with a resume token and says `resume`. */
async function resume(line: MemoryLine, token: string): Promise<MemoryPeer> {
  const media = await line.open('media', token);
  media.send({ type: 'resume', received: {}, lastEventSeq: 0, generation: 0 });
  await line.clock.advance(0);
  return media;
}

describe('a media token', () => {
  it('of another call opens that call, whatever its holder calls it: nothing of this one is heard, answered or spoken to', async () => {
    await using line = openMemoryLine();
    const [owner, other] = [await line.client('owner'), await line.client('other')];
    const wanted = await placeCall(line, 'owner', owner);
    const own = await placeCall(line, 'other', other);
    const media = await answer(line, wanted.token);
    const attacker = await answer(line, own.token);
    attacker.speak(voice);
    wanted.caller.say(voice);
    await line.clock.advance(400);
    expect(loudest(own.caller.heard())).toBe(9_000);
    expect(loudest(wanted.caller.heard())).toBe(0);
    expect(loudest(media.heard)).toBe(9_000);
    expect(loudest(attacker.heard)).toBe(0);
    attacker.send({ type: 'disconnect', id: 2 });
    await line.clock.advance(100);
    expect([own.caller.state, wanted.caller.state]).toEqual(['idle', 'answered']);
    expect(media.closed).toBeUndefined();
  });

  it('opens nothing at any other door, and at its own door nothing after another door has seen it', async () => {
    await using line = openMemoryLine();
    const control = await line.client('owner');
    const { token } = await placeCall(line, 'owner', control);
    for (const path of ['control', 'phone', 'monitor'] as const) {
      expect([path, await line.refusal(path, token)]).toEqual([path, '401 UNAUTHENTICATED']);
    }
    const media = await answer(line, token);
    const { resumeToken } = await media.last('attached');
    for (const path of ['control', 'phone', 'monitor'] as const) {
      expect([path, await line.refusal(path, resumeToken)]).toEqual([path, '401 UNAUTHENTICATED']);
    }
    for (const secret of [line.keys.owner.key, line.keys.other.key, line.operatorToken]) {
      expect(await line.refusal('media', secret)).toBe('401 INVALID_TOKEN');
    }
    expect(media.closed).toBeUndefined();
  });

  it('is good once, for 2 s, and not at all once its offer is over, however it ended', async () => {
    await using line = openMemoryLine();
    const control = await line.client('owner');
    const opened = await placeCall(line, 'owner', control);
    const waiting = await line.open('media', opened.token);
    expect(await line.refusal('media', opened.token)).toBe('401 INVALID_TOKEN');
    expect(waiting.closed).toBeUndefined();
    waiting.socket.close();
    await line.clock.advance(0);

    const used = await placeCall(line, 'owner', control);
    await answer(line, used.token);
    expect(await line.refusal('media', used.token)).toBe('401 INVALID_TOKEN');

    const late = await placeCall(line, 'owner', control);
    await line.clock.advance(limits.acceptTimeoutMs);
    expect(await line.refusal('media', late.token)).toBe('401 INVALID_TOKEN');

    const gone = await placeCall(line, 'owner', control);
    gone.caller.hangUp();
    await line.clock.advance(20);
    expect(await line.refusal('media', gone.token)).toBe('401 INVALID_TOKEN');

    const cut = await placeCall(line, 'owner', control);
    control.socket.terminate();
    await line.clock.advance(0);
    expect(await line.refusal('media', cut.token)).toBe('401 INVALID_TOKEN');
  });

  it('opens nothing for a client that has been put out: what it was offered goes with its key', async () => {
    await using line = openMemoryLine();
    const control = await line.client('owner');
    const offered = await placeCall(line, 'owner', control);
    line.callSwitch.revokeKey(line.keys.owner.stored.keyId);
    await line.clock.advance(0);
    expect(control.closed).toMatchObject({ code: 4401 });
    expect(await line.refusal('media', offered.token)).toBe('401 INVALID_TOKEN');
  });

  it('that is cut short, made longer or written in another case opens nothing', async () => {
    await using line = openMemoryLine();
    const control = await line.client('owner');
    const { token } = await placeCall(line, 'owner', control);
    const swapped = [...token].map((c) => (c === c.toUpperCase() ? c.toLowerCase() : c.toUpperCase())).join('');
    for (const wrong of [
      token.slice(0, -1),
      `${token}A`,
      swapped,
      token.replace('mt_', 'rt_'),
      token.slice(3),
      'mt_',
    ]) {
      expect(await line.refusal('media', wrong)).toBe('401 INVALID_TOKEN');
    }
    expect((await answer(line, token)).closed).toBeUndefined();
  });
});

describe('a resume token', () => {
  it('of another call resumes that one, and displaces nobody from this one', async () => {
    await using line = openMemoryLine();
    const [owner, other] = [await line.client('owner'), await line.client('other')];
    const wanted = await placeCall(line, 'owner', owner);
    const own = await placeCall(line, 'other', other);
    const media = await answer(line, wanted.token);
    const first = await answer(line, own.token);
    const { resumeToken } = await first.last('attached');
    const attacker = await resume(line, resumeToken);
    expect(await attacker.last('resumed')).toMatchObject({ state: 'ANSWERED' });
    await line.clock.advance(0);
    expect(first.closed).toMatchObject({ code: 4409 });
    expect(media.closed).toBeUndefined();
    wanted.caller.say(voice);
    await line.clock.advance(300);
    expect([loudest(media.heard), loudest(attacker.heard)]).toEqual([9_000, 0]);
  });

  it('stands for no offer: with it nothing can be attached, and with an offer’s token nothing resumed', async () => {
    await using line = openMemoryLine();
    const control = await line.client('owner');
    const { token } = await placeCall(line, 'owner', control);
    const early = await resume(line, token);
    expect(early.closed).toMatchObject({ code: 4422 });
    const next = await placeCall(line, 'owner', control);
    const { resumeToken } = await (await answer(line, next.token)).last('attached');
    const wrong = await line.open('media', resumeToken);
    wrong.send({ type: 'attach', sampleRateHz: 24_000 });
    await line.clock.advance(0);
    expect(wrong.closed).toMatchObject({ code: 4422 });
  });

  it('of an agent whose call has gone to somebody else neither hears nor speaks there', async () => {
    await using line = openMemoryLine();
    const control = await line.client('owner');
    const { token, caller } = await placeCall(line, 'owner', control);
    const media = await answer(line, token);
    const { resumeToken } = await media.last('attached');
    media.socket.terminate();
    await line.clock.advance(limits.resumeWindowMs + 10);
    expect(caller.state).toBe('answered');
    expect(await line.refusal('media', resumeToken)).toBe('409 TAKEN_OVER');
  });

  it('opens nothing for a client that has been put out, in its call or after it', async () => {
    await using line = openMemoryLine();
    const control = await line.client('owner');
    const first = await placeCall(line, 'owner', control);
    const over = await answer(line, first.token);
    const ended = (await over.last('attached')).resumeToken;
    over.socket.terminate();
    await line.clock.advance(100);
    first.caller.hangUp();
    await line.clock.advance(100);
    const second = await placeCall(line, 'owner', control);
    const media = await answer(line, second.token);
    const running = (await media.last('attached')).resumeToken;
    line.callSwitch.revokeKey(line.keys.owner.stored.keyId);
    await line.clock.advance(0);
    expect(media.closed).toMatchObject({ code: 4401 });
    expect(await line.refusal('media', running)).toMatch(/^(401 INVALID_TOKEN|409 TAKEN_OVER)$/);
    expect(await line.refusal('media', ended)).toBe('401 INVALID_TOKEN');
  });
});
