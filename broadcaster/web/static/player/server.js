// The server's calls. Each has a time-out; what comes back is judged by whoever asked.

const API = "/api/v1";
const TIMEOUT_MS = 20_000;

// No answer, or none that a server of ours gives: asked again later.
export class Away extends Error {}

// The server said no; `status` is its HTTP status.
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export class Server {
  token = "";

  time(nonce) {
    return this.ask(`/time?nonce=${nonce}`);
  }

  pair(body) {
    return this.send("/pair", body).then((answer) => answer.json());
  }

  manifest(etag) {
    return this.ask("/manifest", { headers: etag ? { "If-None-Match": etag } : {} });
  }

  alerts(etag) {
    return this.ask("/alerts", { headers: etag ? { "If-None-Match": etag } : {} });
  }

  // Open an object from a byte on; the caller reads the body and watches its own time.
  object(sha256, from, signal) {
    return this.ask(`/objects/${sha256}`, { headers: from ? { Range: `bytes=${from}-` } : {}, signal });
  }

  events(lastId, signal) {
    return this.ask("/events", { headers: lastId ? { "Last-Event-ID": lastId } : {}, signal });
  }

  rows(rows) {
    return this.send("/as-run", { rows }).then((answer) => answer.json());
  }

  receipts(receipts) {
    return this.send("/alerts/receipts", { receipts });
  }

  heartbeat(heartbeat) {
    return this.send("/heartbeat", heartbeat);
  }

  send(path, body) {
    return this.ask(path, { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });
  }

  async ask(path, { method = "GET", headers = {}, body, signal } = {}) {
    let answer;
    try {
      answer = await fetch(API + path, {
        method,
        body,
        headers: this.token ? { ...headers, Authorization: `Bearer ${this.token}` } : headers,
        cache: "no-store",
        credentials: "omit",
        redirect: "error",
        signal: signal ?? AbortSignal.timeout(TIMEOUT_MS),
      });
    } catch (error) {
      throw new Away(`No answer from the server: ${error.message}`);
    }
    if (answer.status >= 500) throw new Away(`The server answered ${answer.status}`);
    if (answer.status >= 400) throw new Refused(answer.status, await sentence(answer));
    return answer;
  }
}

// The body of an answer as bytes.
export async function bytesOf(answer) {
  try {
    return new Uint8Array(await answer.arrayBuffer());
  } catch (error) {
    throw new Away(`The answer broke off: ${error.message}`);
  }
}

async function sentence(answer) {
  const told = await answer.json().catch(() => ({}));
  return typeof told.error === "string" ? told.error : `The server refused: ${answer.status}`;
}
