// What whoever opened their page reads first: one file to fetch, not one for each view.

export { notice } from "./notice.ts";
export { timeline } from "./timeline.ts";
