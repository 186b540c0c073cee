import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { voiceAgent } from '@agentao/agent';
import { gemini, type GeminiOptions } from '@agentao/gemini';
import { createLab, type ModelRules } from '@agentao/testing';
import { createLiveServer } from '@agentao/testing/live';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const rules: ModelRules = { rules: [{ hears: 'greet', say: 'Hello caller.' }] };
const accessToken = 'ya29.secret-of-this-test';
const service = 'google.ai.generativelanguage';

/** Lets nobody in, and says where they wanted to go. */
let gate: Server;
let asked: IncomingMessage[];
/** Gives out tokens for the credentials of the machine. */
let tokens: Server;
let folder: string;
beforeEach(async () => {
  const here: IncomingMessage[] = [];
  asked = here;
  gate = createServer().listen(0, '127.0.0.1');
  gate.on('upgrade', (request, socket) => {
    here.push(request);
    socket.end('HTTP/1.1 401 Unauthorized\r\nconnection: close\r\n\r\n');
  });
  tokens = createServer((_request, response) => {
    const answer = { access_token: accessToken, token_type: 'Bearer', expires_in: 3_600 };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ ...answer, issued_token_type: 'urn:ietf:params:oauth:token-type:access_token' }));
  }).listen(0, '127.0.0.1');
  await Promise.all([once(gate, 'listening'), once(tokens, 'listening')]);
  folder = await mkdtemp(join(tmpdir(), 'agentao-vertex-'));
  for (const name of ['GEMINI_API_KEY', 'GOOGLE_API_KEY', 'GOOGLE_GEMINI_BASE_URL']) vi.stubEnv(name, undefined);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
  await Promise.all([gate, tokens].map((server) => new Promise((resolve) => server.close(resolve))));
});

const urlOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

/** Credentials of the machine whose tokens come from here. */
async function useCredentials(): Promise<void> {
  const subject = join(folder, 'subject');
  const file = join(folder, 'credentials.json');
  await writeFile(subject, 'somebody');
  const credentials = {
    type: 'external_account',
    audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/one/providers/one',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: urlOf(tokens),
    credential_source: { file: subject },
  };
  await writeFile(file, JSON.stringify(credentials));
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', file);
  // Otherwise the library asks the service for it.
  vi.stubEnv('GOOGLE_CLOUD_PROJECT', 'project-of-the-machine');
}

/** Where a model with these options knocks, refused there. */
async function knocks(options: GeminiOptions): Promise<IncomingMessage | undefined> {
  const model = gemini({ baseUrl: urlOf(gate), ...options });
  await using lab = await createLab({ handler: voiceAgent({ model, logger: quiet }), clock: 'system' });
  await lab.phone('+15550001').call();
  await lab.phone(lab.number).rung();
  expect(await lab.handled()).toMatchObject({ outcome: 'failed', error: { code: 'REFUSED' } });
  expect(asked).toHaveLength(1);
  return asked[0];
}

const nothing = (): void => {};
const quiet = { debug: nothing, info: nothing, warn: nothing, error: nothing };
const path = ({ url = '' }: Partial<IncomingMessage> = {}): string => url.replace(/^\/+/, '/');

describe('Gemini is reached', () => {
  it('with a key, at v1beta', async () => {
    expect(path(await knocks({ apiKey: 'one' }))).toBe(
      `/ws/${service}.v1beta.GenerativeService.BidiGenerateContent?key=one`,
    );
  });

  it('with an ephemeral token, at v1alpha and by the method for those', async () => {
    expect(path(await knocks({ token: () => 'auth_tokens/once' }))).toBe(
      `/ws/${service}.v1alpha.GenerativeService.BidiGenerateContentConstrained?access_token=auth_tokens/once`,
    );
  });

  it('at the version that is asked for', async () => {
    expect(path(await knocks({ token: () => 'auth_tokens/once', apiVersion: 'v2' }))).toContain(`${service}.v2.`);
  });

  it('as Vertex AI with the credentials of the machine, at v1beta1, or the version that is asked for', async () => {
    await useCredentials();
    const vertex = { project: 'shop', location: 'europe-west4' };
    const request = await knocks({ vertex });
    expect(path(request)).toBe('/ws/google.cloud.aiplatform.v1beta1.LlmBidiService/BidiGenerateContent');
    expect(request?.headers.authorization).toBe(`Bearer ${accessToken}`);
    asked.length = 0;
    expect(path(await knocks({ vertex, apiVersion: 'v1' }))).toContain('google.cloud.aiplatform.v1.LlmBidiService');
  });

  it('as Vertex AI for the model of its project and location', async () => {
    await useCredentials();
    await using server = await createLiveServer({ rules, thinkMs: 50, apiKeys: [`Bearer ${accessToken}`] });
    const vertex = { project: 'shop', location: 'europe-west4' };
    const model = gemini({ vertex, model: 'gemini-live', baseUrl: server.url });
    await using lab = await createLab({
      handler: voiceAgent({ model, greeting: 'Greet the caller.' }),
      clock: 'system',
    });
    const call = await lab.phone('+15550001').call();
    await call.hears('Hello caller');
    call.hangUp();
    await lab.handled();
    expect(server.sessions[0]?.setup.model).toBe(
      'projects/shop/locations/europe-west4/publishers/google/models/gemini-live',
    );
  });
});
