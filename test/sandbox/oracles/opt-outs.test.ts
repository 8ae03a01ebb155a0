import { compareOptOuts, optOutPairs } from '../../../sandbox/oracles/opt-outs';

const ADA = '0b5b4ef0-4b1b-4f3f-9d49-3d3a0d9cf001';
const PAIRS = [
  { column: 'donotemail', field: 'blackListEmail', inverted: false },
  { column: 'followemail', field: 'ccpaOptOut', inverted: true },
];

describe('the comparison of opt-outs', () => {
  const compared = (contact: object, profile: object) =>
    compareOptOuts([{ contactid: ADA, ...contact }], [{ externalId: ADA.toUpperCase(), ...profile }], PAIRS);

  it('counts the opt-outs that both sides have, each channel of a person by itself', () => {
    const out = { donotemail: true, followemail: false };
    expect(compared(out, { blackListEmail: true, ccpaOptOut: true })).toEqual({ onBothSides: 2, differences: [] });
    const not = { donotemail: false, followemail: true };
    expect(compared(not, { blackListEmail: false, ccpaOptOut: false })).toEqual({ onBothSides: 0, differences: [] });
  });

  it.each([
    ['donotemail', { donotemail: true, followemail: true }, { blackListEmail: false, ccpaOptOut: false }],
    ['donotemail', { donotemail: false, followemail: true }, { blackListEmail: true, ccpaOptOut: false }],
    ['followemail', { donotemail: false, followemail: true }, { blackListEmail: false, ccpaOptOut: true }],
    ['followemail', { donotemail: false, followemail: false }, { blackListEmail: false, ccpaOptOut: false }],
  ])('names %s where one side alone has it: %j, %j', (column, contact, profile) => {
    expect(compared(contact, profile)).toEqual({ onBothSides: 0, differences: [{ id: ADA, column }] });
  });

  it('counts any column of a field, and blackList for every channel but not for CCPA', () => {
    const pairs = [...PAIRS, { column: 'donotbulkemail', field: 'blackListEmail', inverted: false }];
    const bothSides = (contact: object, profile: object) =>
      compareOptOuts([{ contactid: ADA, ...contact }], [{ externalId: ADA, ...profile }], pairs);
    expect(bothSides({ donotbulkemail: true }, { blackListEmail: true })).toEqual({ onBothSides: 1, differences: [] });
    expect(bothSides({ donotemail: true }, { blackList: true })).toEqual({ onBothSides: 1, differences: [] });
    expect(bothSides({ followemail: false }, { blackList: true }).differences).toEqual([
      { id: ADA, column: 'donotemail' },
      { id: ADA, column: 'followemail' },
    ]);
    expect(bothSides({ donotbulkemail: true }, { blackListEmail: false }).differences).toEqual([
      { id: ADA, column: 'donotemail' },
    ]);
  });

  it('has nothing to say about a contact without a profile', () => {
    expect(compareOptOuts([{ contactid: ADA, donotemail: true }], [], PAIRS)).toEqual({
      onBothSides: 0,
      differences: [],
    });
  });
});

describe('the lines of the Opt-Out Resolver', () => {
  const node = (type: string, lines: object[]) => ({
    type: `n8n-nodes-dynamics-campaign.${type}`,
    name: type,
    typeVersion: 1,
    position: [0, 0] as [number, number],
    parameters: { mapping: { lines } },
  });

  it('are read from that node alone, by their names', () => {
    const nodes = [
      node('fieldMapper', [{ column: 'firstname', field: 'firstName', inverted: false }]),
      node('optOutResolver', [
        { column: 'donotemail|boolean', field: 'blackListEmail|boolean', inverted: false },
        { column: 'followemail', field: 'ccpaOptOut', inverted: true },
      ]),
    ];
    expect(optOutPairs({ name: 'x', nodes, connections: {} })).toEqual(PAIRS);
  });

  it('are none where no such node stands, or none is set', () => {
    const unset = { ...node('optOutResolver', []), parameters: {} };
    expect(optOutPairs({ name: 'x', nodes: [unset], connections: {} })).toEqual([]);
    expect(optOutPairs({ name: 'x', nodes: [], connections: {} })).toEqual([]);
  });
});
