// Links: the same state on another device, nothing lost without being asked; archives, reports, result codes.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { files } from "./pictures.mjs";
import { counts, done, id, ready, start, trained, withClasses } from "./support.mjs";
import { zip } from "./zips.mjs";

let site;
before(async () => {
  site = await start();
});
after(() => site.close());

const file = (kind, index) => files(kind, 1, index)[0];
const text = async (page, name) => (await id(page, name).textContent()).trim();

// The link to what is on the page, as a fragment.
async function linkOf(page) {
  await id(page, "bench-share").click();
  await page.waitForFunction(() => document.querySelector('[data-testid="link-url"]')?.value.includes("#share="));
  const url = await id(page, "link-url").inputValue();
  assert.ok(url.startsWith(site.site.url), url);
  return url.slice(url.indexOf("#"));
}

async function sample(page) {
  await ready(page);
  await id(page, "use-sample").click();
  await trained(page);
}

test("a sample set opens elsewhere with the same result, settings, bench and hidden parts", async () => {
  const page = await site.page();
  await sample(page);
  await id(page, "bench-shift").click();
  await id(page, "shift-country").selectOption({ label: "Japan" });
  await page.waitForFunction(() => document.querySelector('[data-testid="shift-count"]')?.textContent.startsWith("96") && !document.querySelector('[data-testid="shift-cancel"]'), null, { timeout: 60_000 });
  const field = await text(page, "strip-field");
  await id(page, "tab-notice").click();
  await id(page, "bench-shrink").click();
  await id(page, "shrink-bits").fill("4");
  await id(page, "bench-share").click();
  await id(page, "link-bench").selectOption({ label: "Shift" });
  await id(page, "share-link").getByText("For teachers").click();
  await id(page, "link-hide-shrink").check();
  await id(page, "link-hide-year").check();
  const hash = await linkOf(page);
  assert.ok(hash.length < 300, `${hash.length} characters without the classifier`);
  await id(page, "link-head").check();
  await page.waitForFunction((before) => document.querySelector('[data-testid="link-url"]')?.value.length > before + 500, hash.length);
  assert.ok((await id(page, "link-url").inputValue()).length <= 2000);

  const other = await site.page({ hash });
  await trained(other);
  assert.equal(new URL(other.url()).hash, "", "the address is an ordinary one again");
  await other.waitForFunction(() => document.querySelector('[data-testid="link-verdict"]')?.textContent.includes("the same result as the sender"), null, { timeout: 60_000 });
  assert.equal(await text(other, "strip-accuracy"), await text(page, "strip-accuracy"));
  assert.equal(await text(other, "strip-field"), field);
  assert.equal(await id(other, "bench-shift").getAttribute("aria-current"), "page");
  assert.equal(await id(other, "tab-notice").getAttribute("aria-pressed"), "true");
  assert.equal(await id(other, "shift-country").evaluate((s) => s.selectedOptions[0].label), "Japan");
  assert.equal(await id(other, "bench-shrink").isVisible(), false);
  assert.equal(await id(other, "tab-year").isVisible(), false);
  await id(other, "link-show-all").click();
  await id(other, "bench-shrink").click();
  assert.equal(await id(other, "shrink-bits").inputValue(), "4");
  await done(other);
  await done(page);
});

test("a large set drawn by several engines is the one that a single engine draws", async () => {
  const hashes = [];
  for (const [cores, engines] of [[1, 1], [2, 2], [4, 3]]) {
    const init = `
      Object.defineProperty(navigator, "hardwareConcurrency", { value: ${cores} });
      window.engines = 0;
      window.Worker = class extends Worker {
        constructor(...given) {
          super(...given);
          window.engines += 1;
        }
      };`;
    const page = await site.page({ init });
    await ready(page);
    await id(page, "sample-count").selectOption("320");
    await id(page, "use-sample").click();
    await trained(page);
    assert.match(await text(page, "strip-data"), /^320/);
    // One stays; the others are started for drawing, and again when the backbone looks at what was drawn.
    assert.equal(await page.evaluate(() => window.engines), 1 + 2 * (engines - 1), "of more than two, a core is left to the page");
    // It tells what every picture looked like, in order, and the held-out answers.
    hashes.push(await linkOf(page));
    await done(page);
  }
  assert.deepEqual(hashes, [hashes[0], hashes[0], hashes[0]]);
});

test("one's own classifier travels without its pictures and answers the same", async () => {
  const page = await site.page();
  await ready(page);
  await withClasses(page, [12, 12, 12]);
  await trained(page);
  const hash = await linkOf(page);
  assert.ok((await id(page, "link-url").inputValue()).length <= 2000);
  assert.match(await text(page, "link-carries"), /answers 36 of 36 pictures as before/);

  const other = await site.page({ hash });
  await ready(other);
  assert.deepEqual(await counts(other), { Stripes: 0, Rings: 0, Checks: 0 });
  assert.match(await text(other, "link-verdict"), /without the pictures it learned from/);
  await id(other, "results-received").waitFor();
  for (const [kind, name] of [[0, "Stripes"], [1, "Rings"], [2, "Checks"]]) {
    await id(other, "try-pick").setInputFiles(file(kind, 77));
    await other.waitForFunction((name) => document.querySelector('[data-testid="verdict"]')?.textContent.includes(name), name, { timeout: 20_000 });
  }
  // Pictures of one's own take over.
  await id(other, "link-dismiss").click();
  await id(other, "class").nth(0).getByTestId("class-add").setInputFiles([1, 2, 3].map((n) => file(0, n)));
  await id(other, "class").nth(1).getByTestId("class-add").setInputFiles([1, 2, 3].map((n) => file(1, n)));
  await id(other, "accuracy").waitFor({ timeout: 30_000 });
  await done(other);
  await done(page);
});

test("work is never replaced unasked, and stays a project of its own", async () => {
  const page = await site.page();
  await sample(page);
  const hash = await linkOf(page);
  await done(page);

  const other = await site.page();
  await ready(other);
  await withClasses(other, [3, 3]);
  await trained(other);
  const before = await counts(other);
  const follow = () => other.evaluate((hash) => (location.hash = hash), hash);
  await follow();
  await id(other, "link-question").waitFor();
  assert.match(await text(other, "link-brings"), /120 pictures of road signs/);
  await id(other, "link-decline").click();
  assert.deepEqual(await counts(other), before);
  await follow();
  await id(other, "link-open").click();
  await other.waitForFunction(() => document.querySelectorAll('[data-testid="class"]').length === 8, null, { timeout: 30_000 });
  await trained(other);
  await other.waitForFunction(() => document.querySelector('[data-testid="link-verdict"]')?.textContent.includes("the same result"), null, { timeout: 30_000 });
  // The work is a project of its own.
  await id(other, "bench-share").click();
  await id(other, "project").filter({ hasNotText: "From a link" }).getByTestId("project-open").click();
  await id(other, "bench-learn").click();
  await other.waitForFunction(() => document.querySelectorAll('[data-testid="class"]').length === 2, null, { timeout: 30_000 });
  assert.deepEqual(await counts(other), before);
  await done(other);

  // Where nothing can be kept, undo brings it back.
  const bare = await site.page({ init: () => Object.defineProperty(window, "indexedDB", { get: () => undefined }) });
  await ready(bare);
  await withClasses(bare, [3, 3]);
  await bare.evaluate((hash) => (location.hash = hash), hash);
  await id(bare, "link-open").click();
  await bare.waitForFunction(() => document.querySelectorAll('[data-testid="class"]').length === 8);
  await trained(bare);
  await id(bare, "undo").click();
  await id(bare, "undo").click();
  assert.deepEqual(await counts(bare), before);
  await done(bare);
});

test("a damaged link says so and leaves the page as it is", async () => {
  for (const hash of ["#share=AAAA", "#share=", "#share=AcNNXVwDAAA%20x", `#share=${"A".repeat(3000)}`]) {
    const page = await site.page({ hash });
    assert.match(await text(page, "link-trouble"), /incomplete|unpacks|newer/, hash);
    await id(page, "link-trouble-dismiss").click();
    await id(page, "use-sample").waitFor();
    await done(page);
  }
  const page = await site.page({ hash: "#main" });
  assert.equal(await id(page, "link-trouble").count(), 0);
  await done(page);
});

test("an archive is shown with size and hash before anything is downloaded", async () => {
  const entries = [0, 1].flatMap((kind) => [1, 2, 3, 4].map((n) => ({ name: `${["left", "right"][kind]}/${n}.png`, data: file(kind, n).buffer })));
  const archive = zip(entries);
  const short = createHash("sha256").update(archive).digest("hex").slice(0, 16);
  let served = archive;
  let asked = 0;
  const serve = (page) =>
    page.route("**/samples/set.zip", (route) => {
      asked += 1;
      return route.fulfill({ body: served, contentType: "application/zip" });
    });
  const page = await site.page({ allowed: ["404"] });
  await ready(page);
  await serve(page);
  await id(page, "bench-share").click();
  await id(page, "share-link").getByText("Pictures from an address").click();
  await id(page, "link-archive").fill("samples/missing.zip");
  await id(page, "link-archive-check").click();
  await page.waitForFunction(() => document.querySelector('[data-testid="link-archive-trouble"]')?.textContent.includes("404"));
  await id(page, "link-archive").fill("samples/set.zip");
  await id(page, "link-archive-check").click();
  await id(page, "link-archive-used").waitFor();
  const hash = await linkOf(page);
  await done(page);

  const other = await site.page();
  await ready(other);
  await serve(other);
  const follow = () => other.evaluate((hash) => (location.hash = hash), hash);
  asked = 0;
  await follow();
  assert.ok((await text(other, "link-archive-shown")).includes(short));
  assert.equal(asked, 0);
  await id(other, "link-decline").click();
  served = Buffer.from(archive);
  served[served.length >> 1] ^= 1;
  await follow();
  await id(other, "link-open").click();
  await id(other, "link-trouble").waitFor();
  assert.match(await text(other, "link-trouble"), /another one than the link names/);
  served = Buffer.concat([archive, Buffer.alloc(1000)]);
  await follow();
  await id(other, "link-open").click();
  await other.waitForFunction(() => document.querySelector('[data-testid="link-trouble"]')?.textContent.includes("larger"));
  served = archive;
  await follow();
  await id(other, "link-open").click();
  await trained(other);
  assert.deepEqual(await counts(other), { left: 4, right: 4 });
  await done(other);
});

test("the report is one file, and says what to do", async () => {
  const page = await site.page();
  await sample(page);
  await id(page, "class").first().getByTestId("class-name").fill("<b>Stop</b>");
  await id(page, "class").first().getByTestId("class-name").press("Enter");
  await trained(page);
  await id(page, "bench-share").click();
  await page.waitForFunction(() => document.querySelector('[data-testid="report-advice"]')?.textContent.includes("was not taken to the field"));
  const take = async (name) => {
    const [download] = await Promise.all([page.waitForEvent("download"), id(page, name).click()]);
    return readFile(await download.path(), "utf8");
  };
  const html = await take("report-html");
  assert.ok(html.includes("&lt;b&gt;Stop&lt;/b&gt;") && !html.includes("<b>Stop</b>") && !/<script|https?:/.test(html));
  const report = JSON.parse(await take("report-json"));
  assert.equal(report.data.classes.length, 8);
  assert.ok(report.lab.accuracy.n >= 100 && report.recommendation.length > 0);
  const viewer = await page.context().newPage();
  await viewer.setContent(html);
  assert.match(await viewer.locator("h2").first().textContent(), /What to do/);
  assert.ok((await viewer.locator("svg").count()) >= 1);
  await done(page);
});

test("a class's codes become one chart; bad ones are named", async () => {
  const page = await site.page();
  await sample(page);
  await id(page, "bench-share").click();
  await id(page, "code-name").fill("Ann");
  await page.waitForFunction(() => document.querySelector('[data-testid="code-own"]')?.textContent.startsWith("FT1-"));
  const code = await text(page, "code-own");
  const typo = code.replace(/.$/, (c) => (c === "0" ? "8" : "0"));
  await id(page, "codes-in").fill(`${code}\nBob: ${code.toLowerCase()}\n${typo}\nhello\n`);
  const rows = id(page, "codes-table").locator("tbody tr");
  assert.deepEqual(await rows.locator("th").allTextContents(), ["Ann", "Bob"]);
  assert.match(await text(page, "codes-bad"), /Line 3: .*mistyped.*Line 4: .*begins with/s);
  const lab = await rows.first().locator("td").first().textContent();
  assert.ok((await text(page, "strip-accuracy")).startsWith(lab.split(" of ")[0]), lab);
  assert.ok(await id(page, "codes-chart").isVisible());
  await done(page);
});
