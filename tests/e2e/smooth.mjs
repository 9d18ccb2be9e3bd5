// How smooth the page stays while pictures are embedded and a head is trained.

import { files } from "./pictures.mjs";
import { id, ready, trained } from "./support.mjs";

// Brings 200 pictures in and trains; the longest task on the main thread, in milliseconds. Tasks
// below 50 ms are not reported by browsers: 0 stands for "none that long".
export async function longestTask(page) {
  await ready(page);
  await id(page, "start-class").click();
  await page.evaluate(() => {
    window.longTasks = [];
    new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((e) => e.duration))).observe({ type: "longtask" });
  });
  // Handing files over takes the browser time that has nothing to do with the page: both lots first.
  const lots = [files(0, 100), files(1, 100)];
  for (const [kind, lot] of lots.entries()) {
    await id(page, "class").nth(kind).getByTestId("class-add").setInputFiles(lot);
    await page.waitForFunction((k) => Number(document.querySelectorAll('[data-testid="class-count"]')[k].textContent) === 100, kind, { timeout: 120_000 });
  }
  await trained(page);
  return page.evaluate(() => Math.max(0, ...window.longTasks));
}
