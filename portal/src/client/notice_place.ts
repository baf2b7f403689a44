// Where a notice stands among its person's: the relay's word for it is held against the log.
//
// A notice of something that was told at once stands where its message stands in the log, by its receipt. One that
// waited stands behind that, and the phone then looks how long the log is by now, so that no place lies beyond what it
// has seen.

import type { CaseFile } from "../keys/casefile.ts";
import { verifyCheckpoint } from "../keys/log.ts";
import { originNow } from "../keys/trust.ts";
import { toUrl } from "../protocol/bytes.ts";
import { refuse } from "../protocol/errors.ts";
import { isPosition } from "../protocol/positions.ts";
import { OVER_BROAD } from "../protocol/words.ts";
import type { Phone } from "./phone.ts";

// Codes of notices that fall due later than their message was accepted.
const LATER = ["delayed", OVER_BROAD];

// Returns whether this notice waited. Refuses `notice.cursor`: it stands in another place than its own.
export function checkPosition(position: number, index: number, codes: readonly string[]): boolean {
  const waited = LATER.some((code) => codes.includes(code));
  if (!isPosition(position, index, waited)) refuse("notice.cursor");
  return waited;
}

// Holds the log as it is now against what was seen of it, and notes it.
export async function lookAtLog(phone: Phone, file: CaseFile): Promise<void> {
  const { checkpoint } = await phone.relay.logState();
  const head = await verifyCheckpoint(checkpoint, originNow(file.trust), file.setting.directory.object.log_key);
  await phone.view.compareLog({ size: head.size, root: toUrl(head.root) }, file);
}
