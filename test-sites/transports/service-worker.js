// Lets some requests through, answers some itself, and sends some of its own.
importScripts("/lab.js");
importScripts(tracker("service-worker-import", "&as=js"));
post(tracker("service-worker-top"), "as it starts");
addEventListener("install", (event) => {
  skipWaiting();
  event.waitUntil(post(tracker("service-worker-install"), "as it is installed"));
});
addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    await registration.navigationPreload.enable();
    await post(tracker("service-worker-activate"), "as it takes over");
    await clients.claim();
  })());
});
addEventListener("message", (event) => event.waitUntil(post(tracker("service-worker-message"), "asked by the page")));
addEventListener("fetch", (event) => {
  const tag = new URL(event.request.url).searchParams.get("tag") ?? "";
  if (tag === "service-worker-answered") {
    event.respondWith(new Response("made up"));
    event.waitUntil(post(tracker("service-worker-side-effect"), "behind its back"));
  } else if (tag === "service-worker-reissued") {
    event.respondWith((async () => fetch(tracker("service-worker-in-its-place"), { method: "POST", credentials: "include", body: await event.request.text() }))());
  } else if (tag === "service-worker-passed") {
    event.respondWith(fetch(event.request));
  } else if (event.preloadResponse && event.request.mode === "navigate") {
    event.respondWith((async () => (await event.preloadResponse) ?? fetch(event.request))());
  }
});
