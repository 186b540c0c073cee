import type { ConnectionFault, Message } from './faulty-switch.ts';

/** What goes out instead of a message of the switch. */
export type Says = NonNullable<ConnectionFault['says']>;

/** The same on every connection of a path. */
export function on(path: string, fault: () => ConnectionFault): (path: string) => ConnectionFault {
  return (opened) => (opened === path ? fault() : {});
}

/** Changes what is said on the connections of a path. */
export function says(path: string, make: () => Says): (path: string) => ConnectionFault {
  return on(path, () => ({ says: make() }));
}

/** Leaves messages out. */
export function drops(path: string, isDropped: (message: Message) => boolean): (path: string) => ConnectionFault {
  return says(path, () => (message) => (isDropped(message) ? [] : [message]));
}

/** Changes fields of the messages of one type. */
export function changes(
  path: string,
  type: string,
  change: (message: Message) => object,
): (path: string) => ConnectionFault {
  return says(path, () => (message) => [message.type === type ? { ...message, ...change(message) } : message]);
}

/** Takes a field away, whatever the message. */
export function without(field: string): (message: Message) => readonly Message[] {
  return ({ type, ...fields }) => [
    { ...Object.fromEntries(Object.entries(fields).filter(([name]) => name !== field)), type },
  ];
}

/** The type of the event in a message; `undefined` of any other message. */
export function eventType({ event }: Message): unknown {
  return typeof event === 'object' && event !== null && 'type' in event ? event.type : undefined;
}

/** Holds a message back until another one has gone out. */
export function swapped(isFirst: (message: Message) => boolean, isSecond: (message: Message) => boolean): Says {
  let held: readonly Message[] = [];
  return (message) => {
    if (isFirst(message)) {
      held = [...held, message];
      return [];
    }
    if (!isSecond(message)) return [message];
    const late = held;
    held = [];
    return [message, ...late];
  };
}

/** Does not hear a command whose id it has heard before. */
export function oncePerId(): ConnectionFault {
  const ids = new Set<unknown>();
  return {
    hears: (message) => {
      const { id, type } = message;
      if (id === undefined || type === 'ping' || type === 'pong') return [message];
      if (ids.has(id)) return [];
      ids.add(id);
      return [message];
    },
  };
}

/** Loses audio. */
export function everyTenthLost(): ConnectionFault {
  let count = 0;
  return { plays: (frame) => (++count % 10 === 0 ? [] : [frame]) };
}

/** Tells of a clear that more was heard than there was. */
export function moved(result: unknown): unknown {
  if (typeof result !== 'object' || result === null || !('clearedSamples' in result)) return result;
  const { position = 0, clearedSamples } = result as { readonly position?: number; readonly clearedSamples: number };
  return { position: position + 700, clearedSamples: clearedSamples - 700 };
}

/** Another code in its place. */
export function renamed(code: string, instead: string): (message: Message) => object {
  return ({ error }) => {
    const isThat = typeof error === 'object' && error !== null && 'code' in error && error.code === code;
    return isThat ? { error: { ...error, code: instead } } : {};
  };
}

/** Moves the positions of incoming audio. */
export function fromZero(): ConnectionFault {
  let first: number | undefined;
  return {
    plays: (frame) => {
      const shifted = frame.slice();
      const view = new DataView(shifted.buffer);
      const position = view.getUint32(4, true);
      first ??= position;
      view.setUint32(4, position - first, true);
      return [shifted];
    },
  };
}
