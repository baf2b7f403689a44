// Where on the page somebody is: the part of the address behind `#`, which no server sees. It holds no id of a person.

export interface Place {
  readonly name: string;
  readonly parts: readonly string[];
}

// An address is anyone's to write: what is no encoding of a text is a place that there is not.
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function here(): Place {
  const [name = "", ...parts] = location.hash.replace(/^#\/?/, "").split("/").map(decoded);
  return { name, parts };
}

export const addressOf = (...parts: readonly string[]): string => `#/${parts.map(encodeURIComponent).join("/")}`;

// Shows the same place anew: after something on it changed.
export const again = (): boolean => dispatchEvent(new HashChangeEvent("hashchange"));

let deed = "";

// Goes to where something that was done is confirmed.
export function goDone(...parts: readonly string[]): void {
  deed = addressOf(...parts);
  location.hash = deed;
}

// Whether what this place confirms was done here: a link that somebody sent must not say that something was stopped.
export const wasDone = (): boolean => deed !== "" && deed === location.hash;

export function go(...parts: readonly string[]): void {
  location.hash = addressOf(...parts);
}
