// The loudspeaker: audio decoded ahead, sounds begun at moments by Web Audio's own clock, frame by frame. Moments are
// those of `performance.now`; what the device holds back (its latency) is taken off. Knows nothing of plans.

const SILENT = 0.001; // -60 dBFS
const SOON_S = 0.02;
const ODD_MS = 1000;
const STALLED_MS = 4000;

const keyOf = (media) => media.join(" ");

export class Loudspeaker {
  ready = false;
  buffers = new Map(); // media -> [AudioBuffer] | null (cannot be decoded) | Promise

  constructor(objects, ring) {
    this.objects = objects;
    this.ring = ring;
    this.context = new AudioContext({ latencyHint: "playback", sampleRate: 48_000 });
    this.meter = new AnalyserNode(this.context, { fftSize: 2048 });
    this.meter.connect(this.context.destination);
    this.context.onstatechange = ring;
    this.frame = { time: -1, seen: performance.now() };
  }

  // Browsers let a page sound only after somebody has pressed something on it, or where they trust it.
  async resume() {
    await Promise.race([this.context.resume(), new Promise((resolve) => setTimeout(resolve, 1000))]);
    this.look();
    return this.context.state === "running";
  }

  // Whether the device takes anything: running, and its clock goes on.
  look() {
    const now = performance.now();
    if (this.context.currentTime !== this.frame.time) this.frame = { time: this.context.currentTime, seen: now };
    this.ready = this.context.state === "running" && now - this.frame.seen < STALLED_MS;
    return this.ready;
  }

  // Have these decoded (arrays of sha256), and no others.
  want(all) {
    const wanted = new Map(all.map((media) => [keyOf(media), media]));
    for (const key of this.buffers.keys()) if (!wanted.has(key)) this.buffers.delete(key);
    for (const [key, media] of wanted) if (!this.buffers.has(key)) this.buffers.set(key, this.decode(key, media));
  }

  // The decoded audio; undefined while it is not ready, null if it cannot be decoded.
  decoded(media) {
    const found = this.buffers.get(keyOf(media));
    return found instanceof Promise ? undefined : found;
  }

  async decode(key, media) {
    const decoded = await this.all(media).catch(() => null);
    if (this.buffers.get(key) instanceof Promise) this.buffers.set(key, decoded);
    this.ring();
  }

  async all(media) {
    const buffers = [];
    for (const sha256 of media) {
      const bytes = await this.objects.read(sha256);
      buffers.push(await this.context.decodeAudioData(bytes.buffer));
    }
    return buffers;
  }

  // Sound buffers one after another from a moment on; `limit`: at most so many milliseconds.
  place(buffers, starts, gain, limit = Infinity) {
    const begins = Math.max(this.contextAt(starts), this.context.currentTime + SOON_S);
    const volume = new GainNode(this.context, { gain });
    volume.connect(this.meter);
    const placed = { begins, ends: begins, whole: 0, volume, sources: [], silenced: gain * peak(buffers) < SILENT && peak(buffers) >= SILENT };
    const last = begins + limit / 1000;
    for (const buffer of buffers) {
      const source = new AudioBufferSourceNode(this.context, { buffer });
      source.connect(volume);
      source.start(placed.ends);
      source.onended = this.ring;
      placed.sources.push(source);
      placed.ends += buffer.duration;
    }
    placed.whole = placed.ends;
    if (last < placed.ends) this.stop(placed, last);
    return placed;
  }

  // End a sound at a moment of the device (now, if none is given).
  stop(placed, at = this.context.currentTime) {
    for (const source of placed.sources) source.stop(Math.max(0, at));
    placed.ends = Math.max(placed.begins, Math.min(placed.ends, at));
  }

  release(placed) {
    placed.volume.disconnect();
  }

  // The device's time of what is heard now.
  heardNow() {
    return this.contextAt(performance.now());
  }

  contextAt(moment) {
    return this.context.currentTime - this.delay() + (moment - performance.now()) / 1000;
  }

  momentOf(contextTime) {
    return performance.now() + (contextTime - this.context.currentTime + this.delay()) * 1000;
  }

  // Seconds from the device's clock to the ear, by what the browser tells; where it tells nonsense, by its latency.
  delay() {
    const { contextTime, performanceTime } = this.context.getOutputTimestamp?.() ?? {};
    const latency = this.context.outputLatency || this.context.baseLatency || 0;
    if (!performanceTime) return latency;
    const told = this.context.currentTime - contextTime - (performance.now() - performanceTime) / 1000;
    return Math.abs(told) * 1000 < ODD_MS ? told : latency;
  }

  // The level now in dBFS, null for silence.
  level() {
    const samples = new Float32Array(this.meter.fftSize);
    this.meter.getFloatTimeDomainData(samples);
    const most = samples.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    return most > 0 ? Math.round(200 * Math.log10(most)) / 10 : null;
  }
}

export const lengthOf = (buffers) => buffers.reduce((sum, buffer) => sum + buffer.duration * 1000, 0);

const peaks = new WeakMap();

function peak(buffers) {
  return buffers.reduce((most, buffer) => Math.max(most, peakOf(buffer)), 0);
}

function peakOf(buffer) {
  if (!peaks.has(buffer)) {
    let most = 0;
    for (const sample of buffer.getChannelData(0)) if (sample > most || -sample > most) most = Math.abs(sample);
    peaks.set(buffer, most);
  }
  return peaks.get(buffer);
}
