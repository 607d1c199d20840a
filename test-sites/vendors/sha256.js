// SHA-256 of a text's UTF-8 bytes, in hexadecimal. Answers at once, unlike crypto.subtle: a script that hashes what stands in a
// form has to be done before the page is left. Shared by the vendor stand-ins; the server puts it in front of each.
const sha256 = (() => {
  const fraction = (root) => ((root - Math.floor(root)) * 0x100000000) | 0;
  const primes = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every((prime) => n % prime)) primes.push(n);
  const constants = primes.map((prime) => fraction(Math.cbrt(prime)));
  const start = primes.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
  const turn = (word, by) => (word >>> by) | (word << (32 - by));

  return (text) => {
    const bytes = [...new TextEncoder().encode(text)];
    const bits = bytes.length * 8;
    bytes.push(0x80);
    while (bytes.length % 64 !== 56) bytes.push(0);
    for (let shift = 56; shift >= 0; shift -= 8) bytes.push(shift >= 32 ? 0 : (bits >>> shift) & 255);
    const state = [...start];
    for (let block = 0; block < bytes.length; block += 64) {
      const words = [];
      for (let i = 0; i < 64; i++) {
        if (i < 16) {
          const at = block + i * 4;
          words[i] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
        } else {
          const [two, fifteen] = [words[i - 2], words[i - 15]];
          const s1 = turn(two, 17) ^ turn(two, 19) ^ (two >>> 10);
          const s0 = turn(fifteen, 7) ^ turn(fifteen, 18) ^ (fifteen >>> 3);
          words[i] = (words[i - 16] + s0 + words[i - 7] + s1) | 0;
        }
      }
      let [a, b, c, d, e, f, g, h] = state;
      for (let i = 0; i < 64; i++) {
        const choice = (e & f) ^ (~e & g);
        const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + choice + constants[i] + words[i]) | 0;
        const majority = (a & b) ^ (a & c) ^ (b & c);
        const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + majority) | 0;
        [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
      }
      [a, b, c, d, e, f, g, h].forEach((word, i) => (state[i] = (state[i] + word) | 0));
    }
    return state.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  };
})();
