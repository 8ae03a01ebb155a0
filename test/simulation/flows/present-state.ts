/** Parameters of the nodes with which the templates look whether a row has changed since it was read. */
export const STATE_OF_CONTACT = {
  operation: 'get',
  table: { __rl: true, mode: 'list', value: 'contact' },
  id: '=',
  columnsMode: 'selected',
  columns: ['modifiedon|datetime', 'versionnumber|bigint'],
  missingRows: 'delete',
  initial: false,
  options: { labels: false },
} as const;
