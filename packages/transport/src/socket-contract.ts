import { closingContract } from './closing-contract.ts';
import type { SocketContractCase } from './contract-bench.ts';
import { messageContract } from './message-contract.ts';
import { openingContract } from './opening-contract.ts';

export type { SocketContractCase, SocketHarness } from './contract-bench.ts';

/** What every `Socket`, `SocketFactory` and `SocketServer` does alike. */
export const socketContract: readonly SocketContractCase[] = [
  ...openingContract,
  ...messageContract,
  ...closingContract,
];
