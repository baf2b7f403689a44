// Types of the wire as values with one method: `read(value)` gives the value back, its fields in declared order, or
// refuses it. What `read` gave is written by JSON.stringify.

import { refuse } from "./errors.ts";

export const malformed = (detail) => refuse("object.malformed", detail);

export const MAX_INTEGER = 2 ** 53 - 1;

export const text = (pattern, least = 0, most = Infinity) => ({
  read(value) {
    if (typeof value !== "string") malformed("no text");
    // Code points: a letter outside the basic plane is two units of JavaScript's.
    const length = [...value].length;
    if (length < least || length > most || (pattern !== null && !pattern.test(value))) malformed("text");
    return value;
  },
});

export const integer = (least = 0, most = MAX_INTEGER) => ({
  read(value) {
    if (!Number.isInteger(value) || value < least || value > most) malformed("integer");
    return value;
  },
});

export const boolean = {
  read(value) {
    if (typeof value !== "boolean") malformed("boolean");
    return value;
  },
};

export const oneOf = (...values) => ({
  read(value) {
    if (!values.includes(value)) malformed("not on the list");
    return value;
  },
});

export const list = (item) => ({
  read(value) {
    if (!Array.isArray(value)) malformed("no list");
    return value.map((member) => item.read(member));
  },
});

export const optional = (type) => ({ ...type, optional: true });

// A field that is left out while it has this value: `false`, a word, or an empty list.
export const unless = (value, type) => ({ ...type, optional: true, unless: JSON.stringify(value) });

// `fields` is {name: type} in the order of the wire: names never look like integers, so JavaScript keeps the order.
export const struct = (fields, rule = () => {}) => ({
  fields,
  read(value) {
    if (value === null || typeof value !== "object" || Array.isArray(value)) malformed("no object");
    for (const name of Object.keys(value)) if (!Object.hasOwn(fields, name)) malformed(`no field ${name}`);
    const found = {};
    for (const [name, type] of Object.entries(fields)) {
      const given = Object.hasOwn(value, name) ? value[name] : undefined;
      if (type.optional && (given === undefined || given === null)) continue;
      if (given === undefined) malformed(`without ${name}`);
      const read = type.read(given);
      if (type.unless === undefined || JSON.stringify(read) !== type.unless) found[name] = read;
    }
    rule(found);
    return found;
  },
});

export const tagged = (tag, kinds) => ({
  read(value) {
    const name = value !== null && typeof value === "object" && Object.hasOwn(value, tag) ? value[tag] : null;
    if (typeof name !== "string" || !Object.hasOwn(kinds, name)) malformed(`no such ${tag}`);
    const { fields, rule } = kinds[name];
    return struct({ [tag]: oneOf(name), ...fields }, rule).read(value);
  },
});

// Every key of a set is ASCII, so comparing JavaScript strings is comparing bytes.
export function requireSet(keys, least = 0, most = 1000) {
  if (keys.length < least || keys.length > most) malformed("too few or too many");
  for (let at = 1; at < keys.length; at += 1) if (keys[at - 1] >= keys[at]) malformed("no set");
}

export const require = (holds, detail) => {
  if (!holds) malformed(detail);
};

// `prev` belongs to every version, or link, but the first.
export const chained = (number) => (found) => require((found[number] === 1) === (found.prev === undefined), "prev");
