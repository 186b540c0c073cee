export { createWsConnector, type WsConnectorOptions } from './ws-connector.ts';
export { listenWs, type WsListenOptions, type WsServer, type WsServerTls } from './ws-server.ts';
