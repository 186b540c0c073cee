import * as z from 'zod/mini';

/** One schema per message type. */
export type SchemaTable<Message extends { readonly type: string }> = {
  readonly [Type in Message['type']]: z.ZodMiniType<Extract<Message, { readonly type: Type }>>;
};

/** `T` without `readonly`, with intersections merged and open unions of text widened: what a schema infers. */
export type Plain<T> = unknown extends T
  ? T
  : T extends string
    ? string extends T
      ? string
      : T
    : T extends readonly (infer Item)[]
      ? Plain<Item>[]
      : T extends object
        ? { -readonly [Field in keyof T]: Plain<T[Field]> }
        : T;

type Same<A, B> = (<G>() => G extends A ? 1 : 2) extends <G>() => G extends B ? 1 : 2 ? true : false;

/** Types `schema` as `Message`, and refuses to compile unless the two are equal field by field, both ways. */
export function exactly<Message>(): <Schema extends z.ZodMiniType>(
  schema: Same<Plain<z.output<Schema>>, Plain<Message>> extends true ? Schema : 'the schema differs from the interface',
) => z.ZodMiniType<Message> {
  return (schema) => schema as unknown as z.ZodMiniType<Message>;
}

/** An object with a literal `type` and these fields; others are ignored. */
export function message<Type extends string, Fields extends z.core.$ZodShape>(
  type: Type,
  fields: Fields,
): z.ZodMiniObject<{ type: z.ZodMiniLiteral<Type> } & Fields, z.core.$strip> {
  return z.object({ type: z.literal(type), ...fields });
}
