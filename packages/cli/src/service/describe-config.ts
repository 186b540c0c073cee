import type { RecordsConfig, ServiceConfig } from './service-config.ts';

/** What would run, in a few lines for a person. */
export function describeConfig({
  listen,
  operations,
  operators,
  connectors,
  records,
  ...config
}: ServiceConfig): readonly string[] {
  const tls = listen.tls === undefined ? 'no TLS' : listen.tls.clientAuthority === undefined ? 'TLS' : 'mutual TLS';
  const people =
    operators === undefined ? 'no operators' : `operators${operators.dev ? ' (dev: phones may dial)' : ''}`;
  return [
    `agents       ${listen.host}:${listen.port}, ${tls}`,
    `operations   ${operations === undefined ? 'on the same port' : `${operations.host}:${operations.port}`}; ${people}; metrics ${config.metrics ? 'on' : 'off'}`,
    `calls        ${config.shedding ? 'shed when ticks are missed' : 'never shed'}; drained for up to ${config.drainMs} ms; log level ${config.log.level}`,
    `records      ${records === undefined ? 'none' : describeRecords(records)}`,
    ...connectors.map(
      ({ uuid, numbers, keys, certificates, revokedCertificates, limits, recording, consentTone }) =>
        `connector    ${uuid}: ${numbers.join(' ')}; ${counted(keys.length, 'key')}, ${counted(certificates.length, 'certificate name')}, ` +
        `${revokedCertificates.length} revoked; at most ${limits.maxCalls ?? 'any number of'} calls, ${limits.callsPerSecond ?? 'any number'} a second` +
        (recording ? `; recorded, ${consentTone ? 'with' : 'without'} a tone` : ''),
    ),
  ];
}

function describeRecords({ folder, retention: { maxAgeDays, maxBytes } }: RecordsConfig): string {
  const bounds = [
    ...(maxAgeDays === undefined ? [] : [`${maxAgeDays} days`]),
    ...(maxBytes === undefined ? [] : [`${maxBytes} bytes`]),
  ];
  return `in ${folder}; ${bounds.length === 0 ? 'kept for ever' : `kept for at most ${bounds.join(' and ')}`}`;
}

function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}
