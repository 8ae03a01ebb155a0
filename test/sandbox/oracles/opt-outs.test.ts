import { compareOptOuts, optOutPairs } from '../../../sandbox/oracles/opt-outs';
import { demoWorkflows } from '../../../sandbox/demo/workflows';

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

  it('has nothing to say about a contact without a profile', () => {
    expect(compareOptOuts([{ contactid: ADA, donotemail: true }], [], PAIRS)).toEqual({
      onBothSides: 0,
      differences: [],
    });
  });
});

describe("the demo's workflows", () => {
  it('are the shipped ones with opt-outs both ways, from the lines of the Opt-Out Resolver', async () => {
    const { optOuts } = await demoWorkflows();
    expect(optOuts.nodes.find(({ name }) => name === 'Opt-Out Resolver')?.parameters['direction']).toBe(
      'bidirectional',
    );
    expect(optOutPairs(optOuts)).toContainEqual({ column: 'donotemail', field: 'blackListEmail', inverted: false });
    expect(optOutPairs(optOuts)).toHaveLength(4);
  });

  it('take a file as soon as it lies still for a second, and keep the other options', async () => {
    const { optOuts, timeline } = await demoWorkflows();
    const triggers = [optOuts, timeline].flatMap(({ nodes }) =>
      nodes.filter(({ type }) => type.endsWith('.sftpExportTrigger')),
    );
    expect(triggers).toHaveLength(3);
    for (const { parameters } of triggers) {
      expect(parameters['options']).toMatchObject({ stableSeconds: 1, pollSeconds: 1 });
      expect(parameters['afterwards']).toBe('move');
    }
  });
});
