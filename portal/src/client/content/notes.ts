// The forms of text in a section, and their strict reader (docs/spec/content.md). What is not the one spelling of its
// form is refused: a reader shows nothing that its sender's own software would not have sealed.

import { type Bytes, fromUtf8 } from "../../protocol/bytes.ts";
import { decode } from "../../protocol/encoding.ts";
import { ProtocolError, refuse } from "../../protocol/errors.ts";
import { Date as Day } from "../../protocol/fields.ts";
import { boolean, type Infer, integer, list, oneOf, optional, require, struct, text } from "../../protocol/struct.ts";

export const NOTE_MEDIA = "application/vnd.zegel.note.v1+json";
const MAX_NOTE_BYTES = 64 * 1024;

// No control characters but tab and line feed; none that override the direction of reading, which would let a text show
// other words than are there. Marks that Arabic needs stay. Something besides white space stands in it.
const TEXT = /^(?=[^]*[\S\ufeff])[^\x00-\x08\x0b-\x1f\x7f-\x9f\u202d\u202e]*$/;
const LINE = /^(?=.*[\S\ufeff])[^\x00-\x1f\x7f-\x9f\u2028\u2029\u202d\u202e]*$/;
const LETTER = "(?:[\\p{L}\\p{Nl}\\p{No}]|[\\u0300-\\u036f\\u064b-\\u065f\\u0670])";
const WORD = `${LETTER}+(?:[-'’]${LETTER}+)*`;

const Text = text(TEXT, 0, 20_000);
const Line = text(LINE, 0, 200);

const Whole = struct({ text: Text });
const FirstName = struct({ first_name: text(new RegExp(`^${WORD}(?: ${WORD})?$`, "u"), 0, 40) });
const YesNo = struct({ answer: boolean });
const Cost = struct({
  what: text(LINE, 0, 60), cents: integer(0, 10_000_000), per: oneOf("once", "week", "month", "year"),
});
const CostsOnly = struct({ items: list(Cost) }, (it) =>
  require(it.items.length >= 1 && it.items.length <= 20, "1 to 20"));
const Contact = struct({ text: Text, safe: optional(Text) });
const HandOverStep = struct({ what: Line, who: Line, by: optional(Day) });
const Agreement = struct(
  {
    text: Text, ask: Line, informs: optional(Line), feedback: optional(Line), reports: optional(Line),
    with_client: boolean, steps: list(HandOverStep),
  },
  (it) => require(it.steps.length <= 12, "at most 12"),
);
const PlannedStep = struct({ n: integer(1, 16), what: Line, place: optional(Line) });
const Steps = struct({ items: list(PlannedStep) }, (it) => {
  require(it.items.length >= 1 && it.items.length <= 16, "1 to 16");
  require(it.items.every((step, at) => step.n === at + 1), "numbered from 1");
});

const FORMS = { whole: Whole, short: Whole, "first-name": FirstName, "yes-no": YesNo, "costs-only": CostsOnly };
const OWN_WHOLE = { contact: Contact, agreement: Agreement, steps: Steps };

export type Note =
  | { readonly is: "text"; readonly value: Infer<typeof Whole> }
  | { readonly is: "first-name"; readonly value: Infer<typeof FirstName> }
  | { readonly is: "yes-no"; readonly value: Infer<typeof YesNo> }
  | { readonly is: "costs-only"; readonly value: Infer<typeof CostsOnly> }
  | { readonly is: "contact"; readonly value: Infer<typeof Contact> }
  | { readonly is: "agreement"; readonly value: Infer<typeof Agreement> }
  | { readonly is: "steps"; readonly value: Infer<typeof Steps> };

// The note that a section's content is, by its type and form. Refuses `content.form`, `content.schema`,
// `content.malformed`.
export function readNote(type: string, form: string, content: Bytes): Note {
  if (form === "whole" && type === "contact") return { is: type, value: unpack(content, OWN_WHOLE.contact) };
  if (form === "whole" && type === "agreement") return { is: type, value: unpack(content, OWN_WHOLE.agreement) };
  if (form === "whole" && type === "steps") return { is: type, value: unpack(content, OWN_WHOLE.steps) };
  switch (form) {
    case "whole":
    case "short":
      return { is: "text", value: unpack(content, FORMS[form]) };
    case "first-name":
      return { is: form, value: unpack(content, FORMS[form]) };
    case "yes-no":
      return { is: form, value: unpack(content, FORMS[form]) };
    case "costs-only":
      return { is: form, value: unpack(content, FORMS[form]) };
    default:
      return refuse("content.form");
  }
}

// Canonical JSON of this shape. The library's own words, which may quote the content, go no further.
export function unpack<T>(content: Bytes, type: { readonly read: (value: unknown) => T }): T {
  try {
    return decode(content, type, MAX_NOTE_BYTES);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return refuse(error.code === "object.malformed" && isJson(content) ? "content.schema" : "content.malformed");
  }
}

function isJson(content: Bytes): boolean {
  try {
    JSON.parse(fromUtf8(content));
    return true;
  } catch {
    return false;
  }
}
