// The test tone, as a WAV file: two seconds, not loud, that begin and end softly.

const RATE = 48_000;
const HZ = 660;
const SECONDS = 2;
const LEVEL = 0.1;
const FADE_S = 0.05;
const HEADER = 44;

export function tone() {
  const count = RATE * SECONDS;
  const view = new DataView(new ArrayBuffer(HEADER + 2 * count));
  const text = (at, letters) => [...letters].forEach((letter, index) => view.setUint8(at + index, letter.charCodeAt(0)));
  text(0, "RIFF");
  view.setUint32(4, view.byteLength - 8, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true); // length of what describes the samples: PCM, mono, 16 bit
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, RATE, true);
  view.setUint32(28, 2 * RATE, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, 2 * count, true);
  for (let n = 0; n < count; n++) {
    const edge = Math.min(1, n / RATE / FADE_S, (count - n) / RATE / FADE_S);
    view.setInt16(HEADER + 2 * n, 32_767 * LEVEL * edge * Math.sin((2 * Math.PI * HZ * n) / RATE), true);
  }
  return new Uint8Array(view.buffer);
}
