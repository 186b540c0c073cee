export {
  createMemoryNetwork,
  type MemoryConnection,
  type MemoryListenOptions,
  type MemoryNetwork,
  type MemoryNetworkOptions,
  type MemoryRequestOptions,
} from './memory-network.ts';
