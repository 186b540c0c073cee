import type { Socket, UpgradeHandler } from '@agentao/transport';

/** Watches how much waits on sockets for peers that do not read. */
export interface WaitingBytes {
  /** The most that waited on one socket when somebody looked. */
  readonly peak: number;
  add(socket: Socket): void;
  look(): void;
  /** `onUpgrade`, with the sockets that it takes watched. */
  watching(onUpgrade: UpgradeHandler): UpgradeHandler;
}

/** Makes it. */
export function createWaitingBytes(): WaitingBytes {
  const sockets: Socket[] = [];
  let peak = 0;
  const add = (socket: Socket): void => void sockets.push(socket);
  return {
    get peak() {
      return peak;
    },
    add,
    look() {
      for (const { bufferedBytes } of sockets) peak = Math.max(peak, bufferedBytes);
    },
    watching: (onUpgrade) => (request) => {
      const decision = onUpgrade(request);
      if (!decision.accept) return decision;
      return {
        ...decision,
        open: (socket) => {
          add(socket);
          decision.open(socket);
        },
      };
    },
  };
}
