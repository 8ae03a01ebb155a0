/** @needs chromium */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { contact } from '../../sandbox/dataverse/tables/contact';
import { SandboxControl } from '../../sandbox/control-client';
import { sandboxCredentials } from '../../sandbox/n8n-host/sandbox-credentials';
import { startN8n, type N8nHandle } from '../../sandbox/n8n-host/start-n8n';
import { startSandbox, type SandboxHandle } from '../../sandbox/start';
import { Editor } from './support/browser';
import { template } from './support/scene';
import { entriesOf } from './support/timeline-oracle';

jest.setTimeout(600_000);

/** The eight fields for opt-outs, as Campaign's own screens name them (docs/facts/campaign.md, "Opt-outs"). */
const CAMPAIGN_FIELDS = [
  'blackList',
  'blackListEmail',
  'blackListFax',
  'blackListMobile',
  'blackListPhone',
  'blackListPostalMail',
  'blackListPushnotification',
  'ccpaOptOut',
];

describe('the templates for opt-outs and the timeline in a real browser', () => {
  let sandbox: SandboxHandle;
  let n8n: N8nHandle;
  let editor: Editor;
  let control: SandboxControl;
  let optOuts = '';
  let deliveryLog = '';
  beforeAll(async () => {
    sandbox = await startSandbox({ contacts: 30, sftp: true });
    control = new SandboxControl(sandbox.controlUrl);
    await control.json('POST', '/seed', { table: 'profile', count: 30, profilesFrom: 'contact' });
    await control.deliver({ label: 'DM190', campaign: '2019LoyaltyCamp', contacts: 30, seed: 3 });
    optOuts = (await control.export('opt-outs')).file;
    deliveryLog = (await control.export('delivery-logs')).file;
    n8n = await startN8n({
      credentials: sandboxCredentials(sandbox),
      workflows: [
        { workflow: template('opt-in-out'), publish: false },
        { workflow: template('campaign-to-dynamics'), publish: false },
      ],
    });
    editor = await Editor.open(n8n.url, n8n.owner);
    await open('opt-in-out');
  }, 900_000);
  afterAll(async () => {
    await editor?.close();
    await n8n?.close();
    await sandbox?.close();
  });

  const idOf = (file: 'opt-in-out' | 'campaign-to-dynamics') => n8n.workflowIds.get(template(file).name) ?? '';
  const open = async (file: Parameters<typeof idOf>[0]) => {
    await editor.openWorkflow(idOf(file));
    await editor.page.waitForTimeout(1_000); // the canvas glides into its place
  };
  /** The editor saves by itself; this waits until a parameter of the saved workflow is as a person set it. */
  const saved = async (file: Parameters<typeof idOf>[0], node: string, text: string): Promise<void> => {
    await n8n.rest.waitFor(`the saved parameters of ${node}`, async () => {
      const { nodes } = await n8n.rest.workflow(idOf(file));
      return JSON.stringify(nodes.find(({ name }) => name === node)?.parameters).includes(text);
    });
  };

  it('says on the canvas which direction is set, and which files are watched', async () => {
    await expect(editor.canvasNode('Opt-Out Resolver').innerText()).resolves.toMatch(/disabled/i);
    await expect(editor.canvasNode('SFTP Export Trigger').innerText()).resolves.toContain('optouts_*.txt');
    await editor.picture('opt-in-out');
  });

  it('offers the four directions, boolean columns alone, and the eight fields of Campaign alone', async () => {
    await editor.openNode('Opt-Out Resolver');
    expect((await editor.offered('direction')).map((text) => text.split('\n')[0])).toEqual([
      'Bidirectional',
      'Disabled',
      'Unidirectional (Campaign to Dynamics 365)',
      'Unidirectional (Dynamics 365 to Campaign)',
    ]);
    // The lines of the template are there once a direction is chosen.
    await editor.choose('direction', 'Bidirectional');
    await saved('opt-in-out', 'Opt-Out Resolver', '"direction":"bidirectional"');
    await saved('opt-in-out', 'Opt-Out Resolver', '"blackListPostalMail"');
    const columns = await editor.offered('mapping.lines[0].column');
    const booleans = contact.columns
      .filter(({ kind, readOnly }) => kind === 'boolean' && !readOnly)
      .map(({ name }) => name);
    expect(booleans).toContain('donotemail');
    expect(columns.map((text) => /\((\w+)\)/.exec(text)?.[1]).sort()).toEqual([...booleans].sort());
    const fields = await editor.offered('mapping.lines[0].field');
    expect(fields.map((text) => /\((\w+)\)/.exec(text)?.[1]).sort()).toEqual([...CAMPAIGN_FIELDS].sort());
    await editor.picture('opt-out-resolver');
    await editor.closeNode();
  });

  it('shows rows of the newest export when the trigger is tried, and moves nothing', async () => {
    await editor.openNode('SFTP Export Trigger');
    await editor.picture('sftp-export-trigger');
    await editor.byId('trigger-execute-button').click();
    await editor.byId('output-panel').locator('[data-test-id="ndv-items-count"]').waitFor();
    expect(await editor.byId('ndv-items-count').innerText()).toBe('10 items');
    expect(existsSync(join(sandbox.sftp?.localFolder ?? '', optOuts))).toBe(true);
    await editor.closeNode();
  });

  it('tests the SFTP credential at a click', async () => {
    await editor.openNode('SFTP Export Trigger');
    await editor.byId('credential-edit-button').first().click();
    const dialog = editor.byId('editCredential-modal');
    await dialog.getByText('Connection tested successfully').waitFor();
    await editor.picture('credential-campaign-sftp');
    await editor.openWorkflow(idOf('opt-in-out'));
  });

  it('has the four switches of the timeline in one place', async () => {
    await open('campaign-to-dynamics');
    await editor.picture('campaign-to-dynamics');
    await editor.openNode('Marketing Events');
    for (const kind of ['sends', 'opens', 'clicks', 'bounces']) await editor.parameter(kind).waitFor();
    await editor.picture('marketing-events');
    await editor.closeNode();
    await editor.openNode('Dynamics 365');
    await editor.picture('add-timeline-activity');
    await editor.closeNode();
  });

  it('reads an export once more by hand, as its note says: its events are on the timelines then', async () => {
    const sends = entriesOf(await control.logs()).filter(([event]) => event.startsWith('send')).length;
    await editor.openNode('SFTP Export Reader');
    const path = editor.parameter('path').locator('input').first();
    await path.fill(`${sandbox.sftp?.folder}/${deliveryLog}`);
    await path.blur();
    await saved('campaign-to-dynamics', 'SFTP Export Reader', deliveryLog);
    await editor.closeNode();
    await editor.canvasNode('When You Execute It').hover();
    await editor.byId('execute-workflow-button-When You Execute It').click();
    // All of the file, and not the ten rows that trying a trigger gives.
    await n8n.rest.waitFor('all sends', async () => (await control.dump('dataverse', 'xyz_acxsnd')).length >= sends);
    expect(sends).toBeGreaterThan(10);
    await editor.page.waitForTimeout(1_500);
    await editor.picture('timeline-run-by-hand');
  });
});
