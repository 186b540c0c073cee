import type { ControlOffer } from '@agentao/protocol';
import { Untried } from '../check.ts';
import type { Peer } from './peer.ts';

/**
 * The control connection that takes the offers for all checks that need just a call, whatever they do with it.
 * Calls that are not the kit's are declined.
 */
export interface Desk {
  /** Resolves with the peer once it takes calls; opened anew where the last one has ended. */
  open(): Promise<Peer>;
  /** Takes no calls any more: those of the next checks go to their own control connections. */
  close(): Promise<void>;
  /** The offer of the call from `callerNumber`. */
  offer(callerNumber: string): Promise<ControlOffer>;
}

/** Makes a desk; `openReady` opens a control connection that is ready. */
export function createDesk(openReady: () => Promise<Peer>, isOwn: (callerNumber: string) => boolean): Desk {
  let opening: Promise<Peer> | undefined;
  const open = async (): Promise<Peer> => {
    opening ??= start().catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    const peer = await opening;
    if (peer.close === undefined) return peer;
    opening = undefined;
    return await open();
  };
  const start = async (): Promise<Peer> => {
    const peer = await openReady();
    const declineForeign = async (): Promise<void> => {
      const done = new Set<string>();
      for (;;) {
        const isForeign = ({ offerId, callerNumber }: ControlOffer): boolean =>
          !done.has(offerId) && !isOwn(callerNumber);
        const { offerId } = await peer.message('offer', isForeign, 3_600_000);
        done.add(offerId);
        peer.send({ type: 'decline', offerId });
      }
    };
    // Ends with the connection.
    declineForeign().catch(() => undefined);
    return peer;
  };
  return {
    open,
    close: async () => {
      const peer = await opening?.catch(() => undefined);
      opening = undefined;
      if (peer === undefined || peer.close !== undefined) return;
      peer.socket.close(1000);
      await peer.until('the end', () => peer.close);
    },
    offer: async (callerNumber) => {
      const peer = await open();
      try {
        return await peer.message('offer', (offer) => offer.callerNumber === callerNumber);
      } catch (error) {
        if (peer.close !== undefined) throw new Untried('the connection that takes the offers has ended');
        throw error;
      }
    },
  };
}
