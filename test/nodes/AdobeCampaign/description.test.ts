import { AdobeCampaign } from '../../../nodes/AdobeCampaign/AdobeCampaign.node';
import { OUTPUTS } from '../../../lib/core/outcome';
import { OUTPUTS_EXPRESSION } from '../../../nodes/AdobeCampaign/description';

const { properties } = new AdobeCampaign().description;

/** Evaluates `={{ … }}` with parameters as n8n would. */
function outputNames(operation: string): string[] {
  const source = OUTPUTS_EXPRESSION.replace(/^=\{\{/, '').replace(/\}\}$/, '');
  const outputs = new Function('$parameter', `return ${source}`)({ operation }) as {
    type: string;
    displayName: string;
  }[];
  return outputs.map(({ displayName }) => displayName);
}

describe('the panel of Adobe Campaign', () => {
  it.each(['apply', 'upsert', 'delete'])('names the outputs of %s after the outcomes, in their order', (operation) => {
    expect(outputNames(operation).map((name) => name.toLowerCase())).toEqual(OUTPUTS);
  });

  it('names the outputs of Get after its responses', () => {
    expect(outputNames('get')).toEqual(['Found', 'Not Found', 'Rejected']);
  });

  it('says at each operation that deletes that this is no privacy delete', () => {
    const notice = properties.find(({ name }) => name === 'privacyNotice');
    expect(notice?.displayOptions?.show?.['operation']).toEqual(['apply', 'delete']);
    expect(notice?.displayName).toContain('Privacy Service');
  });
});
