/** Where a value was written. */
export interface Place {
  /** `info line of @agentao/switch "call arrived"`, `span agentao.call`. */
  readonly origin: string;
  /** Of the field or attribute; `message` for the text of a line itself. */
  readonly field: string;
}

/** Everything that was written to logs and spans, each value once, with the first place where it was. */
export interface Said {
  readonly values: ReadonlyMap<string, Place>;
  /** Fields whose very name says that they hold keys of a phone. */
  readonly digitFields: readonly Place[];
  add(origin: string, field: string, value: unknown): void;
}

const deepest = 8;

/** Makes an empty record. */
export function createSaid(): Said {
  const values = new Map<string, Place>();
  const digitFields = new Map<string, Place>();

  const add = (origin: string, field: string, value: unknown, depth: number): void => {
    if (typeof value === 'string') {
      if (!values.has(value)) values.set(value, { origin, field });
    } else if (typeof value === 'object' && value !== null && depth < deepest) {
      if (value instanceof Error) {
        const { message, stack, cause } = value;
        for (const part of [message, stack, cause]) add(origin, field, part, depth + 1);
      }
      for (const [name, inner] of Object.entries(value)) {
        if (/^(digits?|dtmf|pressed)$/i.test(name)) digitFields.set(`${origin} ${name}`, { origin, field: name });
        add(origin, name, inner, depth + 1);
      }
    }
  };
  return {
    values,
    get digitFields() {
      return [...digitFields.values()];
    },
    add(origin, field, value) {
      try {
        add(origin, field, { [field]: value }, 0);
      } catch {
        // Tests throw objects that refuse to be looked at: what no logger can read, none can write.
      }
    },
  };
}
