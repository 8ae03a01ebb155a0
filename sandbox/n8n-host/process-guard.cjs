// Loaded into n8n with --require: ends n8n and everything that it started when the process that started it is gone, however
// that went, also by a SIGKILL. File descriptor 3 is a pipe whose other end that process holds; its end is the sign.
/* eslint-disable @typescript-eslint/no-require-imports */
const { rmSync } = require('node:fs');
const { Socket } = require('node:net');

const folder = process.env.N8N_HOST_REMOVE_FOLDER;
delete process.env.N8N_HOST_REMOVE_FOLDER;

const pipe = new Socket({ fd: 3, readable: true, writable: false });
const end = () => {
  if (folder) rmSync(folder, { recursive: true, force: true });
  process.kill(0, 'SIGKILL'); // the whole process group: n8n is started as its leader
};
pipe.on('end', end).on('error', end).resume();
pipe.unref();
