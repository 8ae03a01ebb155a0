import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

export type Reply =
  | { status: number; headers?: Record<string, string>; body?: string | Buffer }
  /** The connection is cut: before a response, or within it. */
  | 'drop'
  | 'cut off'
  | 'silence';

/** A server on a free port that answers with the given replies in turn, the last one for ever. */
export async function scriptedServer(
  ...replies: Reply[]
): Promise<{ url: string; seen: Seen[]; close(): Promise<void> }> {
  const seen: Seen[] = [];
  const sockets = new Set<Socket>();
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const reply = replies[Math.min(seen.length, replies.length - 1)] ?? { status: 200 };
      seen.push({
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      });
      if (reply === 'silence') return;
      if (reply === 'drop') return void request.socket.destroy();
      if (reply === 'cut off') {
        response.writeHead(200, { 'Content-Length': '100' });
        response.write('{"half":');
        return void setImmediate(() => request.socket.destroy());
      }
      response.writeHead(reply.status, reply.headers).end(reply.body);
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
