import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { INodeType } from 'n8n-workflow';

const root = join(__dirname, '../../..');
const nodes = globSync('nodes/*/*.node.ts', { cwd: root }).map((file) => {
  const name = basename(file, '.node.ts');
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const exported = require(join(root, file)) as Record<string, new () => INodeType>;
  return { name, description: new exported[name]!().description };
});

/** What reads or computes, and changes nothing in either system. */
const HARMLESS = ['FieldMapper', 'MarketingEvents', 'RecordFilter', 'ReplaceValues', 'SftpExportReader'];

describe('what an AI agent may be offered as a tool', () => {
  it('is what changes nothing: neither writing, nor deleting, nor deciding on opt-outs', () => {
    const tools = nodes.filter(({ description }) => description.usableAsTool).map(({ name }) => name);
    expect(tools.sort()).toEqual(HARMLESS);
  });

  it('is declared by every node that is no trigger, as the linter wants it', () => {
    const silent = nodes.filter(({ description }) => !('usableAsTool' in description)).map(({ name }) => name);
    expect(silent.sort()).toEqual(['Dynamics365Trigger', 'SftpExportTrigger']);
  });
});
