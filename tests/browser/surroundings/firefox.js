/**
 * Go through the three views in Firefox, over WebDriver BiDi, and print what was seen as JSON.
 *
 *     node firefox.js FIREFOX URL FILE FOLDER [PREFERENCE=NUMBER]...
 *
 * FILE is sent as a job, and what is downloaded is put into FOLDER.
 */

import { launch } from "puppeteer-core";

const [executablePath, url, file, folder, ...preferences] = process.argv.slice(2);
const complaints = [];

const browser = await launch({
  browser: "firefox",
  executablePath,
  extraPrefsFirefox: {
    "browser.download.dir": folder,
    "browser.download.folderList": 2,
    ...Object.fromEntries(preferences.map((one) => [one.split("=")[0], Number(one.split("=")[1])])),
  },
});
try {
  console.log(JSON.stringify(await walk(await browser.newPage())));
} finally {
  await browser.close();
}

async function walk(page) {
  page.on("console", (message) => {
    if (["error", "warn"].includes(message.type())) {
      complaints.push(message.text());
    }
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(url);
  await page.locator("::-p-text(A good film)").click();
  const verdict = await read(page, ".verdict");
  await page.locator('[data-view="system"]').click();
  await page.locator("::-p-text(Everything works.)").wait();
  await page.locator('[data-view="jobs"]').click();
  const input = await page.waitForSelector("#job-file");
  await input.uploadFile(file);
  await page.locator("::-p-text(Classify 20 rows)").click();
  await page.locator(".job .state.done").wait();
  await page.locator("::-p-text(Download CSV)").click();
  const notices = await page.$$eval(".notice-title", (titles) => titles.map((title) => title.textContent));
  return { version: await browser.version(), verdict, notices, complaints };
}

async function read(page, selector) {
  return (await page.waitForSelector(selector)).evaluate((element) => element.textContent);
}
