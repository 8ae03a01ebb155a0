import { demoWorkflows } from '../../../sandbox/demo/workflows';
import { optOutPairs } from '../../../sandbox/oracles/opt-outs';

describe("the demo's workflows", () => {
  it('are the shipped ones with opt-outs both ways, from the lines of the Opt-Out Resolver', async () => {
    const { optOuts } = await demoWorkflows();
    expect(optOuts.nodes.find(({ name }) => name === 'Opt-Out Resolver')?.parameters['direction']).toBe(
      'bidirectional',
    );
    expect(optOutPairs(optOuts)).toContainEqual({ column: 'donotemail', field: 'blackListEmail', inverted: false });
    expect(optOutPairs(optOuts)).toHaveLength(6);
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
