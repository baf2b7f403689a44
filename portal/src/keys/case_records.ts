// Records: signed objects beside a message that a rule looks at, by kind and subject (zegel_protocol/records.py).

import type { Kind, Payload } from "../protocol/objects.ts";
import type { Place, Signed } from "./signed.ts";

// Each kind of record, and what it is about: a partner, a household, a conference, or the `D` of a message.
const SUBJECTS = {
  absence: (it: Payload<"absence">) => it.partner,
  assignment: (it: Payload<"assignment">) => it.manifest,
  conference: (it: Payload<"conference">) => it.id,
  countersignature: (it: Payload<"countersignature">) => it.manifest,
  declaration: (it: Payload<"declaration">) =>
    it.what === "pledge" ? it.partner : it.what === "code" ? `${it.partner}/${it.worker ?? ""}` : (it.manifest ?? ""),
  finding: (it: Payload<"finding">) => it.manifest,
  objection: (it: Payload<"objection">) => it.household,
  "partner-rules": (it: Payload<"partner-rules">) => it.partner,
  procedure: (it: Payload<"procedure">) => it.partner,
  rota: (it: Payload<"rota">) => it.partner,
};
export type RecordKind = keyof typeof SUBJECTS;

export const isRecord = (kind: Kind): kind is RecordKind => Object.hasOwn(SUBJECTS, kind);

export function subjectOf<K extends RecordKind>(held: Signed<K>): string {
  // Kind and object of a verified record belong together.
  const subject = SUBJECTS[held.kind] as (it: Payload<K>) => string;
  return subject(held.object);
}

const index = (held: Signed): number => held.place?.index ?? Infinity;
const version = (held: Signed): number => ("version" in held.object ? held.object.version : 0);

// Verified records in the order of the log; those that no relay accepted yet stand last.
export class Records {
  readonly items: readonly Signed<RecordKind>[];

  constructor(items: Iterable<Signed<RecordKind>> = []) {
    this.items = [...items].sort((one, other) => {
      const [a, b] = [index(one), index(other)];
      if (a !== b) return a < b ? -1 : 1;
      return version(one) - version(other) || (one.d < other.d ? -1 : 1);
    });
  }

  // The records of a kind about a subject, oldest first; `before`: only what stood before a place.
  all<K extends RecordKind>(kind: K, subject: string, before: Place | null = null): Signed<K>[] {
    return this.#of(kind).filter(
      (held) => subjectOf(held) === subject && (before === null || index(held) < before.index),
    );
  }

  newest<K extends RecordKind>(kind: K, subject: string, before: Place | null = null): Signed<K> | undefined {
    return this.all(kind, subject, before).at(-1);
  }

  named<K extends RecordKind>(kind: K, d: string): Signed<K> | undefined {
    return this.#of(kind).find((held) => held.d === d);
  }

  #of<K extends RecordKind>(kind: K): Signed<K>[] {
    return this.items.filter((held) => held.kind === kind) as unknown as Signed<K>[];
  }
}
