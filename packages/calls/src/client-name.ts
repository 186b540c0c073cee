/** Name and version of this software, as it introduces itself to a switch. */
export const clientName: string = '@agentao/calls 0.1.0';
