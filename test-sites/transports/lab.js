// What every page of the transports lab uses: addresses, bodies, and ways to send them. Runs in pages and in workers.

/** Which document sends: what the recording says of it is held against this. Workers and documents without an address say nothing. */
const sender = self.document && location.protocol.startsWith("http") ? `&from=${encodeURIComponent(location.pathname + location.search)}` : "";

/** The address of a row at a host. */
const at = (host, tag, more = "") => `https://${host}/t?tag=${tag}${more}${sender}`;

/** The address of a row at the tracker, which is another site and speaks HTTP/2. */
const tracker = (tag, more) => at("tracker.test", tag, more);

/** The body that src/transports/row.rs makes again: every byte value, and no short period. */
const pattern = (length) => {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at++) bytes[at] = (at * 31 + (at >> 8) * 7 + (at >> 16)) & 255;
  return bytes;
};

/** Sends with cookies and reads the answer to its end. What a row cannot do must not stop the rows after it. */
const send = (url, init = {}) => fetch(url, { credentials: "include", ...init }).then((answer) => answer.text(), () => "");

const post = (url, body, init) => send(url, { method: "POST", body, ...init });

/** Does each of these whether or not one before it fails. A name that begins with `_` is only a step to others. */
const each = (rows) => {
  for (const [name, row] of Object.entries(rows)) {
    try {
      Promise.resolve(row(name)).catch((error) => console.log(name, String(error)));
    } catch (error) {
      console.log(name, String(error));
    }
  }
};

/** One way of packing that a browser has. */
const packed = async (format, text) => {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream(format));
  return new Uint8Array(await new Response(stream).arrayBuffer());
};

/** A stream that hands over these pieces one after another. */
const streamed = (pieces) => {
  let next = 0;
  return new ReadableStream({
    async pull(controller) {
      await new Promise((done) => setTimeout(done, 30));
      if (next < pieces.length) controller.enqueue(new TextEncoder().encode(pieces[next++]));
      else controller.close();
    },
  });
};

const later = (ms) => new Promise((done) => setTimeout(done, ms));
