// Serves dist/ as a static host would: right MIME types, compression, the headers of dist/_headers.
// No dependencies. Run by `make serve`, and imported by the browser tests:
//
//   const site = await serve({ dir: "dist", base: "/sub/folder/" });  // { url, port, close }

import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".md": "text/markdown; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
  ".webp": "image/webp",
};
const COMPRESSED = /^(text|image\/svg)|javascript|json|wasm/;
const ENCODERS = {
  br: (data) => promisify(brotliCompress)(data, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
  gzip: promisify(gzip),
};

// The `_headers` format of Netlify and Cloudflare: a path with `*`, then indented `Name: value` lines.
async function readRules(dir) {
  const rules = [];
  for (const line of (await readFile(join(dir, "_headers"), "utf8").catch(() => "")).split("\n")) {
    const [, name, value] = line.match(/^\s+([^:]+):\s*(.+)$/) ?? [];
    if (name) rules.at(-1)?.headers.push([name, value]);
    else if (line.startsWith("/")) {
      const pattern = line.trim().split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
      rules.push({ path: new RegExp(`^${pattern.join(".*")}$`), headers: [] });
    }
  }
  return rules;
}

// The file a request means, or undefined; never one outside `dir`.
async function find(dir, path) {
  if (path.includes("\0")) return;
  const file = resolve(dir, `.${path}`);
  if (file !== dir && !file.startsWith(dir + sep)) return;
  const info = await stat(file).catch(() => undefined);
  if (info?.isDirectory()) return path.endsWith("/") ? find(dir, `${path}index.html`) : undefined;
  return info?.isFile() ? { file, info } : undefined;
}

// As scripts/compress.mjs has left it, unless the file is newer; else compressed now.
async function compressedAs(encoding, file, info) {
  const made = encoding === "br" && (await stat(`${file}.br`).catch(() => undefined));
  if (made && made.mtimeMs >= info.mtimeMs) return readFile(`${file}.br`);
  return ENCODERS[encoding](await readFile(file));
}

export async function serve({ dir = "dist", port = 0, base = "/", host = "127.0.0.1" } = {}) {
  dir = resolve(dir);
  const rules = await readRules(dir);
  const compressed = new Map();

  async function answer(request, response) {
    const finish = (status, headers = {}) => response.writeHead(status, headers).end();
    if (request.method !== "GET" && request.method !== "HEAD") return finish(405, { Allow: "GET, HEAD" });
    const asked = new URL(request.url, "http://host").pathname;
    if (`${asked}/` === base) return finish(301, { Location: base });
    if (!asked.startsWith(base)) return finish(404);
    const path = decodeURIComponent(asked.slice(base.length - 1));
    const found = path === "/_headers" ? undefined : await find(dir, path);
    if (!found) return finish(404);

    const { file, info } = found;
    const type = TYPES[extname(file)] ?? "application/octet-stream";
    const tag = `"${info.size.toString(36)}-${Math.round(info.mtimeMs).toString(36)}"`;
    response.setHeaders(new Map([["Content-Type", type], ["Cache-Control", "no-cache"], ["ETag", tag]]));
    for (const rule of rules) if (rule.path.test(path)) for (const header of rule.headers) response.setHeader(...header);
    if (request.headers["if-none-match"] === tag) return finish(304);

    const accepted = request.headers["accept-encoding"] ?? "";
    const encoding = COMPRESSED.test(type) && Object.keys(ENCODERS).find((name) => accepted.includes(name));
    if (!encoding) {
      response.writeHead(200, { "Content-Length": info.size });
      return request.method === "HEAD" ? response.end() : createReadStream(file).pipe(response);
    }
    const key = `${encoding} ${tag} ${file}`;
    if (!compressed.has(key)) compressed.set(key, compressedAs(encoding, file, info));
    const body = await compressed.get(key);
    response.writeHead(200, { "Content-Encoding": encoding, "Content-Length": body.length, Vary: "Accept-Encoding" });
    response.end(request.method === "HEAD" ? undefined : body);
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => (response.headersSent ? response.destroy() : response.writeHead(400).end()));
  });
  for (const last = port + 20; ; port += 1) {
    const failed = await new Promise((done) => server.once("error", done).listen(port, host, () => done()));
    if (!failed) break;
    if (failed.code !== "EADDRINUSE" || port === last) throw failed;
  }
  port = server.address().port;
  const name = host === "127.0.0.1" ? "localhost" : host;
  const close = () => new Promise((done) => (server.close(done), server.closeAllConnections()));
  return { url: `http://${name}:${port}${base}`, port, close };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { port: { type: "string", default: "8080" }, base: { type: "string", default: "/" } } });
  const site = await serve({ port: Number(values.port), base: values.base, host: process.env.HOST });
  console.log(`==> Fieldtest is at ${site.url} (Ctrl-C stops it)`);
}
