// The words of each language, as the files hold them.

import ar from "../../protocol/zegel_protocol/texts/ar.json";
import en from "../../protocol/zegel_protocol/texts/en.json";
import fr from "../../protocol/zegel_protocol/texts/fr.json";
import nl from "../../protocol/zegel_protocol/texts/nl.json";
import pl from "../../protocol/zegel_protocol/texts/pl.json";
import tr from "../../protocol/zegel_protocol/texts/tr.json";
import { useWords, type Words } from "../src/protocol/texts/catalogue.ts";

const CATALOGUES: Readonly<Record<string, Words>> = { ar, en, fr, nl, pl, tr };

// Lets every language have its own words, and no others.
export function useCatalogues(): void {
  for (const [language, words] of Object.entries(CATALOGUES)) useWords(language, words);
}
