// The camera: recording a classifier, trying it live, and a message for whatever goes wrong.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { counts, done, id, start, trained, withClasses } from "./support.mjs";

let site;
before(async () => {
  site = await start({ args: ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"] });
});
after(() => site.close());

// Holds the button (with the pointer, or a key) until a few frames have been taken.
async function record(page, frames, key) {
  const button = id(page, "record");
  await page.waitForFunction(() => !(document.querySelector('[data-testid="record"]')?.disabled ?? true));
  if (key) {
    await button.focus();
    await page.keyboard.down(key);
  } else {
    await button.hover();
    await page.mouse.down();
  }
  // Of this recording: until its first frame is there, the line still tells of the last one.
  await page.waitForFunction((n) => parseInt(document.querySelector('[data-testid="record-state"]')?.textContent.match(/^Recording: (\d+)/)?.[1] ?? 0) >= n, frames);
  await (key ? page.keyboard.up(key) : page.mouse.up());
}

test("two classes are recorded, trained and tried live", async () => {
  const page = await site.page();
  await id(page, "use-camera").click();
  await record(page, 5);
  await id(page, "record-new-class").click();
  await record(page, 5, " ");
  await record(page, 3, "Enter");
  await id(page, "recorder-close").click();
  await trained(page);
  const sizes = await counts(page);
  assert.ok(sizes["Class 1"] >= 5 && sizes["Class 2"] >= 8, JSON.stringify(sizes));
  // One recording of a class cannot be both learned from and measured on.
  assert.match(await id(page, "accuracy-how").textContent(), /Not measured|Measured on pictures/);

  await id(page, "try-camera").click();
  await page.waitForFunction(() => /pictures per second/.test(document.querySelector('[data-testid="live-rate"]')?.textContent));
  assert.match(await id(page, "verdict").textContent(), /Class [12]|None of these/);
  assert.equal(await id(page, "bars").locator("li").count(), 2);

  // The camera is given back when it is not looked at any more.
  const live = () => page.evaluate(() => window.tracks.filter((t) => t.readyState === "live").length);
  await page.evaluate(() => { window.tracks = document.querySelector("video").srcObject.getTracks(); });
  assert.equal(await live(), 1);
  await id(page, "try-picture").click();
  await page.waitForFunction(() => window.tracks.every((t) => t.readyState === "ended"));
  await done(page);
});

test("a rear camera is not shown mirrored, a front camera is", async () => {
  const page = await site.page({
    init: () => {
      const real = MediaStreamTrack.prototype.getSettings;
      MediaStreamTrack.prototype.getSettings = function () {
        return { ...real.call(this), facingMode: window.facing };
      };
      window.facing = "user";
    },
  });
  await id(page, "use-camera").click();
  await page.waitForFunction(() => document.querySelector('[data-testid="camera-view"]')?.classList.contains("mirrored"));
  await id(page, "recorder-close").click();
  await page.evaluate(() => { window.facing = "environment"; });
  await id(page, "class").first().getByTestId("class-camera").click();
  await page.waitForFunction(() => !(document.querySelector('[data-testid="record"]')?.disabled ?? true));
  assert.ok(!(await id(page, "camera-view").getAttribute("class")).includes("mirrored"));
  await done(page);
});

test("there is a choice when there are several cameras", async () => {
  const page = await site.page({
    init: () => {
      const list = navigator.mediaDevices.enumerateDevices.bind(navigator.mediaDevices);
      navigator.mediaDevices.enumerateDevices = async () => {
        const all = (await list()).filter((d) => d.kind === "videoinput");
        return [...all, { kind: "videoinput", deviceId: "other", label: "Microscope", __proto__: MediaDeviceInfo.prototype }]
          .map((d) => Object.create(MediaDeviceInfo.prototype, Object.fromEntries(["kind", "deviceId", "label"].map((k) => [k, { value: d[k] }]))));
      };
      const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      window.asked = [];
      navigator.mediaDevices.getUserMedia = (constraints) => {
        window.asked.push(constraints.video);
        return open({ video: true });
      };
    },
  });
  await id(page, "use-camera").click();
  const choice = id(page, "camera-choice");
  await choice.waitFor();
  assert.match(await choice.textContent(), /Rear camera.*Microscope/);
  await choice.selectOption("rear");
  await page.waitForFunction(() => window.asked.at(-1).facingMode === "environment");
  await choice.selectOption({ label: "Microscope" });
  await page.waitForFunction(() => window.asked.at(-1).deviceId?.exact === "other");
  await done(page);
});

const troubles = [
  ["permission refused", "NotAllowedError", /was told not to lend the camera/],
  ["no camera", "NotFoundError", /No camera was found/],
  ["camera busy", "NotReadableError", /The camera is busy/],
  ["something else", "TypeError", /could not be started/],
];
for (const [what, name, message] of troubles) {
  test(`${what} has its own message, and trying again works`, async () => {
    const page = await site.page({
      init: `(() => {
        const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        let broken = true;
        navigator.mediaDevices.getUserMedia = (c) => broken ? (broken = false, Promise.reject(new DOMException("no", "${name}"))) : open(c);
      })()`,
    });
    await withClasses(page, [2, 0]);
    await id(page, "class").first().getByTestId("class-camera").click();
    assert.match(await id(page, "camera-trouble").textContent(), message);
    assert.ok(await id(page, "record").isDisabled());
    await id(page, "camera-retry").click();
    await page.waitForFunction(() => !(document.querySelector('[data-testid="record"]')?.disabled ?? true));
    assert.equal(await id(page, "camera-trouble").count(), 0);
    assert.deepEqual(await counts(page), { Stripes: 2, Rings: 0 });
    await done(page);
  });
}

test("an insecure origin has its own message", async () => {
  const page = await site.page({ init: () => Object.defineProperty(window, "isSecureContext", { value: false }) });
  await id(page, "use-camera").click();
  assert.match(await id(page, "camera-trouble").textContent(), /only to pages loaded over https/);
  await done(page);
});

test("a camera that is unplugged says so", async () => {
  const page = await site.page();
  await id(page, "use-camera").click();
  await page.waitForFunction(() => !(document.querySelector('[data-testid="record"]')?.disabled ?? true));
  await page.evaluate(() => document.querySelector("video").srcObject.getTracks()[0].dispatchEvent(new Event("ended")));
  assert.match(await id(page, "camera-trouble").textContent(), /was unplugged/);
  assert.ok(await id(page, "record").isDisabled());
  await done(page);
});
