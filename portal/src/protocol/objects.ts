// Every kind of object by its name, and the type of each (docs/spec/). Their fields stand in `kinds/`.

import * as said from "./kinds/consent.ts";
import * as messages from "./kinds/messages.ts";
import * as persons from "./kinds/persons.ts";
import * as records from "./kinds/records.ts";
import * as setting from "./kinds/setting.ts";
import * as stated from "./kinds/stated.ts";
import { rulebook } from "./rulebook.ts";
import type { Infer, Type } from "./struct.ts";

export { Party, partyKey, sameParty, Scope, scopeKey, Sender, senderParty } from "./kinds/parties.ts";
export { Passkey } from "./kinds/persons.ts";
export { genesis, possession } from "./kinds/setting.ts";
export { ascending } from "./struct.ts";

export const KINDS = {
  root: setting.root, membership: setting.membership, directory: setting.directory, rulebook, epoch: setting.epoch,
  devices: setting.devices, prekeys: setting.prekeys, declaration: setting.declaration, person: persons.person,
  "client-key": persons.clientKey, vouch: persons.vouch, "consent-request": said.consentRequest, consent: said.consent,
  revocation: said.revocation, status: said.status, entry: messages.entry, manifest: messages.manifest,
  wraps: messages.wraps, notice: stated.notice, receipt: stated.receipt, acknowledgement: stated.acknowledgement,
  contact: stated.contact, "contact-key": stated.contactKey, "partner-rules": records.partnerRules,
  countersignature: records.countersignature, conference: records.conference, objection: records.objection,
  rota: records.rota, procedure: records.procedure, assignment: records.assignment, absence: records.absence,
  finding: records.finding, "stop-card": records.stopCard,
};

export type Kind = keyof typeof KINDS;
// What an object of a kind says: `Payload<"consent">`.
export type Payload<K extends Kind> = Infer<(typeof KINDS)[K]>;

// An object with the name of its kind: where one is known, so is the other.
export type AnyPayload = { [K in Kind]: { readonly kind: K; readonly object: Payload<K> } }[Kind];

// The type of a kind is the one under its name.
export const kindType = <K extends Kind>(kind: K): Type<Payload<K>> => KINDS[kind] as unknown as Type<Payload<K>>;

export const isKind = (name: string): name is Kind => Object.hasOwn(KINDS, name);

export type Root = Payload<"root">;
export type Directory = Payload<"directory">;
export { kindRule, type KindRule, type Rulebook } from "./rulebook.ts";
export type Epoch = Payload<"epoch">;
export type Devices = Payload<"devices">;
export type Device = Devices["devices"][number];
export type Person = Payload<"person">;
export type ClientKey = Payload<"client-key">;
export type Vouch = Payload<"vouch">;
export type ConsentRequest = Payload<"consent-request">;
export type Flow = ConsentRequest["flows"][number];
export type Consent = Payload<"consent">;
export type ConsentSigner = Consent["signers"][number];
export type Revocation = Payload<"revocation">;
export type Entry = Payload<"entry">;
export type Manifest = Payload<"manifest">;
export type FollowUp = Manifest["follow_up"][number];
export type PlanStep = Infer<typeof messages.PlanStep>;
export type Basis = Infer<typeof messages.Basis>;
export type Wraps = Payload<"wraps">;
export type Notice = Payload<"notice">;
export type Acknowledgement = Payload<"acknowledgement">;
export type Event = Acknowledgement["event"];
export type Contact = Payload<"contact">;
export type Countersignature = Payload<"countersignature">;
export type Conference = Payload<"conference">;
export type Objection = Payload<"objection">;
