// A worker of any kind. What it is called says what its requests are called.
importScripts("/lab.js");
const name = self.name || new URLSearchParams(location.search).get("name");
const shared = typeof SharedWorkerGlobalScope !== "undefined";
each({
  fetch: () => post(tracker(`${name}-fetch`), `fetch of ${name}`),
  blob: () => post(tracker(`${name}-blob`), new Blob([pattern(1800)])),
  import: () => importScripts(tracker(`${name}-import`, "&as=js")),
  xhr: () => {
    const request = new XMLHttpRequest();
    request.open("POST", tracker(`${name}-xhr`));
    request.withCredentials = true;
    request.send(`xhr of ${name}`);
  },
  websocket: () => {
    const socket = new WebSocket(tracker(`${name}-websocket`).replace("https", "wss"));
    socket.onopen = () => socket.send(`message of ${name}`);
  },
  events: () => new EventSource(tracker(`${name}-eventsource`, "&as=events"), { withCredentials: true }),
  late: async () => {
    await later(1500);
    post(tracker(`${name}-late`), `late word of ${name}`);
  },
  nested: () => {
    if (!shared && name === "worker") new Worker("/worker.js?tag=nested-worker", { name: "nested-worker" });
  },
});
