import { expect, it } from 'vitest';
import { openAppModel } from './app-model.ts';

const app = { rules: { rules: [{ say: 'hi' }] }, rulesFile: 'apps/shop/model.json' };

it('is a server on this machine where there is no key', async () => {
  await using model = await openAppModel(app, { GEMINI_API_KEY: '' });
  expect(model.isLocal).toBe(true);
  expect(model.line).toMatch(/^No GEMINI_API_KEY: a local model speaks by the rules of apps\/shop\/model\.json, in /);
  expect(model.env).toEqual({
    GEMINI_API_KEY: 'local',
    GOOGLE_GEMINI_BASE_URL: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
  });
});

it.each(['GEMINI_API_KEY', 'GOOGLE_API_KEY'])('is the service where %s is set, and changes nothing', async (name) => {
  await using model = await openAppModel(app, { [name]: 'AIza-mine' });
  expect(model).toMatchObject({ isLocal: false, env: {} });
  expect(model.line).toMatch(new RegExp(`^${name} is set`));
  expect(model.line).not.toContain('AIza');
});
