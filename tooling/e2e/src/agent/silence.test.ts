import { voiceAgent } from '@agentao/agent';
import { createLab, type ModelRules, scriptedModel } from '@agentao/testing';
import { describe, expect, it } from 'vitest';

const rules: ModelRules = {
  rules: [
    { hears: 'greet', say: 'Hello caller.' },
    { hears: 'nobody has spoken', say: 'Are you there?' },
    { hears: 'yes', say: 'Good.' },
  ],
};

describe('silence in a call', () => {
  it('ends it twice in a row, and not when the two of them talked in between', async () => {
    const model = scriptedModel(rules);
    const handler = voiceAgent({ model, greeting: 'Greet the caller.', silenceTimeoutMs: 5_000 });
    await using lab = await createLab({ handler });
    const call = await lab.phone('+15550001').call();
    await call.hears('Hello caller');
    for (let silence = 0; silence < 3; silence++) {
      await call.hears('Are you there', { withinMs: 8_000 });
      await call.says('Yes');
      await call.hears('Good');
    }
    await call.hears('Are you there', { withinMs: 8_000 });
    const askedMs = lab.clock.now();
    expect(await call.ended()).toEqual({ reason: 'disconnected', by: 'agent' });
    expect(lab.clock.now() - askedMs).toBeGreaterThanOrEqual(5_000);
    expect(await lab.handled()).toMatchObject({ outcome: 'silent' });
    expect(call.heard('high').match(/Are you there/g)).toHaveLength(4);
  });

  it('is broken by a caller whom the model does not answer', async () => {
    const mute: ModelRules = { rules: rules.rules.slice(0, 2), otherwise: '' };
    const handler = voiceAgent({ model: scriptedModel(mute), greeting: 'Greet the caller.', silenceTimeoutMs: 5_000 });
    await using lab = await createLab({ handler });
    const call = await lab.phone('+15550001').call();
    await call.hears('Hello caller');
    await call.hears('Are you there');
    await call.says('mumble');
    await call.hears('Are you there');
    await call.says('mumble');
    await call.hears('Are you there');
    call.hangUp();
    expect(await lab.handled()).toMatchObject({ outcome: 'hung-up' });
  });

  it('of any length is nothing to an agent that is told never to ask', async () => {
    const handler = voiceAgent({ model: scriptedModel(rules), greeting: 'Greet the caller.', silenceTimeoutMs: 0 });
    await using lab = await createLab({ handler });
    const call = await lab.phone('+15550001').call();
    await call.hears('Hello caller');
    await lab.pass(90_000);
    expect(call.heard('high')).toBe('Hello caller.');
    call.hangUp();
    expect(await lab.handled()).toMatchObject({ outcome: 'hung-up' });
  });
});
