import type { ILoadOptionsFunctions, INodePropertyOptions } from 'n8n-workflow';

/** `methods.loadOptions.getTimeZones`: UTC first, then every zone that this Node knows. */
export async function getTimeZones(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
  const names = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((name) => name !== 'UTC')];
  return names.map((name) => ({ name, value: name }));
}
