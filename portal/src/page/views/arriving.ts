// Coming in without a key on this device: fetched by whoever does.

export { paper } from "./paper.ts";
export { start } from "./start.ts";
