import { type AgentResult, bridgeCall, defineTool, type Logger, voiceAgent } from '@agentao/agent';
import { createLab, type LabCall, type Lab } from '@agentao/testing';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { openSpanRecorder } from '../pages/span-recorder.ts';
import { type HandModel, handModel } from './hand-model.ts';

const atOnce = 64;
const asked = 70;
const tooMany = 'More than 64 tools run at once. Wait for their answers.';

/** Answers when it is let. */
function openGate(): { readonly started: string[]; readonly passed: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { started: [], passed: promise, open: resolve };
}

function warnings(): Logger & { readonly written: string[] } {
  const written: string[] = [];
  const nothing = (): void => {};
  return { debug: nothing, info: nothing, warn: (_, message) => void written.push(message), error: nothing, written };
}

async function answered(lab: Lab): Promise<LabCall> {
  const call = await lab.phone('+15550001').call();
  await call.answered();
  return call;
}

function askFor(model: HandModel, name: string): void {
  for (let index = 0; index < asked; index++) model.does({ type: 'tool-call', id: `id-${index}`, name, args: {} });
}

it('has every tool call of a model on the record, with those that were too many at once to be run', async () => {
  using recorder = openSpanRecorder();
  const gate = openGate();
  const lookUp = defineTool({
    name: 'look_up',
    description: 'Looks it up.',
    input: z.object({}),
    execute: () => {
      gate.started.push('look_up');
      return gate.passed;
    },
  });
  const model = handModel();
  const logger = warnings();
  await using lab = await createLab({ handler: voiceAgent({ model, tools: [lookUp], logger }) });
  const call = await answered(lab);
  askFor(model, 'look_up');
  await lab.pass(100);
  expect(gate.started).toHaveLength(atOnce);
  expect(model.answers).toEqual(
    Array.from({ length: asked - atOnce }, (_, index) => ({
      id: `id-${atOnce + index}`,
      name: 'look_up',
      error: `look_up failed: ${tooMany}`,
    })),
  );
  gate.open();
  await lab.pass(100);
  // There is room again.
  model.does({ type: 'tool-call', id: 'later', name: 'look_up', args: {} });
  await lab.pass(100);
  call.hangUp();
  const { tools } = (await lab.handled()) as AgentResult;
  const outcomes = new Map(tools.map(({ id, outcome }) => [id, outcome]));
  expect(tools).toHaveLength(asked + 1);
  expect([...outcomes].filter(([, outcome]) => outcome === 'failed').map(([id]) => id)).toEqual(
    Array.from({ length: asked - atOnce }, (_, index) => `id-${atOnce + index}`),
  );
  expect(outcomes.get('later')).toBe('ok');
  expect(gate.started).toHaveLength(atOnce + 1);
  expect(model.answers).toHaveLength(asked + 1);
  const notes = lab.annotations(lab.calls[0]?.callId ?? '').filter(({ kind }) => kind === 'tool');
  expect(notes.map(({ data }) => data)).toMatchObject(tools.map(({ id, name, outcome }) => ({ id, name, outcome })));
  const spans = recorder.spans.filter(({ name }) => name === 'agentao.agent.tool');
  expect(spans.map(({ attributes }) => attributes['agentao.agent.tool.outcome'])).toEqual(
    tools.map(({ outcome }) => outcome),
  );
  expect(logger.written).toEqual(['the model asks for more tools at once than may run; the rest of them are not run']);
});

it('answers calls that are too many at once on a bridge too, whose program is not asked to run them', async () => {
  const gate = openGate();
  const model = handModel();
  const logger = warnings();
  await using lab = await createLab({
    handler: async (call) => {
      const bridge = await bridgeCall(call, model, {
        logger,
        onTool: async ({ id }) => {
          gate.started.push(id);
          await gate.passed;
          return { output: null };
        },
      });
      await call.answer();
      await bridge.end;
    },
  });
  const call = await answered(lab);
  askFor(model, 'anything');
  await lab.pass(100);
  expect(gate.started).toHaveLength(atOnce);
  expect(model.answers).toMatchObject(Array.from({ length: asked - atOnce }, () => ({ error: tooMany })));
  expect(logger.written).toHaveLength(1);
  gate.open();
  await lab.pass(100);
  expect(model.answers).toHaveLength(asked);
  call.hangUp();
  await lab.handled();
});
