export { type SocketContractCase, socketContract, type SocketHarness } from './socket-contract.ts';
export { SocketRecorder } from './socket-recorder.ts';
