// All that stands before anyone opened their page, by name and nothing more: `build.mjs` has every part that is fetched
// later import it, so that it is one file, and not one for each set of parts that happen to share something.

import "../client/login.ts";
import "./arrival.ts";
import "./layout.ts";
import "./leave.ts";
import "./lock.ts";
import "./trouble.ts";
import "./views/welcome.ts";
import "./words.ts";
