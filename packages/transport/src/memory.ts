export {
  createMemoryNetwork,
  type MemoryConnection,
  type MemoryListenOptions,
  type MemoryNetwork,
  type MemoryNetworkOptions,
} from './memory-network.ts';
