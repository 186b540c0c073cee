import { type Bridge, bridgeCall, endCall, leave, voiceAgent } from '@agentao/agent';
import type { ActiveCall } from '@agentao/calls';
import { speech } from '@agentao/audio/speech';
import { createLab, type ModelRules, scriptedModel } from '@agentao/testing';
import { describe, expect, it } from 'vitest';

const rules: ModelRules = {
  rules: [
    { hears: 'greet', say: 'Hello caller.' },
    { hears: 'leave', call: { name: 'leave_call' } },
    { after: 'leave_call', say: 'I leave you two alone.' },
    { hears: 'bye', call: { name: 'end_call' } },
    { after: 'end_call', say: 'Goodbye now.' },
    { say: 'Noted.' },
  ],
};

describe('a bridge', () => {
  it('listens to one party and says what it has to say to its receiver, not to the call', async () => {
    const heard: Int16Array[] = [];
    const said: string[] = [];
    const handler = async (call: ActiveCall): Promise<void> => {
      await call.connect({ mode: 'spy' });
      const bridge = await bridgeCall(call, scriptedModel(rules), {
        listen: 'callee',
        onAudio: (samples) => heard.push(samples),
        onTranscript: ({ speaker, text, final }) => final && said.push(`${speaker}: ${text}`),
      });
      await bridge.end;
    };
    await using lab = await createLab({ handler });
    const call = await lab.phone('+15550001').call();
    const human = await lab.phone(lab.number).rung();
    human.answer();
    await call.says('this is the caller');
    await human.says('this is the callee');
    await lab.pass(3_000);
    call.hangUp();
    await lab.handled();
    expect(said).toEqual(['callee: this is the callee', 'agent: Noted.']);
    const samples = Int16Array.from(heard.flatMap((piece) => [...piece]));
    expect(speech.decode(samples, { sampleRateHz: 24_000 })).toBe('Noted.');
    expect([call.heard('high'), human.heard('high')]).toEqual(['', '']);
  });

  it.each([8000, 16_000, 24_000] as const)('is understood, and understands, at %s Hz', async (sampleRateHz) => {
    const model = scriptedModel(rules);
    const handler = voiceAgent({ model, greeting: 'Greet the caller.', tools: [endCall()] });
    await using lab = await createLab({ handler, sampleRateHz });
    const call = await lab.phone('+15550001').call();
    await call.hears('Hello caller');
    await call.says('Goodbye or just bye');
    await call.hears('Goodbye now');
    expect(await call.ended()).toEqual({ reason: 'disconnected', by: 'agent' });
  });

  it('leaves caller and callee to each other, once its goodbye was heard', async () => {
    const talk = voiceAgent({ model: scriptedModel(rules), tools: [leave()] });
    const results: unknown[] = [];
    const handler = async (call: ActiveCall): Promise<void> => {
      await call.connect({ ringTimeSeconds: 20 });
      results.push(await talk(call));
    };
    await using lab = await createLab({ handler });
    const call = await lab.phone('+15550001').call();
    const human = await lab.phone(lab.number).rung();
    human.answer();
    await call.says('please leave us');
    await call.hears('I leave you two alone');
    await human.hears('I leave you two alone');
    await lab.handled();
    expect(results).toMatchObject([{ outcome: 'left', tools: [{ name: 'leave_call', outcome: 'ok' }] }]);
    await call.says('are you still there');
    await human.hears('are you still there', { from: 'low' });
    human.hangUp();
    await call.ended();
  });

  it('is closed by its user without an end of the call, and says nothing any more', async () => {
    const bridges: Bridge[] = [];
    const model = scriptedModel(rules);
    const handler = async (call: ActiveCall): Promise<void> => {
      await call.answer();
      const bridge = await bridgeCall(call, model);
      bridges.push(bridge);
      expect(await bridge.end).toEqual({ why: 'closed' });
      bridge.sendText('greet');
      await call.ended;
    };
    await using lab = await createLab({ handler });
    const call = await lab.phone('+15550001').call();
    await lab.pass(1_000);
    const [bridge] = bridges;
    await bridge?.close();
    await bridge?.close();
    await call.says('anybody there');
    await lab.pass(2_000);
    expect(call.heard('high')).toBe('');
    expect(await bridge?.turnHeard()).toBe('ended');
    call.hangUp();
    await lab.handled();
  });
});
