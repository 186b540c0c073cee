import { paths, subprotocols } from '@agentao/protocol';
import type { UpgradeRequest } from '@agentao/transport';
import { describe, expect, it } from 'vitest';
import { createApiKey } from '../connectors/api-key.ts';
import { describeCertificate } from '../connectors/client-certificate.ts';
import type { ConnectorOptions } from '../connectors/connector.ts';
import { answerCall, placeCall, runSecondCall } from './test-call.ts';
import { createTestCertificate, createTestKeys } from './test-certificate.ts';
import { createTestSwitch, type RawPeer, type TestSwitch } from './test-switch.ts';

const key = createApiKey();
const byName: ConnectorOptions = { uuid: 'c', numbers: ['*'], certificates: [{ commonName: 'agent-1' }] };

/** The body of a 401. */
async function refusal(opening: Promise<RawPeer>): Promise<{ readonly code: string; readonly message: string }> {
  const error = await opening.catch((cause: unknown) => cause);
  expect(error).toMatchObject({ code: 'REFUSED', status: 401 });
  return JSON.parse((error as { readonly body: string }).body) as { code: string; message: string };
}

function hello(control: RawPeer, connectorUuid?: string): void {
  control.send({ type: 'hello', client: 'raw', ...(connectorUuid === undefined ? {} : { connectorUuid }) });
}

describe('a client certificate on a control connection', () => {
  it('is the identity: no key is needed, whatever certificate of the name it is', async () => {
    const test = createTestSwitch({ connectors: [byName] });
    for (let renewal = 0; renewal < 2; renewal++) {
      const control = await test.open('control', '', { certificate: createTestCertificate('agent-1') });
      hello(control);
      expect(await control.next('welcome')).toMatchObject({ connectorUuid: 'c' });
    }
  });

  it.each<[string, string, RegExp]>([
    ['of a name that no connector lists', createTestCertificate('agent-2'), /no connector lists .*agent-2/],
    ['that only begins with a listed name', createTestCertificate('agent-10'), /no connector lists/],
    ['with two names, one of them listed', createTestCertificate(['agent-1', 'agent-2']), /one common name/],
    ['without a name', createTestCertificate([]), /one common name/],
  ])('%s is refused with 401 and what is wrong', async (_, certificate, message) => {
    const test = createTestSwitch({ connectors: [{ ...byName, keys: [key.stored] }] });
    const control = await test.openControl({ key: key.key });
    const expectNoTickLost = await runSecondCall(test, { control });
    expect(await refusal(test.open('control', '', { certificate }))).toEqual({
      code: 'UNAUTHENTICATED',
      message: expect.stringMatching(message),
    });
    await expectNoTickLost();
  });

  it('that fits several connectors needs the connector named; one that it does not fit is FORBIDDEN', async () => {
    const second = { ...byName, uuid: 'd', numbers: ['+2'] };
    const foreign = { uuid: 'e', numbers: ['+3'], certificates: [{ commonName: 'agent-2' }] };
    const test = createTestSwitch({ connectors: [byName, second, foreign] });
    const certificate = createTestCertificate('agent-1');
    for (const wrong of [undefined, 'e', 'none']) {
      const control = await test.open('control', '', { certificate });
      hello(control, wrong);
      expect(await control.next('error')).toMatchObject({ code: 'FORBIDDEN' });
      expect(await control.end()).toMatchObject({ code: 4403 });
    }
    const named = await test.open('control', '', { certificate });
    hello(named, 'd');
    expect(await named.next('welcome')).toMatchObject({ connectorUuid: 'd' });
  });

  it('has a bounded number of sessions under its name', async () => {
    const test = createTestSwitch({ connectors: [byName], limits: { sessionsPerKey: 1 } });
    const first = await test.open('control', '', { certificate: createTestCertificate('agent-1') });
    const second = (): Promise<RawPeer> => test.open('control', '', { certificate: createTestCertificate('agent-1') });
    await expect(second()).rejects.toMatchObject({ status: 429 });
    first.socket.terminate();
    await first.end();
    await expect(second()).resolves.toBeDefined();
  });
});

describe('a key beside a client certificate', () => {
  const certificate = createTestCertificate('agent-1');
  const other = createApiKey();
  const connectors: ConnectorOptions[] = [
    { ...byName, uuid: 'both', numbers: ['+1'], keys: [key.stored] },
    { ...byName, uuid: 'certificate', numbers: ['+2'] },
    { uuid: 'key', numbers: ['*'], keys: [key.stored, other.stored] },
  ];

  it('serves the connectors that list both, and no other', async () => {
    const test = createTestSwitch({ connectors });
    for (const [uuid, code] of [
      ['certificate', 4403],
      ['key', 4403],
    ] as const) {
      const control = await test.open('control', key.key, { certificate });
      hello(control, uuid);
      expect(await control.end()).toMatchObject({ code });
    }
    const control = await test.open('control', key.key, { certificate });
    hello(control);
    expect(await control.next('welcome')).toMatchObject({ connectorUuid: 'both' });
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['a wrong key', { authorization: `Bearer ${key.key}0` }, /valid API key/],
    ['something that is no key', { authorization: 'Basic abc' }, /valid API key/],
    ['an empty header', { authorization: '' }, /valid API key/],
    ['a good key of another connector', { authorization: `Bearer ${other.key}` }, /lists both/],
  ])('is not overlooked: %s is refused', async (_, headers, message) => {
    const test = createTestSwitch({ connectors });
    expect((await refusal(test.open('control', '', { certificate, headers }))).message).toMatch(message);
  });

  it('does not make up for a certificate that is not listed', async () => {
    const test = createTestSwitch({ connectors });
    const opening = test.open('control', key.key, { certificate: createTestCertificate('agent-2') });
    expect((await refusal(opening)).message).toMatch(/agent-2/);
  });

  it('falls with it, and it with the key', async () => {
    const test = createTestSwitch({ connectors });
    const first = await test.open('control', key.key, { certificate });
    test.sw.revokeCertificate(describeCertificate(certificate));
    expect(await first.end()).toMatchObject({ code: 4401 });
    const second = await test.open('control', key.key, { certificate: createTestCertificate('agent-1') });
    test.sw.revokeKey(key.stored.keyId);
    expect(await second.end()).toMatchObject({ code: 4401 });
  });
});

describe('revoking a certificate', () => {
  const connectors = [{ ...byName, keys: [key.stored] }];

  it('closes what it has open with 4401, call included, and refuses it and every renewal with its key; others go on', async () => {
    const test = createTestSwitch({ connectors });
    const keys = createTestKeys();
    const certificate = createTestCertificate('agent-1', { keys });
    const kept = await test.openControl({ key: '', certificate: createTestCertificate('agent-1') });
    const control = await test.openControl({ key: '', certificate });
    kept.send({ type: 'ready', ready: false });
    await test.clock.advance(0);
    const { token } = await placeCall(test, { control });
    const media = await test.open('media', token, { certificate });
    media.send({ type: 'attach', sampleRateHz: 24_000 });
    await media.next('attached');

    const { publicKeySha256 } = describeCertificate(certificate);
    expect(test.sw.revokeCertificate({ publicKeySha256 })).toBe(true);
    expect(await control.end()).toMatchObject({ code: 4401 });
    expect(await media.end()).toMatchObject({ code: 4401 });
    for (const shown of [certificate, createTestCertificate('agent-1', { keys })]) {
      expect(await refusal(test.open('control', '', { certificate: shown }))).toEqual({
        code: 'UNAUTHENTICATED',
        message: 'the client certificate has been revoked',
      });
    }
    expect(kept.closed).toBeUndefined();
    await expect(test.open('control', key.key)).resolves.toBeDefined();
    expect(test.sw.revokeCertificate({ publicKeySha256 })).toBe(false);
  });

  it('by name puts out everybody of that name', async () => {
    const test = createTestSwitch({ connectors });
    const control = await test.openControl({ key: '', certificate: createTestCertificate('agent-1') });
    expect(test.sw.revokeCertificate({ commonName: 'agent-1' })).toBe(true);
    expect(await control.end()).toMatchObject({ code: 4401 });
    const opening = test.open('control', '', { certificate: createTestCertificate('agent-1') });
    expect((await refusal(opening)).message).toMatch(/no connector lists/);
    expect(test.sw.revokeCertificate({ commonName: 'agent-1' })).toBe(false);
  });

  it('is there from the start for those that the configuration names, at all connectors', async () => {
    const certificate = createTestCertificate('agent-1');
    const revokedCertificates = [describeCertificate(certificate).publicKeySha256];
    const test = createTestSwitch({
      connectors: [...connectors, { uuid: 'd', numbers: ['+2'], revokedCertificates }],
    });
    expect((await refusal(test.open('control', '', { certificate }))).message).toMatch(/revoked/);
  });

  it.each([{ publicKeySha256: 'AB' }, { publicKeySha256: '' }, {} as { commonName: string }])(
    'of %j is a TypeError',
    (revoked) => {
      const test = createTestSwitch({ connectors });
      expect(() => test.sw.revokeCertificate(revoked)).toThrow(TypeError);
    },
  );

  it.each([
    { certificates: [{ commonName: '' }] },
    { certificates: [{ commonName: 'a\nb' }] },
    { revokedCertificates: ['AB:CD'] },
  ])('and listing name what is at fault: %j', (options) => {
    const uuid = 'c';
    expect(() => createTestSwitch({ connectors: [{ uuid, numbers: ['*'], ...options }] })).toThrow(
      Object.keys(options)[0],
    );
  });
});

describe('a media connection', () => {
  /** What the switch says to a media token shown with a certificate. */
  const show = (
    test: TestSwitch,
    token: string,
    clientCertificate?: string,
  ): ReturnType<TestSwitch['sw']['onUpgrade']> => {
    const request: UpgradeRequest = {
      path: paths.media,
      headers: new Map([['authorization', `Bearer ${token}`]]),
      subprotocols: [subprotocols.media],
      remoteAddress: 'memory',
      ...(clientCertificate === undefined ? {} : { clientCertificate }),
    };
    return test.sw.onUpgrade(request);
  };

  it('is opened by a newer certificate of the same name, and by no other, which leaves the token to its owner', async () => {
    const test = createTestSwitch({ connectors: [byName] });
    const control = await test.openControl({ key: '', certificate: createTestCertificate('agent-1') });
    const { token } = await placeCall(test, { control });
    for (const foreign of [undefined, createTestCertificate('agent-2'), createTestCertificate(['agent-1', 'x']), 'x']) {
      expect(show(test, token, foreign)).toMatchObject({ accept: false, status: 401 });
    }
    expect(show(test, token, createTestCertificate('agent-1'))).toMatchObject({ accept: true });
  });

  it('is not opened by a certificate that has been revoked', async () => {
    const test = createTestSwitch({ connectors: [byName] });
    const control = await test.openControl({ key: '', certificate: createTestCertificate('agent-1') });
    const { token } = await placeCall(test, { control });
    const other = createTestCertificate('agent-1');
    test.sw.revokeCertificate(describeCertificate(other));
    expect(show(test, token, other)).toMatchObject({ accept: false, status: 401, code: 'UNAUTHENTICATED' });
  });

  it('of a renewed certificate goes on when the one before is revoked', async () => {
    const test = createTestSwitch({ connectors: [byName] });
    const before = createTestCertificate('agent-1');
    const control = await test.openControl({ key: '', certificate: before });
    const { token } = await placeCall(test, { control });
    const media = await test.open('media', token, { certificate: createTestCertificate('agent-1') });
    media.send({ type: 'attach', sampleRateHz: 24_000 });
    await media.next('attached');
    test.sw.revokeCertificate(describeCertificate(before));
    expect(await control.end()).toMatchObject({ code: 4401 });
    await test.clock.advance(100);
    expect(media.closed).toBeUndefined();
  });
});

describe('a certificate that expires in mid-session', () => {
  it('closes the control connection with 4401 then, and no call', async () => {
    const test = createTestSwitch({ connectors: [byName] });
    const notAfter = new Date(Math.floor(test.clock.wallTime() / 1_000) * 1_000 + 200_000);
    const certificate = createTestCertificate('agent-1', { notAfter });
    const control = await test.openControl({ key: '', certificate });
    const { token } = await placeCall(test, { control });
    const media = await test.open('media', token, { certificate });
    media.send({ type: 'attach', sampleRateHz: 24_000 });
    await media.next('attached');
    media.send({ type: 'answer', id: 1 });
    await media.next('response');
    await test.clock.advance(notAfter.getTime() - test.clock.wallTime() - 1);
    expect(control.closed).toBeUndefined();
    await test.clock.advance(2);
    expect(control.closed).toMatchObject({ code: 4401 });
    await test.clock.advance(1_000);
    expect(media.closed).toBeUndefined();
  });

  it('leaves no timer behind where the session ends before', async () => {
    const test = createTestSwitch({ connectors: [byName] });
    const notAfter = new Date('2049-01-01T00:00:00Z');
    const control = await test.openControl({ key: '', certificate: createTestCertificate('agent-1', { notAfter }) });
    control.socket.close(1000);
    await control.end();
    await test.sw.close();
    expect(test.clock.pendingTimers).toBe(0);
  });
});

describe('a switch on a listener without client certificates', () => {
  it('goes by keys alone, at connectors that list certificates too', async () => {
    const test = createTestSwitch({ connectors: [{ ...byName, keys: [key.stored] }] });
    expect((await refusal(test.open('control', ''))).message).toBe('a valid API key is needed');
    const call = await answerCall(test, { control: await test.openControl({ key: key.key }) });
    expect(call.media.closed).toBeUndefined();
  });
});
