/** Which end of a connection is meant: that of a socket of Node. */
export interface RemoteEnd {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}

/** Counts the connections of each address that are no sockets yet. */
export interface StrangerCount {
  /** A connection has come; returns how many strangers its address has with it. */
  arrived(end: RemoteEnd): number;
  /** It has become a socket or is gone. With TLS the connection inside has the same end as the one around it. Idempotent. */
  left(end: RemoteEnd): void;
}

/** Creates an empty count. */
export function createStrangerCount(): StrangerCount {
  const byAddress = new Map<string, Set<number>>();
  return {
    arrived({ remoteAddress = '', remotePort = 0 }) {
      const ports = byAddress.get(remoteAddress) ?? new Set();
      byAddress.set(remoteAddress, ports.add(remotePort));
      return ports.size;
    },
    left({ remoteAddress = '', remotePort = 0 }) {
      const ports = byAddress.get(remoteAddress);
      if (ports?.delete(remotePort) && ports.size === 0) byAddress.delete(remoteAddress);
    },
  };
}
