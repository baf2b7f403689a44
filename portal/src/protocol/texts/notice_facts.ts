// What a notice page is made from besides the message itself, and the lines that it is made of.

import type { Conference, Consent, Countersignature, Event, Party } from "../objects.ts";

// The parts of the page, in the order in which they come.
export type Section =
  "leave" | "who" | "why" | "what" | "not-shared" | "yes" | "next" | "opened" | "code" | "act" | "complain";
// What a line can be pressed for.
export type Action = "leave" | "read-all" | "read-code" | "answer" | "decline" | "ask" | "not-right" | "stuck" | "stop";

// One line: the section it belongs to, its words, and what it does when it is a button.
export interface Line {
  readonly section: Section;
  readonly text: string;
  readonly action: Action | null;
}

// One opening: the organisation's name, the function of who opened, when (UTC seconds).
export interface Opened {
  readonly organisation: string;
  readonly function: string;
  readonly at: number;
}

// A word that somebody said of the message: who, which, its codes, when (UTC seconds).
export interface Said {
  readonly who: Party;
  readonly event: Event;
  readonly codes: readonly string[];
  readonly at: number;
}

// What `owner` owes about `object`, by when, as the relay lists it (docs/spec/api.md).
export interface DeadlineItem {
  readonly kind: string;
  readonly owner: Party;
  readonly object: string;
  readonly message?: string | undefined;
  readonly number: number;
  readonly since: number;
  readonly due: number;
  readonly state: "open" | "overdue" | "done" | "lapsed";
  readonly closed?: number | undefined;
}

// Whether it is owed still, late or not.
export const isRunning = ({ state }: DeadlineItem): boolean => state === "open" || state === "overdue";

// What a notice page tells of, besides manifest and entries. `person` reads; `children` are those over whom they hold
// authority and are told about. `acceptedAt` is the receipt's time, `now` the reader's, both in UTC seconds. `names`
// are organisations' names by partner id, `functions` devices' functions by device id, `sector` the recipient's.
// `consents` are those that the message names, where the reader may see them. `codes` are the notice's; `done` are
// codes of agreements that were met; `said` are words about the message, of partners and of the reader. `deadlines` are
// those of the message that the reader is shown, `conference` is its thread's, `looked` the second looks that were
// taken at it. `stopped`: a consent that it rests on was taken back for this reader.
export interface NoticeFacts {
  readonly person: string;
  readonly children: ReadonlySet<string>;
  readonly acceptedAt: number;
  readonly now: number;
  readonly names: ReadonlyMap<string, string>;
  readonly functions: ReadonlyMap<string, string>;
  readonly sector: string | null;
  readonly consents: readonly Consent[];
  readonly opened: readonly Opened[];
  readonly codes: readonly string[];
  readonly done: readonly string[];
  readonly said: readonly Said[];
  readonly deadlines: readonly DeadlineItem[];
  readonly conference: Conference | null;
  readonly stopped: boolean;
  readonly looked: readonly Countersignature[];
}
