import { statSync } from 'node:fs';
import { relative } from 'node:path';
import ts from 'typescript';

export type Compiled =
  /** The compiler's messages, with the places in the source; nothing was written. */
  | { readonly errors: string }
  | {
      /** Script files that were written, relative to the output folder. */
      readonly written: readonly string[];
      /** All script files that belong to the sources as they are now. */
      readonly outputs: readonly string[];
    };

/**
 * Compiles a TypeScript project again and again. It keeps what it knows in memory, so that after the first time only what a change touches
 * is checked and written: about half a second in place of seven.
 */
export class Compiler {
  private program: ts.EmitAndSemanticDiagnosticsBuilderProgram | undefined;
  private readonly parsed = new Map<string, { readonly state: string; readonly file: ts.SourceFile | undefined }>();

  /**
   * @param configFile a tsconfig file; its output folder is not used
   * @param colors colour the messages, for a terminal
   */
  constructor(
    private readonly configFile: string,
    private readonly outDir: string,
    private readonly colors = false,
  ) {}

  /**
   * Compiles the sources as they are now. With an error anywhere nothing is written: what lies in the output folder always fits together.
   *
   * @throws Error when the tsconfig file can't be read
   */
  compile(): Compiled {
    const config = this.readConfig();
    const program = ts.createEmitAndSemanticDiagnosticsBuilderProgram(
      config.fileNames,
      config.options,
      this.host(config.options),
      this.program,
      config.errors,
    );
    this.program = program;
    const diagnostics = [
      ...program.getConfigFileParsingDiagnostics(),
      ...program.getOptionsDiagnostics(),
      ...program.getSyntacticDiagnostics(),
      ...program.getGlobalDiagnostics(),
      ...program.getSemanticDiagnostics(),
    ];
    if (diagnostics.length) return { errors: this.format(diagnostics) };
    const written: string[] = [];
    program.emit(undefined, (path, text) => {
      ts.sys.writeFile(path, text);
      if (path.endsWith('.js')) written.push(relative(this.outDir, path));
    });
    const outputs = config.fileNames
      .flatMap((file) => ts.getOutputFileNames(config, file, !ts.sys.useCaseSensitiveFileNames))
      .map((path) => relative(this.outDir, path));
    return { written: written.sort(), outputs };
  }

  private readConfig(): ts.ParsedCommandLine {
    const overrides: ts.CompilerOptions = {
      outDir: this.outDir,
      sourceMap: true, // for breakpoints
      // A line that is commented out for a try is no reason to refuse the rest; `npm run typecheck` is stricter.
      noUnusedLocals: false,
      noUnusedParameters: false,
    };
    const config = ts.getParsedCommandLineOfConfigFile(this.configFile, overrides, {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: (diagnostic) => {
        throw new Error(this.format([diagnostic]));
      },
    });
    if (!config) throw new Error(`${this.configFile} can't be read.`);
    return config;
  }

  /** Reads and parses a file only when it is another than before; most are the type declarations of packages. */
  private host(options: ts.CompilerOptions): ts.CompilerHost {
    const host = ts.createIncrementalCompilerHost(options);
    const read = host.getSourceFile.bind(host);
    host.getSourceFile = (name, ...more) => {
      const stats = statSync(name, { throwIfNoEntry: false });
      const state = stats ? `${stats.mtimeMs} ${stats.size}` : 'absent';
      const known = this.parsed.get(name);
      if (known?.state === state) return known.file;
      const file = read(name, ...more);
      this.parsed.set(name, { state, file });
      return file;
    };
    return host;
  }

  private format(diagnostics: readonly ts.Diagnostic[]): string {
    const host: ts.FormatDiagnosticsHost = {
      getCurrentDirectory: ts.sys.getCurrentDirectory,
      getCanonicalFileName: (name) => name,
      getNewLine: () => '\n',
    };
    const sorted = ts.sortAndDeduplicateDiagnostics(diagnostics);
    const format = this.colors ? ts.formatDiagnosticsWithColorAndContext : ts.formatDiagnostics;
    return format(sorted, host).trimEnd();
  }
}
