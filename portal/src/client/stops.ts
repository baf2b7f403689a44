// Taking a yes back. It is easier than giving one: for a child, any one who holds authority is enough.
//
// What was not delivered is withdrawn by the relay; what was read can't be unread (article 7; docs/spec/consent.md).

import type { CaseFile } from "../keys/casefile.ts";
import { newNonce } from "../keys/nonce.ts";
import { age } from "../protocol/age.ts";
import { refuse } from "../protocol/errors.ts";
import { partyKey, type Revocation } from "../protocol/objects.ts";
import { flowsOf, type Given, Heads, readGiven } from "./chains.ts";
import type { Phone } from "./phone.ts";
import { type Answer, digestOfStatement, signAndSubmit, type Statement } from "./touch.ts";

// Takes back consents (by `D`), also of several (from, to), with one touch: a revocation for each (from, to) and each
// set of persons that they still count for. Refuses `consent.unknown` (one that is not theirs to take back, or counts
// no more), `revocation.reason`, and as `signAndSubmit`.
export async function revoke(phone: Phone, digests: readonly string[], reason = "changed-mind"): Promise<Answer[]> {
  const family = await phone.family();
  const file = await phone.consents();
  const now = phone.clock();
  if (!file.setting.rulebook.object.revocation_reasons.includes(reason)) refuse("revocation.reason");
  const known = new Set([phone.person, ...family.file.clients.keys()]);
  const own = [...known].filter((person) => mayTakeBack(phone, file, person, now));
  const heads = new Heads();
  const statements = grouped(readGiven(file, own, now), new Set(digests)).map((items): Statement => {
    const [first] = items;
    const { from, to, household } = first.consent.object;
    const about = [...first.countsFor];
    heads.read(file, flowsOf(about, partyKey(from), partyKey(to)), now);
    const object: Revocation = {
      v: 1, huis: phone.huis, nonce: newNonce(), household, from, to,
      revokes: items.map((item) => item.consent.d).sort(), reason_code: reason, about,
      signers: [{ person: phone.person, role: about.length === 1 && about[0] === phone.person ? "self" : "authority" }],
      evidence: { by: "passkey" }, at: now, chains: heads.links(about, partyKey(from), partyKey(to)),
    };
    const statement: Statement = { kind: "revocation", object };
    heads.append(about, partyKey(from), partyKey(to), digestOfStatement(statement));
    return statement;
  });
  return signAndSubmit(phone, statements);
}

type Group = [Given, ...Given[]];

// The wanted consents by (from, to) and the persons for whom each still counts.
function grouped(given: readonly Given[], wanted: ReadonlySet<string>): Group[] {
  const found = new Map<string, Group>();
  for (const item of given) {
    if (!wanted.has(item.consent.d) || item.countsFor.length === 0) continue;
    const { from, to } = item.consent.object;
    const key = JSON.stringify([partyKey(from), partyKey(to), item.countsFor]);
    const before = found.get(key);
    if (before === undefined) found.set(key, [item]);
    else before.push(item);
  }
  const held = new Set([...found.values()].flat().map((item) => item.consent.d));
  if ([...wanted].some((d) => !held.has(d))) refuse("consent.unknown");
  return [...found.values()];
}

function mayTakeBack(phone: Phone, file: CaseFile, person: string, now: number): boolean {
  const current = file.clients.get(person)?.current;
  if (current === undefined) return false;
  const child = age(current, now) === "child" || current.capability !== undefined;
  return person === phone.person || (child && current.authority.includes(phone.person));
}
