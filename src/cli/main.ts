/** The command line: what there is to call, and how the process ends. */
import { Argument, Command, CommanderError, Option } from 'commander';
import { VERSION } from '../base/version.ts';
import { SEVERITIES } from '../contracts/index.ts';
import { type AuditCommandOptions, auditExportCommand, auditVerifyCommand } from './audit.ts';
import {
  type CredentialArguments,
  credentialsDeleteCommand,
  credentialsListCommand,
  type CredentialOptions,
  credentialsSetCommand,
} from './credentials.ts';
import {
  APPROVAL_SCOPES,
  approvalsDecideCommand,
  approvalsListCommand,
  approvalsRevokeCommand,
  DECISIONS,
  type DecideOptions,
  PARKED_HINT,
} from './approvals.ts';
import { type ConfigCommandOptions, configCheckCommand, configPathCommand, configSchemaCommand } from './config.ts';
import { complaint, EXIT, type ExitCode, exitCodeOf, isParked, UsageError } from './exit-codes.ts';
import { REVIEW_FORMATS, reviewCommand, type ReviewCommandOptions } from './review.ts';
import { runCommand, type RunCommandOptions } from './run.ts';
import { runsListCommand, runsShowCommand } from './runs.ts';
import { serversCommand, type ServersCommandOptions } from './servers.ts';
import type { CommonOptions } from './session.ts';
import { oneLine } from './terminal.ts';
import { toolsCallCommand, type ToolsCallOptions, toolsDescribeCommand, toolsListCommand } from './tools.ts';
import { toolsBatchCommand } from './tools-batch.ts';
import {
  metricsCommand,
  type MetricsCommandOptions,
  TRACE_FORMATS,
  traceExportCommand,
  type TraceExportOptions,
} from './traces.ts';

const repeat = (value: string, previous: readonly string[]): readonly string[] => [...previous, value];

function common(command: Command): Command {
  return command
    .addOption(
      new Option('--config <file>', 'another file with servers (mcp.json and its kin); may be repeated')
        .argParser(repeat)
        .default([], 'none'),
    )
    .option(
      '--trust-workspace',
      'also use what the folder itself brings: servers of .vscode/mcp.json, rules of .mcp-conductor/config.yaml',
    )
    .option('--state <dir>', 'where runs, clones and caches are kept')
    .option('--json', 'a stable, versioned JSON on stdout')
    .option('--verbose', 'what servers write to their log, on stderr');
}

/** Makes a command's action hand on the exit code that it ends with. */
type Run = <A extends unknown[]>(action: (...args: A) => Promise<ExitCode>) => (...args: A) => Promise<void>;

function buildProgram(done: (code: ExitCode) => void): Command {
  const program = new Command('mcp-conductor')
    .description('Runs whole pipelines over many MCP servers at once.')
    .version(VERSION)
    .exitOverride()
    .showHelpAfterError('(--help lists what there is)');
  const run: Run =
    (action) =>
    async (...args) =>
      done(await action(...args));

  common(program.command('review'))
    .description('reviews a folder, or a git repository by URL, with the bundled servers')
    .argument('[path-or-url]', 'what to review', '.')
    .option('--branch <name>', 'branch to clone when the target is a URL')
    .addOption(new Option('--format <format>', 'of the report').choices(REVIEW_FORMATS).default('md'))
    .option('--output <file>', 'writes the report there instead of to stdout')
    .addOption(
      new Option('--severity <severity>', 'leaves out findings below it').choices(SEVERITIES).default('medium'),
    )
    .addOption(
      new Option('--fail-on <severity>', 'exit code 1 when there is a finding at or over it').choices(SEVERITIES),
    )
    .option('--baseline <file>', 'findings that are known; by default .mcp-conductor/baseline.json when it is there')
    .option('--update-baseline', 'makes what is found now the baseline')
    .option('--all', 'shows known findings, too, and not only new ones')
    .addOption(
      new Option(
        '--changed-since <ref>',
        'only findings in files that changed since a commit, branch or tag',
      ).conflicts('staged'),
    )
    .option('--staged', 'only findings in files that are staged for the next commit')
    .option('--online', 'asks OSV about known vulnerabilities: sends it names and versions of packages')
    .action(run((target: string, options: ReviewCommandOptions) => reviewCommand(target, options)));

  addRuns(program, run);
  common(program.command('servers'))
    .description('lists the servers that are configured')
    .option('--check', 'starts every one of them and says who answers, how fast, and who does not')
    .action(run((options: ServersCommandOptions) => serversCommand(options)));

  addTools(program, run);
  addTraces(program, run);
  addCredentials(program, run);
  addApprovals(program, run);
  addConfig(program, run);
  const audit = program.command('audit').description('checks and prints the record of every call made for this folder');
  audit
    .command('verify')
    .description('finds any edit, deletion, reordering or truncation, and names the record')
    .option('--state <dir>', 'where runs, clones and caches are kept')
    .option('--json', 'a stable, versioned JSON on stdout')
    .action(run((options: AuditCommandOptions) => auditVerifyCommand(options)));
  audit
    .command('export')
    .description('prints every record as one line of JSON')
    .option('--state <dir>', 'where runs, clones and caches are kept')
    .option('--json', 'the same; it is JSON in any case')
    .action(run((options: AuditCommandOptions) => auditExportCommand(options)));
  return program;
}

function addRuns(program: Command, run: Run): void {
  common(program.command('run'))
    .description('runs a workflow file')
    .argument('<file>', 'a *.workflow.yaml')
    .addOption(
      new Option('--input <name=value>', 'one input; what is not text is JSON; may be repeated')
        .argParser(repeat)
        .default([], 'none'),
    )
    .option('--dry-run', 'checks the file and says what would run, and calls nothing')
    .action(run((file: string, options: RunCommandOptions) => runCommand(file, options)));
  const runs = program.command('runs').description('the runs that this folder remembers');
  common(runs.command('list'))
    .description('lists them, newest first')
    .action(run((options: CommonOptions) => runsListCommand(options)));
  common(runs.command('show'))
    .description('prints the steps and the outputs of one')
    .argument('<id>', 'the id, or a beginning of it that only one run has')
    .action(run((id: string, options: CommonOptions) => runsShowCommand(id, options)));
}

function addConfig(program: Command, run: Run): void {
  const config = program.command('config').description('says where the configuration is and what is wrong with it');
  config
    .command('check')
    .description(
      'names every mistake in config.yaml, and in that of this folder, with file, line and what would be right',
    )
    .option('--trust-workspace', "also checks the folder's own .mcp-conductor/config.yaml")
    .option('--json', 'a stable, versioned JSON on stdout')
    .action(run((options: ConfigCommandOptions) => configCheckCommand(options)));
  config
    .command('path')
    .description('prints where your config.yaml is, or would be')
    .option('--json', 'a stable, versioned JSON on stdout')
    .action(run((options: ConfigCommandOptions) => configPathCommand(options)));
  config
    .command('schema')
    .description('prints the JSON Schema of config.yaml')
    .action(run(() => configSchemaCommand()));
}

function addTools(program: Command, run: Run): void {
  const tools = program.command('tools').description('lists, describes and calls tools');
  common(tools.command('list'))
    .description('lists the tools of one server, or of all')
    .argument('[server]')
    .action(run((server: string | undefined, options: CommonOptions) => toolsListCommand(server, options)));
  common(tools.command('describe'))
    .description('prints the definition of a tool')
    .argument('<server.tool>')
    .action(run((name: string, options: CommonOptions) => toolsDescribeCommand(name, options)));
  common(tools.command('call'))
    .description('calls a tool, or with --batch many, and prints what is returned')
    .argument('[server.tool]')
    .addOption(
      new Option('--batch <file>', 'calls of {server, tool, args}, as JSON lines or a JSON array').conflicts('args'),
    )
    .option('--args <json>', 'the arguments as a JSON object')
    .addOption(new Option('--arg <name=value>', 'one argument; may be repeated').argParser(repeat).default([], 'none'))
    .addOption(
      new Option(
        '--idempotency-key <key>',
        'makes the call once, however often it is asked for with this key; the server gets it too',
      ).conflicts('batch'),
    )
    .action(run((name: string | undefined, options: ToolsCallOptions) => toolsCall(name, options)));
}

function addTraces(program: Command, run: Run): void {
  const selection = (command: Command): Command =>
    command
      .option('--state <dir>', 'where runs, clones and caches are kept')
      .option('--run <id>', 'only calls of that run')
      .option('--since <when>', 'only calls that began since then: 1h, 2d, or a date');
  const trace = program.command('trace').description('the traces of calls made for this folder');
  selection(trace.command('export'))
    .description('prints every call, sanitized')
    .addOption(
      new Option('--format <format>', 'jsonl: an entry per line; otlp: requests a collector reads')
        .choices(TRACE_FORMATS)
        .default('jsonl'),
    )
    .action(run((options: TraceExportOptions) => traceExportCommand(options)));
  selection(program.command('metrics'))
    .description('counts, durations and errors per tool, from the traces of this folder')
    .option('--json', 'a stable, versioned JSON on stdout')
    .action(run((options: MetricsCommandOptions) => metricsCommand(options)));
}

function addCredentials(program: Command, run: Run): void {
  const credentials = program.command('credentials').description('values that only one server gets, in the keyring');
  const principal = (command: Command): Command =>
    common(command)
      .argument('<server>', 'as `servers` lists it, or otlp for the collector')
      .argument('<name>', 'as `${{ secrets.NAME }}` names it')
      .option('--principal <kind:name>', 'only for calls on behalf of this one, such as pipeline:review');
  principal(credentials.command('set'))
    .description('keeps a value, asked for without showing it, or read from stdin')
    .action(run((...args: CredentialArguments) => credentialsSetCommand(...args)));
  common(credentials.command('list'))
    .description('lists the names that are kept, never the values')
    .action(run((options: CredentialOptions) => credentialsListCommand(options)));
  principal(credentials.command('delete'))
    .description('forgets a value')
    .action(run((...args: CredentialArguments) => credentialsDeleteCommand(...args)));
}

function addApprovals(program: Command, run: Run): void {
  const approvals = program.command('approvals').description('what waits for your answer, and what you have granted');
  common(approvals.command('list'))
    .description('shows every question with all that it is about, and every grant')
    .action(run((options: CommonOptions) => approvalsListCommand(options)));
  common(approvals.command('decide'))
    .description('answers a question; the call that asked goes through, or not, when it is made again')
    .argument('<id>')
    .addArgument(new Argument('<decision>').choices(DECISIONS))
    .addOption(new Option('--scope <scope>', 'how far an allow reaches (default: once)').choices(APPROVAL_SCOPES))
    .option('--whole-server', 'every tool of the server, and not only this one')
    .action(
      run((id: string, decision: (typeof DECISIONS)[number], options: DecideOptions) =>
        approvalsDecideCommand(id, decision, options),
      ),
    );
  common(approvals.command('revoke'))
    .description('ends what was granted')
    .argument('<id>')
    .action(run((id: string, options: CommonOptions) => approvalsRevokeCommand(id, options)));
}

async function toolsCall(name: string | undefined, options: ToolsCallOptions): Promise<ExitCode> {
  if (options.batch === undefined) return toolsCallCommand(name, options);
  if (name !== undefined || options.arg.length > 0) {
    throw new UsageError('--batch takes tools and arguments from its file: leave the name and --arg away');
  }
  return toolsBatchCommand(options.batch, options);
}

async function main(argv: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = EXIT.done;
  try {
    await buildProgram((ended) => {
      code = ended;
    }).parseAsync(argv);
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    process.stderr.write(`mcp-conductor: ${oneLine(complaint(error))}\n`);
    if (isParked(error)) process.stderr.write(`${PARKED_HINT}\n`);
    return exitCodeOf(error);
  }
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Whoever reads our output may stop reading (`| head`): then there is nobody left to tell anything.
  if (error.code === 'EPIPE') process.exit(EXIT.done);
  process.stderr.write(`mcp-conductor: the output could not be written: ${oneLine(error.message)}\n`);
  process.exit(EXIT.failed);
});

process.exitCode = await main(process.argv);
