// The server's events, by fetch: an EventSource cannot send the token. A line that is silent for longer than two of
// the server's comments is dead, whatever the network believes.

import { Refused } from "./server.js";

const SILENT = 150_000;
const LONGEST_PAUSE = 60_000;
const REFUSED_PAUSE = 300_000;

export class Events {
  lastId = null;
  failures = 0;

  // handlers: onAlert(signed), onManifest(), onChange(connected)
  constructor(server, handlers) {
    Object.assign(this, { server }, handlers);
  }

  async run() {
    for (;;) {
      let pause = Math.min(1000 * 2 ** this.failures++, LONGEST_PAUSE) * (0.5 + Math.random() / 2);
      try {
        await this.listen();
      } catch (error) {
        if (error instanceof Refused) pause = REFUSED_PAUSE * (0.5 + Math.random() / 2);
      }
      if (this.connected) pause = 1000 * Math.random();
      this.change(false);
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  async listen() {
    const stop = new AbortController();
    let timer = setTimeout(() => stop.abort(), SILENT);
    try {
      const answer = await this.server.events(this.lastId, stop.signal);
      this.change(true);
      this.onManifest(); // a hint may have been lost
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
        clearTimeout(timer);
        timer = setTimeout(() => stop.abort(), SILENT);
        const events = (rest + value).split(/\r?\n\r?\n/);
        rest = events.pop();
        for (const event of events) await this.take(event);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  change(connected) {
    this.connected = connected;
    this.onChange(connected);
  }

  async take(text) {
    const fields = { data: [] };
    for (const line of text.split(/\r?\n/)) {
      const [, name, value] = /^([^:]*):? ?(.*)$/.exec(line);
      if (name === "data") fields.data.push(value);
      else fields[name] = value;
    }
    this.failures = 0;
    if (fields.event === "manifest") this.onManifest();
    if (fields.event === "alert") await this.onAlert(JSON.parse(fields.data.join("\n"))).catch(() => {});
    this.lastId = fields.id ?? this.lastId;
  }
}
