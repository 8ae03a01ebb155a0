/** @needs chromium */
import type { WorkflowJson, WorkflowNode } from '../../sandbox/n8n-host/rest';
import { Editor } from './support/browser';
import { parametersOf, Scene, SYNC, template } from './support/scene';

jest.setTimeout(600_000);

const PACKAGE = 'n8n-nodes-dynamics-campaign';
const FRESH = 'Never run';
const RETRY = 'Retry Rejected Records';

/** Lines of the template's mapping. */
const LINES = (
  parametersOf(template('dynamics-to-campaign'), 'Field Mapper') as unknown as { mapping: { row: readonly unknown[] } }
).mapping.row.length;

/** Nodes as they are when they have just been dragged into a flow: all parameters but the trigger's table are the defaults. */
function fresh(): WorkflowJson {
  const credentials = { dynamics365Api: { id: null, name: '' }, adobeCampaignApi: { id: null, name: '' } };
  const node = (name: string, type: string, parameters: Record<string, unknown> = {}, at = 0): WorkflowNode => ({
    id: `fresh-${at}`,
    name,
    type: `${PACKAGE}.${type}`,
    typeVersion: 1,
    position: [at * 240, 0],
    parameters,
    credentials,
  });
  const account = { __rl: true, mode: 'list', value: 'account', cachedResultName: 'Account (account)' };
  return {
    name: FRESH,
    nodes: [
      node('Dynamics 365 Trigger', 'dynamics365Trigger', { table: account }),
      node('Record Filter', 'recordFilter', {}, 1),
      node('Replace Values', 'replaceValues', {}, 2),
      node('Field Mapper', 'fieldMapper', {}, 3),
      node('Dynamics 365', 'dynamics365', {}, 4),
    ],
    connections: {},
    settings: { executionOrder: 'v1' },
  };
}

describe('the editor in a real browser', () => {
  let scene: Scene;
  let editor: Editor;
  beforeAll(async () => {
    scene = await Scene.start({
      sandbox: { contacts: 60 },
      publish: false,
      more: [
        { workflow: fresh(), publish: false },
        { workflow: template('retry-rejected'), publish: false },
      ],
    });
    editor = await Editor.open(scene.n8n.url, scene.n8n.owner);
    await editor.openWorkflow(scene.workflowId);
  }, 900_000);
  afterAll(async () => {
    await editor?.close();
    await scene?.close();
  });

  const workflowId = (name: string): string => scene.n8n.workflowIds.get(name) ?? '';

  /** The editor saves by itself; this waits until a parameter of the saved workflow is as a person set it. */
  const saved = async (node: string, expected: (parameters: Record<string, unknown>) => unknown): Promise<void> => {
    await scene.n8n.rest.waitFor(`the saved parameters of ${node}`, async () => {
      const { nodes } = await scene.n8n.rest.workflow(workflowId(SYNC));
      return Boolean(expected(nodes.find(({ name }) => name === node)?.parameters ?? {}));
    });
  };

  it('says on the canvas what each node of the template does', async () => {
    await expect(editor.canvasNode('Dynamics 365 Trigger').innerText()).resolves.toContain('contact');
    await expect(editor.canvasNode('Field Mapper').innerText()).resolves.toContain(`to profile, ${LINES} lines`);
    await expect(editor.canvasNode('Adobe Campaign').innerText()).resolves.toContain('Apply change');
    await editor.page.waitForTimeout(1_000); // the canvas glides into its place
    await editor.picture('dynamics-to-campaign');
  });

  it('lists the tables, and the columns of the chosen one with their types', async () => {
    await editor.openNode('Dynamics 365 Trigger');

    const found = await editor.chooseFromList('table', 'member', 'Membership (new_membership)');
    expect(found).not.toContain('Account (account)');
    expect(await editor.offered('columns')).toContain('Level (new_level)\nChoice, 3 options');

    await editor.chooseFromList('table', 'contact', 'Contact (contact)');
    const columns = await editor.offered('columns');
    expect(columns).toContain('Gender (gendercode)\nChoice, 3 options');
    expect(columns).toContain('Birthday (birthdate)\nDate only');
    await editor.picture('dynamics-365-trigger');
    await editor.closeNode();
  });

  it('shows rows when the trigger is tried, and moves nothing', async () => {
    await editor.openNode('Dynamics 365 Trigger');
    await editor.byId('trigger-execute-button').click();
    await editor.byId('output-panel').locator('[data-test-id="ndv-items-count"]').waitFor();

    expect(await editor.byId('ndv-items-count').innerText()).toBe('10 items');
    await editor.byId('output-panel').locator('[data-test-id="radio-button-schema"]').click();
    await editor.byId('output-panel').getByText('emailaddress1').first().waitFor();
    await editor.picture('rows-of-the-trigger');
    expect(await scene.control.dump('campaign', 'profile')).toEqual([]);
    expect((await scene.n8n.rest.workflow(scene.workflowId))['staticData'] ?? null).toBeNull();
    await editor.closeNode();
  });

  it('offers the comparisons and the values of a choice column, in groups too', async () => {
    await editor.openNode('Record Filter');
    await editor.add('Add Condition');
    await editor.choose('conditions.condition[0].column', 'Gender (gendercode)');
    expect(await editor.offered('conditions.condition[0].choiceComparison')).toContain('Is Any Of');
    expect(await editor.offered('conditions.condition[0].choiceValue')).toEqual([
      'Male (1)',
      'Female (2)',
      'Diverse (3)',
    ]);
    await editor.choose('conditions.condition[0].choiceValue', 'Female (2)');

    await editor.add('Add Group');
    await editor.add('Add Condition');
    const inGroup = 'groups.group[0].conditions.condition[0]';
    await editor.choose(`${inGroup}.column`, 'Status (statecode)');
    expect(await editor.offered(`${inGroup}.choiceValue`)).toEqual(['Active (0)', 'Inactive (1)']);
    await editor.choose(`${inGroup}.choiceValue`, 'Active (0)');
    await saved('Record Filter', ({ conditions, groups }) => {
      const text = JSON.stringify([conditions, groups]);
      return text.includes('"choiceValue":"2"') && text.includes('"choiceValue":"0"');
    });

    await editor.parameter('match').scrollIntoViewIfNeeded();
    await editor.picture('record-filter');
    await editor.closeNode();
  });

  it("offers the other column's values once the column is another", async () => {
    await editor.openNode('Record Filter');
    await editor.choose('conditions.condition[0].column', 'Marital Status (familystatuscode)');

    expect(await editor.offered('conditions.condition[0].choiceValue')).toEqual([
      'Single (1)',
      'Married (2)',
      'Divorced (3)',
      'Widowed (4)',
    ]);
    await editor.closeNode();
  });

  it('adds a line of the mapping from the drop-downs of both sides, which show the types', async () => {
    await editor.openNode('Field Mapper');
    expect(await editor.shown('dynamicsKey')).toBe('Contact (contactid)');
    expect(await editor.shown('keyField')).toBe('External ID (externalId)');
    await editor.picture('field-mapper');

    await editor.add('Add Line');
    const line = `mapping.row[${LINES}]`;
    await editor.choose(`${line}.column`, 'Job Title (jobtitle)');
    await editor.unfold(`${line}.field`, 'Job title');
    await editor.picture('field-mapper-line');
    await editor.fold();
    expect(await editor.offered(`${line}.field`)).toContain('Gender (gender)\nEnumeration, 3 entries');
    await editor.choose(`${line}.field`, 'Job title (cusJobTitle)');
    await saved('Field Mapper', ({ mapping }) =>
      JSON.stringify(mapping).includes('"column":"jobtitle|string","field":"cusJobTitle|string"'),
    );
    await editor.closeNode();
  });

  it('offers the old values of a choice column, and the entries of an enumeration', async () => {
    await editor.openNode('Replace Values');
    expect(await editor.shown('columnReplacements.row[0].oldChoice')).toBe('Male (1)');
    await editor.picture('replace-values');
    expect(await editor.offered('columnReplacements.row[1].oldChoice')).toContain('Diverse (3)');

    await editor.choose('when', 'After the Mapping');
    await editor.chooseCredential('Adobe Campaign');
    // n8n looks the resource up anew with the credential; what is changed meanwhile would cost it its value
    await saved('Replace Values', ({ resource }) => JSON.stringify(resource ?? '').includes('Profiles (profile)'));
    await editor.add('Add Replacement');
    await editor.choose('fieldReplacements.row[0].field', 'Gender (gender)');
    const entries = await editor.offered('fieldReplacements.row[0].newEntry');
    expect(entries).toEqual(expect.arrayContaining([expect.stringMatching(/\(female\)|^female$/)]));
    await editor.closeNode();
  });

  it('says in the panel of Adobe Campaign that a delete is no privacy delete', async () => {
    await editor.openNode('Adobe Campaign');
    expect(await editor.offered('operation')).toContainEqual(expect.stringMatching(/^Apply Change\n/));
    await editor.byId('ndv').getByText('privacy delete').waitFor();
    await editor.picture('adobe-campaign');
    await editor.closeNode();
  });

  it.each([
    ['Dynamics 365 Trigger', 'credential-dynamics-365'],
    ['Adobe Campaign', 'credential-adobe-campaign'],
  ])('tests the credential of %s at a click', async (node, picture) => {
    await editor.openNode(node);
    await editor.byId('credential-edit-button').first().click();
    const dialog = editor.byId('editCredential-modal');
    await dialog.getByText('Connection tested successfully').waitFor();
    const [response] = await Promise.all([
      editor.page.waitForResponse((response) => response.url().endsWith('/rest/credentials/test')),
      dialog.getByRole('button', { name: 'Retry' }).click(),
    ]);
    expect(await response.json()).toMatchObject({ data: { status: 'OK' } });
    await dialog.getByRole('button', { name: 'Retry' }).waitFor();
    await editor.picture(picture);
    await dialog
      .locator('.el-dialog__headerbtn, button[aria-label="Close"], button[aria-label="Close this dialog"]')
      .first()
      .click();
    await dialog.waitFor({ state: 'hidden' });
    await editor.closeNode();
  });

  it('fills the drop-downs of nodes with default settings from the table of a trigger that never ran', async () => {
    await editor.openWorkflow(workflowId(FRESH));
    const column = 'Account Number (accountnumber)\nText, up to 20 characters';

    await editor.openNode('Record Filter');
    await editor.add('Add Condition');
    expect(await editor.offered('conditions.condition[0].column')).toContain(column);
    await editor.closeNode();

    await editor.openNode('Replace Values');
    await editor.add('Add Replacement');
    expect(await editor.offered('columnReplacements.row[0].column')).toContain(column);
    await editor.closeNode();

    await editor.openNode('Field Mapper');
    expect(await editor.shown('dynamicsKey')).toBe('Account (accountid)');
    await editor.add('Add Line');
    expect(await editor.offered('mapping.row[0].column')).toContain(column);
    await editor.closeNode();

    await editor.openNode('Dynamics 365');
    expect(await editor.offered('columns')).toContain(column);
    await editor.picture('dynamics-365');
    await editor.closeNode();
  });

  it('shows the template that retries rejected records', async () => {
    await editor.openWorkflow(workflowId(RETRY));
    await expect(editor.canvasNode('Present State').innerText()).resolves.toContain('Get: contact');
    await editor.page.waitForTimeout(1_000);
    await editor.picture('retry-rejected');
  });
});
