// The masked word: guesses as one types, what mattered, one-sided reading, neighbours, float and int8, learning here.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { done, id, ready, start } from "./support.mjs";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
// What one does with a novel.
const SENSIBLE = ["reading", "writing", "translating", "studying"];

let site;
before(async () => {
  site = await start();
});
after(() => site.close());

async function open(options) {
  const page = await site.page(options);
  await ready(page);
  await id(page, "part-words").click();
  await id(page, "guess").first().waitFor({ timeout: 60_000 });
  return page;
}

const guesses = (page) => id(page, "guesses").locator(".words-guess-word").allTextContents();

// Types a text and waits for the answer to it.
async function type(page, text) {
  await id(page, "words-text").fill(text);
  await settled(page);
}

async function settled(page) {
  await page.waitForTimeout(200);
  await page.waitForFunction(() => document.querySelector('[data-testid="guesses"]')?.parentElement.getAttribute("aria-busy") === "false", null, { timeout: 30_000 });
}

async function look(page) {
  await page.waitForTimeout(250);
  const width = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(width[0] <= width[1], `${width[0]} pixels wide on a screen of ${width[1]}`);
  await page.evaluate(axe);
  const violations = await page.evaluate(async () => {
    const result = await window.axe.run(document, { resultTypes: ["violations"] });
    return result.violations.map((v) => `${v.id}: ${v.nodes.map((n) => `${n.target} ${n.failureSummary}`).join(" | ")}`);
  });
  assert.deepEqual(violations, []);
}

test("the default sentence gives sensible words, which can be filled in and taken back", async () => {
  const page = await open();
  const top = (await guesses(page)).slice(0, 5);
  assert.ok(top.some((word) => SENSIBLE.includes(word)), top.join(", "));
  const chosen = top[0];
  await id(page, "guess").first().click();
  await settled(page);
  assert.equal(await id(page, "words-text").inputValue(), `Patricia is ${chosen} a French novel.`);
  assert.ok(await id(page, "words-no-blank").isVisible());
  await id(page, "words-undo").click();
  await id(page, "guess").first().waitFor();
  assert.equal(await id(page, "words-text").inputValue(), "Patricia is ____ a French novel.");
  await id(page, "mattered").waitFor({ timeout: 30_000 });
  assert.ok((await id(page, "mattered").locator(".words-for").count()) > 0, "some word spoke for the guess");
  await done(page);
});

test("several blanks, one side hidden, neighbours, float beside int8", async () => {
  const page = await open();
  await type(page, "He went ____ of the ____ and shut the door.");
  assert.equal(await id(page, "words-blanks").locator("button").count(), 2);
  const [both] = await guesses(page);
  assert.equal(both, "out");
  await id(page, "words-blanks").locator("button").nth(1).click();
  const second = await id(page, "guesses").textContent();
  await id(page, "side-left").click();
  await settled(page);
  await page.waitForFunction((was) => document.querySelector('[data-testid="guesses"]').textContent !== was, second);
  await id(page, "side-both").click();
  await settled(page);

  await id(page, "near-word").fill("brother");
  await id(page, "near-go").click();
  await page.waitForFunction(() => document.querySelector('[data-testid="near-list"]')?.textContent.includes("sister"), null, { timeout: 30_000 });
  await id(page, "near-word").fill("<script>");
  await id(page, "near-go").click();
  await id(page, "near-trouble").waitFor();

  await id(page, "words-load-float").click();
  await id(page, "words-compare").waitFor({ timeout: 60_000 });
  const apart = parseFloat(/at most ([\d.]+) percentage/.exec(await id(page, "words-compare-verdict").textContent())[1]);
  assert.ok(apart < 5, `${apart} percentage points`);
  await look(page);
  await done(page);
});

test("it goes on learning from a text without labels: the loss falls and the guesses change", async () => {
  const page = await open({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, colorScheme: "dark" });
  const said = "The zebra ate the melon and the zebra slept. ";
  const text = "A crane stood by the green river and ate a fish, and then the crane slept by the river. ".repeat(12);
  await type(page, "The crane stood by the green ____ and slept.");
  const shown = await id(page, "guesses").textContent();
  await id(page, "lesson-text").fill(`${said}${text}`);
  await id(page, "lesson-seconds").selectOption("10");
  await id(page, "lesson-go").click();
  await id(page, "lesson-stop").waitFor();
  await id(page, "lesson-go").waitFor({ timeout: 60_000 });
  const [, before, after] = /fell from ([\d.]+) to ([\d.]+) on the words/.exec(await id(page, "lesson-verdict").textContent());
  assert.ok(Number(after) < 0.8 * Number(before), `${before} to ${after}`);
  await settled(page);
  assert.notEqual(await id(page, "guesses").textContent(), shown);
  await id(page, "lesson-used").click();
  await page.waitForFunction((was) => document.querySelector('[data-testid="guesses"]')?.textContent === was, shown, { timeout: 30_000 });
  await look(page);
  await done(page);
});

test("on the Shrink bench float and int8 guess the same words: size, accuracy, latency and flips", async () => {
  const page = await site.page({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
  await ready(page);
  await id(page, "bench-shrink").click();
  await id(page, "subject-words").click();
  await page.waitForFunction(() => document.querySelector('[data-testid="twins-go"]')?.disabled === false, null, { timeout: 60_000 });
  await id(page, "twins-go").click();
  await id(page, "twins-verdict").waitFor({ timeout: 60_000 });
  const [, agree, asked] = /(\d+) of (\d+) answers agree/.exec(await id(page, "twins-verdict").textContent());
  assert.ok(asked > 100 && agree > 0.9 * asked, `${agree} of ${asked}`);
  assert.equal(await id(page, "twins-flips").locator("li").count(), asked - agree);
  const share = async (name) => parseFloat(await id(page, name).textContent());
  assert.ok((await share("twins-float")) > 20 && (await share("twins-small")) > 20, "more than by chance");
  assert.ok((await share("twins-int8-bytes")) < (await share("twins-float-bytes")));
  assert.ok((await share("twins-float-ms")) > 0 && (await share("twins-int8-ms")) > 0);
  await look(page);
  await id(page, "twins-text").fill("Too short.");
  await id(page, "twins-go").click();
  await id(page, "twins-trouble").waitFor();
  await id(page, "subject-classifier").click();
  await id(page, "shrink-empty").waitFor();
  await done(page);
});

test("hostile text and a crash of the engine", async () => {
  const page = await open({ allowed: ["The engine stopped", "a trap was asked for", "unreachable", "panicked"] });
  await type(page, `${"\u05e9\u05dc\u05d5\u05dd \u202e\u{1f600}\u0000\u0007 <b>____</b> ".repeat(3000)}`);
  assert.ok((await guesses(page)).length > 0);
  await type(page, "x".repeat(250_000) + " ____");
  await id(page, "words-trouble").waitFor();
  await type(page, "Patricia is ____ a French novel.");
  const top = await guesses(page);
  await page.workers()[0].evaluate(() => { setTimeout(() => self.trap()); });
  await id(page, "engine-restarting").waitFor();
  await ready(page);
  await type(page, "Patricia is ____ a French novel. ");
  assert.deepEqual(await guesses(page), top);
  await done(page);
});
