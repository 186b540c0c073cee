/** One WebSocket subprotocol per socket; a new incompatible version gets a new name and both are offered. */
export const subprotocols = {
  control: 'agentao.control.v1',
  media: 'agentao.media.v1',
  phone: 'agentao.phone.v1',
  monitor: 'agentao.monitor.v1',
} as const;

/** A browser cannot set headers: it offers its one-use ticket as a further subprotocol with this prefix. Never selected. */
export const ticketSubprotocolPrefix = 'agentao.ticket.';

/** Path of each socket on the switch. */
export const paths = {
  control: '/control',
  media: '/media',
  phone: '/phone',
  monitor: '/monitor',
} as const;
