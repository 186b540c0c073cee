import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = promisify(execFile);

/** In place of a package, where a file imports it whose path has `from` in it: nothing, or a module in which `REAL` stands for the package. */
interface Instead {
  readonly name: string;
  readonly from: string;
  readonly source?: string;
}

const dataUrl = (source: string): string => `data:text/javascript,${encodeURIComponent(source)}`;

/** Runs a program in a process of its own in which a package is not what it was, and reads its last line. */
async function runWith(instead: Instead, program: string): Promise<unknown> {
  const hooks = `
    import { registerHooks } from 'node:module';
    const { name, from, source } = ${JSON.stringify(instead)};
    const resolve = (specifier, context, next) => {
      if (specifier !== name || !(context.parentURL ?? '').includes(from)) return next(specifier, context);
      if (source === undefined) throw new Error('Cannot find package');
      const module = source.replaceAll('REAL', JSON.stringify(next(specifier, context).url));
      return { url: 'data:text/javascript,' + encodeURIComponent(module), format: 'module', shortCircuit: true };
    };
    registerHooks({ resolve });`;
  const args = ['--import', dataUrl(hooks), '--input-type=module-typescript', '--eval', program];
  const { stdout } = await run(process.execPath, args, { cwd: new URL('.', import.meta.url) });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

const onCall = (imports: string, handler: string): string => `
  import { createLab } from '@agentao/testing';
  ${imports}
  setInterval(() => {}, 1_000);
  const lab = await createLab({ handler: ${handler}, clock: 'system' });
  await lab.phone('+15550001').call();
  await lab.phone(lab.number).rung();
  const { outcome, error } = await lab.handled();
  console.log(JSON.stringify({ outcome, code: error.code, message: error.message }));
  process.exit();`;

const geminiCall = onCall(
  `import { voiceAgent } from '@agentao/agent'; import { gemini } from '@agentao/gemini';`,
  `voiceAgent({ model: gemini({ apiKey: 'any', baseUrl: 'http://127.0.0.1:9' }) })`,
);
const adkCall = onCall(
  `import { adkAgent } from '@agentao/adk'; import { LlmAgent, Gemini } from '@google/adk';`,
  `adkAgent({ agent: new LlmAgent({ name: 'one', model: new Gemini({ model: 'gemini-live-2.5-flash-preview', apiKey: 'any' }) }) })`,
);

it('says how to install @google/genai where it is not there, or not known', async () => {
  expect(await runWith({ name: '@google/genai', from: '/gemini/' }, geminiCall)).toEqual({
    outcome: 'failed',
    code: 'NOT_INSTALLED',
    message: '@google/genai is not installed: npm i @google/genai@^3.1.0',
  });
  const source = 'export class GoogleGenAI { live = { connect() {} } }';
  expect(await runWith({ name: '@google/genai', from: '/gemini/', source }, geminiCall)).toEqual({
    outcome: 'failed',
    code: 'NOT_INSTALLED',
    message: 'This version of @google/genai is not known to work: npm i @google/genai@^3.1.0',
  });
});

it('says how to install @google/adk where it is not there, or not known', async () => {
  const tools = `
    import { endCall } from '@agentao/agent';
    import { adkTools } from '@agentao/adk';
    await adkTools(endCall()).catch(({ code, message }) => console.log(JSON.stringify({ code, message })));`;
  const install = 'npm i @google/adk@^2.0.0';
  expect(await runWith({ name: '@google/adk', from: '/adk/' }, tools)).toEqual({
    code: 'NOT_INSTALLED',
    message: `@google/adk is not installed: ${install}`,
  });
  expect(await runWith({ name: '@google/adk', from: '/adk/', source: 'export class Runner {}' }, tools)).toEqual({
    code: 'NOT_INSTALLED',
    message: `This version of @google/adk is not known to work: ${install}`,
  });
});

it('says which override helps where another @google/genai is forced on the kit that does not work', async () => {
  const source = `
    export * from REAL;
    export class GoogleGenAI { vertexai = false; live = { connect() {} } }`;
  expect(await runWith({ name: '@google/genai', from: '/@google/adk/', source }, adkCall)).toEqual({
    outcome: 'failed',
    code: 'NOT_INSTALLED',
    message: expect.stringMatching(
      /"overrides": \{ "@google\/genai": "3\.1\.0" \} \(pnpm: "pnpm\.overrides"\)$/,
    ) as string,
  });
});
