// Types of the wire as values with one method: `read(value)` gives the value back, its fields in declared order, or
// refuses it. What `read` gave is written by JSON.stringify. `Infer` is what a type reads, so that no object is
// declared twice.

import { refuse } from "./errors.ts";

// What can be read; the value is typed by what `read` returns.
export interface Type<T> {
  readonly read: (value: unknown) => T;
}

// A field that may be left out, and one that is left out while it has the value that `unless` spells in JSON.
export interface Optional<T> extends Type<T> {
  readonly optional: true;
  readonly unless?: string;
}

export interface Struct<F extends Fields> extends Type<Shape<F>> {
  readonly fields: F;
}

export type Fields = Readonly<Record<string, Type<unknown>>>;
export type Infer<T> = T extends Type<infer V> ? V : never;

type OptionalNames<F> = { [K in keyof F]: F[K] extends Optional<unknown> ? K : never }[keyof F];
// Spelled out once more, so that an editor shows the fields and not how they were found.
type Flat<T> = { [K in keyof T]: T[K] };
export type Shape<F> = Flat<
  { [K in Exclude<keyof F, OptionalNames<F>>]: Infer<F[K]> } & {
    [K in OptionalNames<F>]?: Infer<F[K]> | undefined;
  }
>;

export const malformed = (detail: string): never => refuse("object.malformed", detail);

export const MAX_INTEGER = 2 ** 53 - 1;

export const text = (pattern: RegExp | null, least = 0, most = Infinity): Type<string> => ({
  read(value) {
    if (typeof value !== "string") return malformed("no text");
    // Code points: a letter outside the basic plane is two units of JavaScript's.
    const length = [...value].length;
    if (length < least || length > most || (pattern !== null && !pattern.test(value))) return malformed("text");
    return value;
  },
});

export const integer = (least = 0, most = MAX_INTEGER): Type<number> => ({
  read(value) {
    if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most) {
      return malformed("integer");
    }
    return value;
  },
});

export const boolean: Type<boolean> = {
  read(value) {
    return typeof value === "boolean" ? value : malformed("boolean");
  },
};

export const oneOf = <const V extends string | number>(...values: readonly V[]): Type<V> => ({
  read(value) {
    const found = values.find((each) => each === value);
    return found === undefined ? malformed("not on the list") : found;
  },
});

export const list = <T>(item: Type<T>): Type<T[]> => ({
  read(value) {
    if (!Array.isArray(value)) return malformed("no list");
    return value.map((member) => item.read(member));
  },
});

export const optional = <T>(type: Type<T>): Optional<T> => ({ ...type, optional: true });

// A field that is left out while it has this value: `false`, a word, or an empty list.
export const unless = <T>(value: NoInfer<T>, type: Type<T>): Optional<T> => ({
  ...type,
  optional: true,
  unless: JSON.stringify(value),
});

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  value !== null && typeof value === "object" && !Array.isArray(value);

// `fields` is {name: type} in the order of the wire: names never look like integers, so JavaScript keeps the order.
export const struct = <F extends Fields>(fields: F, rule: (it: Shape<F>) => void = () => {}): Struct<F> => ({
  fields,
  read(value) {
    if (!isObject(value)) return malformed("no object");
    for (const name of Object.keys(value)) if (!Object.hasOwn(fields, name)) malformed(`no field ${name}`);
    const found: Record<string, unknown> = {};
    for (const [name, type] of Object.entries<Type<unknown> & Partial<Optional<unknown>>>(fields)) {
      const given = Object.hasOwn(value, name) ? value[name] : undefined;
      if (type.optional && (given === undefined || given === null)) continue;
      if (given === undefined) malformed(`without ${name}`);
      const read = type.read(given);
      if (type.unless === undefined || JSON.stringify(read) !== type.unless) found[name] = read;
    }
    // Each field was read by its own type just above, and nothing else stands in it.
    const whole = found as Shape<F>;
    rule(whole);
    return whole;
  },
});

// One of several objects, told apart by the word in the field `tag`.
export interface Variant<F extends Fields> {
  readonly fields: F;
  // A method, because a table of variants holds rules of different objects.
  rule(it: Shape<F>): void;
}
type Tagged<Tag extends string, K> = {
  [N in keyof K & string]: K[N] extends Variant<infer F> ? Flat<{ [T in Tag]: N } & Shape<F>> : never;
}[keyof K & string];

export const variant = <F extends Fields>(fields: F, rule: (it: Shape<F>) => void = () => {}): Variant<F> => ({
  fields,
  rule,
});

export const tagged = <const Tag extends string, K extends Readonly<Record<string, Variant<Fields>>>>(
  tag: Tag,
  kinds: K,
): Type<Tagged<Tag, K>> => ({
  read(value) {
    const name = isObject(value) && Object.hasOwn(value, tag) ? value[tag] : null;
    const kind = typeof name === "string" && Object.hasOwn(kinds, name) ? kinds[name] : undefined;
    if (typeof name !== "string" || kind === undefined) return malformed(`no such ${tag}`);
    const fields: Fields = { [tag]: oneOf(name), ...kind.fields };
    // The kind was chosen by its own word, so what it read is that variant.
    return struct(fields, kind.rule).read(value) as Tagged<Tag, K>;
  },
});

// Every key of a set is ASCII, so comparing JavaScript strings is comparing bytes.
export function requireSet(keys: readonly string[], least = 0, most = 1000): void {
  if (keys.length < least || keys.length > most) malformed("too few or too many");
  if (!ascending(keys)) malformed("no set");
}

export const ascending = (values: readonly (string | number)[]): boolean =>
  values.every((value, at) => at === 0 || (values[at - 1] ?? value) < value);

export const require = (holds: boolean, detail: string): void => {
  if (!holds) malformed(detail);
};

// `prev` belongs to every version, or link, but the first.
export const chained =
  <N extends string>(number: N) =>
  (found: { readonly [K in N]: number } & { readonly prev?: string | undefined }): void =>
    require((found[number] === 1) === (found.prev === undefined), "prev");
