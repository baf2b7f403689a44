// The code of ethics as everyone meets it before their first yes, in short sentences of daily words (article 2).
//
// The partners' own text is a file, which the rulebook names by its digest; the version says which is the whole of it.

import type { Rulebook } from "../rulebook.ts";
import { phrase } from "./catalogue.ts";

// What it means for a client, in the order in which it is read.
export const LINES: readonly string[] = ["told", "need", "first", "secret", "together", "danger", "complain"];

// A title, what it means for a client, and which version is the whole of it. Refuses `text.language`, `text.param`.
export const renderCode = (rulebook: Pick<Rulebook, "name" | "code_version">, language: string): string[] => [
  phrase(language, "code.title", { huis: rulebook.name }),
  ...LINES.map((line) => phrase(language, `code.${line}`)),
  phrase(language, "code.whole", { code: rulebook.code_version }),
];
