import { createAuthority, type Identity } from './authority.ts';

export { createAuthority, type Authority, type Identity, type IssueOptions } from './authority.ts';

/** One authority, one server for `localhost` and 127.0.0.1, one client called `test-client`. */
export interface Certificates {
  readonly authorityPem: string;
  readonly server: Identity;
  readonly client: Identity;
}

/** What most mTLS tests need, in one call. */
export async function createCertificates(): Promise<Certificates> {
  const authority = await createAuthority();
  const [server, client] = await Promise.all([
    authority.issue({ commonName: 'localhost', role: 'server' }),
    authority.issue({ commonName: 'test-client', role: 'client' }),
  ]);
  return { authorityPem: authority.certificatePem, server, client };
}
