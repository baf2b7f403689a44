// A nonce of 16 random bytes, which every object begins with (docs/spec/encoding.md).

import { toUrl } from "../protocol/bytes.ts";

export const newNonce = (): string => toUrl(crypto.getRandomValues(new Uint8Array(16)));
