/** Headers of a request, by lower-case name. */
export type Headers = ReadonlyMap<string, string>;

/** By which names browsers may reach this switch, and from which pages. */
export interface AllowedHosts {
  /** Why a browser's request is refused, if it is: an unknown `Host`, or an `Origin` other than the switch itself. */
  refuses(headers: Headers): string | undefined;
  /** Why the page that sent this is refused, if it is; programs send no `Origin`. */
  refusesOrigin(headers: Headers): string | undefined;
}

const loopbackNames = ['localhost', '127.0.0.1', '[::1]'];
const authority = String.raw`(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::([0-9]{1,5}))?`;
const hostPattern = new RegExp(`^${authority}$`, 'i');
const originPattern = new RegExp(`^(https?)://${authority}$`, 'i');

/** Creates the check. Throws a TypeError for something that is no host name. */
export function createAllowedHosts(hosts: readonly string[] = []): AllowedHosts {
  for (const host of hosts) {
    const [, name, port] = hostPattern.exec(host) ?? [];
    if (name === undefined || port !== undefined) {
      throw new TypeError('operators.hosts must be host names without a port');
    }
  }
  const names = new Set([...loopbackNames, ...hosts.map((host) => host.toLowerCase())]);

  const refusesOrigin = (headers: Headers): string | undefined => {
    const text = headers.get('origin');
    if (text === undefined) return undefined;
    const origin = parseOrigin(text);
    if (origin === undefined || !names.has(origin.name)) return 'this origin is not allowed';
    const host = hostPattern.exec(headers.get('host') ?? '');
    const [, name = '', port = defaultPort(origin.scheme)] = host ?? [];
    return name.toLowerCase() === origin.name && port === origin.port ? undefined : 'this origin is not allowed';
  };

  return {
    refusesOrigin,
    refuses: (headers) => {
      const [, name = ''] = hostPattern.exec(headers.get('host') ?? '') ?? [];
      if (!names.has(name.toLowerCase())) return 'this host name is not allowed';
      return refusesOrigin(headers);
    },
  };
}

/** The port by which a browser reaches the switch; `undefined` where it is the default one of a scheme that is not told. */
export function portOf(headers: Headers): string | undefined {
  const [, , port] = hostPattern.exec(headers.get('host') ?? '') ?? [];
  if (port !== undefined) return port;
  const origin = parseOrigin(headers.get('origin') ?? '');
  return origin && defaultPort(origin.scheme);
}

/** Whether the page that sent this came over TLS. */
export function isSecurePage(headers: Headers): boolean {
  return parseOrigin(headers.get('origin') ?? '')?.scheme === 'https';
}

interface Origin {
  readonly scheme: string;
  readonly name: string;
  readonly port: string;
}

function parseOrigin(text: string): Origin | undefined {
  const [, scheme, name, port] = originPattern.exec(text) ?? [];
  if (scheme === undefined || name === undefined) return undefined;
  const lower = scheme.toLowerCase();
  return { scheme: lower, name: name.toLowerCase(), port: port ?? defaultPort(lower) };
}

function defaultPort(scheme: string): string {
  return scheme === 'https' ? '443' : '80';
}
