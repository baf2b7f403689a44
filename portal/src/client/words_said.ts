// What a person says of a message that they were told of, in codes: signed words (docs/spec/receipts.md).
//
// No touch is asked for: the identity key signs, as it does for reading. Articles 4, 5, 6, 8 and 9 of the duties.

import { newNonce } from "../keys/nonce.ts";
import type { Acknowledgement, Event } from "../protocol/objects.ts";
import { checkWord } from "../protocol/words.ts";
import type { ClientNotice } from "./notices.ts";
import type { Phone } from "./phone.ts";
import { askAnew } from "./told.ts";

// A word of the message of a notice, as this person would sign it.
export function wordOf(
  phone: Phone, { copy, notice }: ClientNotice, event: Event, codes: readonly string[] = [],
): Acknowledgement {
  return {
    v: 1, huis: phone.huis, nonce: newNonce(), manifest: copy.manifest.d,
    ...(copy.wraps === null ? {} : { wraps: copy.wraps.d }), receipt: copy.receipt.d,
    ...(event === "told" ? { notice: notice.d } : {}), reader: { person: phone.person }, by: { person: phone.person },
    event, codes: [...new Set(codes)].sort(), seen: { ...phone.view.seen }, at: phone.clock(),
  };
}

// Says a word of the message of a notice. Refuses `word.*` (this is not theirs to say, or not with these codes; nothing
// was signed), and as `Phone.submit`.
export async function sayOf(
  phone: Phone, notice: ClientNotice, event: Event, codes: readonly string[] = [],
): Promise<void> {
  const { manifest, file } = notice.copy;
  const word = wordOf(phone, notice, event, codes);
  checkWord(word, manifest.object, file.setting.rulebook.object, true);
  await phone.say("acknowledgement", word);
  if (event !== "told") askAnew(phone);
}

const confirmed = new WeakSet<ClientNotice>();

// Confirms that this person was told, once: a notice was shown whole. Does nothing where they confirmed it before.
export async function tell(phone: Phone, notice: ClientNotice): Promise<void> {
  const { events, notice: of } = notice;
  const before = events.some(({ object }) => object.event === "told" && object.notice === of.d);
  if (before || confirmed.has(notice)) return;
  confirmed.add(notice);
  try {
    await sayOf(phone, notice, "told");
  } catch (error) {
    confirmed.delete(notice);
    throw error;
  }
}

// Says no to a partner's question: nothing is owed to a question, and no reason is asked.
export const decline = (phone: Phone, question: ClientNotice): Promise<void> => sayOf(phone, question, "declined");
