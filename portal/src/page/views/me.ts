// One's own keys: which devices can come in, the code on paper, and stopping a replacement that one did not ask for.

import { chooseContact, contactOf } from "../../client/contacts.ts";
import { addPasskey, listPasskeys, removePasskey, type Way } from "../../client/devices.ts";
import { dayInWords } from "../../protocol/texts/dates.ts";
import { deed } from "../deed.ts";
import { type Child, h } from "../dom.ts";
import { addressOf, again } from "../place.ts";
import { aloud } from "../step.ts";
import { doing } from "../trouble.ts";
import { phone } from "../unlocked.ts";
import { language, say } from "../words.ts";
import { keysWait } from "./keys_wait.ts";

export async function me(): Promise<Child> {
  const ways = await listPasskeys(phone());
  const said = aloud();
  const add = deed(say("device-add"), said, async () => {
    await addPasskey(phone());
    again();
  });
  return [
    h("h1", {}, say("me")),
    await keysWait(),
    h("h2", {}, say("devices")),
    h("p", {}, say("devices-how")),
    ways.map((way, at) => device(way, at, ways.length)),
    h("div", { class: "row" }, add),
    said,
    h("h2", {}, say("device-second")),
    h("p", {}, say("device-second-how")),
    h("h2", {}, say("print")),
    h("p", {}, say("print-why")),
    h("p", {}, h("a", { class: "button", href: addressOf("printed") }, say("print-make"))),
    await pinged(),
  ];
}

// How one hears that something is new: by a mail that says no more than that, or not at all.
async function pinged(): Promise<Child> {
  const held = await contactOf(phone());
  const on = held !== null && held.object.wording !== "none";
  const said = aloud();
  const address = h("input", { type: "email", id: "address", autocomplete: "email", required: true, dir: "ltr" });
  const save = h("button", { class: "main", type: "submit" }, say("ping-save"));
  const choose = async (to: string | null): Promise<void> => {
    await chooseContact(phone(), { address: to, wording: "plain", language: language() });
    again();
  };
  const none = deed(say("ping-none"), said, () => choose(null), "plain");
  const submit = (event: Event): void => {
    event.preventDefault();
    void doing(save, said, () => choose(address.value.trim()));
  };
  return [
    h("h2", {}, say("ping")),
    h("p", {}, say("ping-how")),
    h("p", { class: "note" }, say(on ? "ping-on" : "ping-off")),
    h(
      "form",
      { class: "fields", on: { submit } },
      h("label", { for: "address" }, say("ping-address")),
      address,
      h("div", { class: "row" }, save, on && none),
      said,
    ),
  ];
}

function device(way: Way, at: number, of: number): Child {
  const said = aloud();
  const remove = async (): Promise<void> => {
    await removePasskey(phone(), way.credential);
    again();
  };
  const out = deed(say("device-out"), said, remove, "care");
  const since = say("device-since", { number: String(at + 1), day: dayInWords(language(), way.since) });
  return h(
    "div",
    { class: "card", "data-device": true },
    h("p", {}, since, way.here && ` ${say("device-here")}`),
    // The last way in is never taken out by one touch.
    of > 1 && !way.here && h("div", { class: "row" }, out),
    said,
  );
}
