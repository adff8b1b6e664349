// What was aired. The row is on the disk before the sound begins, already reading partial/power_cut; closing it writes
// the truth. Rows that a crash left open are closed as they stand.

import { DAY } from "./instants.js";

const KEEP = 30 * DAY;

export class Journal {
  rows = new Map(); // row_uuid -> { seq, open, acknowledged, row }
  receipts = new Map();
  inMemory = false; // the disk refused a row: it is written when it takes the next

  static async open(store) {
    const journal = new Journal();
    journal.store = store;
    const kept = (await store.all("rows")).sort((a, b) => a.seq - b.seq);
    for (const entry of kept) journal.rows.set(entry.row.row_uuid, { ...entry, open: false });
    const open = kept.filter((entry) => entry.open).map((entry) => entry.row.row_uuid);
    if (open.length) await journal.write(...open);
    for (const receipt of await store.all("receipts")) journal.receipts.set(nameOf(receipt.body), receipt);
    journal.seq = kept.at(-1)?.seq ?? 0;
    return journal;
  }

  begin(row) {
    this.rows.set(row.row_uuid, { seq: ++this.seq, open: true, acknowledged: 0, row });
    return this.write(row.row_uuid);
  }

  skip(rows) {
    for (const row of rows) this.rows.set(row.row_uuid, { seq: ++this.seq, open: false, acknowledged: 0, row });
    return this.write(...rows.map((row) => row.row_uuid));
  }

  mark(row) {
    return this.update(row, true);
  }

  end(row) {
    return this.update(row, false);
  }

  // Of this nothing was heard: it may still air.
  takeBack(name) {
    this.rows.delete(name);
    return this.write(name);
  }

  // Cue id -> how often it was begun, or skipped.
  attempts(idOf) {
    const attempts = new Map();
    for (const { row } of this.rows.values()) {
      const id = idOf(row.occurrence_uuid, row.cue_key);
      attempts.set(id, Math.max(row.attempt, attempts.get(id) ?? 0));
    }
    return attempts;
  }

  // Its repeats that are over.
  ofAlert(uuid) {
    return [...this.rows.values()].filter(({ open, row }) => !open && row.occurrence_uuid === uuid).map(({ row }) => row);
  }

  waiting() {
    return [...this.rows.values()].filter((entry) => !entry.open && !entry.acknowledged).map(({ row }) => row);
  }

  // Each verdict, also `quarantined`, means that the server has the row.
  acknowledge(answers, at) {
    const known = answers.map((answer) => this.rows.get(answer.row_uuid)).filter(Boolean);
    for (const entry of known) entry.acknowledged = at;
    return this.write(...known.map(({ row }) => row.row_uuid));
  }

  // The server was restored from a backup and may lack what it once had.
  async sendAgain() {
    for (const entry of this.rows.values()) entry.acknowledged = 0;
    for (const receipt of this.receipts.values()) receipt.said = false;
    await this.write(...this.rows.keys());
  }

  async purge(now) {
    const old = [...this.rows].filter(([, entry]) => entry.acknowledged && entry.acknowledged < now - KEEP);
    for (const [name] of old) this.rows.delete(name);
    await this.write(...old.map(([name]) => name));
    const said = [...this.receipts].filter(([, receipt]) => receipt.said && receipt.at < now - KEEP);
    for (const [name] of said) this.receipts.delete(name);
    if (said.length) await this.store.put("receipts", ...said.map(([name]) => [name, undefined]));
  }

  // Keep what is to be said of an alert; of each stage of a version the first word stands. Tells whether it is new.
  note(body, at) {
    const name = nameOf(body);
    if (this.receipts.has(name)) return false;
    this.receipts.set(name, { body, at, said: false });
    this.writeReceipts(name);
    return true;
  }

  receiptsWaiting() {
    return [...this.receipts.values()].filter((receipt) => !receipt.said).map((receipt) => receipt.body);
  }

  receiptsSaid(bodies) {
    const names = bodies.map(nameOf);
    for (const name of names) this.receipts.get(name).said = true;
    return this.writeReceipts(...names);
  }

  isFinal(uuid, version) {
    return ["finished", "refused"].some((stage) => this.receipts.has(`${uuid}/${version}/${stage}`));
  }

  update(row, open) {
    const entry = this.rows.get(row.row_uuid);
    Object.assign(entry, { row, open });
    return this.write(row.row_uuid);
  }

  async write(...names) {
    if (this.inMemory) names = [...this.rows.keys()];
    if (!names.length) return;
    await this.store.put("rows", ...names.map((name) => [name, this.rows.get(name)])).then(
      () => (this.inMemory = false),
      () => (this.inMemory = true),
    );
  }

  writeReceipts(...names) {
    return this.store.put("receipts", ...names.map((name) => [name, this.receipts.get(name)])).catch(() => {});
  }
}

const nameOf = (body) => `${body.alert_uuid}/${body.version}/${body.stage}`;
