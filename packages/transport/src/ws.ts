export { createWsConnector, type WsConnectorOptions } from './ws-connector.ts';
export { listenWs, type WsListenOptions, type WsServerTls } from './ws-server.ts';
