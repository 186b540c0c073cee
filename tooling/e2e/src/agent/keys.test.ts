import { endCall, handOff, voiceAgent } from '@agentao/agent';
import { createLab, type ModelRules, scriptedModel } from '@agentao/testing';
import { describe, expect, it } from 'vitest';

const rules: ModelRules = {
  rules: [
    { hears: 'greet', say: 'Hello caller. Press one for sales, two for help, or say what you want.' },
    { hears: 'the caller pressed (?<keys>\\d+)', say: 'That was {keys}.' },
    { hears: 'the star key', say: 'You start again.' },
    { hears: 'the hash key', say: 'Nothing was entered.' },
    { hears: 'person', call: { name: 'hand_off' } },
    { after: 'hand_off', say: 'One moment please, I will connect you.' },
    { hears: 'nobody answered', say: 'Nobody is there.' },
    { hears: 'still there', say: 'Are you still there?' },
  ],
};
const lab = (options: { readonly silenceTimeoutMs?: number } = {}): ReturnType<typeof createLab> =>
  createLab({
    handler: voiceAgent({
      model: scriptedModel(rules),
      greeting: 'Greet the caller.',
      tools: [endCall(), handOff({ ringTimeSeconds: 5 })],
      ...options,
    }),
  });

describe('keys of the caller', () => {
  it('are told to the model: those of a number together, and cut off what it says', async () => {
    await using phones = await lab();
    const call = await phones.phone('+15550001').call();
    await call.hears('Hello caller Press one');
    call.press('2');
    await call.hears('That was 2');
    expect(call.heard()).not.toContain('what you want');
    call.press('40');
    await phones.pass(1_000);
    call.press('7');
    await call.hears('That was 407');
    call.hangUp();
    expect(await phones.handled()).toMatchObject({ turns: [{ interrupted: true }, { interrupted: false }, {}] });
  });

  it('are whole at once with the hash key, which alone is a key too', async () => {
    await using phones = await lab();
    const call = await phones.phone('+15550001').call();
    await call.hears('what you want');
    call.press('12#34#');
    await call.hears('That was 12');
    await call.hears('That was 34');
    call.press('#');
    await call.hears('Nothing was entered');
    call.press('*');
    await call.hears('You start again');
    call.hangUp();
  });

  it('are nobody’s while a person is rung, and no longer told when the call is over', async () => {
    await using phones = await lab();
    const call = await phones.phone('+15550001').call();
    await call.hears('what you want');
    await call.says('A person');
    await call.hears('I will connect you');
    await phones.phone(phones.number).rung();
    call.press('5#');
    await call.hears('Nobody is there');
    call.press('6');
    call.hangUp();
    await phones.handled();
    await phones.pass(3_000);
    expect(call.heard()).not.toContain('That was');
  });

  it('are no silence', async () => {
    await using phones = await lab({ silenceTimeoutMs: 4_000 });
    const call = await phones.phone('+15550001').call();
    await call.hears('what you want');
    for (let i = 1; i < 5; i++) {
      await phones.pass(1_000);
      call.press(`${i}`);
      await call.hears(`That was ${i}`);
    }
    expect(call.heard()).not.toContain('still there');
    call.hangUp();
  });

  it('are those of the caller alone', async () => {
    const handler = voiceAgent({ model: scriptedModel(rules), greeting: 'Greet the caller.' });
    await using phones = await createLab({
      handler: async (incoming) => {
        await incoming.connect();
        await handler(incoming);
      },
    });
    const call = await phones.phone('+15550001').call();
    const callee = await phones.phone(phones.number).rung();
    callee.answer();
    await phones.pass(500);
    callee.press('8#');
    call.press('9#');
    await call.hears('That was 9');
    expect(call.heard()).not.toContain('8');
    call.hangUp();
  });
});
