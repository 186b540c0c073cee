/** Either side, any socket: answer at once with a `pong` of the same id. */
export interface Ping {
  readonly type: 'ping';
  readonly id: number;
}

/** Answer to a `ping`. */
export interface Pong {
  readonly type: 'pong';
  readonly id: number;
}
