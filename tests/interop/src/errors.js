// The one error of this implementation: a stable code, as docs/spec/errors.md lists them.

export class ProtocolError extends Error {
  constructor(code, detail = "") {
    super(detail ? `${code}: ${detail}` : code);
    this.code = code;
  }
}

export function refuse(code, detail = "") {
  throw new ProtocolError(code, detail);
}
