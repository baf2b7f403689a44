// Objecting: a person says that nothing new is to be shared about them, or about a child for whom they speak.
//
// It needs no reason and no touch, and stops at once what follows: from one organisation, to one, or all of it. It is
// taken back as easily. What was shared before stays what it was (articles 7 and 9; docs/spec/records.md).

import { newNonce } from "../keys/nonce.ts";
import { refuse } from "../protocol/errors.ts";
import type { Payload } from "../protocol/objects.ts";
import type { Phone } from "./phone.ts";

export type Objection = Payload<"objection">;

// Objects to sharing about these persons, from and to whom (partner ids; neither: from anybody, to anybody); returns
// its `D`. Refuses `objection.not-theirs`, and as `Phone.submit`.
export async function objectTo(phone: Phone, about: readonly string[], from?: string, to?: string): Promise<string> {
  const family = await phone.family();
  const people = [...new Set(about)].sort();
  const own = new Set([phone.person, ...family.children]);
  if (people.length === 0 || people.some((person) => !own.has(person))) refuse("objection.not-theirs");
  return submit(phone, {
    v: 1, huis: phone.huis, nonce: newNonce(), household: phone.household, person: phone.person, about: people,
    ...(from === undefined ? {} : { from: { partner: from } }), ...(to === undefined ? {} : { to: { partner: to } }),
    by: { person: phone.person }, at: phone.clock(),
  });
}

// This person's objections that stand, by `D`, as the relay shows them. Refuses `objection.withheld` when one that this
// phone made is not shown: whoever judges a message is then not shown it either.
export async function standingObjections(phone: Phone): Promise<Map<string, Objection>> {
  const family = await phone.family();
  const persons = [phone.person, ...family.children].sort();
  const own = { person: phone.person };
  const shownNow = await phone.relay.evidence({ persons, from: own, to: own, household: phone.household });
  const file = await phone.believe(shownNow);
  const said = file.records.all("objection", phone.household).filter((held) => held.object.person === phone.person);
  const shown = new Set(said.map((held) => held.d));
  for (const [d, kept] of phone.objections) {
    if (!shown.has(d) && kept.about.some((person) => persons.includes(person))) refuse("objection.withheld");
  }
  const ended = new Set(said.map((held) => held.object.withdraws));
  const found = said.filter((held) => held.object.withdraws === undefined && !ended.has(held.d));
  for (const held of found) phone.objections.set(held.d, held.object);
  return new Map(found.map((held) => [held.d, held.object]));
}

// Takes back an objection (`D`) of one's own; returns the `D` of what says so. Refuses `objection.unknown`.
export async function withdrawObjection(phone: Phone, objection: string): Promise<string> {
  const before = (await standingObjections(phone)).get(objection) ?? refuse("objection.unknown");
  const { at: _, withdraws: __, ...said } = before;
  return submit(phone, {
    ...said, nonce: newNonce(), by: { person: phone.person }, withdraws: objection, at: phone.clock(),
  });
}

async function submit(phone: Phone, objection: Objection): Promise<string> {
  const { d } = await phone.say("objection", objection);
  if (objection.withdraws === undefined) phone.objections.set(d, objection);
  else phone.objections.delete(objection.withdraws);
  return d;
}
