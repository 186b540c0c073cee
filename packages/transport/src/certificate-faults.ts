/** What is wrong with a certificate, by OpenSSL's and Node's codes for it, as the end of a sentence about it. */
const faults: ReadonlyMap<string, string> = new Map([
  ['CERT_HAS_EXPIRED', 'has expired'],
  ['CERT_NOT_YET_VALID', 'is not valid yet'],
  ['CERT_REVOKED', 'has been revoked'],
  ['CERT_UNTRUSTED', 'is of an unknown authority'],
  ['CERT_REJECTED', 'is of an unknown authority'],
  ['CERT_SIGNATURE_FAILURE', 'is of an unknown authority'],
  ['CERT_CHAIN_TOO_LONG', 'is of an unknown authority'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'is of an unknown authority'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'is of an unknown authority'],
  ['UNABLE_TO_GET_ISSUER_CERT', 'is of an unknown authority'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'is of an unknown authority'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'is of an unknown authority'],
  ['INVALID_PURPOSE', 'is not made for this side of a connection'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'is for another host name'],
]);

/** The end of a sentence about a certificate that was not accepted; `undefined` if `code` is about something else. */
export function certificateFault(code: string): string | undefined {
  return faults.get(code);
}

/** What a TLS server says about a client certificate: number and name of the alert (RFC 8446, 6), and what it means for a person. */
const alerts: readonly (readonly [number: number, name: string, meaning: string])[] = [
  [41, 'NO_CERTIFICATE', 'it wants a client certificate and was shown none'],
  [42, 'BAD_CERTIFICATE', 'the client certificate is broken, or refused without a reason'],
  [43, 'UNSUPPORTED_CERTIFICATE', 'the client certificate is of a kind that it does not take'],
  [44, 'CERTIFICATE_REVOKED', 'the client certificate has been revoked'],
  [45, 'CERTIFICATE_EXPIRED', 'the client certificate has expired or is not valid yet'],
  [46, 'CERTIFICATE_UNKNOWN', 'the client certificate is refused without a reason'],
  [48, 'UNKNOWN_CA', 'the client certificate is of an unknown authority'],
  [49, 'ACCESS_DENIED', 'the client certificate is good, but not allowed here'],
  [116, 'CERTIFICATE_REQUIRED', 'it wants a client certificate and was shown none'],
];

/** Why a server refused the client certificate by a TLS alert; `undefined` for an error that is no such alert. */
export function clientCertificateAlert({
  code,
  text,
}: {
  readonly code: string;
  readonly text: string;
}): string | undefined {
  const name = /_ALERT_([A-Z_]+)$/.exec(code)?.[1];
  // An alert in the midst of the handshake, as TLS 1.2 sends it, is an EPROTO to Node: the number is in OpenSSL's text and nowhere else.
  const number = code === 'EPROTO' ? Number(/SSL alert number (\d+)/.exec(text)?.[1]) : Number.NaN;
  return alerts.find((alert) => alert[0] === number || alert[1] === name)?.[2];
}
