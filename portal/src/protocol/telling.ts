// Who owes it to a person without a device to tell them, and by when (articles 5 and 7; docs/spec/receipts.md).

import type { Manifest, Rulebook } from "./objects.ts";
import { endOfWorkingDay } from "./working_days.ts";

// The partner that tells who has no device: the one that the message names, else its sender or recipient; undefined for
// a message between persons.
export const owesTelling = (manifest: Manifest): string | undefined =>
  manifest.notice_by ?? manifest.from.partner ?? manifest.to.partner;

// The last second (UTC) in which a person is told in time of a notice that `begins` at a time in seconds: to be told
// what was shared is the first contact that the code promises, so its days count.
export const dueToTell = (begins: number, rulebook: Rulebook): number =>
  endOfWorkingDay(begins, rulebook.follow_up.first_contact_days, rulebook.holidays);
