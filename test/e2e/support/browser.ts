import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import { findProgram } from '../../../sandbox/find-program';
import { projectRoot } from '../../../sandbox/n8n-host/folders';

const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome'];
/** The editor's first visit loads some ten megabytes of scripts; a busy machine needs its time for them. */
const PATIENCE_MS = 60_000;
const SIZE = { width: 1440, height: 900 };

/** Where pictures go: docs/pictures with UPDATE_PICTURES=1, the folder in EDITOR_PICTURES, or else one that is removed in the end. */
function pictureFolder(): { readonly path: string; readonly temporary: boolean } {
  if (process.env['UPDATE_PICTURES'] === '1') return { path: join(projectRoot, 'docs', 'pictures'), temporary: false };
  const given = process.env['EDITOR_PICTURES'];
  if (given) return { path: given, temporary: false };
  return { path: mkdtempSync(join(tmpdir(), 'editor-pictures-')), temporary: true };
}

/** @throws Error with the command that installs Chromium */
function chromiumPath(): string {
  const path = findProgram(PROGRAMS);
  if (path) return path;
  throw new Error('There is no Chromium here, which this test needs: apt-get install chromium');
}

/** n8n's editor in a real browser, used as a person does. Parameters are named by their path, e.g. `mapping.row[0].column`. */
export class Editor {
  /** The id of the open workflow. */
  private workflow = '';

  private constructor(
    private readonly browser: Browser,
    private readonly pictures: ReturnType<typeof pictureFolder>,
    readonly page: Page,
    private readonly url: string,
  ) {}

  /** Starts Chromium and logs in. */
  static async open(url: string, owner: { readonly email: string; readonly password: string }): Promise<Editor> {
    const browser = await chromium.launch({
      executablePath: chromiumPath(),
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
    const page = await browser.newPage({ viewport: SIZE });
    page.setDefaultTimeout(PATIENCE_MS);
    const pictures = pictureFolder();
    mkdirSync(pictures.path, { recursive: true });
    const editor = new Editor(browser, pictures, page, url);
    await page.goto(`${url}/signin`);
    await page.locator('input[name=emailOrLdapLoginId]').fill(owner.email);
    await page.locator('input[name=password]').fill(owner.password);
    await editor.byId('form-submit-button').click();
    await page.waitForURL((address) => !address.pathname.includes('signin'));
    return editor;
  }

  async close(): Promise<void> {
    await this.browser.close();
    if (this.pictures.temporary) rmSync(this.pictures.path, { recursive: true, force: true });
  }

  /** What n8n marks with this test id. */
  byId(id: string): Locator {
    return this.page.locator(`[data-test-id="${id}"]`);
  }

  async openWorkflow(id: string): Promise<void> {
    this.workflow = id;
    await this.page.goto(`${this.url}/workflow/${id}`);
    await this.byId('canvas-node').first().waitFor();
  }

  canvasNode(name: string): Locator {
    return this.page.locator(`[data-test-id="canvas-node"][data-node-name="${name}"]`);
  }

  /** Opens the panel of a node. One that a failed test left open goes first. */
  async openNode(name: string): Promise<void> {
    if (await this.byId('ndv').isVisible()) {
      await this.openWorkflow(this.workflow);
    }
    await this.canvasNode(name).dblclick();
    await this.byId('ndv').waitFor();
  }

  async closeNode(): Promise<void> {
    await this.byId('ndv-close-button').click();
    await this.byId('ndv').waitFor({ state: 'hidden' });
  }

  parameter(path: string): Locator {
    return this.page.locator(`[data-parameter-path="parameters.${path}"]`);
  }

  /** What a drop-down shows as chosen, once its options are there. */
  async shown(path: string): Promise<string> {
    return await this.loadedInput(path).then((input) => input.inputValue());
  }

  /** What a drop-down offers: name, and below it the description. Narrowed by what a person types first. */
  async offered(path: string, typed = ''): Promise<string[]> {
    await this.unfold(path, typed);
    const texts = await this.options.allInnerTexts();
    await this.fold();
    return texts;
  }

  /** Opens a drop-down and leaves it open. */
  async unfold(path: string, typed = ''): Promise<void> {
    const input = await this.loadedInput(path);
    await input.scrollIntoViewIfNeeded();
    await input.click();
    await this.options.first().waitFor();
    if (typed) await this.page.keyboard.type(typed);
    if (typed) await this.options.filter({ hasNotText: typed }).first().waitFor({ state: 'hidden' });
  }

  async fold(): Promise<void> {
    await this.page.keyboard.press('Escape');
    await this.options.first().waitFor({ state: 'hidden' });
  }

  /** Chooses the option whose text begins with `text`. */
  async choose(path: string, text: string): Promise<void> {
    await this.unfold(path);
    await this.options.filter({ hasText: text }).first().click();
    await this.options.first().waitFor({ state: 'hidden' });
  }

  /** Chooses the panel's first credential by its name. */
  async chooseCredential(name: string): Promise<void> {
    const select = this.byId('node-credentials-select').first();
    await select.click();
    await this.options.filter({ hasText: name }).first().click();
    await this.options.first().waitFor({ state: 'hidden' });
  }

  /** Chooses from the searched list of a table or a resource. @returns what the list offered for the search */
  async chooseFromList(parameter: string, search: string, name: string): Promise<string[]> {
    await this.parameter(parameter).locator('[data-test-id="rlc-input"]').click();
    await this.byId('rlc-item').first().waitFor();
    await this.page.keyboard.type(search); // takes the place of an earlier search, which is selected
    const item = this.byId('rlc-item').filter({ hasText: name }).first();
    await item.waitFor();
    const found = await this.byId('rlc-item').allInnerTexts();
    await item.click();
    await item.waitFor({ state: 'hidden' });
    return found;
  }

  /** The last button of that text in the panel: nested collections end before the outer one, so give `nth` where it is another. */
  async add(text: string, nth = -1): Promise<void> {
    const button = this.byId('ndv').locator(`button:has-text("${text}")`).nth(nth);
    await button.scrollIntoViewIfNeeded();
    await button.click();
  }

  /** Keeps what is on the screen as `<name>.png`, with the pointer out of the way. */
  async picture(name: string): Promise<void> {
    await this.page.mouse.move(SIZE.width / 2, 2);
    // what n8n says in a corner would cover something
    await this.page.addStyleTag({ content: '.el-notification { display: none !important }' });
    await this.page.screenshot({ path: join(this.pictures.path, `${name}.png`), animations: 'disabled' });
  }

  private get options(): Locator {
    return this.page.locator('.el-select-dropdown__item:visible');
  }

  private async loadedInput(path: string): Promise<Locator> {
    const input = this.parameter(path).locator('input').first();
    await input.waitFor();
    await this.parameter(path).locator('input:enabled').first().waitFor();
    return input;
  }
}
