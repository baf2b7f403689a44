// The views by the first word of their place. Most are loaded when somebody goes there, so that the first page is
// light.

import type { Child } from "../dom.ts";
import type { Place } from "../place.ts";
import { welcome } from "./welcome.ts";

// Few files: on a slow line each costs a turn of its own.
const arriving = (): Promise<typeof import("./arriving.ts")> => import("./arriving.ts");
const inside = (): Promise<typeof import("./inside.ts")> => import("./inside.ts");
const deciding = (): Promise<typeof import("./deciding.ts")> => import("./deciding.ts");

export type View = (place: Place) => Promise<Child> | Child;

// Open to whoever has no keys yet.
export const OPEN: Readonly<Record<string, View>> = {
  welcome,
  start: async () => (await arriving()).start(),
  paper: async () => (await arriving()).paper(),
};

// Open to whoever unlocked their phone.
export const VIEWS: Readonly<Record<string, View>> = {
  "": async () => (await inside()).timeline(),
  notices: async (place) =>
    place.parts.length > 1 ? (await deciding()).act(place) : (await inside()).notice(place),
  yes: async (place) => (await deciding()).consents(place),
  request: async (place) => (await deciding()).request(place),
  write: async (place) => (await deciding()).write(place),
  me: async () => (await deciding()).me(),
  printed: async () => (await deciding()).printed(),
};
