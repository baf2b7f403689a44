// What a person decides, writes and keeps: fetched when they first go there, all of it at once.

export { act } from "./act.ts";
export { consents } from "./consents.ts";
export { me } from "./me.ts";
export { printed } from "./printed.ts";
export { request } from "./request.ts";
export { write } from "./write.ts";
