import { spawn } from 'node:child_process';

export interface CommandOptions {
  readonly cwd: string;
  readonly env: Record<string, string>;
  /** Called with each line of output. */
  readonly onLine?: (line: string) => void;
}

/**
 * Runs a program to its end and gives its output.
 *
 * @throws Error with the last 40 lines of output when it ends with another code than 0.
 */
export async function runCommand(command: string, args: readonly string[], options: CommandOptions): Promise<string> {
  const child = spawn(command, args, { cwd: options.cwd, env: options.env, stdio: ['ignore', 'pipe', 'pipe'] });
  const endWithUs = () => child.kill('SIGKILL');
  process.once('exit', endWithUs);
  let output = '';
  let rest = '';
  const take = (chunk: Buffer) => {
    output += chunk.toString();
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) options.onLine?.(line);
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    if (code === 0) return output;
    const tail = output.trimEnd().split('\n').slice(-40).join('\n');
    throw new Error(`${command} ${args.slice(0, 3).join(' ')} ended with code ${code}:\n${tail}`);
  } finally {
    process.off('exit', endWithUs);
  }
}
