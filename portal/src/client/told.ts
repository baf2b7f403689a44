// All that a person was told, newest first, read one by one: the newest is there before the older ones are looked at.
// Kept in memory for as long as the phone is unlocked. As `ClientAgent.notices`.

import { refuse } from "../protocol/errors.ts";
import type { NoticeItem } from "./api.ts";
import { readGiven } from "./chains.ts";
import { checkPosition, lookAtLog } from "./notice_place.ts";
import { type Beside, type ClientNotice, readNotice, verifiedNotice } from "./notices.ts";
import type { Phone } from "./phone.ts";

interface Told {
  readonly d: string;
  readonly item: NoticeItem;
}

export class Notices {
  // Newest first: each by the `D` of the notice.
  readonly told: readonly Told[];
  readonly beside: Beside;
  readonly #phone: Phone;
  readonly #read = new Map<string, Promise<ClientNotice>>();

  private constructor(phone: Phone, beside: Beside, told: readonly Told[]) {
    this.#phone = phone;
    this.beside = beside;
    this.told = told;
  }

  // Asks the relay what this person was told. Refuses what verification refuses, and `notice.cursor` for notices out of
  // their order.
  static async ask(phone: Phone): Promise<Notices> {
    const [items, { items: deadlines }] = await Promise.all([allItems(phone), phone.relay.deadlines()]);
    const family = await phone.family();
    const file = await phone.consents();
    const given = readGiven(file, [phone.person, ...family.children], phone.clock());
    const consents = new Map(given.map(({ consent }) => [consent.d, consent]));
    const told: Told[] = [];
    for (const item of items) told.push({ d: (await verifiedNotice(phone, item, family)).d, item });
    return new Notices(phone, { family, consents, chains: file.chains, deadlines }, told.reverse());
  }

  // One of them, by its `D`; null for what this person was not told.
  read(d: string): Promise<ClientNotice> | null {
    const told = this.told.find((each) => each.d === d);
    if (told === undefined) return null;
    const found = this.#read.get(d) ?? this.#verified(told);
    this.#read.set(d, found);
    // What could not be read is asked for again the next time.
    found.catch(() => this.#read.delete(d));
    return found;
  }

  async #verified({ item }: Told): Promise<ClientNotice> {
    const notice = await readNotice(this.#phone, item, this.beside);
    const { place, file } = notice.copy;
    const waited =
      item.position !== undefined && checkPosition(item.position, place.index, notice.notice.object.codes);
    if (waited) await lookAtLog(this.#phone, file);
    return notice;
  }
}

async function allItems(phone: Phone): Promise<NoticeItem[]> {
  const found: NoticeItem[] = [];
  for (let after = 0; ; ) {
    const { items, cursor } = await phone.relay.notices(after);
    const last = items.at(-1);
    if (last === undefined) return found;
    let before = after - 1;
    for (const { position = before } of items) {
      if (position < before) refuse("notice.cursor");
      before = position;
    }
    const reached = last.position === undefined ? cursor : last.position + 1;
    if (reached <= after) refuse("notice.cursor");
    found.push(...items);
    after = reached;
  }
}

// For how many seconds one of them is shown again without asking.
const FRESH = 60;
const held = new WeakMap<Phone, { readonly at: number; readonly notices: Promise<Notices> }>();

// What this phone was told, as of now.
export function noticesOf(phone: Phone): Promise<Notices> {
  const notices = Notices.ask(phone);
  held.set(phone, { at: phone.clock(), notices });
  notices.catch(() => askAnew(phone));
  return notices;
}

// Has the next look ask again: after something was said, signed or stopped.
export const askAnew = (phone: Phone): void => void held.delete(phone);

// One notice by its `D`, or null.
export async function noticeOf(phone: Phone, d: string): Promise<ClientNotice | null> {
  const known = held.get(phone);
  const fresh = known !== undefined && phone.clock() - known.at < FRESH;
  return (await (fresh ? known.notices : noticesOf(phone))).read(d);
}
