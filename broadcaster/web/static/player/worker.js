// Keeps the page itself on the phone, so that it opens with the server gone. VERSION and FILES are written above by the
// server: other files make another worker. The API and the audio are none of its business.

const NAME = `village-player-${VERSION}`;

self.addEventListener("install", (event) => {
  // Where the browser lets us, the API's calls do not wait until this worker is awake.
  event.addRoutes?.({ condition: { urlPattern: { pathname: "/api/*" } }, source: "network" });
  const requests = FILES.map((address) => new Request(address, { cache: "reload" }));
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(requests)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("village-player-") && name !== NAME;
  const tidy = caches.keys().then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))));
  event.waitUntil(tidy.then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { pathname, search } = new URL(event.request.url);
  if (event.request.method !== "GET" || !FILES.includes(pathname + search)) return;
  event.respondWith(caches.open(NAME).then(async (cache) => (await cache.match(pathname + search)) ?? fetch(event.request)));
});
