// The one error of formats and checks: a stable code, as docs/spec/errors.md lists them.

export class ProtocolError extends Error {
  readonly code: string;

  constructor(code: string, detail = "") {
    super(detail ? `${code}: ${detail}` : code);
    this.name = "ProtocolError";
    this.code = code;
  }
}

export function refuse(code: string, detail = ""): never {
  throw new ProtocolError(code, detail);
}
