import { Scene, parametersOf, template } from './support/scene';

jest.setTimeout(600_000);

/** Conditions of the Record Filter that keep the contacts of one city out. */
const withoutCity = (city: string) => ({
  condition: [{ column: 'address1_city|string', textComparison: 'notEquals', textValue: city }],
});

describe('Opt-outs outlive profiles, in a real n8n', () => {
  let scene: Scene;
  let ids: string[];
  beforeAll(async () => {
    const optOuts = template('opt-in-out');
    Object.assign(parametersOf(optOuts, 'Opt-Out Resolver'), { direction: 'bidirectional' });
    const schedule = { rule: { interval: [{ field: 'seconds', secondsInterval: 15 }] } };
    Object.assign(parametersOf(optOuts, 'Every 15 Minutes'), schedule);
    // No export comes here: what reaches Dynamics 365 is what was remembered.
    optOuts.nodes = optOuts.nodes.map((node) =>
      node.name.endsWith(' Trigger') ? Object.assign(node, { disabled: true }) : node,
    );
    scene = await Scene.start({
      sandbox: { contacts: 30 },
      publish: false,
      more: [{ workflow: optOuts, publish: true }],
    });
    ids = (await scene.control.dump('dataverse', 'contact')).map((contact) => String(contact['contactid']));
    await scene.change({
      updates: ids.map((contactid) => ({
        contactid,
        ...{ donotemail: false, donotbulkemail: false, donotphone: false, donotfax: false },
        ...{ donotpostalmail: false, donotbulkpostalmail: false },
      })),
    });
    // Another integration has made this one's profile.
    const [, , , , upper = ''] = ids;
    await scene.change({
      system: 'campaign',
      table: 'profile',
      creates: [{ externalId: upper.toUpperCase(), lastName: 'Other Form', blackListEmail: true }],
    });
    await scene.republish(() => undefined);
  });
  afterAll(async () => await scene?.close());

  const profile = (id: string | undefined) => scene.control.row('campaign', 'profile', id ?? '');
  const until = (what: string, condition: () => Promise<boolean>) => scene.n8n.rest.waitFor(what, condition, 120_000);

  it('makes no second profile of a contact whose external ID stands in upper case, and says so', async () => {
    const [, , , , upper = ''] = ids;
    await until('all the others', async () => (await scene.control.dump('campaign', 'profile')).length === ids.length);
    await until('the rejection', async () =>
      (await scene.n8n.rest.dataTableRows('dynamics_campaign_rejected')).some(
        (row) => row['recordId'] === upper && row['code'] === 'KEY_IN_OTHER_FORM',
      ),
    );
    expect(await profile(upper)).toBeUndefined();
  });

  it('deletes a profile that opted out in Campaign alone, and makes it again with its opt-outs', async () => {
    const [first = '', second = '', third = ''] = ids;
    await scene.change({
      system: 'campaign',
      table: 'profile',
      updates: [
        { externalId: first, blackListEmail: true, blackListPhone: true },
        { externalId: second, blackList: true },
      ],
    });
    await scene.change({ deletes: [first, second, third] });
    await until(
      'the deletes',
      async () => !(await profile(first)) && !(await profile(second)) && !(await profile(third)),
    );
    const rows = await scene.n8n.rest.dataTableRows('dynamics_campaign_opt_outs');
    expect(rows.map((row) => [row['recordId'], row['optOuts']]).sort()).toEqual(
      [
        [first, 'blackListEmail,blackListPhone'],
        [second, 'blackList'],
      ].sort(),
    );
    await scene.change({
      creates: [first, second, third].map((contactid) => ({ contactid, lastname: 'Back', donotemail: false })),
    });
    await until('the profiles', async () =>
      Boolean((await profile(first)) && (await profile(second)) && (await profile(third))),
    );
    expect(await profile(first)).toMatchObject({ lastName: 'Back', blackListEmail: true, blackListPhone: true });
    expect(await profile(second)).toMatchObject({ blackList: true, blackListEmail: false });
    expect(await profile(third)).toMatchObject({ blackList: false, blackListEmail: false });
  });

  it('tells Dynamics 365 too when the contact is filtered out, and goes on when it comes back, through a kill in between', async () => {
    const [, , , fourth = ''] = ids;
    await scene.change({ updates: [{ contactid: fourth, address1_city: 'Nowhere' }] });
    await scene.change({ system: 'campaign', table: 'profile', updates: [{ externalId: fourth, blackListFax: true }] });
    await scene.republish((workflow) => {
      Object.assign(parametersOf(workflow, 'Record Filter'), {
        conditions: withoutCity('Nowhere'),
        filteredOut: 'delete',
      });
      Object.assign(parametersOf(workflow, 'Dynamics 365 Trigger'), { replay: 'filtered' });
    });
    await until('the delete', async () => !(await profile(fourth)));
    const contact = () => scene.control.row('dataverse', 'contact', fourth);
    await until('the opt-out in Dynamics 365', async () => (await contact())?.['donotfax'] === true);
    expect(await contact()).toMatchObject({ donotemail: false, donotphone: false });
    await scene.n8n.kill();
    await scene.n8n.restart();
    await scene.change({ updates: [{ contactid: fourth, address1_city: 'Ulm' }] });
    await until('the profile', async () => Boolean(await profile(fourth)));
    expect(await profile(fourth)).toMatchObject({ blackListFax: true, blackListEmail: false });
  });
});
