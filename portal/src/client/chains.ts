// The chains that a person signs into: where each one ends, as the relay states it and as its objects show.
//
// One person's chain for one (from, to) lists every yes and every stop in order, so that nothing can be left out unseen
// (docs/spec/consent.md). A chain that the relay's statement does not fit is not signed into.

import { type CaseFile, flowOf, readFlow } from "../keys/casefile.ts";
import type { Place, Signed } from "../keys/signed.ts";
import { refuse } from "../protocol/errors.ts";
import type { Consent } from "../protocol/objects.ts";
import { entitled } from "./entitled.ts";

export type Link = Signed<"consent"> | Signed<"revocation">;
type ChainLink = Consent["chains"][number];

export const flowsOf = (persons: readonly string[], from: string, to: string): string[] =>
  persons.map((person) => flowOf(person, from, to));

// Length and last `D` of a chain, if the relay stated them lately and the chain agrees. Refuses `status.missing`,
// `status.head`, `status.stale`.
export function checkStatus(file: CaseFile, flow: string, now: number): { seq: number; d: string | undefined } {
  const held = file.statuses.get(flow) ?? refuse("status.missing");
  const chain = file.chains.get(flow) ?? [];
  const { head_seq: seq, head, as_of: stated } = held.object;
  if (seq !== chain.length || head !== chain.at(-1)?.d) refuse("status.head");
  if (stated < now - file.setting.rulebook.object.consent.status_seconds) refuse("status.stale");
  return { seq, d: head };
}

// Where chains end, also after what is about to be signed: each new object takes the next place in its chains.
export class Heads {
  readonly #ends = new Map<string, { seq: number; d: string | undefined }>();

  // Takes over the ends of these chains. Refuses as `checkStatus`.
  read(file: CaseFile, flows: readonly string[], now: number): void {
    for (const flow of flows) if (!this.#ends.has(flow)) this.#ends.set(flow, checkStatus(file, flow, now));
  }

  // The links of an object about these persons; `from` and `to` are party keys.
  links(about: readonly string[], from: string, to: string): ChainLink[] {
    return about.map((person) => {
      const { seq, d } = this.#end(flowOf(person, from, to));
      return d === undefined ? { person, seq: seq + 1 } : { person, seq: seq + 1, prev: d };
    });
  }

  append(about: readonly string[], from: string, to: string, d: string): void {
    for (const flow of flowsOf(about, from, to)) this.#ends.set(flow, { seq: this.#end(flow).seq + 1, d });
  }

  #end(flow: string): { seq: number; d: string | undefined } {
    return this.#ends.get(flow) ?? refuse("status.missing");
  }
}

// A yes that was given before, and for whom it still counts: for none once it is over.
export interface Given {
  readonly consent: Signed<"consent">;
  readonly request: Signed<"consent-request"> | undefined;
  readonly countsFor: readonly string[];
}

const index = (held: Signed): number => held.place?.index ?? 0;

// Every yes about these persons, oldest first. Refuses as `checkStatus`, for chains of theirs.
export function readGiven(file: CaseFile, persons: readonly string[], now: number): Given[] {
  const wanted = new Set(persons);
  const found = new Map<string, Signed<"consent">>();
  const counting = new Map<string, Set<string>>();
  for (const flow of new Set([...file.statuses.keys(), ...file.chains.keys()])) {
    const [person] = readFlow(flow);
    if (!wanted.has(person)) continue;
    checkStatus(file, flow, now);
    const client = file.clients.get(person);
    for (const held of standing(file.chains.get(flow) ?? [], found, now)) {
      if (client === undefined || !entitled(held, client, file.setting, now)) continue;
      counting.set(held.d, (counting.get(held.d) ?? new Set()).add(person));
    }
  }
  return [...found.values()]
    .sort((left, right) => index(left) - index(right))
    .map((consent) => ({
      consent,
      request: file.requests.get(consent.object.request),
      countsFor: [...(counting.get(consent.d) ?? [])].sort(),
    }));
}

// The consents of a chain that nothing ended; all that it holds are added to `found`.
function standing(chain: readonly Link[], found: Map<string, Signed<"consent">>, now: number): Signed<"consent">[] {
  const left = new Map<string, Signed<"consent">>();
  for (const held of chain) {
    if (held.kind === "revocation") {
      for (const d of held.object.revokes) left.delete(d);
      continue;
    }
    for (const d of held.object.replaces) left.delete(d);
    found.set(held.d, held);
    if (now < held.object.not_after) left.set(held.d, held);
  }
  return [...left.values()];
}

// The consents (`D`) of a chain that counted for what the log has at `place`.
export function counted(chain: readonly Link[], place: Place): Set<string> {
  const found = new Map<string, number>();
  for (const held of chain) {
    if (held.place === null || held.place.index >= place.index) break;
    for (const d of held.kind === "revocation" ? held.object.revokes : held.object.replaces) found.delete(d);
    if (held.kind === "consent") found.set(held.d, held.object.not_after);
  }
  return new Set([...found].filter(([, until]) => place.at < until).map(([d]) => d));
}
