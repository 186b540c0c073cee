import type { UpgradeRequest } from '@agentao/transport';
import { type ClientCertificate, readClientCertificate } from '../connectors/client-certificate.ts';
import type { ConnectorDirectory, CredentialHolder } from '../connectors/connector-directory.ts';
import { bearerToken, type Refusal, refuse } from './admission.ts';

/** The client certificate of a request. None is no fault here: the server that asks for certificates has turned those away. */
export function identifyCertificate(
  { clientCertificate: pem }: UpgradeRequest,
  directory: ConnectorDirectory,
): { readonly certificate?: ClientCertificate } | Refusal {
  if (pem === undefined) return {};
  const certificate = readClientCertificate(pem);
  if (certificate === undefined) {
    return refuse('UNAUTHENTICATED', 'the client certificate names no client: it needs one common name');
  }
  if (directory.isRevoked(certificate)) return refuse('UNAUTHENTICATED', 'the client certificate has been revoked');
  return { certificate };
}

/** Who asks for a control connection. A key and a certificate that are shown together must both fit, at the same connector. */
export function identifyClient(request: UpgradeRequest, directory: ConnectorDirectory): CredentialHolder | Refusal {
  const shown = identifyCertificate(request, directory);
  if ('accept' in shown) return shown;
  const { certificate } = shown;
  const named = certificate && directory.byCertificate(certificate);
  if (certificate !== undefined && named?.length === 0) {
    const { commonName } = certificate;
    return refuse('UNAUTHENTICATED', `no connector lists client certificates of the common name ${commonName}`);
  }
  if (named !== undefined && !request.headers.has('authorization')) return { ...shown, connectors: named };
  const holder = directory.byKey(bearerToken(request));
  if (holder === undefined) return refuse('UNAUTHENTICATED', 'a valid API key is needed');
  if (named === undefined) return holder;
  const connectors = holder.connectors.filter((connector) => named.includes(connector));
  if (connectors.length === 0) {
    return refuse('UNAUTHENTICATED', 'no connector lists both the API key and the client certificate');
  }
  return { ...holder, ...shown, connectors };
}
