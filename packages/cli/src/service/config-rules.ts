import { isIP } from 'node:net';
import type { ConfigFault } from './service-config.ts';

/** What is wrong about values that are each right for themselves, as far as they can be read: also in a file with other faults. */
export function crossFaults(value: unknown): readonly ConfigFault[] {
  return [...addressFaults(value), ...recordingFaults(value), ...twiceFaults(value)];
}

function addressFaults(value: unknown): readonly ConfigFault[] {
  const listen = addressOf(value, 'listen', 7350);
  const operations = addressOf(value, 'operations', 7351);
  const faults: ConfigFault[] = [...plaintextFaults('listen', listen)];
  if (!isSection(value) || value['operations'] === undefined) return faults;
  faults.push(...plaintextFaults('operations', operations));
  const isSame = typeof listen.port === 'number' && operations.port === listen.port && operations.host === listen.host;
  if (isSame && listen.port !== 0) {
    faults.push({ path: ['operations', 'port'], message: 'is that of listen; choose another one' });
  }
  return faults;
}

interface Address {
  readonly host: unknown;
  readonly port: unknown;
  /** Something ends TLS: the listener, or what is in front of it. */
  readonly encrypted: boolean;
}

function addressOf(value: unknown, name: string, defaultPort: number): Address {
  const given = isSection(value) ? value[name] : undefined;
  const { host = '127.0.0.1', port = defaultPort, tls, plaintext } = isSection(given) ? given : {};
  return { host, port, encrypted: tls !== undefined || plaintext === true };
}

function plaintextFaults(name: string, { host, encrypted }: Address): readonly ConfigFault[] {
  if (encrypted || typeof host !== 'string' || host === '' || isLoopback(host)) return [];
  const fix = name === 'listen' ? 'add listen.tls, or' : 'choose 127.0.0.1, or';
  const message = `is no loopback address, and nothing would be encrypted; ${fix} say ${name}.plaintext: true if something in front does it`;
  return [{ path: [name, 'host'], message }];
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** What connectors want and the rest of the file does not give. */
function recordingFaults(value: unknown): readonly ConfigFault[] {
  if (isSection(value) && value['records'] !== undefined) return [];
  return itemsOf(value, 'connectors').flatMap(([index, connector]) =>
    isSection(connector) && connector['recording'] === true
      ? [{ path: ['connectors', index, 'recording'], message: 'needs a place for recordings; add records.folder' }]
      : [],
  );
}

/** What connectors have twice. */
function twiceFaults(value: unknown): readonly ConfigFault[] {
  const faults: ConfigFault[] = [];
  const uuids = new Map<unknown, number>();
  const numbers = new Map<unknown, number>();
  const keys = new Map<unknown, unknown>();
  for (const [index, connector] of itemsOf(value, 'connectors')) {
    const at = ['connectors', index] as const;
    const uuid = isSection(connector) ? connector['uuid'] : undefined;
    const other = typeof uuid === 'string' ? uuids.get(uuid) : undefined;
    if (other === undefined) uuids.set(uuid, index);
    else faults.push({ path: [...at, 'uuid'], message: `is that of connectors[${other}] too; give each its own` });
    for (const [place, number] of itemsOf(connector, 'numbers')) {
      const holder = typeof number === 'string' ? numbers.get(number) : undefined;
      if (holder === undefined) {
        numbers.set(number, index);
        continue;
      }
      const message = `is a number of connectors[${holder}] too; a number belongs to one connector, once`;
      faults.push({ path: [...at, 'numbers', place], message });
    }
    for (const [place, key] of itemsOf(connector, 'keys')) {
      if (!isSection(key) || typeof key['id'] !== 'string') continue;
      const { id, sha256 } = key;
      if (keys.has(id) && keys.get(id) !== sha256) {
        const message = 'belongs to a key with another sha256 above; an id is of one key only';
        faults.push({ path: [...at, 'keys', place, 'id'], message });
      }
      keys.set(id, sha256);
    }
  }
  return faults;
}

function isSection(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function itemsOf(value: unknown, key: string): readonly (readonly [number, unknown])[] {
  const list = isSection(value) ? value[key] : undefined;
  return Array.isArray(list) ? [...(list as readonly unknown[]).entries()] : [];
}
