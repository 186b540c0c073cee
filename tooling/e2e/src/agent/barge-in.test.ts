import { type AgentResult, bridgeCall, defineTool, voiceAgent } from '@agentao/agent';
import type { ActiveCall } from '@agentao/calls';
import { sleep } from '@agentao/clock';
import { createLab, type ModelRules, scriptedModel } from '@agentao/testing';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { handModel } from './hand-model.ts';
import { soundsHeard } from './sounds-heard.ts';

const rules: ModelRules = {
  rules: [
    { hears: 'greet', say: 'Hello caller.' },
    { hears: 'slow', say: 'Let me look that up for you immediately.', call: { name: 'slow_lookup' } },
    { after: 'slow_lookup', say: 'It is {result.state}.' },
    { hears: 'hurry', say: 'I do hurry.' },
  ],
};

/** From the first sound of the caller until the model knows that it is one, and its own is silenced. */
const noticedWithinMs = 150;

describe('a caller who speaks while a tool runs', () => {
  it('silences the agent at once, and the tool goes on', async () => {
    const effects: string[] = [];
    const slowLookup = defineTool({
      name: 'slow_lookup',
      description: 'Looks something up, slowly.',
      input: z.object({}),
      execute: async (_, { call, signal }) => {
        effects.push('began');
        await sleep(call.clock, 4_000);
        effects.push(signal.aborted ? 'was aborted' : 'ended');
        return { state: 'ready' };
      },
    });
    const model = scriptedModel(rules);
    const handler = voiceAgent({ model, greeting: 'Greet the caller.', tools: [slowLookup] });
    await using lab = await createLab({ handler });
    const call = await lab.phone('+15550001').call();
    await call.hears('Hello caller');
    await call.says('slow');
    // The model gives sound out a second ahead, and calls the tool when it has given out all of it.
    await call.hears('look that up for you');
    expect(effects).toEqual(['began']);
    const spokenMs = lab.clock.now();
    await call.says('hurry hurry');
    await lab.pass(500);
    const sounds = soundsHeard(lab, call);
    expect((sounds.at(-1)?.toMs ?? 0) - spokenMs).toBeLessThanOrEqual(noticedWithinMs);
    expect(effects).toEqual(['began']);
    await call.hears('It is ready');
    await call.hears('I do hurry');
    expect(call.heard('high')).not.toContain('immediately.');
    call.hangUp();
    const { turns, tools } = (await lab.handled()) as AgentResult;
    expect(effects).toEqual(['began', 'ended']);
    expect(tools).toMatchObject([{ name: 'slow_lookup', outcome: 'ok' }]);
    expect(turns[1]).toMatchObject({ interrupted: true });
    expect(model.sessions[0]?.notes).toEqual([
      `[The caller interrupted you. Of your last answer only this was heard: "${turns[1]?.heardText}"]`,
    ]);
  });

  it('hears nothing more of what was being said, and then what the model says next', async () => {
    const model = handModel();
    const answered = Promise.withResolvers<string>();
    const handler = async (call: ActiveCall): Promise<void> => {
      const bridge = await bridgeCall(call, model, {
        onTool: async () => ({ output: await answered.promise }),
      });
      await call.answer();
      await bridge.end;
    };
    await using lab = await createLab({ handler });
    const call = await lab.phone('+15550001').call();
    await call.answered();
    model.says('one two three four five six');
    model.does({ type: 'tool-call', id: 'a', name: 'lookup', args: {} });
    await call.hears('one two');
    model.does({ type: 'interrupted' }, { type: 'turn-complete' });
    const silentMs = lab.clock.now();
    await lab.pass(1_000);
    expect((soundsHeard(lab, call).at(-1)?.toMs ?? 0) - silentMs).toBeLessThanOrEqual(40);
    expect(model.answers).toEqual([]);
    answered.resolve('found');
    await lab.pass(100);
    expect(model.answers).toMatchObject([{ id: 'a', name: 'lookup', output: 'found' }]);
    model.says('seven eight');
    model.does({ type: 'turn-complete' });
    await call.hears('seven eight');
    expect(call.heard('high')).toMatch(/^one two (th\S*- )?seven eight$/);
    call.hangUp();
    await lab.handled();
  });
});
