// A service worker for what happens when no page looks.
importScripts("/lab.js");
for (const kind of ["sync", "periodicsync"]) {
  addEventListener(kind, (event) => event.waitUntil(post(tracker(event.tag), "in the background")));
}
