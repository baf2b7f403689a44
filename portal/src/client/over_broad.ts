// A notice that a section was over-broad: it came later than its message, and rests on what the steward found. Sections
// are shown by the notice that was stored with the message; of those, this one names what was too much (article 7).

import type { CaseFile } from "../keys/casefile.ts";
import type { Signed } from "../keys/signed.ts";
import { verify } from "../keys/verification.ts";
import { refuse } from "../protocol/errors.ts";
import type { Notice } from "../protocol/objects.ts";
import { OVER_BROAD } from "../protocol/words.ts";
import { bytesOf, type Delivery } from "./api.ts";

// The notice that was stored with the message: this one, unless it is of what was found since. Refuses
// `notice.foreign`.
export async function firstNotice(
  notice: Signed<"notice">, delivery: Delivery, file: CaseFile,
): Promise<Signed<"notice">> {
  if (!notice.object.codes.includes(OVER_BROAD) || delivery.notice === undefined) return notice;
  const first = await verify(bytesOf(delivery.notice), "notice", file.trust);
  const { person, manifest } = first.object;
  if (person !== notice.object.person || manifest !== notice.object.manifest) refuse("notice.foreign");
  return first;
}

// The sections of which a notice says that they were over-broad, if the steward said so of each. Refuses
// `notice.finding`.
export function foundSections(
  file: CaseFile, manifest: string, entries: readonly Signed<"entry">[], notice: Notice,
): Signed<"entry">[] {
  const findings = file.records.all("finding", manifest).filter((held) => held.object.found === OVER_BROAD);
  const found = new Set(findings.map((held) => held.object.n));
  const named = entries.filter((held) => notice.entries.includes(held.d));
  const all = new Set(named.map((held) => held.d)).size === new Set(notice.entries).size;
  if (!all || !named.every((held) => found.has(held.object.n))) refuse("notice.finding");
  return named;
}
