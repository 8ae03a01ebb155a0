// Loaded into n8n with --require: ends n8n and everything that it started when the process that started it is gone, however
// that went, also by a SIGKILL. File descriptor 3 is a pipe whose other end that process holds; its end is the sign.
/* eslint-disable @typescript-eslint/no-require-imports */
const { spawn } = require('node:child_process');
const { Socket } = require('node:net');
const { isMainThread } = require('node:worker_threads');

const folder = process.env['N8N_HOST_REMOVE_FOLDER'] ?? '';
delete process.env['N8N_HOST_REMOVE_FOLDER'];

// A shell outside our process group removes the folder, because n8n goes on writing into it until it is dead.
const end = () => {
  if (folder)
    spawn('/bin/sh', ['-c', 'sleep 0.5; rm -rf -- "$0"', folder], { detached: true, stdio: 'ignore', cwd: '/' });
  process.kill(0, 'SIGKILL'); // the whole process group: n8n is started as its leader
};

// Node loads this into n8n's worker threads as well.
if (isMainThread) {
  const pipe = new Socket({ fd: 3, readable: true, writable: false });
  pipe.once('end', end).once('error', end).resume();
  pipe.unref();
}
