// How somebody came here. The address of a QR code holds a secret: it is taken once, and wiped from the address bar.

let address: string | null = null;

// Keeps the address of an enrolment, if that is what the page was opened with.
export function arrive(): void {
  if (location.pathname !== "/enrol") return;
  const opened = location.href;
  history.replaceState(null, "", "/#/start");
  if (opened.includes("#")) address = opened;
}

// The address of the enrolment, or null. It is given until `used`, so that a failed step can be tried again.
export const arrivedBy = (): string | null => address;

export function used(): void {
  address = null;
}
