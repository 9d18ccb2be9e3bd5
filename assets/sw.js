// Keeps the site on the device. scripts/offline.mjs puts two lines before this when the site is built:
//
//   const BUILD = "<hash of everything>";
//   const FILES = { "<path>": "<SHA-256>", ... };
//
// Each build has a cache of its own, filled before it is used and never changed after: a tab that was opened
// with one build is served that build until it is closed, whatever has been deployed since. A new build waits
// until a page says "take over", which pages do when the person agrees.

// Caches are the origin's: another copy of the site in another folder has its own names.
const CACHE = `fieldtest ${new URL(self.registration.scope).pathname} build `;
// Which build a tab (or its worker) belongs to is written down, because this script is stopped when idle.
const CLIENTS = `fieldtest ${new URL(self.registration.scope).pathname} clients`;
// Under this name, the build that was active last.
const LAST = "last";
// What assets/boot.js asks before it takes the faster engine: relaxed SIMD.
const RELAXED = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1, 17, 0, 65, 1, 253, 15, 65, 1, 253, 15,
  65, 1, 253, 15, 253, 147, 2, 11,
]);

const own = CACHE + BUILD;
const at = (path) => new URL(path === "index.html" ? "./" : path, self.registration.scope).href;
const paths = new Map(Object.keys(FILES).map((path) => [at(path), path]));

// What the first visit does not need: other backbones, models of words, training from scratch, the reader of
// other people's models, and the engine this browser does not run.
function later(path) {
  if (/(^|\/)engine(-relaxed)?-reader\.wasm$/.test(path)) return true;
  const relaxed = /(^|\/)engine-relaxed/.test(path);
  const plain = /(^|\/)engine(_bg\.wasm|\.js|-chunks\.js)$/.test(path);
  const both = Object.keys(FILES).some((other) => /(^|\/)engine-relaxed/.test(other));
  if (both && (relaxed || plain)) return relaxed !== WebAssembly.validate(RELAXED);
  return /^(models\/(?!backbone-supervised)|scratch)/.test(path);
}

const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

// A response that may answer a navigation: one that was redirected may not.
async function plain(response) {
  if (!response.redirected) return response;
  return new Response(await response.blob(), { status: response.status, headers: response.headers });
}

// Stores a file, from an older build where it is the same, else from the network. A file that is not the one
// this build was made with is refused: a deploy is under way, and the next visit tries again.
async function store(cache, path) {
  const url = at(path);
  if (await cache.match(url)) return;
  for (const name of await caches.keys()) {
    if (name === own || !name.startsWith(CACHE)) continue;
    const old = await (await caches.open(name)).match(url);
    if (old && hex(await crypto.subtle.digest("SHA-256", await old.clone().arrayBuffer())) === FILES[path]) {
      return cache.put(url, old);
    }
  }
  const response = await plain(await fetch(new Request(url, { cache: "no-cache", credentials: "same-origin" })));
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  const digest = hex(await crypto.subtle.digest("SHA-256", await response.clone().arrayBuffer()));
  if (digest !== FILES[path]) throw new Error(`${path} is of another build`);
  await cache.put(url, response);
}

async function storeAll(which) {
  const cache = await caches.open(own);
  for (const path of Object.keys(FILES)) if (which(path)) await store(cache, path);
}

const written = (id) => new Request(new URL(`.client/${encodeURIComponent(id)}`, self.registration.scope));

async function write(id, build) {
  if (id) await (await caches.open(CLIENTS)).put(written(id), new Response(build));
}

// The cache of the build that a client belongs to.
async function cacheOf(id) {
  const found = id && (await (await caches.open(CLIENTS)).match(written(id)));
  const name = CACHE + (found ? await found.text() : BUILD);
  return (await caches.has(name)) ? name : own;
}

// Forgets clients that are gone, and builds that no client needs.
async function tidy() {
  const alive = await self.clients.matchAll({ includeUncontrolled: true, type: "all" });
  const needed = new Set([own]);
  for (const client of alive) needed.add(await cacheOf(client.id));
  const kept = new Set(alive.map((client) => written(client.id).url));
  const clients = await caches.open(CLIENTS);
  kept.add(written(LAST).url);
  for (const request of await clients.keys()) if (!kept.has(request.url)) await clients.delete(request);
  const waiting = self.registration.waiting || self.registration.installing;
  for (const name of await caches.keys()) {
    // One that is being filled belongs to a newer version, which this one does not know.
    if (name.startsWith(CACHE) && !needed.has(name) && !waiting) await caches.delete(name);
  }
}

self.addEventListener("install", (event) => event.waitUntil(storeAll((path) => !later(path))));

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      // Pages that nobody wrote down belong to the build before this one, if there was one.
      const before = (await caches.keys()).filter((name) => name.startsWith(CACHE) && name !== own);
      const clients = await caches.open(CLIENTS);
      const last = await clients.match(written(LAST));
      const build = last ? await last.text() : (before.at(-1) ?? own).slice(CACHE.length);
      for (const client of await self.clients.matchAll({ includeUncontrolled: true, type: "all" })) {
        if (!(await clients.match(written(client.id)))) await write(client.id, build);
      }
      await write(LAST, BUILD);
      await self.clients.claim();
      await tidy();
    })(),
  );
});

self.addEventListener("message", (event) => {
  if (event.data === "take over") self.skipWaiting();
  if (event.data === "store the rest") event.waitUntil(storeAll(later).catch(() => {}));
});

async function answer(event) {
  const { request } = event;
  const url = new URL(request.url);
  url.search = "";
  url.hash = "";
  if (url.href === at("index.html") + "index.html") url.href = at("index.html");
  if (request.mode === "navigate") {
    const page = url.href === at("index.html") && (await (await caches.open(own)).match(url.href));
    if (!page) return fetch(request);
    await write(event.resultingClientId, BUILD);
    event.waitUntil(tidy());
    return page;
  }
  const name = await cacheOf(event.clientId);
  // A worker belongs to the build of the page that starts it.
  if (event.resultingClientId) await write(event.resultingClientId, name.slice(CACHE.length));
  const cache = await caches.open(name);
  const found = await cache.match(url.href);
  if (found) return found;
  const response = await fetch(request);
  // Of this build, what was left for later is kept on its first use.
  const path = paths.get(url.href);
  if (name === own && path && response.ok) event.waitUntil(store(cache, path).catch(() => {}));
  return response;
}

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const ours = url.origin === self.location.origin && url.href.startsWith(self.registration.scope);
  if (event.request.method === "GET" && ours && !event.request.headers.has("range")) event.respondWith(answer(event));
});
