// One touch of the passkey: everything in one answer is signed together, then given to the relay object by object.
//
// Each envelope carries the same assertion, which names them all (a batch, docs/spec/envelope.md).

import type { Place } from "../keys/signed.ts";
import { digest, typeOf } from "../protocol/dsse.ts";
import { encode } from "../protocol/encoding.ts";
import { refuse } from "../protocol/errors.ts";
import { type Consent, KINDS, partyKey, type Revocation } from "../protocol/objects.ts";
import type { Phone } from "./phone.ts";
import { askAnew } from "./told.ts";

// What is to be signed: a consent or a revocation.
export type Statement =
  | { readonly kind: "consent"; readonly object: Consent }
  | { readonly kind: "revocation"; readonly object: Revocation };

// What the relay accepted of an answer.
export type Answer = Statement & { readonly d: string; readonly place: Place };

export const digestOfStatement = ({ kind, object }: Statement): string =>
  digest(typeOf(kind), encode(KINDS[kind].read(object)));

// Signs statements with one touch and submits them in this order; what was accepted before a failure stands. The heads
// of their chains are pinned, so that a relay that later leaves one out is noticed. Refuses `consent.nothing`, and as
// `Phone.touch` and `Phone.submit`.
export async function signAndSubmit(phone: Phone, statements: readonly Statement[]): Promise<Answer[]> {
  if (statements.length === 0) refuse("consent.nothing");
  const signature = await phone.touch(statements.map(digestOfStatement));
  const answers: Answer[] = [];
  for (const statement of statements) {
    const { kind, object } = statement;
    const d = digestOfStatement(statement);
    const place = await phone.submit(kind, object, [signature]);
    for (const { person, seq } of object.chains) {
      await phone.keepHead(person, partyKey(object.from), partyKey(object.to), seq, d);
    }
    answers.push({ ...statement, d, place });
  }
  askAnew(phone);
  return answers;
}
