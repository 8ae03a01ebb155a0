import { plainEnvironment } from '../../../sandbox/n8n-host/folders';

describe('the environment of the programs that are started', () => {
  const before = process.env;
  afterEach(() => (process.env = before));

  it.each([
    'npm_config_ignore_scripts',
    'NPM_CONFIG_IGNORE_SCRIPTS',
    'npm_config_nodedir',
    'npm_package_name',
    'NODE_ENV',
    'JEST_WORKER_ID',
  ])('leaves %s behind', (name) => {
    process.env = { ...before, [name]: 'x' };

    expect(plainEnvironment()).not.toHaveProperty(name);
  });

  it.each(['HOME', 'npm_config_registry', 'npm_config_cafile', 'HTTPS_PROXY', 'XDG_CACHE_HOME'])('keeps %s', (name) => {
    process.env = { ...before, [name]: 'x' };

    expect(plainEnvironment()).toHaveProperty(name, 'x');
  });

  it('has the Node of this process first', () => {
    expect(plainEnvironment()['PATH']?.startsWith(process.execPath.replace(/\/node$/, ':'))).toBe(true);
  });
});
